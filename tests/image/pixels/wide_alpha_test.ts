import assert from "node:assert/strict";
import { withWideAlpha } from "../../../src/image/pixels/wide_alpha.ts";

Deno.test("withWideAlpha() makes 16…235 0…255, and leaves colours alone", () => {
  const greys = {
    data: Uint8Array.of(16, 16, 235, 235, 90, 126, 7, 5, 8, 250),
    width: 5,
    height: 1,
  };
  assert.deepEqual(
    [...withWideAlpha({ ...greys, channels: 2, hasAlpha: true })],
    [16, 0, 235, 255, 90, 128, 7, 0, 8, 255],
  );
});
