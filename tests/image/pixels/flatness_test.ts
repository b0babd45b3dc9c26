import assert from "node:assert/strict";
import { isDrawing } from "../../../src/image/pixels/flatness.ts";
import type { PixelBuffer } from "../../../src/image/pixels/pixel_buffer.ts";
import { photo } from "../../testing/photo.ts";

/** White paper with lines of black letters, as far as that goes with squares. */
function page(width: number, height: number, channels: PixelBuffer["channels"]): PixelBuffer {
  const data = new Uint8Array(width * height * channels);
  for (let i = 0; i < data.length; i++) {
    const pixel = Math.floor(i / channels), x = pixel % width, y = Math.floor(pixel / width);
    data[i] = y % 20 < 12 && (x >> 2) * 7919 % 5 < 2 ? 0 : 255;
  }
  return { data, width, height, channels, hasAlpha: channels % 2 === 0 };
}

/** Half of it something else, as borders and skies are. */
function halfWhite(picture: PixelBuffer): PixelBuffer {
  const data = picture.data.slice();
  data.fill(255, 0, data.length / 2);
  return { ...picture, data };
}

for (const channels of [1, 2, 3, 4] as const) {
  Deno.test(`isDrawing() tells pages from photos, of ${channels} channels`, () => {
    for (const [width, height] of [[640, 480], [30, 40], [1000, 7]] as const) {
      assert.ok(isDrawing(page(width, height, channels)), `page of ${width}x${height}`);
      const seen = photo(width, height, { channels });
      assert.ok(!isDrawing(seen), `photo of ${width}x${height}`);
      assert.ok(isDrawing(halfWhite(seen)), `half a photo of ${width}x${height}`);
    }
  });
}

Deno.test("isDrawing() has nothing to compare in a line of pixels", () => {
  for (const [width, height] of [[1, 1], [1, 50], [50, 1]] as const) {
    assert.ok(!isDrawing({ ...page(width, height, 3) }));
  }
});
