import assert from "node:assert/strict";
import { createDriverStore } from "../../../src/cache/drivers/cache_driver.ts";
import { createMemoryDriver } from "../../../src/cache/drivers/memory_driver.ts";
import { eventually } from "../../testing/eventually.ts";
import { bytesOf, keyOf, testStore } from "../../testing/store_suite.ts";

const MB = 1_000_000;

testStore("memory", {
  start: () =>
    Promise.resolve({
      open: () =>
        Promise.resolve(createDriverStore("memory", createMemoryDriver({ maxBytes: 50 * MB }))),
      atomic: true,
      lasts: false,
      expires: true,
      stop: () => Promise.resolve(),
    }),
});

Deno.test("memory store holds its bound, least recently used out first", async () => {
  const store = createDriverStore("memory", createMemoryDriver({ maxBytes: MB }));
  const keys = await Promise.all(Array.from({ length: 300 }, (_, i) => keyOf(`${i}`)));
  for (const key of keys) {
    await store.set(key, bytesOf(1, 10_000));
    assert.ok(await store.get(keys[0]!), "the key in use was dropped");
  }
  const { entries, bytes } = await store.stats!();
  assert.ok(bytes > 0.9 * MB && bytes <= MB, `${bytes} bytes`);
  assert.equal(entries, bytes / 10_000);
  assert.equal(await store.get(keys[1]!), undefined);
  assert.ok(await store.get(keys.at(-1)!));
  await store.close();
});

Deno.test("memory store drops the older value of a key set to one too large to keep", async () => {
  const store = createDriverStore("memory", createMemoryDriver({ maxBytes: 1000 }));
  await store.set("a", bytesOf(1, 10));
  await store.set("a", bytesOf(2, 2000));
  assert.equal(await store.get("a"), undefined);
  await store.close();
});

Deno.test("memory store forgets entries older than its age, whatever their ttl", async () => {
  const driver = createMemoryDriver({ maxBytes: 1000, maxAgeMs: 30 });
  const store = createDriverStore("memory", driver);
  await eventually(async () => {
    await store.set("a", bytesOf(1, 10), { ttlSeconds: 100 });
    assert.ok(await store.get("a"));
  });
  await eventually(async () => assert.equal(await store.get("a"), undefined));
  await store.close();
});
