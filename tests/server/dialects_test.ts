import assert from "node:assert/strict";
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
