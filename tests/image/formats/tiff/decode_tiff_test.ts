import assert from "node:assert/strict";
import { deflateSync, zstdCompressSync } from "node:zlib";
import * as engine from "@imagemagick/magick-wasm";
import { rgbProfile, SRGB } from "../../../../src/image/colour/icc_profile.ts";
import { createInflater } from "../../../../src/image/formats/coding/inflate.ts";
import { findPage } from "../../../../src/image/formats/tiff/header.ts";
import { createReader } from "../../../../src/image/formats/reading/byte_reader.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { decodeTiff } from "../../../../src/image/formats/tiff/decode_tiff.ts";
import { photo, readByEngine, writeByEngine } from "../../../testing/photo.ts";
import { letters, look, picture, startEngine } from "../../../testing/pictures.ts";
import { page, tiffFile, type TiffRecipe } from "../../../testing/tiff_files.ts";
import { transform } from "../../../testing/transforming.ts";

await startEngine();
const inflater = createInflater();

function decode(bytes: Uint8Array, index = 0) {
  const reader = createReader(bytes, { name: "TIFF", maxSteps: 10_000 });
  return decodeTiff(bytes, { directory: findPage(reader, index), engine, inflater });
}

/** The pixels of each row; undefined where the page is left to the engine. */
function seen(bytes: Uint8Array): string | undefined {
  const decoded = decode(bytes);
  if (!decoded) return undefined;
  const { data, width, height, channels } = decoded.pixels;
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

const WHITE_IS_ZERO = 0, BLACK_IS_ZERO = 1, RGB = 2, PALETTE = 3, CMYK = 5, LAB = 8;
const LZW = 5, DEFLATE = 8, PACKBITS = 32773, OLD_DEFLATE = 32946, ZSTD = 50000, WEBP = 50001;
const FILL_ORDER = 266, ROWS_PER_STRIP = 278, PLANAR = 284, PREDICTOR = 317, COLOURS = 320;
const TILE_WIDTH = 322, TILE_HEIGHT = 323, EXTRA = 338, FORMAT = 339;
const ASSOCIATED = 1, UNASSOCIATED = 2;

/** Red, green, blue and yellow, of 16 bits each. */
const TABLE = [65535, 0, 0, 65535, 0, 65535, 0, 65535, 0, 0, 65535, 0];
/** The table of so many bits that begins with those four. */
function paletteOf(bits: number): number[] {
  const size = 2 ** bits;
  return [0, 1, 2].flatMap((channel) =>
    Array.from({ length: size }, (_, index) => index < 4 ? TABLE[channel * 4 + index]! : 0)
  );
}

// what, the file, what is seen
const FILES: Readonly<Record<string, readonly [TiffRecipe, string]>> = {
  "greys of 1 bit, white is zero": [
    { fields: page(3, 1, { bits: [1], photometric: WHITE_IS_ZERO }), segments: [[0b01000000]] },
    "255 0 255",
  ],
  "greys of 2 bits, white is zero": [
    { fields: page(4, 1, { bits: [2], photometric: WHITE_IS_ZERO }), segments: [[0b00011011]] },
    "255 170 85 0",
  ],
  "greys of 4 bits, white is zero": [
    {
      fields: page(3, 2, { bits: [4], photometric: WHITE_IS_ZERO }),
      segments: [[0x05, 0xf0, 0xf5, 0x00]],
    },
    "255 170 0 / 0 170 255",
  ],
  "greys of 4 bits": [
    { fields: page(3, 1, { bits: [4], photometric: BLACK_IS_ZERO }), segments: [[0x05, 0xf0]] },
    "0 85 255",
  ],
  "greys of 16 bits, in either order of bytes": [
    {
      fields: page(2, 1, { bits: [16], photometric: BLACK_IS_ZERO }),
      segments: [[0x12, 0x34, 0xff, 0xff]],
      little: false,
    },
    "18 255",
  ],
  "greys with alpha": [
    {
      fields: {
        ...page(2, 1, { bits: [8, 8], photometric: WHITE_IS_ZERO }),
        [EXTRA]: [UNASSOCIATED],
      },
      segments: [[0, 255, 100, 7]],
    },
    "255,255 155,7",
  ],
  "greys of 32 bits, white is zero": [
    {
      fields: page(3, 1, { bits: [32], photometric: WHITE_IS_ZERO }),
      segments: [[0, 0, 0, 0, 0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff]],
      little: false,
    },
    "255 127 0",
  ],
  "greys of 32 bits with alpha in planes, as differences, packed by Zstandard": [
    {
      fields: {
        ...page(2, 1, { bits: [32, 32], photometric: BLACK_IS_ZERO, compression: ZSTD }),
        [EXTRA]: [UNASSOCIATED],
        [PLANAR]: [2],
        [PREDICTOR]: [2],
      },
      segments: [
        zstdCompressSync(Uint8Array.of(0, 0, 0, 0x40, 0xff, 0xff, 0xff, 0xbf)),
        zstdCompressSync(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0x80)),
      ],
    },
    "64,255 255,128",
  ],
  "floats: below black, half, beyond white and no number": [
    {
      fields: { ...page(4, 1, { bits: [32], photometric: BLACK_IS_ZERO }), [FORMAT]: [3] },
      segments: [[
        0x00,
        0x00,
        0x80,
        0xbf,
        0x00,
        0x00,
        0x00,
        0x3f,
        0x00,
        0x00,
        0xe0,
        0x40,
        0x00,
        0x00,
        0xc0,
        0x7f,
      ]],
    },
    "0 128 255 0",
  ],
  "floats whose bytes lie apart as differences": [
    {
      fields: {
        ...page(3, 1, { bits: [32], photometric: BLACK_IS_ZERO }),
        [FORMAT]: [3],
        [PREDICTOR]: [3],
      },
      segments: [[0, 63, 0, 193, 0, 128, 128, 0, 0, 0, 0, 0]],
      little: false,
    },
    "0 128 255",
  ],
  "signed samples of 16 bits": [
    {
      fields: { ...page(3, 1, { bits: [16], photometric: BLACK_IS_ZERO }), [FORMAT]: [2] },
      segments: [[0xff, 0x7f, 0, 0x80, 0, 0x14]],
    },
    "127 0 20",
  ],
  "bits that begin with the lowest": [
    {
      fields: { ...page(4, 1, { bits: [2], photometric: BLACK_IS_ZERO }), [FILL_ORDER]: [2] },
      segments: [[0b11011000]],
    },
    "0 85 170 255",
  ],
  "a palette of 4 bits": [
    {
      fields: { ...page(3, 1, { bits: [4], photometric: PALETTE }), [COLOURS]: paletteOf(4) },
      segments: [[0x12, 0x30]],
    },
    "0,255,0 0,0,255 255,255,0",
  ],
  "a palette of 16 bits": [
    {
      fields: { ...page(2, 1, { bits: [16], photometric: PALETTE }), [COLOURS]: paletteOf(16) },
      segments: [[3, 0, 2, 0]],
    },
    "255,255,0 0,0,255",
  ],
  "a palette whose colours have 8 bits": [
    {
      fields: {
        ...page(2, 1, { bits: [8], photometric: PALETTE }),
        [COLOURS]: paletteOf(8).map((value) => value >> 8),
      },
      segments: [[0, 3]],
    },
    "255,0,0 255,255,0",
  ],
  "a palette with alpha": [
    {
      fields: {
        ...page(2, 1, { bits: [8, 8], photometric: PALETTE }),
        [COLOURS]: paletteOf(8),
        [EXTRA]: [UNASSOCIATED],
      },
      segments: [[0, 255, 2, 0]],
    },
    "255,0,0,255 0,0,255,0",
  ],
  "a palette of 4 bits with alpha": [
    {
      fields: {
        ...page(2, 1, { bits: [4, 4], photometric: PALETTE }),
        [COLOURS]: paletteOf(4),
        [EXTRA]: [UNASSOCIATED],
      },
      segments: [[0x1f, 0x25]],
    },
    "0,255,0,255 0,0,255,85",
  ],
  "RGB with a fourth sample that nobody explains": [
    { fields: page(1, 1, { bits: [8, 8, 8, 8], photometric: RGB }), segments: [[1, 2, 3, 4]] },
    "1,2,3,4",
  ],
  "RGB with a fourth sample that is no alpha": [
    {
      fields: { ...page(1, 1, { bits: [8, 8, 8, 8], photometric: RGB }), [EXTRA]: [0] },
      segments: [[1, 2, 3, 4]],
    },
    "1,2,3",
  ],
  "RGB multiplied by its alpha": [
    {
      fields: { ...page(2, 1, { bits: [8, 8, 8, 8], photometric: RGB }), [EXTRA]: [ASSOCIATED] },
      segments: [[10, 20, 30, 51, 0, 0, 0, 0]],
    },
    "50,100,150,51 0,0,0,0",
  ],
  "RGB in planes, strips of one row": [
    {
      fields: {
        ...page(2, 2, { bits: [8, 8, 8], photometric: RGB }),
        [PLANAR]: [2],
        [ROWS_PER_STRIP]: [1],
      },
      segments: [[1, 2], [3, 4], [5, 6], [7, 8], [9, 10], [11, 12]],
    },
    "1,5,9 2,6,10 / 3,7,11 4,8,12",
  ],
  "RGB of 16 bits as differences": [
    {
      fields: { ...page(2, 1, { bits: [16, 16, 16], photometric: RGB }), [PREDICTOR]: [2] },
      segments: [[0, 0x80, 0, 0x40, 0xff, 0xff, 0, 0x80, 0, 0x40, 1, 0]],
    },
    "128,64,255 0,128,0",
  ],
  "tiles that are larger than the picture": [
    {
      fields: {
        ...page(3, 1, { bits: [8], photometric: BLACK_IS_ZERO }),
        [TILE_WIDTH]: [2],
        [TILE_HEIGHT]: [2],
      },
      segments: [[1, 2, 0, 0], [3, 9, 0, 0]],
    },
    "1 2 3",
  ],
  "CMYK": [
    { fields: page(1, 1, { bits: [8, 8, 8, 8], photometric: CMYK }), segments: [[1, 2, 3, 4]] },
    "1,2,3,4",
  ],
  "L*a*b*: white, a grey and a red of sRGB": [
    {
      fields: page(3, 1, { bits: [8, 8, 8], photometric: LAB }),
      segments: [[255, 0, 0, 137, 0, 0, 138, 81, 70]],
    },
    "255,255,255 128,128,128 255,0,0",
  ],
  "PackBits": [
    {
      fields: page(6, 1, { bits: [8], photometric: BLACK_IS_ZERO, compression: PACKBITS }),
      segments: [[2, 1, 2, 3, 0xfe, 9]],
    },
    "1 2 3 9 9 9",
  ],
  "Deflate, by both its numbers": [
    {
      fields: page(2, 1, { bits: [8], photometric: BLACK_IS_ZERO, compression: OLD_DEFLATE }),
      segments: [deflateSync(Uint8Array.of(7, 8))],
    },
    "7 8",
  ],
  "Zstandard": [
    {
      fields: page(2, 1, { bits: [8], photometric: BLACK_IS_ZERO, compression: ZSTD }),
      segments: [zstdCompressSync(Uint8Array.of(7, 8))],
    },
    "7 8",
  ],
};

