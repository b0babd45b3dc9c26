import assert from "node:assert/strict";
import { decodeEntry, encodeEntry, type Entry, entrySize } from "../../src/cache/entry.ts";
import { createGuardedStore } from "../../src/cache/guarded_store.ts";
import { type Kind, kindOfKey, originalKey, resultKey, urlPrefix } from "../../src/cache/key.ts";
import { createMemoryTier } from "../../src/cache/memory_tier.ts";
import { createTieredCache, type Tier } from "../../src/cache/tiers.ts";
import { inTime } from "../testing/eventually.ts";
import { createFailingStore } from "../testing/failing_store.ts";

const REMOTE = "http://example.com/a.png";
const KEY = originalKey(REMOTE);

function entry(key: string, { url = REMOTE, text = "body" } = {}): Entry {
  const meta = { kind: kindOfKey(key), key, url, options: "", status: 200, headers: {} };
  return {
    meta: { ...meta, requestedAt: 1, receivedAt: 2 },
    body: new TextEncoder().encode(text),
  };
}

const codec = { encode: encodeEntry, decode: decodeEntry, size: entrySize };

function createCache(holds: readonly (Kind | "both")[], { maxQueueBytes = 1e6, ttl = 60 } = {}) {
  const memory = createMemoryTier<Entry>({ maxBytes: 1e6, size: entrySize, now: () => 0 });
  const backends = holds.slice(1).map((_, index) => createFailingStore(`store ${index}`));
  const stores = backends.map(({ store }) =>
    createGuardedStore(store, {
      readTimeoutMs: 20,
      writeTimeoutMs: 20,
      failuresToOpen: 2,
      retryAfterMs: 1000,
      now: () => 0,
      log: () => {},
    })
  );
  const tiers: Tier<Entry>[] = [
    { holds: holds[0] ?? "both", memory },
    ...stores.map((store, index) => ({ holds: holds[index + 1] ?? "both", store })),
  ];
  const cache = createTieredCache(tiers, {
    codec: { ...codec, ttlSeconds: () => ttl },
    maxQueueBytes,
  });
  return { cache, memory, backends, stores };
}

Deno.test("get() answers from memory at once, with the very entry", () => {
  const { cache } = createCache(["both"]);
  const value = entry(KEY);
  cache.set(KEY, value);
  assert.equal(cache.get(KEY), value);
  assert.equal(cache.get(originalKey("http://other/")), undefined);
});

Deno.test("set() writes to every tier, with the time to live", async () => {
  const { cache, backends } = createCache(["both", "both", "both"]);
  cache.set(KEY, entry(KEY));
  await cache.flush();
  for (const { held } of backends) {
    assert.deepEqual(decodeEntry(held.get(KEY)!.value, KEY), entry(KEY));
    assert.equal(held.get(KEY)?.ttlSeconds, 60);
  }
  await cache.close();
});

Deno.test("set() stores nothing that is not worth keeping", async () => {
  const { cache, backends } = createCache(["both", "both"], { ttl: 0 });
  cache.set(KEY, entry(KEY));
  await cache.flush();
  assert.equal(await cache.get(KEY), undefined);
  assert.equal(backends[0]?.held.size, 0);
});

Deno.test("get() reads through and fills the faster tiers", async () => {
  const { cache, memory, backends } = createCache(["both", "both", "both"]);
  backends[1]?.held.set(KEY, { value: encodeEntry(entry(KEY)), ttlSeconds: undefined });
  assert.deepEqual(await cache.get(KEY), entry(KEY));
  assert.deepEqual(memory.get(KEY), entry(KEY));
  await cache.flush();
  assert.ok(backends[0]?.held.has(KEY));
});

Deno.test("get() and set() keep to what each tier holds", async () => {
  const { cache, memory, backends } = createCache(["result", "original", "both"]);
  const result = resultKey(REMOTE, { options: "100x0" });
  cache.set(KEY, entry(KEY));
  cache.set(result, entry(result));
  await cache.flush();
  assert.deepEqual([...memory.keys()], [result]);
  assert.deepEqual([...backends[0]!.held.keys()], [KEY]);
  assert.deepEqual([...backends[1]!.held.keys()], [KEY, result]);
  assert.deepEqual(await cache.get(KEY), entry(KEY));
});

Deno.test("get() reads what is not written yet", async () => {
  const { cache, memory, backends } = createCache(["both", "both"]);
  backends[0]?.fail("hang");
  cache.set(KEY, entry(KEY));
  memory.delete(KEY);
  assert.deepEqual(await cache.get(KEY), entry(KEY));
  backends[0]?.release();
  await cache.flush();
});

for (const failure of ["reject", "throw", "hang", "rubbish"] as const) {
  Deno.test(`get() passes by a tier that does this: ${failure}`, async () => {
    const { cache, backends } = createCache(["both", "both", "both"]);
    backends[0]?.fail(failure);
    backends[1]?.held.set(KEY, { value: encodeEntry(entry(KEY)), ttlSeconds: undefined });
    assert.deepEqual(await cache.get(KEY), entry(KEY));
    backends[0]?.release();
    await cache.flush();
  });
}

