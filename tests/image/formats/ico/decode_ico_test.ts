import assert from "node:assert/strict";
import { readHeader, sniffMediaType } from "../../../../src/image/formats/read_header.ts";
import { bitmap, iconFile, u16, u32 } from "../../../testing/bitmaps.ts";
import { letters, look, picture, startEngine } from "../../../testing/pictures.ts";
import { transform } from "../../../testing/transforming.ts";

await startEngine();

const PALETTE = [[255, 0, 0], [0, 0, 255]] as const;
/** Red and blue above blue and red, the last of them masked out. */
const MASK = [0b01000000, 0, 0, 0, 0, 0, 0, 0];

/** The bitmap of an icon of 2×2, rows from the bottom: its height counts the mask. */
function entry(bits: number, data: readonly number[], size: 40 | 124 = 40): number[] {
  const palette = bits <= 8 ? PALETTE : [];
  return bitmap({ size, width: 2, height: 4, bits, palette, data: [...data, ...MASK] }).bytes;
}

const bgr = (...colours: number[][]) => colours.flat();
const RED = [0, 0, 255], BLUE = [255, 0, 0];

// what, the entry, what is seen
const ENTRIES: Readonly<Record<string, readonly [readonly number[], string]>> = {
  "1 bit": [entry(1, [0b10000000, 0, 0, 0, 0b01000000, 0, 0, 0]), "rb/b."],
  "4 bits": [entry(4, [0x10, 0, 0, 0, 0x01, 0, 0, 0]), "rb/b."],
  "8 bits": [entry(8, [1, 0, 0, 0, 0, 1, 0, 0]), "rb/b."],
  "16 bits": [entry(16, [...u16(0x1f), ...u16(0x7c00), ...u16(0x7c00), ...u16(0x1f)]), "rb/b."],
  "24 bits": [entry(24, bgr(BLUE, RED, [0, 0], RED, BLUE, [0, 0])), "rb/b."],
  "32 bits with alpha, and a mask that says otherwise": [
    entry(32, bgr([...BLUE, 0], [...RED, 255], [...RED, 255], [...BLUE, 255])),
    "rb/.r",
  ],
  "32 bits without alpha": [
    entry(32, bgr([...BLUE, 0], [...RED, 0], [...RED, 0], [...BLUE, 0])),
    "rb/b.",
  ],
  "a later header": [entry(24, bgr(BLUE, RED, [0, 0], RED, BLUE, [0, 0]), 124), "rb/b."],
  "no mask": [entry(8, [1, 0, 0, 0, 0, 1, 0, 0]).slice(0, -MASK.length), "rb/br"],
};

for (const [name, [bytes, expected]] of Object.entries(ENTRIES)) {
  Deno.test(`an icon of ${name} is seen as browsers show it, as a cursor too`, async () => {
    for (const kind of [1, 2] as const) {
      const file = iconFile([bytes], kind);
      assert.equal(sniffMediaType(file), "image/x-icon");
      const result = await transform(file, "");
      assert.equal(result.format, "png");
      assert.equal(letters(look(result.bytes)).join("/"), expected);
    }
  });
}

Deno.test("of an icon the largest picture is shown, and of those the deepest, a PNG among them", async () => {
  const small = entry(8, [1, 0, 0, 0, 0, 1, 0, 0]);
  const deep = entry(24, bgr(RED, RED, [0, 0], RED, RED, [0, 0]));
  const large = [...picture(["ggg", "ggg", "ggg"])];
  for (
    const [pictures, expected] of [
      [[small, deep], "rr/r."],
      [[deep, small], "rr/r."],
      [[small, large, deep], "ggg/ggg/ggg"],
    ] as const
  ) {
    const file = iconFile(pictures);
    const { bytes } = await transform(file, "png");
    assert.equal(letters(look(bytes)).join("/"), expected);
    const { width, frames, totalPixels } = readHeader(file)!;
    const side = expected.split("/").length;
    assert.deepEqual([width, frames, totalPixels], [side, 1, side * side]);
  }
});

Deno.test("an icon that points at nothing, or is packed, is refused", async () => {
  const packed = bitmap({
    width: 2,
    height: 4,
    bits: 8,
    compression: 1,
    palette: PALETTE,
    data: [],
  });
  const rows: readonly (readonly [Uint8Array, RegExp])[] = [
    [iconFile([[...u32(41), ...Array(60).fill(0)]]), /no entry with a picture/],
    [iconFile([packed.bytes]), /compressed in a way/],
    [iconFile([entry(8, []).slice(0, 48)]), /ends before its pixels/],
  ];
  for (const [file, sentence] of rows) await assert.rejects(transform(file, "png"), sentence);
});