for (const [name, [recipe, expected]] of Object.entries(FILES)) {
  Deno.test(`decodeTiff() reads ${name}`, () => {
    const file = tiffFile(recipe);
    assert.equal(seen(file), expected);
    const { width, height } = readHeader(file)!;
    const { pixels, isPartial } = (decode(file))!;
    assert.deepEqual([pixels.width, pixels.height, isPartial], [width, height, false]);
  });
}

const PHOTO = photo(121, 67);

/** The same picture, packed and cut in every way. */
function packed(
  { data, width, height, channels }: typeof PHOTO,
  { compression, rows, pack }: {
    compression: number;
    rows: number;
    pack: (strip: Uint8Array) => Uint8Array;
  },
): Uint8Array<ArrayBuffer> {
  const stride = width * channels;
  const bits = Array<number>(channels).fill(8);
  return tiffFile({
    fields: { ...page(width, height, { bits, photometric: RGB, compression }), 278: [rows] },
    segments: Array.from(
      { length: Math.ceil(height / rows) },
      (_, index) => pack(data.slice(index * rows * stride, (index + 1) * rows * stride)),
    ),
  });
}

Deno.test("decodeTiff() reads what the engine writes, in each of its codes", () => {
  const codes = [engine.CompressionMethod.LZW, engine.CompressionMethod.Zip];
  for (const code of codes) {
    for (const predictor of ["1", "2"]) {
      for (const channels of [1, 2, 3, 4] as const) {
        const pixels = photo(121, 67, { channels });
        const file = engine.ImageMagick.read(writeByEngine(pixels, "PNG"), (image) => {
          image.setCompression(code);
          image.settings.setDefine("tiff:predictor", predictor);
          return image.write("TIFF", (bytes) => bytes.slice());
        });
        const decoded = decode(file);
        assert.deepEqual(decoded?.pixels.data, pixels.data, `${code}, ${predictor}, ${channels}`);
      }
    }
  }
});