Deno.test("get() misses torn and foreign frames, counts them and reads on", async () => {
  const { cache, backends } = createCache(["both", "both", "both"]);
  const frame = encodeEntry(entry(KEY));
  backends[0]?.held.set(KEY, { value: frame.slice(0, -1), ttlSeconds: undefined });
  backends[1]?.held.set(KEY, { value: frame, ttlSeconds: undefined });
  assert.deepEqual(await cache.get(KEY), entry(KEY));
  assert.equal(cache.counters.unreadable, 1);
  await cache.flush();
  assert.deepEqual(backends[0]?.held.get(KEY)?.value, frame);
});

Deno.test("get() keeps no large buffer alive for a small frame", async () => {
  const { cache, backends } = createCache(["both", "both"]);
  const frame = encodeEntry(entry(KEY));
  const pool = new Uint8Array(1_000_000);
  pool.set(frame, 500);
  const view = pool.subarray(500, 500 + frame.length);
  backends[0]?.held.set(KEY, { value: view, ttlSeconds: undefined });
  assert.equal((await cache.get(KEY))?.body.buffer.byteLength, frame.length);
});

Deno.test("get() rejects with the caller's reason", async () => {
  const { cache, backends } = createCache(["both", "both"]);
  backends[0]?.fail("hang");
  const leaving = new AbortController();
  const left = cache.get(KEY, { signal: leaving.signal });
  leaving.abort(new Error("gone"));
  await assert.rejects(Promise.resolve(left), /gone/);
  backends[0]?.release();
});

Deno.test("set() drops what a slow tier's queue cannot take, and counts it", async () => {
  const { cache, backends } = createCache(["both", "both"], { maxQueueBytes: 3000 });
  backends[0]?.fail("hang");
  for (let i = 0; i < 10; i++) {
    cache.set(originalKey(`http://${i}/`), entry(originalKey(`http://${i}/`)));
  }
  assert.equal(cache.counters.queues["store 0"]?.dropped, 8);
  assert.ok(cache.get(originalKey("http://9/")) !== undefined);
  backends[0]?.release();
  await cache.flush();
});

Deno.test("remove() removes a key from every tier and from what waits", async () => {
  const { cache, backends } = createCache(["both", "both", "both"]);
  cache.set(KEY, entry(KEY));
  assert.deepEqual((await cache.remove(KEY)).failed, []);
  assert.equal(await cache.get(KEY), undefined);
  for (const { held } of backends) assert.equal(held.size, 0);
});

Deno.test("removeAll() removes an original and its results, and no other's", async () => {
  const { cache, memory, backends } = createCache(["both", "both"]);
  const mine = [KEY, originalKey(REMOTE, { variant: { accept: "x" } })];
  for (let width = 1; width <= 20; width++) mine.push(resultKey(REMOTE, { options: `${width}x0` }));
  const other = resultKey("http://example.com/b.png", { options: "1x0" });
  for (const key of [...mine, other]) cache.set(key, entry(key));
  await cache.flush();

  const { removed, failed } = await cache.removeAll(urlPrefix(REMOTE));
  assert.equal(removed, 2 * mine.length);
  assert.deepEqual(failed, []);
  assert.deepEqual([...memory.keys()], [other]);
  assert.deepEqual([...backends[0]!.held.keys()], [other]);
});

Deno.test("removeAll() takes back what waits to be written", async () => {
  const { cache, backends } = createCache(["both", "both"]);
  for (let width = 1; width <= 20; width++) {
    const key = resultKey(REMOTE, { options: `${width}x0` });
    cache.set(key, entry(key));
  }
  await cache.removeAll(urlPrefix(REMOTE));
  await cache.flush();
  assert.equal(backends[0]?.held.size, 0);
});

Deno.test("removeAll() names the backends that failed and empties the others", async () => {
  const { cache, backends } = createCache(["both", "both", "both"]);
  cache.set(KEY, entry(KEY));
  await cache.flush();
  backends[0]?.fail("read-only");
  const { failed } = await cache.removeAll("");
  assert.deepEqual(failed.map(({ store }) => store), ["store 0"]);
  assert.equal(backends[1]?.held.size, 0);
});

Deno.test("get() puts nothing back that was removed while it read", async () => {
  const { cache, memory, backends } = createCache(["both", "both"]);
  backends[0]?.held.set(KEY, { value: encodeEntry(entry(KEY)), ttlSeconds: undefined });
  const reading = cache.get(KEY);
  const removing = cache.remove(KEY);
  await Promise.all([reading, removing]);
  assert.equal(memory.get(KEY), undefined);
});

Deno.test("close() writes what waits and keeps nothing after", async () => {
  const { cache, backends } = createCache(["both", "both"]);
  for (let i = 0; i < 50; i++) {
    cache.set(originalKey(`http://${i}/`), entry(originalKey(`http://${i}/`)));
  }
  await cache.close();
  assert.equal(backends[0]?.held.size, 50);
  cache.set(KEY, entry(KEY));
  assert.equal(backends[0]?.held.size, 50);
});

Deno.test("close() does not wait for a dead tier longer than its time-outs", async () => {
  const { cache, backends } = createCache(["both", "both"]);
  backends[0]?.fail("hang");
  for (let i = 0; i < 50; i++) {
    cache.set(originalKey(`http://${i}/`), entry(originalKey(`http://${i}/`)));
  }
  await inTime(cache.close());
  backends[0]?.release();
});
