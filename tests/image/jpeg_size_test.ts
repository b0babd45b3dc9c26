import assert from "node:assert/strict";
import { jpegSize, wantedEighths } from "../../src/image/jpeg_size.ts";

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

Deno.test("jpegSize() rounds sides up as the engine does, and asks for nothing at full size", () => {
  assert.deepEqual(jpegSize({ width: 2725, height: 2225 }, 3), { width: 1022, height: 835 });
  assert.deepEqual(jpegSize({ width: 1, height: 9 }, 1), { width: 1, height: 2 });
  assert.equal(jpegSize({ width: 100, height: 100 }, 8), undefined);
});
