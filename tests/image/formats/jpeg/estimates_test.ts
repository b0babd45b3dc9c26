import assert from "node:assert/strict";
import { createEstimator } from "../../../../src/image/formats/jpeg/estimates.ts";

/** What is estimated for the block in the middle of 5 × 5, whose first coefficients are these. */
function estimated(
  first: (x: number, y: number) => number,
  { known = [], has = {} }: { known?: readonly number[]; has?: Readonly<Record<number, number>> } =
    {},
): Int16Array {
  const values = Int16Array.from({ length: 25 }, (_, at) => first(at % 5, Math.floor(at / 5)));
  const block = new Int16Array(64);
  block[0] = values[12]!;
  for (const [place, value] of Object.entries(has)) block[Number(place)] = value;
  const lows = new Int8Array(64).fill(-1);
  lows.set([0, ...known]);
  const quantities = new Uint16Array(64).fill(2);
  const estimate = createEstimator({ values, across: 5, down: 5 });
  estimate({ column: 2, row: 2 }, { block, quantities, known: lows });
  return block;
}

Deno.test("createEstimator() leaves what is flat flat", () => {
  const block = estimated(() => 100);
  assert.equal(block[0], 100);
  assert.ok(block.subarray(1).every((value) => value === 0));
});

Deno.test("createEstimator() makes slopes of steps, across and down", () => {
  const across = estimated((x) => x * 64);
  assert.deepEqual([across[1], across[8]], [-20, 0]);
  const down = estimated((_, y) => y * 64);
  assert.deepEqual([down[8], down[1]], [-20, 0]);
  // T.81 K.8 for some that are known: (50 · -128 + 7 · 256) / 256.
  assert.equal(estimated((x) => x * 64, { known: [-1, 0] })[1], -18);
});

Deno.test("createEstimator() keeps what is there, what is known, and below the bits that are known", () => {
  assert.equal(estimated((x) => x * 64, { has: { 1: 5 } })[1], 5);
  assert.equal(estimated((x) => x * 64, { known: [0] })[1], 0);
  // Zero but for its lowest three bits.
  assert.equal(estimated((x) => x * 64, { known: [3] })[1], -7);
  // The first one changes only where nothing else is known.
  assert.equal(estimated((x) => x === 2 ? 100 : 0, { known: [1] })[0], 100);
  assert.ok(estimated((x) => x === 2 ? 100 : 0)[0]! < 90);
});
