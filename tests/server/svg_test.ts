import assert from "node:assert/strict";
import { readHeader } from "../../src/image/formats/read_header.ts";
import { picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";

const SVG =
  `<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><script>alert(1)</script></svg>`;
const BROWSER = "image/avif,image/webp,*/*";

function startSvgOrigin() {
  return startOrigin({
    "/a.svg": () =>
      new Response(SVG, {
        headers: {
          "content-type": "image/svg+xml",
          "cache-control": "max-age=1000",
          etag: '"one"',
          vary: "X-Other",
        },
      }),
  });
}

Deno.test("an SVG passes through untouched whatever is asked for, under a policy that disarms it", async () => {
  await using origin = startSvgOrigin();
  for (const autoFormat of [false, true]) {
    await using proxy = await startProxy({ config: { autoFormat } });
    for (
      const options of [
        "",
        "20x",
        "10x10,fit",
        "r90,fv",
        "q5",
        "trim",
        "sc,10x10",
        "cw10",
        "auto",
        "20x,auto",
        "blur:3,gray",
        "meta:keep,icc:keep",
      ]
    ) {
      for (let time = 0; time < 2; time++) {
        const response = await proxy.get(`/${options}/${origin.url}/a.svg`, {
          headers: { accept: BROWSER },
        });
        const label = `${autoFormat} ${options}`;
        assert.equal(response.status, 200, label);
        assert.equal(await response.text(), SVG, label);
        assert.equal(response.headers.get("content-type"), "image/svg+xml", label);
        assert.match(response.headers.get("content-security-policy")!, /sandbox/, label);
        assert.equal(response.headers.get("etag"), '"one"', label);
        const isNegotiated = autoFormat || /auto/.test(options);
        assert.equal(/Accept/.test(response.headers.get("vary") ?? ""), isNegotiated, label);
      }
    }
  }
  assert.equal(origin.requests.length, 2, "each proxy has it from its cache");
});

Deno.test("a client that has an SVG is told so, under options too", async () => {
  await using origin = startSvgOrigin();
  await using proxy = await startProxy();
  for (const options of ["20x", "20x"]) {
    const response = await proxy.get(`/${options}/${origin.url}/a.svg`, {
      headers: { "if-none-match": '"one"' },
    });
    await response.body?.cancel();
    assert.equal(response.status, 304);
  }
});

Deno.test("an SVG is drawn where the URL names a format, in the wanted size", async () => {
  await using origin = startSvgOrigin();
  await using proxy = await startProxy();
  for (const format of ["png", "webp", "jpeg", "avif", "gif"]) {
    for (let time = 0; time < 2; time++) {
      const response = await proxy.get(`/80x,${format}/${origin.url}/a.svg`);
      assert.equal(response.status, 200, format);
      assert.equal(response.headers.get("content-type"), `image/${format}`);
      const header = readHeader(await response.bytes())!;
      assert.deepEqual([header.format, header.width, header.height], [format, 80, 40]);
    }
  }
  assert.equal(origin.requests.length, 1);
});

Deno.test("-svg draw has every SVG drawn that is asked for with options, in a format of the client's", async () => {
  await using origin = startSvgOrigin();
  await using proxy = await startProxy({ config: { svg: "draw" } });
  const rows: [options: string, accept: string, mediaType: string][] = [
    ["", BROWSER, "image/svg+xml"],
    ["20x", BROWSER, "image/png"],
    ["auto", "image/webp", "image/webp"],
    ["auto", "*/*", "image/png"],
    ["80x,blur:1", BROWSER, "image/png"],
    ["80x,jpeg", BROWSER, "image/jpeg"],
  ];
  for (const [options, accept, mediaType] of rows) {
    const response = await proxy.get(`/${options}/${origin.url}/a.svg`, { headers: { accept } });
    await response.body?.cancel();
    assert.equal(response.headers.get("content-type"), mediaType, options);
  }
});

Deno.test("an SVG is refused under options too where the server passes none", async () => {
  await using origin = startSvgOrigin();
  await using proxy = await startProxy({ config: { svg: "refuse" } });
  for (const options of ["", "20x", "auto", "20x,png"]) {
    const response = await proxy.get(`/${options}/${origin.url}/a.svg`);
    await response.body?.cancel();
    assert.equal(response.status, 403, options);
  }
});

Deno.test("a picture that became an SVG passes through, and is no longer what it was", async () => {
  let now = Date.now();
  let body: string | Uint8Array<ArrayBuffer> = new Uint8Array();
  await using origin = startOrigin({
    "/a": () =>
      new Response(body, { headers: { "cache-control": "max-age=10, stale-if-error=1000" } }),
  });
  await using proxy = await startProxy({ now: () => now });
  const get = async () => {
    const response = await proxy.get(`/20x/${origin.url}/a`);
    await response.body?.cancel();
    return response.headers.get("content-type");
  };
  await startEngine();
  body = picture(["rg"], { scale: 30 });
  assert.equal(await get(), "image/png");
  body = SVG;
  now += 11_000;
  assert.equal(await get(), "image/svg+xml");
  assert.equal(await get(), "image/svg+xml");
});