Deno.test("decodeTiff() reads strips that are WebP files", () => {
  const webp = (strip: Uint8Array) => {
    const height = strip.length / (PHOTO.width * 3);
    return writeByEngine({ ...PHOTO, data: strip, height }, "WEBP", { quality: 100 });
  };
  const file = packed(PHOTO, { compression: WEBP, rows: 32, pack: webp });
  assert.deepEqual((decode(file))!.pixels.data, PHOTO.data);
});

Deno.test("decodeTiff() reads CMYK in tiles that are JPEG files, and leaves strips to the engine", () => {
  const inks = [200, 90, 30, 10];
  const colour = engine.ImageMagick.read(picture(["w"], { scale: 16 }), (image) => {
    image.colorSpace = engine.ColorSpace.CMYK;
    image.getPixels((area) =>
      area.setArea(0, 0, 16, 16, Uint8Array.from(Array(256).fill(inks).flat()))
    );
    image.quality = 100;
    return image.write("JPEG", (bytes) => bytes.slice());
  });
  // The engine marks its file as Adobe's, which has what is left of the paper instead of inks.
  const marker = colour.findIndex((byte, at) => byte === 0xff && colour[at + 1] === 0xee);
  const length = 2 + (colour[marker + 2]! << 8 | colour[marker + 3]!);
  const jpeg = [...colour.subarray(0, marker), ...colour.subarray(marker + length)];
  const fields = page(16, 16, { bits: [8, 8, 8, 8], photometric: CMYK, compression: 7 });
  const tiled = decode(tiffFile({
    fields: { ...fields, [TILE_WIDTH]: [16], [TILE_HEIGHT]: [16] },
    segments: [jpeg],
  }));
  const strip = tiffFile({ fields: { ...fields, [ROWS_PER_STRIP]: [16] }, segments: [jpeg] });
  assert.equal(decode(strip), undefined);
  const reference = readByEngine(strip, "TIFF");
  assert.deepEqual([...tiled!.pixels.data], [...reference.data]);
});

