import assert from "node:assert/strict";
import { decodeBmp } from "../../../../src/image/formats/bmp/decode_bmp.ts";
import { rgbProfile, SRGB } from "../../../../src/image/colour/icc_profile.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { type BitmapRecipe, bmpFile, u16, u32 } from "../../../testing/bitmaps.ts";
import { letters, look } from "../../../testing/pictures.ts";
import { transform } from "../../../testing/transforming.ts";

const RGBA_MASKS = [0xff0000, 0xff00, 0xff, 0xff000000];
const PALETTE = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 0]] as const;
const RED = "255,0,0", GREEN = "0,255,0", BLUE = "0,0,255", YELLOW = "255,255,0", BLACK = "0,0,0";

/** The pixels of each row, from the top. */
function seen(file: Uint8Array): string {
  const { pixels: { data, width, height, channels } } = decodeBmp(file);
  return Array.from(
    { length: height },
    (_, y) =>
      Array.from(
        { length: width },
        (_, x) =>
          [...data.subarray((y * width + x) * channels, (y * width + x + 1) * channels)].join(),
      ).join(
        " ",
      ),
  )
    .join(" / ");
}

// what, the file, what is seen
const FILES: Readonly<Record<string, readonly [Uint8Array, string]>> = {
  "1 bit, padded to 32": [
    bmpFile({
      ...{ width: 3, height: 2, bits: 1, palette: PALETTE.slice(0, 2) },
      data: [0b01000000, 0, 0, 0, 0b10100000, 0, 0, 0],
    }),
    `${GREEN} ${RED} ${GREEN} / ${RED} ${GREEN} ${RED}`,
  ],
  "2 bits": [
    bmpFile({ width: 4, height: 1, bits: 2, palette: PALETTE, data: [0b00011011, 0, 0, 0] }),
    `${RED} ${GREEN} ${BLUE} ${YELLOW}`,
  ],
  "4 bits, an index beyond the palette": [
    bmpFile({ width: 3, height: 1, bits: 4, palette: PALETTE, data: [0x13, 0xf0, 0, 0] }),
    `${GREEN} ${YELLOW} ${BLACK}`,
  ],
  "8 bits, from the top": [
    bmpFile({ width: 1, height: -2, bits: 8, palette: PALETTE, data: [0, 0, 0, 0, 2, 0, 0, 0] }),
    `${RED} / ${BLUE}`,
  ],
  "a palette of more colours than there are bytes": [
    bmpFile({
      ...{ width: 2, height: 1, bits: 8, palette: PALETTE, colours: 300 },
      data: [2, 3, 0, 0],
    }),
    `${BLUE} ${YELLOW}`,
  ],
  "OS/2's first header": [
    bmpFile({ size: 12, width: 2, height: 1, bits: 8, palette: PALETTE, data: [1, 2, 0, 0] }),
    `${GREEN} ${BLUE}`,
  ],
  "OS/2's second header": [
    bmpFile({ size: 64, width: 2, height: 1, bits: 8, palette: PALETTE, data: [1, 2, 0, 0] }),
    `${GREEN} ${BLUE}`,
  ],
  "OS/2's second header, cut to 16 bytes": [
    bmpFile({ size: 16, width: 2, height: 1, bits: 8, palette: PALETTE, data: [1, 2, 0, 0] }),
    `${GREEN} ${BLUE}`,
  ],
  "16 bits without masks": [
    bmpFile({ width: 2, height: 1, bits: 16, data: [...u16(0x7c00), ...u16(0x801f)] }),
    `${RED} ${BLUE}`,
  ],
  "16 bits of 2, 3 and 1": [
    bmpFile({
      ...{ width: 2, height: 1, bits: 16, compression: 3, masks: [0x30, 0xe, 1] },
      data: [...u16(0x1f), ...u16(0x28)],
    }),
    "85,255,255 170,146,0",
  ],
  "16 bits with 4 of alpha": [
    bmpFile({
      ...{ size: 124, width: 2, height: 1, bits: 16, compression: 3 },
      masks: [0xf00, 0xf0, 0xf, 0xf000],
      data: [...u16(0xf00f), ...u16(0x3f00)],
    }),
    "0,0,255,255 255,0,0,51",
  ],
  "24 bits": [
    bmpFile({ width: 2, height: 1, bits: 24, data: [3, 2, 1, 6, 5, 4, 0, 0] }),
    "1,2,3 4,5,6",
  ],
  "32 bits with a reserved byte": [
    bmpFile({ width: 2, height: 1, bits: 32, data: [3, 2, 1, 0, 6, 5, 4, 99] }),
    "1,2,3 4,5,6",
  ],
  "32 bits with a reserved byte, although the header has a mask for alpha": [
    bmpFile({
      ...{ size: 124, width: 1, height: 1, bits: 32, masks: RGBA_MASKS },
      data: [3, 2, 1, 99],
    }),
    "1,2,3",
  ],
  "32 bits of 10, 11 and 11": [
    bmpFile({
      ...{ width: 2, height: 1, bits: 32, compression: 3 },
      masks: [0xffc00000, 0x3ff800, 0x7ff],
      data: [...u32(0xffc00000), ...u32(0x1ff << 22 | 0x400 << 11 | 0x7ff)],
    }),
    "255,0,0 127,128,255",
  ],
  "32 bits of 7, 18 and 7": [
    bmpFile({
      ...{ width: 1, height: 1, bits: 32, compression: 3 },
      masks: [0xfe000000, 0x1ffff80, 0x7f],
      data: u32(0xfe000000 | 0x1ffff80),
    }),
    "255,255,0",
  ],
  "32 bits with alpha by its own compression": [
    bmpFile({
      ...{ width: 1, height: 1, bits: 32, compression: 6, masks: RGBA_MASKS },
      data: [3, 2, 1, 99],
    }),
    "1,2,3,99",
  ],
  "32 bits in a header of 52 bytes, which has no alpha": [
    bmpFile({
      ...{ size: 52, width: 1, height: 1, bits: 32, compression: 3 },
      masks: RGBA_MASKS.slice(0, 3),
      data: [3, 2, 1, 99],
    }),
    "1,2,3",
  ],
  "32 bits in a header of 56 bytes": [
    bmpFile({
      ...{ size: 56, width: 1, height: 1, bits: 32, compression: 3, masks: RGBA_MASKS },
      data: [3, 2, 1, 99],
    }),
    "1,2,3,99",
  ],
  "64 bits of light": [
    bmpFile({
      ...{ width: 1, height: 1, bits: 64 },
      data: [0, 0x10000, 8192 * 0.2140411, 8192 * 0.5].flatMap((share) => u16(share & 0xffff)),
    }),
    "127,0,0,128",
  ],
  "rows that are cut off": [
    bmpFile({ width: 1, height: 3, bits: 24, data: [3, 2, 1, 0, 6, 5, 4] }),
    "0,0,0,0 / 4,5,6,255 / 1,2,3,255",
  ],
  "runs of 8 bits": [
    bmpFile({
      ...{ width: 3, height: 2, bits: 8, compression: 1, palette: PALETTE },
      data: [3, 1, 0, 0, 0, 3, 0, 2, 3, 0, 0, 1],
    }),
    `${RED} ${BLUE} ${YELLOW} / ${GREEN} ${GREEN} ${GREEN}`,
  ],
  "runs of 4 bits, with a jump": [
    bmpFile({
      ...{ width: 4, height: 2, bits: 4, compression: 2, palette: PALETTE },
      data: [3, 0x12, 0, 2, 0, 1, 1, 0x30, 0, 1],
    }),
    `${BLACK} ${BLACK} ${BLACK} ${YELLOW} / ${GREEN} ${BLUE} ${GREEN} ${BLACK}`,
  ],
  "runs beyond the row, that end too early": [
    bmpFile({
      ...{ width: 2, height: 2, bits: 8, compression: 1, palette: PALETTE },
      data: [9, 1, 0, 0, 1, 2, 7],
    }),
    `${BLUE} ${BLACK} / ${GREEN} ${GREEN}`,
  ],
  "runs of 24 bits": [
    bmpFile({
      ...{ size: 64, width: 4, height: 1, bits: 24, compression: 4 },
      data: [1, 3, 2, 1, 0, 3, 9, 8, 7, 6, 5, 4, 12, 11, 10, 0, 0, 1],
    }),
    "1,2,3 7,8,9 4,5,6 10,11,12",
  ],
  "a file that says it has no bytes": [
    bmpFile({ width: 1, height: 1, bits: 24, data: [3, 2, 1, 0] }, { size: 0 }),
    "1,2,3",
  ],
  "a file that says where its headers end as its size": [
    bmpFile({ width: 1, height: 1, bits: 24, data: [3, 2, 1, 0] }, { size: 54 }),
    "1,2,3",
  ],
  "a file that says nothing of where its pixels are": [
    bmpFile({ width: 1, height: 1, bits: 24, data: [3, 2, 1, 0] }, { pixelsAt: 0 }),
    "1,2,3",
  ],
  "bytes between palette and pixels, and behind them": [
    bmpFile(
      { width: 1, height: 1, bits: 8, palette: PALETTE, data: [7, 7, 7, 7, 2, 0, 0, 0, 9, 9] },
      { pixelsAt: 14 + 40 + 16 + 4 },
    ),
    BLUE,
  ],
};

