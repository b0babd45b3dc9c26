import assert from "node:assert/strict";
import { picture, startEngine } from "../testing/pictures.ts";
import { startProxiedOrigin } from "../testing/proxied_origin.ts";
import type { TestProxyOptions } from "../testing/proxy.ts";

await startEngine();
const PICTURE = picture(["rg", "by"], { scale: 20, format: "PNG" });
const FRESH = { "cache-control": "max-age=60", etag: '"1"' };

const setUp = (headers: Record<string, string>, options?: TestProxyOptions) =>
  startProxiedOrigin(PICTURE, headers, options);

for (const place of ["memory", "a directory", "nowhere"]) {
  Deno.test(`a range is cut out of a picture that is kept in ${place}, and of its results`, async () => {
    const directory = await Deno.makeTempDir();
    const cache = { memory: ["memory"], "a directory": [directory], nowhere: [] }[place]!;
    {
      await using it = await setUp(FRESH, { config: { cache } });
      for (const options of ["", "20x,png"]) {
        const whole = await it.get(options);
        assert.equal(whole.status, 200);
        assert.equal(whole.headers.get("accept-ranges"), "bytes");
        const size = whole.body.length;
        const rows = [["bytes=0-9", 0, 10], ["bytes=10-", 10, size], ["bytes=-7", size - 7, size]];
        for (const [range, start, end] of rows as [string, number, number][]) {
          const part = await it.get(options, { headers: { range } });
          assert.equal(part.status, 206);
          assert.equal(part.headers.get("content-range"), `bytes ${start}-${end - 1}/${size}`);
          assert.equal(part.headers.get("content-length"), String(end - start));
          for (const name of ["content-type", "etag", "cache-control", "date", "accept-ranges"]) {
            assert.equal(part.headers.get(name), whole.headers.get(name), name);
          }
          assert.deepEqual(part.body, whole.body.slice(start, end));
        }
        const etag = whole.headers.get("etag")!;
        const ask = async (headers: Record<string, string>, method = "GET") =>
          (await it.get(options, { headers: { range: "bytes=0-9", ...headers }, method })).status;
        assert.equal(await ask({ "if-range": etag }), 206);
        assert.equal(await ask({ "if-range": '"another"' }), 200);
        assert.equal(await ask({ "if-none-match": etag }), 304);
        assert.equal(await ask({}, "HEAD"), 200);
        assert.equal(await ask({ range: "bytes=0-1,3-4" }), 200);

        const none = await it.get(options, { headers: { range: `bytes=${size}-` } });
        assert.equal(none.status, 416);
        assert.equal(none.headers.get("content-range"), `bytes */${size}`);
        assert.equal(none.headers.get("cache-control"), "no-store");
        assert.match(none.text, /^The picture has no such range in its \d+ bytes\n$/);
      }
      if (place !== "nowhere") assert.equal(it.origin.count(), 1);
    }
    await Deno.remove(directory, { recursive: true });
  });
}

Deno.test("a range never reaches the origin, and an error is no part of anything", async () => {
  await using it = await setUp(FRESH);
  const first = await it.get("", { headers: { range: "bytes=0-9", "if-range": '"1"' } });
  assert.equal(first.status, 206);
  assert.equal(it.origin.requests[0]!.headers.get("range"), null);
  assert.equal(it.origin.requests[0]!.headers.get("if-range"), null);
  it.origin.status = 404;
  const missing = await it.get("", { path: "/b.png", headers: { range: "bytes=0-1" } });
  assert.equal(missing.status, 404);
  assert.equal(missing.headers.get("accept-ranges"), null);
});
