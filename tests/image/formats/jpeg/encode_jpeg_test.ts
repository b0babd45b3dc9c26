import assert from "node:assert/strict";
import { createJpegEncoder } from "../../../../src/image/formats/jpeg/encode_jpeg.ts";
import { photo, psnr, readByEngine, writeByEngine } from "../../../testing/photo.ts";
import { startEngine } from "../../../testing/pictures.ts";

await startEngine();
const encoder = createJpegEncoder();

Deno.test("encode() is as good and as small as the engine's, at every quality and sampling", () => {
  for (const channels of [1, 3] as const) {
    const pixels = photo(323, 211, { channels });
    for (const quality of [10, 50, 80, 95, 100]) {
      for (const fullChroma of [true, false]) {
        const ours = encoder.encode(pixels, { quality, fullChroma })!;
        const theirs = writeByEngine(pixels, "JPEG", {
          quality,
          defines: { "jpeg:sampling-factor": fullChroma ? "4:4:4" : "4:2:0" },
        });
        const label = `quality ${quality}, ${channels} channels, full chroma ${fullChroma}`;
        const lost = psnr(readByEngine(theirs, "JPEG"), pixels) -
          psnr(readByEngine(ours, "JPEG"), pixels);
        assert.ok(lost < 0.1, `${label}: ${lost} dB worse`);
        assert.ok(ours.length < theirs.length * 1.03, `${label}: ${ours.length} bytes`);
      }
    }
  }
});

Deno.test("encode() writes every size", () => {
  for (const [width, height] of [[1, 1], [7, 3], [8, 8], [16, 16], [17, 33], [1, 200], [200, 1]]) {
    for (const fullChroma of [true, false]) {
      const pixels = photo(width!, height!, { grain: 0 });
      const quality = psnr(
        readByEngine(encoder.encode(pixels, { quality: 90, fullChroma })!, "JPEG"),
        pixels,
      );
      assert.ok(quality > 30, `${width}x${height}: ${quality} dB`);
    }
  }
});

Deno.test("encode() leaves to the engine what JPEGs do not hold, or hold at a price", () => {
  const options = { quality: 80, fullChroma: false };
  for (const channels of [2, 4] as const) {
    assert.equal(encoder.encode(photo(8, 8, { channels }), options), undefined);
  }
  const large = { width: 4000, height: 3000, channels: 1 as const, hasAlpha: false };
  assert.equal(encoder.encode({ ...large, data: new Uint8Array(12e6) }, options), undefined);
});
