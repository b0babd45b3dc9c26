import assert from "node:assert/strict";
import { createJpegDecoder } from "../../../../src/image/formats/jpeg/decode_jpeg.ts";
import { createJpegEncoder } from "../../../../src/image/formats/jpeg/encode_jpeg.ts";
import { isPlanar } from "../../../../src/image/pixels/ycc_planes.ts";
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

Deno.test("encodePlanes() puts together what decodePlanes() took apart, of every size and sampling", () => {
  const decoder = createJpegDecoder();
  for (const [width, height] of [[160, 96], [33, 250], [17, 9], [8, 1], [2, 3], [1, 1]] as const) {
    for (const [sampling, span] of [["4:4:4", 1], ["4:2:0", 2]] as const) {
      const label = `${width}x${height} ${sampling}`;
      const file = writeByEngine(photo(width, height), "JPEG", {
        quality: 95,
        defines: { "jpeg:sampling-factor": sampling },
      });
      const planes = decoder.decodePlanes(file, 8, 0.5);
      assert.ok(planes && isPlanar(planes), label);
      assert.deepEqual([planes.across, planes.down], [span, span], label);
      const again = encoder.encodePlanes(planes, { quality: 95 });
      const quality = psnr(readByEngine(again, "JPEG"), readByEngine(file, "JPEG"));
      assert.ok(quality > 42, `${label}: ${quality} dB`);
    }
  }
});

Deno.test("encodePlanes() refuses what no file of its is", () => {
  const plane = {
    data: new Uint8Array(64),
    width: 8,
    height: 8,
    channels: 1,
    hasAlpha: false,
  } as const;
  const planes = [plane, plane, plane] as const;
  const picture = { width: 8, height: 8, planes, across: 2, down: 1 } as const;
  assert.throws(() => encoder.encodePlanes(picture, { quality: 80 }), RangeError);
  const large = { ...picture, down: 2, width: 4000, height: 3000 } as const;
  assert.throws(() => encoder.encodePlanes(large, { quality: 80 }), RangeError);
});

Deno.test("encode() leaves to the engine what JPEGs do not hold, or hold at a price", () => {
  const options = { quality: 80, fullChroma: false };
  for (const channels of [2, 4] as const) {
    assert.equal(encoder.encode(photo(8, 8, { channels }), options), undefined);
  }
  const large = { width: 4000, height: 3000, channels: 1 as const, hasAlpha: false };
  assert.equal(encoder.encode({ ...large, data: new Uint8Array(12e6) }, options), undefined);
});
