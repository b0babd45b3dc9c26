import assert from "node:assert/strict";
import { createPngEncoder } from "../../../../src/image/formats/png/encode_png.ts";
import { photo, psnr, readByEngine, writeByEngine } from "../../../testing/photo.ts";
import { startEngine } from "../../../testing/pictures.ts";

await startEngine();
const encoder = createPngEncoder();

Deno.test("encode() loses nothing, at every size and level", () => {
  for (const [width, height] of [[61, 43], [300, 2], [17, 200]] as const) {
    for (const channels of [3, 4] as const) {
      const pixels = photo(width, height, { channels, grain: 255 });
      for (const level of [1, 6, 9]) {
        const file = encoder.encode(pixels, level)!;
        assert.equal(psnr(readByEngine(file, "PNG"), pixels), Infinity);
      }
    }
  }
});

Deno.test("encode() needs about the space that the engine needs", () => {
  for (const channels of [3, 4] as const) {
    for (const grain of [0, 16]) {
      const pixels = photo(400, 300, { channels, grain });
      const theirs = writeByEngine(pixels, "PNG", { defines: { "png:compression-level": "6" } });
      const ours = encoder.encode(pixels, 6)!;
      assert.ok(ours.length < theirs.length * 1.08, `${ours.length}, engine: ${theirs.length}`);
    }
  }
});

Deno.test("encode() does not store an alpha channel that says nothing", () => {
  const pixels = photo(50, 50, { channels: 4 });
  for (let at = 3; at < pixels.data.length; at += 4) pixels.data[at] = 255;
  assert.equal(readByEngine(encoder.encode(pixels, 6)!, "PNG").channels, 3);
});

Deno.test("encode() leaves to the engine what a palette or greys can hold", () => {
  const flat = photo(50, 50);
  for (let at = 0; at < flat.data.length; at++) flat.data[at]! &= 0xe0;
  assert.equal(encoder.encode(flat, 6), undefined);
  const grey = photo(50, 50, { channels: 1 });
  assert.equal(encoder.encode(grey, 6), undefined);
  const colourless = { ...flat, data: Uint8Array.from(flat.data, (_, at) => Math.floor(at / 3)) };
  assert.equal(encoder.encode(colourless, 6), undefined);
});