Deno.test("decodeTiff() unpacks no more of Zstandard than the pixels of its strip take", () => {
  // RFC 8878: a frame of blocks of 128 KB of one byte each, with a window of 128 MB or more than any memory has.
  const bomb = (window: number, blocks: number) => {
    const head = [0x28, 0xb5, 0x2f, 0xfd, 0, (window - 10) << 3];
    const size = 128 * 1024;
    return head.concat(...Array.from({ length: blocks }, (_, index) => {
      const block = Number(index === blocks - 1) | 1 << 1 | size << 3;
      return [block & 255, block >> 8 & 255, block >> 16, 65];
    }));
  };
  const fields = page(512, 256, { bits: [8], photometric: BLACK_IS_ZERO, compression: ZSTD });
  const file = (segment: number[]) =>
    tiffFile({ fields: { ...fields, [ROWS_PER_STRIP]: [256] }, segments: [segment] });
  assert.equal(decode(file(bomb(27, 1)))?.isPartial, false);
  for (const segment of [bomb(27, 2000), bomb(41, 1)]) {
    assert.throws(() => decode(file(segment)), { code: "undecodable" });
  }
});

Deno.test("decodeTiff() leaves to the engine what is of another kind", () => {
  const grey = page(2, 1, { bits: [8], photometric: BLACK_IS_ZERO });
  const others: Readonly<Record<string, Readonly<Record<number, readonly number[]>>>> = {
    "signed samples of 8 bits": { ...grey, [FORMAT]: [2] },
    "complex numbers": { ...grey, [FORMAT]: [5] },
    "floats of 64 bits": {
      ...page(1, 1, { bits: [64], photometric: BLACK_IS_ZERO }),
      [FORMAT]: [3],
    },
    "a palette of 32 bits": { ...page(2, 1, { bits: [32], photometric: PALETTE }), [COLOURS]: [] },
    "strips of more samples of 32 bits than are unpacked at once": page(9000, 9000, {
      bits: [32],
      photometric: BLACK_IS_ZERO,
    }),
    "12 bits": page(2, 1, { bits: [12], photometric: BLACK_IS_ZERO }),
    "fax": page(2, 1, { bits: [1], photometric: WHITE_IS_ZERO, compression: 4 }),
    "YCbCr": page(1, 1, { bits: [8, 8, 8], photometric: 6 }),
    "LZMA": page(2, 1, { bits: [8], photometric: BLACK_IS_ZERO, compression: 34925 }),
    "no photometric": { ...grey, 262: [99] },
    "CMYK with alpha": {
      ...page(1, 1, { bits: [8, 8, 8, 8, 8], photometric: CMYK }),
      [EXTRA]: [UNASSOCIATED],
    },
  };
  for (const [name, fields] of Object.entries(others)) {
    assert.equal(decode(tiffFile({ fields, segments: [[1, 2, 3, 4]] })), undefined, name);
  }
});

