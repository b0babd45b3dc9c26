import assert from "node:assert/strict";
import fc from "fast-check";
import { createMemoryTier } from "../../src/cache/memory_tier.ts";

function createTier(options: { maxBytes?: number; maxAgeMs?: number } = {}) {
  const clock = { now: 0 };
  const tier = createMemoryTier<{ bytes: number }>({
    maxBytes: 100,
    size: ({ bytes }) => bytes,
    now: () => clock.now,
    ...options,
  });
  return { tier, clock };
}

Deno.test("get() returns the very value that was set", () => {
  const { tier } = createTier();
  const value = { bytes: 10 };
  tier.set("a", value);
  assert.equal(tier.get("a"), value);
  assert.equal(tier.get("b"), undefined);
  assert.deepEqual(tier.counters, { entries: 1, bytes: 10, hits: 1, misses: 1, evictions: 0 });
});

Deno.test("set() pushes out what was used the longest time ago", () => {
  const { tier } = createTier();
  for (const key of ["a", "b", "c"]) tier.set(key, { bytes: 30 });
  tier.get("a");
  tier.set("d", { bytes: 30 });
  assert.deepEqual([...tier.keys()], ["c", "a", "d"]);
  assert.equal(tier.counters.evictions, 1);
});

Deno.test("set() counts a replaced value once", () => {
  const { tier } = createTier();
  tier.set("a", { bytes: 90 });
  tier.set("a", { bytes: 50 });
  assert.equal(tier.counters.bytes, 50);
  assert.equal(tier.counters.entries, 1);
});

Deno.test("set() keeps nothing larger than the tier, nor what it should have replaced", () => {
  const { tier } = createTier();
  tier.set("a", { bytes: 10 });
  tier.set("b", { bytes: 10 });
  tier.set("a", { bytes: 101 });
  assert.deepEqual([...tier.keys()], ["b"]);
});

Deno.test("get() forgets what has grown too old", () => {
  const { tier, clock } = createTier({ maxAgeMs: 1000 });
  tier.set("a", { bytes: 10 });
  clock.now = 999;
  assert.notEqual(tier.get("a"), undefined);
  clock.now = 1000;
  assert.equal(tier.get("a"), undefined);
  assert.equal(tier.counters.bytes, 0);
});

Deno.test("the tier does what a list of keys in order of use would do", () => {
  const steps = fc.array(fc.record({
    act: fc.constantFrom("set", "get", "delete"),
    key: fc.constantFrom("a", "b", "c", "d", "e"),
    bytes: fc.nat(120),
  }));
  fc.assert(fc.property(steps, (taken) => {
    const { tier } = createTier();
    let model: { key: string; bytes: number }[] = [];
    const sum = () => model.reduce((total, { bytes }) => total + bytes, 0);
    for (const { act, key, bytes } of taken) {
      const known = model.find((each) => each.key === key);
      if (act !== "get" || known !== undefined) model = model.filter((each) => each !== known);
      if (act === "set") {
        tier.set(key, { bytes });
        if (bytes <= 100) model.push({ key, bytes });
        while (sum() > 100) model.shift();
      } else if (act === "get") {
        assert.equal(tier.get(key)?.bytes, known?.bytes);
        if (known !== undefined) model.push(known);
      } else {
        assert.equal(tier.delete(key), known !== undefined);
      }
      assert.deepEqual([...tier.keys()], model.map((each) => each.key));
      assert.equal(tier.counters.bytes, sum());
      assert.equal(tier.counters.entries, model.length);
    }
  }));
});
