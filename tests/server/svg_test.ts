import assert from "node:assert/strict";
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

Deno.test("an SVG is not drawn: a URL that names a format says why it is refused", async () => {
  await using origin = startSvgOrigin();
  await using proxy = await startProxy();
  for (
    const [format, name] of [["png", "PNG"], ["webp", "WebP"], ["jpg", "JPEG"], [
      "avif",
      "AVIF",
    ]] as const
  ) {
    const response = await proxy.get(`/20x,${format}/${origin.url}/a.svg`);
    assert.equal(response.status, 422, format);
    assert.match(await response.text(), new RegExp(`^An SVG is not drawn as ${name}: .+\\n$`));
  }
});

Deno.test("an SVG is refused under options too where the server passes none", async () => {
  await using origin = startSvgOrigin();
  await using proxy = await startProxy({ config: { svg: false } });
  for (const options of ["", "20x", "auto"]) {
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
