import assert from "node:assert/strict";
import {
  chromaSide,
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

Deno.test("chromaSide() gives chroma of half the size the samples that are wanted, while there are any", () => {
  const luma = { across: 2, down: 2 }, half = { across: 1, down: 1 };
  const rows: [number, number | undefined, number][] = [
    [8, undefined, 8],
    [4, undefined, 8],
    [1, undefined, 2],
    [4, 0.28, 8],
    [4, 0.27, 4],
    [2, 0.07, 2],
    [1, 0.07, 2],
    [1, 0.06, 1],
  ];
  for (const [side, wantedScale, chroma] of rows) {
    assert.equal(chromaSide(side, { luma, component: half, wantedScale }), chroma);
    assert.equal(chromaSide(side, { luma, component: luma, wantedScale }), side);
    assert.equal(chromaSide(side, { luma: { across: 2, down: 1 }, component: half }), side);
  }
});

Deno.test("eighthsOf() rounds sides up", () => {
  assert.deepEqual(eighthsOf({ width: 2725, height: 2225 }, 3), { width: 1022, height: 835 });
  assert.deepEqual(eighthsOf({ width: 1, height: 9 }, 1), { width: 1, height: 2 });
  assert.deepEqual(eighthsOf({ width: 100, height: 50 }, 8), { width: 100, height: 50 });
});