const PARTIAL = ["rows that are cut off", "runs beyond the row, that end too early"];

for (const [name, [file, expected]] of Object.entries(FILES)) {
  Deno.test(`decodeBmp() reads ${name}`, () => {
    assert.equal(seen(file), expected);
    const { width, height, frames, hasAlpha } = readHeader(file)!;
    const { pixels, isPartial } = decodeBmp(file);
    assert.equal(isPartial, PARTIAL.includes(name));
    assert.deepEqual([width, height, frames], [pixels.width, pixels.height, 1]);
    // The header cannot know what is missing.
    if (hasAlpha) assert.equal(pixels.hasAlpha, true);
  });
}

const PLAIN: BitmapRecipe = { width: 1, height: 1, bits: 24, data: [1, 2, 3, 0] };

// what, the file, the sentence
const REFUSED: readonly (readonly [string, Uint8Array, RegExp])[] = [
  ["no width", bmpFile({ ...PLAIN, width: 0 }), /0x1 pixels/],
  ["a negative width", bmpFile({ ...PLAIN, width: -1 }), /0x1 pixels/],
  ["5 bits", bmpFile({ ...PLAIN, bits: 5 }), /5 bits per pixel/],
  ["runs of 16 bits", bmpFile({ ...PLAIN, bits: 16, compression: 1 }), /16 bits per pixel/],
  ["a JPEG inside", bmpFile({ ...PLAIN, bits: 0, compression: 4 }), /wraps a JPEG or PNG/],
  ["an unknown compression", bmpFile({ ...PLAIN, compression: 11 }), /not decoded/],
  ["Huffman codes", bmpFile({ ...PLAIN, size: 64, bits: 1, compression: 3 }), /not decoded/],
  ["no pixels", bmpFile({ ...PLAIN, data: [] }), /ends before its pixels/],
];

for (const [name, file, sentence] of REFUSED) {
  Deno.test(`a BMP with ${name} is refused`, async () => {
    await assert.rejects(transform(file, "png"), sentence);
  });
}

Deno.test("the profile that a BMP embeds is heeded, and one that it links to is not", async () => {
  // Red and green stand in each other's place.
  const { red, green, ...rest } = SRGB;
  const profile = rgbProfile("swapped", { ...rest, red: green, green: red });
  const pixels = Array.from({ length: 64 }, () => [0, 0, 255]).flat();
  for (const [kind, expected] of [["MBED", "g"], ["LINK", "r"]] as const) {
    const file = bmpFile({
      ...{ size: 124, width: 8, height: 8, bits: 24 },
      data: [...pixels, ...profile],
    });
    const view = new DataView(file.buffer);
    file.set([...kind].reverse().map((letter) => letter.charCodeAt(0)), 14 + 56);
    view.setUint32(14 + 112, 124 + pixels.length, true);
    view.setUint32(14 + 116, profile.length, true);
    const { bytes } = await transform(file, "png");
    assert.equal(letters(look(bytes), { scale: 8 }).join(), expected, kind);
  }
});
