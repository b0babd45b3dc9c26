import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { DIALECTS } from "../../src/dialects/table.ts";
import { letters, look, picture, startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";

const KEY = "736563726574:68656C6C6F";

Deno.test("a dialect's URLs are answered at their path, by the rules of all others", async () => {
  await startEngine();
  await using origin = startOrigin({ "/a.png": picture(["rg", "by"], { scale: 20 }) });
  await using proxy = await startProxy({ config: { dialect: ["imgproxy"] } });
  const source = `${origin.url}/a.png`;
  const foreign = await proxy.get(`/imgproxy/_/rs:fill:10:20/g:we/plain/${source}`);
  assert.equal(foreign.status, 200);
  const bytes = await foreign.bytes();
  assert.deepEqual([look(bytes).width, look(bytes).height], [10, 20]);
  assert.equal(letters(look(bytes), { scale: 10 }).join(), "r,b");
  // The same picture by this program's own grammar is the same result, and nothing is fetched again.
  const own = await proxy.get(`/10x20,gravity:w,frame:0,q80,basic,noScaleUp/${source}`);
  assert.equal(own.headers.get("etag"), foreign.headers.get("etag"));
  assert.deepEqual(await own.bytes(), bytes);
  assert.equal(origin.requests.length, 1);
  await (await proxy.get(`/imgproxy/_/rs:fill:10:20/g:we/plain/${source}`)).body?.cancel();
  const metrics = await (await proxy.get("/metrics")).text();
  assert.match(metrics, /^imageproxy_dialect_requests_total\{dialect="imgproxy"\} 2$/m);
  assert.deepEqual(proxy.log.map(({ dialect }) => dialect).slice(0, 2), ["imgproxy", undefined]);
  const wrong = await proxy.get(`/imgproxy/_/nope:1/plain/${source}`);
  assert.equal(wrong.status, 400);
  assert.match(await wrong.text(), /nope:1/);
});

Deno.test("a dialect's URLs are no longer than others", async () => {
  await using origin = startOrigin({ "/a.png": picture(["r"], { scale: 2 }) });
  await using proxy = await startProxy({
    config: { dialect: ["imgproxy", "weserv"], maxURLLength: 300 },
  });
  const source = `${origin.url}/a.png`;
  const rows = [
    [`/imgproxy/_/${"w:1/".repeat(10)}plain/${source}`, 200],
    [`/imgproxy/_/${"w:1/".repeat(90)}plain/${source}`, 414],
    [`/weserv/?url=${source}&w=1`, 200],
    [`/weserv/?url=${source}${"&w=1".repeat(90)}`, 414],
  ] as const;
  for (const [target, status] of rows) {
    const response = await proxy.get(target);
    await response.body?.cancel();
    assert.equal(response.status, status, target);
  }
});

Deno.test("a dialect's signature opens what a key has closed, and nothing else does", async () => {
  await startEngine();
  await using origin = startOrigin({ "/a.png": picture(["rg", "by"], { scale: 20 }) });
  const { imgproxy } = DIALECTS;
  const path = `_/w:10/plain/${origin.url}/a.png`;
  const signed = imgproxy.sign!({ path, query: "" }, KEY);
  await using proxy = await startProxy({
    config: { dialect: ["imgproxy=/i/"], dialectKey: [`imgproxy=${KEY}`] },
  });
  const rows: readonly (readonly [string, number])[] = [
    [`/i/${signed}`, 200],
    [`/i/${path}`, 403],
    [`/i/${signed.replace("w:10", "w:11")}`, 403],
    // Nor does this program's own grammar go unsigned then.
    [`/10x/${origin.url}/a.png`, 403],
    [`/imgproxy/${signed}`, 400],
  ];
  for (const [target, status] of rows) {
    const response = await proxy.get(target);
    await response.body?.cancel();
    assert.equal(response.status, status, target);
  }
  assert.equal(proxy.log[0]!.path, `/i/***/w:10/plain/${origin.url}/a.png`);
});

Deno.test("at / a dialect takes what the server has no page for", async () => {
  await startEngine();
  await using origin = startOrigin({ "/a.png": picture(["rg", "by"], { scale: 20 }) });
  await using proxy = await startProxy({ config: { dialect: ["imgproxy=/"] } });
  const response = await proxy.get(`/_/w:10/plain/${origin.url}/a.png`);
  assert.equal(look(await response.bytes()).width, 10);
  const health = await proxy.get("/health-check");
  assert.equal(await health.text(), "OK");
});

Deno.test("a foreign URL enlarges where it says so, and where the server allows it", async () => {
  await startEngine();
  await using origin = startOrigin({ "/a.png": picture(["rg", "by"], { scale: 20 }) });
  const source = `${origin.url}/a.png`;
  const rows = [
    [`/imgproxy/_/w:60/plain/${source}`, 40, 40],
    [`/imgproxy/_/w:60/el:1/plain/${source}`, 60, 40],
    [`/imgproxy/_/mw:60/plain/${source}`, 60, 40],
    [`/ipx/w_60/${source}`, 40, 40],
    [`/ipx/enlarge,s_60x30/${source}`, 60, 40],
    [`/thumbor/unsafe/60x30/${encodeURIComponent(source)}`, 60, 40],
    [`/thumbor/unsafe/fit-in/60x60/${encodeURIComponent(source)}`, 40, 40],
    [`/_next/image?url=${encodeURIComponent(source)}&w=60&q=75`, 40, 40],
  ] as const;
  const dialect = ["imgproxy", "ipx", "thumbor", "next"];
  for (const scaleUp of [true, false]) {
    await using proxy = await startProxy({ config: { dialect, scaleUp } });
    for (const [target, wide, narrow] of rows) {
      const response = await proxy.get(target);
      assert.equal(look(await response.bytes()).width, scaleUp ? wide : narrow, target);
    }
  }
});

Deno.test("dialects at / and at whole paths leave the fixed routes and the page what they are", async () => {
  await startEngine();
  await using origin = startOrigin({ "/a.png": picture(["rg", "by"], { scale: 20 }) });
  await using proxy = await startProxy({ config: { dialect: ["weserv=/", "next", "ipx"] } });
  const source = encodeURIComponent(`${origin.url}/a.png`);
  const images = [
    `/?url=${source}&w=10`,
    `/?w=10&url=${source}`,
    `/_next/image?url=${source}&w=10&q=75`,
    `/ipx/w_10/${origin.url}/a.png`,
  ];
  for (const target of images) {
    const response = await proxy.get(target);
    assert.equal(look(await response.bytes()).width, 10, target);
  }
  const rows = [["/", /<html/i], ["/health-check", /^OK$/], [
    "/metrics",
    /dialect="weserv"/,
  ]] as const;
  for (const [target, content] of rows) {
    const response = await proxy.get(target, { headers: { accept: "text/html" } });
    assert.match(await response.text(), content, target);
    assert.equal(response.status, 200, target);
  }
});

Deno.test("what a dialect's source is written with reaches the origin as it stands", async () => {
  await startEngine();
  const png = picture(["rg", "by"], { scale: 20 });
  const paths = ["/a%2Fb.png", "/x//y.png", "/d%20e.png?v=1&w=2", "/a%252Fb.png"];
  await using origin = startOrigin(
    Object.fromEntries(paths.map((path) => [path.split("?")[0]!, png])),
  );
  await using proxy = await startProxy({
    config: { dialect: ["imgproxy", "thumbor", "ipx", "weserv", "next", "cloudflare"] },
  });
  for (const path of paths) {
    const url = `${origin.url}${path}`;
    const encoded = encodeURIComponent(url);
    const targets = [
      `/imgproxy/_/w:10/plain/${encoded}`,
      `/imgproxy/_/w:11/${Buffer.from(url).toString("base64url")}`,
      `/thumbor/unsafe/12x/${encoded}`,
      `/ipx/w_13/${encoded}`,
      `/weserv/?w=14&url=${encoded}`,
      `/_next/image?w=15&q=75&url=${encoded}`,
    ];
    for (const target of targets) {
      const before = origin.requests.length;
      const response = await proxy.get(target);
      assert.equal(
        response.status,
        200,
        `${target}: ${await response.clone().text().then((it) => it.slice(0, 200))}`,
      );
      await response.body?.cancel();
      const [request] = origin.requests.slice(before);
      if (request) assert.equal(new URL(request.url).href, url, target);
    }
    assert.ok(origin.requests.some((request) => request.url === url), path);
  }
});

Deno.test("relative sources lie below the base URL, and named ones where they are, in every dialect", async () => {
  await startEngine();
  await using origin = startOrigin({ "/base/a.png": picture(["rg", "by"], { scale: 20 }) });
  const dialect = ["imgproxy", "thumbor", "imagor", "ipx", "weserv", "next", "cloudflare"];
  await using proxy = await startProxy({
    config: { dialect, baseURL: `${origin.url}/base/`, source: [`shop=${origin.url}/base/`] },
  });
  const targets = [
    "/imgproxy/_/w:10/plain/a.png",
    `/imgproxy/_/w:10/${btoa("a.png")}`,
    "/thumbor/unsafe/10x/a.png",
    "/imagor/unsafe/10x/a.png",
    "/ipx/w_10/a.png",
    "/_next/image?url=a.png&w=10&q=75",
    "/cdn-cgi/image/width=10/a.png",
    // Without a scheme this is a host to weserv, so only a source's name is relative there.
    "/weserv/?url=shop:a.png&w=10",
    "/imgproxy/_/w:10/plain/shop:a.png",
    "/thumbor/unsafe/10x/shop:a.png",
    "/imagor/unsafe/10x/shop:a.png",
    "/ipx/w_10/shop:a.png",
    "/_next/image?url=shop:a.png&w=10&q=75",
    "/cdn-cgi/image/width=10/shop:a.png",
  ];
  for (const target of targets) {
    const response = await proxy.get(target);
    const bytes = await response.bytes();
    assert.equal(
      response.status,
      200,
      `${target}: ${new TextDecoder().decode(bytes.slice(0, 200))}`,
    );
    assert.equal(look(bytes).width, 10, target);
  }
});
