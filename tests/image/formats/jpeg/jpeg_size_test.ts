import assert from "node:assert/strict";
import {
  eighthsOf,
  ownEighths,
  wantedEighths,
} from "../../../../src/image/formats/jpeg/jpeg_size.ts";

Deno.test("wantedEighths() leaves room for the resampler, up to the full size", () => {
  const rows: [number | undefined, number][] = [
    [undefined, 8],
    [0.001, 1],
    [200 / 2725, 2],
    [720 / 2725, 4],
    [0.5, 7],
    [0.58, 8],
    [1, 8],
    [3, 8],
  ];
  for (const [scale, eighths] of rows) assert.equal(wantedEighths(scale), eighths, `${scale}`);
});

Deno.test("wantedEighths() and ownEighths() never fall below what is wanted", () => {
  for (let scale = 0.01; scale < 1; scale += 0.01) {
    const eighths = wantedEighths(scale);
    assert.ok(eighths / 8 >= scale);
    assert.ok(ownEighths(eighths) >= eighths);
    assert.ok(ownEighths(eighths) < eighths * 2);
  }
});

Deno.test("eighthsOf() rounds sides up", () => {
  assert.deepEqual(eighthsOf({ width: 2725, height: 2225 }, 3), { width: 1022, height: 835 });
  assert.deepEqual(eighthsOf({ width: 1, height: 9 }, 1), { width: 1, height: 2 });
  assert.deepEqual(eighthsOf({ width: 100, height: 50 }, 8), { width: 100, height: 50 });
});
