import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { COLOUR_TYPES, writeChunks, writeIhdr } from "../../../src/image/png/chunks.ts";
import { createPngDecoder } from "../../../src/image/png/decode_png.ts";
import { photo, psnr, readByEngine, writeByEngine } from "../../testing/photo.ts";
import { startEngine } from "../../testing/pictures.ts";

await startEngine();
const decoder = createPngDecoder();
const CHANNELS = [1, 2, 3, 4] as const;

/** A PNG whose rows are stored as they are given, filters and all. */
function file(
  rows: Uint8Array,
  size: { width: number; height: number; colourType: number },
  more: { type: string; data: Uint8Array }[] = [],
): Uint8Array {
  return writeChunks([writeIhdr(size), ...more, { type: "IDAT", data: deflateSync(rows) }]);
}

Deno.test("decode() makes exactly what the engine makes, under every filter and of every size", () => {
  for (const [width, height] of [[61, 43], [1, 1], [16, 3], [5, 1], [300, 2]] as const) {
    for (const channels of CHANNELS) {
      for (const filter of [0, 1, 2, 3, 4, 5]) {
        // Any bytes are a picture under any filter; 5 stands for all five by turns.
        const stride = width * channels + 1;
        const rows = photo(stride, height, { channels: 1 }).data;
        for (let y = 0; y < height; y++) rows[y * stride] = filter === 5 ? y % 5 : filter;
        const bytes = file(rows, { width, height, colourType: COLOUR_TYPES[channels]! });
        const { pixels } = decoder.decode(bytes)!;
        assert.equal(
          psnr(pixels, readByEngine(bytes, "PNG")),
          Infinity,
          `${width}x${height}, ${channels} channels, filter ${filter}`,
        );
      }
    }
  }
});

Deno.test("decode() follows palettes, with and without transparency", () => {
  const palette = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255);
  const size = { width: 3, height: 1, colourType: 3 };
  const rows = Uint8Array.of(0, 2, 0, 1);
  const opaque = file(rows, size, [{ type: "PLTE", data: palette }]);
  assert.deepEqual(
    [...decoder.decode(opaque)!.pixels.data],
    [0, 0, 255, 255, 0, 0, 0, 255, 0],
  );
  const transparent = file(rows, size, [
    { type: "PLTE", data: palette },
    { type: "tRNS", data: Uint8Array.of(0, 128) },
  ]);
  const { pixels } = decoder.decode(transparent)!;
  assert.deepEqual([...pixels.data], [0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 128]);
  assert.ok(pixels.hasAlpha);
});

Deno.test("decode() hands over what the file says beside its pixels, as a file of one pixel", () => {
  for (const channels of CHANNELS) {
    const bytes = file(
      new Uint8Array((8 * channels + 1) * 4),
      { width: 8, height: 4, colourType: COLOUR_TYPES[channels]! },
      [{ type: "tEXt", data: new TextEncoder().encode("Author\0Ada") }],
    );
    const { head } = decoder.decode(bytes)!;
    const pixel = readByEngine(head, "PNG");
    assert.deepEqual([pixel.width, pixel.height, pixel.channels], [1, 1, channels]);
    assert.match(new TextDecoder("latin1").decode(head), /Author\0Ada/);
  }
});

Deno.test("decode() leaves to the engine what is of another kind, or damaged", () => {
  const rgb = photo(20, 20);
  const size = { width: 2, height: 2, colourType: 2 };
  const rows = new Uint8Array(14);
  const changed = (at: number, value: number) => {
    const bytes = file(rows, size).slice();
    bytes[at] = value;
    return bytes;
  };
  const others: Record<string, Uint8Array> = {
    "16 bits": changed(24, 16),
    interlaced: changed(28, 1),
    "an unknown colour type": changed(25, 5),
    "a transparent colour": file(rows, size, [{ type: "tRNS", data: new Uint8Array(6) }]),
    "an animation": file(rows, size, [{ type: "acTL", data: new Uint8Array(8) }]),
    "a palette without colours": file(Uint8Array.of(0, 0), { width: 1, height: 1, colourType: 3 }),
    "too few rows": file(rows.subarray(1), size),
    "too many rows": file(new Uint8Array(15), size),
    "a filter that does not exist": file(Uint8Array.of(7, ...rows.subarray(1)), size),
    "half a file": file(rows, size).subarray(0, 40),
    "no PNG": writeByEngine(rgb, "JPEG"),
    nothing: new Uint8Array(),
  };
  assert.ok(decoder.decode(file(rows, size)));
  for (const [name, bytes] of Object.entries(others)) {
    assert.equal(decoder.decode(bytes), undefined, name);
  }
});