Deno.test("of a TIFF that is cut short, or of which parts are damaged, the rest is shown", async () => {
  const pack = (strip: Uint8Array) => deflateSync(strip);
  const file = packed(PHOTO, { compression: DEFLATE, rows: 10, pack });
  const stride = PHOTO.width * 3;
  const damaged = file.slice();
  // The second strip begins behind the first.
  const second = 8 + Math.ceil(pack(PHOTO.data.slice(0, 10 * stride)).length / 2) * 2;
  damaged.fill(0xff, second, second + 40);
  const { pixels, isPartial } = (decode(damaged))!;
  assert.equal(isPartial, true);
  assert.deepEqual(pixels.data.slice(0, 10 * stride), PHOTO.data.slice(0, 10 * stride));
  assert.deepEqual(pixels.data.slice(20 * stride), PHOTO.data.slice(20 * stride));
  const nothing = tiffFile({
    fields: page(2, 1, { bits: [8], photometric: BLACK_IS_ZERO, compression: DEFLATE }),
    segments: [[1, 2, 3]],
  });
  await assert.rejects(transform(nothing, "png"), /no pixels that can be decoded/);
});

Deno.test("decodeTiff() survives any damage", async () => {
  for (const compression of [LZW, DEFLATE, PACKBITS, ZSTD]) {
    const file = packed(PHOTO, { compression, rows: 16, pack: (strip) => deflateSync(strip) });
    for (let at = 0, noise = 7; at < file.length; at += 397) {
      noise = Math.imul(noise, 1103515245) + 12345;
      const bytes = file.slice();
      bytes[at] = noise >>> 24;
      await transform(bytes, "8x,png").catch((error) => assert.match(error.message, /\w/));
    }
  }
});

Deno.test("a TIFF is turned upright once, whoever decodes it", async () => {
  const rgb = (letter: string) =>
    ({ r: [255, 0, 0], g: [0, 255, 0], b: [0, 0, 255], y: [255, 255, 0] })[letter]!;
  const blocks = (rows: readonly string[]) =>
    rows.flatMap((row) =>
      Array(8).fill([...row].flatMap((letter) => Array(8).fill(rgb(letter)).flat())).flat()
    );
  // How "rg/by" is stored under each orientation.
  const stored = ["rg/by", "gr/yb", "yb/gr", "by/rg", "rb/gy", "gy/rb", "yg/br", "br/yg"];
  for (const [index, rows] of stored.entries()) {
    // Signed samples are left to the engine, as is YCbCr, which it would turn itself.
    for (const photometric of [RGB, 6]) {
      const fields = page(16, 16, { bits: [8, 8, 8], photometric });
      const file = tiffFile({
        fields: { ...fields, 274: [index + 1], 530: [1, 1] },
        segments: [photometric === RGB ? blocks(rows.split("/")) : toYcc(blocks(rows.split("/")))],
      });
      const { bytes } = await transform(file, "png");
      const label = `orientation ${index + 1}, photometric ${photometric}`;
      assert.equal(letters(look(bytes), { scale: 8 }).join("/"), "rg/by", label);
    }
  }
});

