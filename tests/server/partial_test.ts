import assert from "node:assert/strict";
import { photo, writeByEngine } from "../testing/photo.ts";
import { startEngine } from "../testing/pictures.ts";
import { startOrigin, startProxy } from "../testing/proxy.ts";

await startEngine();

const WHOLE = writeByEngine(photo(120, 90), "PNG");
const CUT = WHOLE.slice(0, WHOLE.length / 2);
const FILES = {
  png: CUT,
  jpeg: writeByEngine(photo(120, 90), "JPEG").slice(0, 2000),
  gif: writeByEngine(photo(120, 90), "GIF").slice(0, 6000),
  webp: writeByEngine(photo(120, 90), "WEBP").slice(0, 2000),
};

Deno.test("what is there of a picture that is cut short is shown, and said to be a part", async () => {
  await using origin = startOrigin(
    Object.fromEntries(Object.entries(FILES).map(([name, bytes]) => [`/${name}`, bytes])),
  );
  await using proxy = await startProxy();
  for (const name of Object.keys(FILES)) {
    // Made, and then from memory.
    for (let time = 0; time < 2; time++) {
      const response = await proxy.get(`/20x,png/${origin.url}/${name}`);
      await response.body?.cancel();
      assert.equal(response.status, 200, name);
      assert.equal(response.headers.get("x-image-partial"), "true", name);
    }
  }
  const { log } = proxy;
  assert.equal(log.filter(({ partial }) => partial).length, 8);
  const metrics = await (await proxy.get("/metrics")).text();
  assert.match(metrics, /^imageproxy_partial_images_total 8$/m);
});

Deno.test("a whole picture says nothing of parts", async () => {
  await using origin = startOrigin({ "/a": WHOLE });
  await using proxy = await startProxy();
  const response = await proxy.get(`/20x/${origin.url}/a`);
  await response.body?.cancel();
  assert.equal(response.headers.get("x-image-partial"), null);
  assert.equal(proxy.log[0]!.partial, undefined);
});

Deno.test("with strict a picture that is cut short or damaged is refused", async () => {
  const flipped = WHOLE.slice();
  flipped[flipped.length - 13] = flipped.at(-13)! ^ 1;
  await using origin = startOrigin({
    ...Object.fromEntries(Object.entries(FILES).map(([name, bytes]) => [`/${name}`, bytes])),
    "/checksum": flipped,
    "/whole": WHOLE,
  });
  await using proxy = await startProxy({ config: { strict: true } });
  for (const name of [...Object.keys(FILES), "checksum"]) {
    const response = await proxy.get(`/20x/${origin.url}/${name}`);
    assert.equal(response.status, 422, name);
    assert.match(await response.text(), /cut short or damaged/, name);
  }
  const whole = await proxy.get(`/20x/${origin.url}/whole`);
  await whole.body?.cancel();
  assert.equal(whole.status, 200);
});

Deno.test("a part is kept for a short time, and then the origin is asked for the whole", async () => {
  let bytes = CUT;
  let now = Date.now();
  const asked: (string | null)[] = [];
  await using origin = startOrigin({
    "/a": (request) => {
      const tag = `"${bytes.length}"`;
      asked.push(request.headers.get("if-none-match"));
      const headers = {
        "cache-control": "max-age=86400, immutable, stale-while-revalidate=3600",
        etag: tag,
      };
      return request.headers.get("if-none-match") === tag
        ? new Response(null, { status: 304, headers })
        : new Response(bytes, { headers });
    },
  });
  await using proxy = await startProxy({ now: () => now, config: { errorCacheDuration: 10_000 } });
  const get = async () => {
    const response = await proxy.get(`/20x/${origin.url}/a`);
    await response.body?.cancel();
    const [, age = ""] = /max-age=(\d+)/.exec(response.headers.get("cache-control")!) ?? [];
    return {
      left: Number(age) - Number(response.headers.get("age")),
      immutable: /immutable/.test(response.headers.get("cache-control")!),
      isPartial: response.headers.get("x-image-partial") === "true",
      tag: response.headers.get("etag"),
    };
  };
  const first = await get();
  assert.ok(
    first.isPartial && first.left <= 10 && first.left > 0 && !first.immutable,
    JSON.stringify(first),
  );
  assert.equal(proxy.log.at(-1)!.cache!.result, "miss");
  now += 9000;
  await get();
  assert.equal(proxy.log.at(-1)!.cache!.result, "hit");
  assert.equal(asked.length, 1);
  // The origin still has no more: the part is renewed without work.
  now += 2000;
  const renewed = await get();
  assert.deepEqual([renewed.isPartial, renewed.left <= 10, renewed.left > 0], [true, true, true]);
  assert.deepEqual(proxy.log.at(-1)!.cache, { result: "revalidated", original: "revalidated" });
  assert.deepEqual(asked, [null, `"${CUT.length}"`]);
  // Now it is mended.
  bytes = WHOLE;
  now += 11_000;
  const mended = await get();
  assert.ok(
    !mended.isPartial && mended.left > 80_000 && mended.tag !== first.tag,
    JSON.stringify(mended),
  );
  assert.equal(asked.length, 3);
});
