import assert from "node:assert/strict";
import fc from "fast-check";
import { AUTO_TRIES, findQuality } from "../../../../src/image/formats/coding/auto_quality.ts";

interface Curve {
  /** What is missing to 1 at quality 78, and by how much its logarithm falls with each step. */
  missing: number;
  slope: number;
}

/** An encoder that takes a second, and what it was asked for. */
function encoder({ missing, slope }: Curve) {
  const tried: number[] = [];
  const similarityAt = (quality: number) => 1 - missing * Math.exp(-slope * (quality - 78));
  return {
    tried,
    similarityAt,
    now: () => 1000 * tried.length,
    write: (quality: number) => {
      tried.push(quality);
      return Promise.resolve({ similarity: similarityAt(quality), written: `q${quality}` });
    },
  };
}

Deno.test("findQuality() finds what reaches the target, near the lowest that does, in four tries", async () => {
  await fc.assert(fc.asyncProperty(
    fc.double({ min: 0.005, max: 0.06, noNaN: true }),
    fc.double({ min: 0.025, max: 0.08, noNaN: true }),
    fc.constantFrom(0.95, 0.97, 0.98),
    async (missing, slope, target) => {
      const { write, tried, similarityAt, now } = encoder({ missing, slope });
      const { quality, similarity, written } = await findQuality(write, { target, now });
      assert.ok(tried.length <= AUTO_TRIES && new Set(tried).size === tried.length, tried.join());
      assert.ok(tried.every((it) => Number.isInteger(it) && it >= 60 && it <= 100), tried.join());
      assert.deepEqual([written, similarity], [`q${quality}`, similarityAt(quality)]);
      const isReachable = similarityAt(100) >= target;
      if (isReachable) assert.ok(similarity >= target, `${tried} ${similarity}`);
      const lowest = [...Array(41).keys()].map((step) => 60 + step)
        .find((each) => similarityAt(each) >= target);
      assert.ok(!isReachable || quality - lowest! <= 6, `${tried}, where ${lowest} would do`);
    },
  ));
});

Deno.test("findQuality() goes no lower than colours bear, and comes as near as it can", async () => {
  const smooth = encoder({ missing: 1e-4, slope: 0.03 });
  assert.equal((await findQuality(smooth.write, { target: 0.97, now: smooth.now })).quality, 60);
  assert.deepEqual(smooth.tried, [78, 60]);
  const grainy = encoder({ missing: 0.5, slope: 0.01 });
  const { quality } = await findQuality(grainy.write, { target: 0.999, now: grainy.now });
  assert.equal(quality, Math.max(...grainy.tried));
});

Deno.test("findQuality() begins no try that would not end in time, and gives the best so far", async () => {
  for (const [deadline, tries] of [[500, 1], [2500, 2], [3000, 3], [Infinity, 4]] as const) {
    const { write, tried, now } = encoder({ missing: 0.05, slope: 0.1 });
    const { quality } = await findQuality(write, { target: 0.97, deadline, now });
    assert.ok(tried.length <= tries, `${deadline}: ${tried}`);
    assert.ok(tried.includes(quality));
  }
});
