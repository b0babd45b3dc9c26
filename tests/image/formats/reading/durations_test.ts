import assert from "node:assert/strict";
import { inMilliseconds } from "../../../../src/image/formats/reading/durations.ts";

const ROWS: readonly (readonly [number[], number, number[]])[] = [
  [[], 10, []],
  [[1, 1, 1], 10, [100, 100, 100]],
  [[1, 1, 1, 1], 30, [33, 34, 33, 33]],
  [[1001, 1001, 1001], 24_000, [42, 41, 42]],
  [[0, 1, 0], 1, [0, 1000, 0]],
];

Deno.test("inMilliseconds() rounds without losing time", () => {
  for (const [ticks, perSecond, expected] of ROWS) {
    assert.deepEqual(inMilliseconds(ticks, perSecond), expected);
  }
});
