import assert from "node:assert/strict";
import { createPngEncoder } from "../../../src/image/formats/png/encode_png.ts";
import { look, startEngine } from "../../testing/pictures.ts";
import { transform } from "../../testing/transforming.ts";

await startEngine();
const { encode } = createPngEncoder();

/** Three blocks of greys that are neighbours, the middle one transparent. */
function around(key: number): { file: Uint8Array; greys: number[] } {
  const greys = [key - 1, key, key + 1].map((grey) => Math.min(255, Math.max(0, grey)));
  const data = new Uint8Array(24 * 8 * 2);
  for (let pixel = 0; pixel < 24 * 8; pixel++) {
    const block = Math.floor(pixel % 24 / 8);
    data.set([greys[block]!, block === 1 ? 0 : 255], pixel * 2);
  }
  const pixels = { data, width: 24, height: 8, channels: 2, hasAlpha: true } as const;
  return { file: encode(pixels, { level: 1 }), greys };
}

// The engine's writer of PNGs once moved the grey that stands for nothing by one.
for (const options of ["png", "png,progressive", "webp,lossless", "tiff", "gif", "jxl,lossless"]) {
  Deno.test(`${options} keeps every grey apart from a transparent one beside it`, async () => {
    for (let key = 0; key < 256; key += 3) {
      const { file, greys } = around(key);
      const { rgba } = look((await transform(file, options)).bytes).frames[0]!;
      const at = (x: number) => [...rgba.subarray((4 * 24 + x) * 4, (4 * 24 + x) * 4 + 4)];
      assert.equal(at(12)[3], 0, `${key}`);
      for (const [x, grey] of [[4, greys[0]!], [20, greys[2]!]] as const) {
        assert.deepEqual(at(x), [grey, grey, grey, 255], `${grey} beside ${key}`);
      }
    }
  });
}