/** BT.601, full range. */
function toYcc(samples: readonly number[]): number[] {
  const out: number[] = [];
  for (let at = 0; at < samples.length; at += 3) {
    const [r, g, b] = samples.slice(at, at + 3) as [number, number, number];
    const y = 0.299 * r + 0.587 * g + 0.114 * b;
    out.push(y, (b - y) / 1.772 + 128, (r - y) / 1.402 + 128);
  }
  return out.map((value) => Math.max(0, Math.min(255, Math.round(value))));
}

Deno.test("what a TIFF says beside its pixels is kept where it is asked for", async () => {
  const profile = engine.ImageMagick.read(picture(["r"], { scale: 4 }), (image) => {
    image.setProfile("icc", rgbProfile("plain", SRGB));
    return image.write("TIFF", (bytes) => bytes.slice());
  });
  assert.ok(decode(profile));
  assert.equal(readHeader((await transform(profile, "png,icc:keep")).bytes)!.hasProfile, true);
  assert.equal(readHeader((await transform(profile, "png")).bytes)!.hasProfile, false);
});

Deno.test("a page of a TIFF has the size and the orientation of its own", async () => {
  const grey = (width: number, height: number) =>
    page(width, height, { bits: [8], photometric: BLACK_IS_ZERO });
  const first = tiffFile({ fields: grey(6, 4), segments: [Array(24).fill(50)] });
  const second = tiffFile({
    fields: { ...grey(2, 3), 274: [6] },
    segments: [Array(6).fill(200)],
    at: first.length,
  });
  const file = Uint8Array.from([...first, ...second.subarray(first.length)]);
  const view = new DataView(file.buffer);
  // The end of the first directory tells where the next one is.
  const directory = view.getUint32(4, true);
  const end = directory + 2 + 12 * view.getUint16(directory, true);
  view.setUint32(end, new DataView(second.buffer).getUint32(4, true), true);
  for (
    const [options, width, height, level] of [
      ["png", 6, 4, 50],
      ["frame:1,png", 3, 2, 200],
      ["frame:1,1x,png", 1, 1, 200],
    ] as const
  ) {
    const { bytes } = await transform(file, options);
    const seen = look(bytes);
    assert.deepEqual([seen.width, seen.height, seen.frames[0]!.rgba[0]], [width, height, level]);
  }
  await assert.rejects(transform(file, "frame:2"), /has the frames 0 to 1/);
});

Deno.test("a TIFF of more channels than are seen, which is left to the engine, is written as any picture", async () => {
  const pixels = Uint8Array.from({ length: 40 * 40 * 5 }, (_, at) => [255, 0, 0, 9, 7][at % 5]!);
  // Mirrored, as which we read none that is packed.
  const mirrored = Uint8Array.from(
    deflateSync(pixels),
    (byte) => parseInt([...byte.toString(2).padStart(8, "0")].reverse().join(""), 2),
  );
  const fields = {
    ...page(40, 40, { bits: [8, 8, 8, 8, 8], photometric: 2, compression: 8 }),
    [266]: [2],
    [338]: [0, 0],
  };
  const file = tiffFile({ fields, segments: [mirrored] });
  assert.equal(decode(file), undefined);
  for (
    const options of [
      "png",
      "20x,png",
      "blur:1,png",
      "webp,quality:auto",
      "jpeg,quality:auto",
      "gif",
    ]
  ) {
    const { bytes } = await transform(file, options);
    const { frames: [frame] } = look(bytes);
    const [red, green, blue] = frame!.rgba;
    assert.ok(red! > 240 && green! < 15 && blue! < 15, `${options}: ${frame!.rgba.slice(0, 4)}`);
  }
});
