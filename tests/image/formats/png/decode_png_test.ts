import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { ProxyError } from "../../../../src/errors.ts";
import { writeChunks } from "../../../../src/image/formats/png/chunks.ts";
import { createPngDecoder } from "../../../../src/image/formats/png/decode_png.ts";
import { readPngFile } from "../../../../src/image/formats/png/png_file.ts";
import { photo, psnr, readByEngine, writeByEngine } from "../../../testing/photo.ts";
import { look, startEngine } from "../../../testing/pictures.ts";
import { pngChunk, pngFile, pngRow } from "../../../testing/png_file.ts";

await startEngine();
const { decode, openRows } = createPngDecoder();

function pixelsOf(bytes: Uint8Array) {
  const { pixels, isPartial } = decode(bytes);
  assert.ok(!isPartial);
  return pixels;
}

Deno.test("decode() sees what the engine sees, under every filter", () => {
  for (const channels of [1, 2, 3, 4] as const) {
    const picture = photo(61, 43, { channels });
    for (const filter of [0, 1, 2, 3, 4]) {
      const bytes = writeByEngine(picture, "PNG", {
        defines: { "png:compression-filter": `${filter}` },
      });
      assert.equal(psnr(pixelsOf(bytes), readByEngine(bytes, "PNG")), Infinity);
    }
  }
});

Deno.test("decode() sees what the engine sees in every kind of file", () => {
  const kinds = [["PNG8", 3], ["PNG8", 4], ["PNG24", 3], ["PNG32", 4], ["PNG48", 3], [
    "PNG64",
    4,
  ]] as const;
  for (const [name, made] of kinds) {
    const bytes = writeByEngine(photo(37, 23, { channels: made }), name);
    const { data, width, height, channels, hasAlpha } = pixelsOf(bytes);
    const seen = look(bytes);
    assert.deepEqual([width, height], [seen.width, seen.height], name);
    const { rgba } = seen.frames[0]!;
    for (let pixel = 0; pixel < width * height; pixel++) {
      const own = [...data.subarray(pixel * channels, (pixel + 1) * channels)];
      const alpha = hasAlpha ? own.pop()! : 255;
      const [red, green = red, blue = red] = own;
      const [r, g, b, a] = rgba.subarray(pixel * 4, pixel * 4 + 4);
      assert.ok(Math.abs(a! - alpha) <= 1, `${name}: alpha ${alpha} at ${pixel}, not ${a}`);
      if (a === 0) continue;
      const far = Math.max(Math.abs(red! - r!), Math.abs(green! - g!), Math.abs(blue! - b!));
      assert.ok(far <= 1, `${name}: ${own} at ${pixel}, not ${[r, g, b]}`);
    }
  }
});

Deno.test("openRows() gives the rows that decode() shows, however many at a time", () => {
  const names = ["PNG8", "PNG24", "PNG32", "PNG48", "PNG64"] as const;
  for (const name of names) {
    for (const channels of [1, 2, 3, 4] as const) {
      const bytes = writeByEngine(photo(200, 180, { channels }), name);
      const whole = pixelsOf(bytes);
      const stride = whole.width * whole.channels;
      for (const atOnce of [1, 7, 41, 180]) {
        const { pixels, areMissing } = openRows(readPngFile(bytes));
        assert.deepEqual([pixels.channels, pixels.hasAlpha], [whole.channels, whole.hasAlpha]);
        const data = new Uint8Array(whole.data.length);
        for (let y = 0; y < 180; y += atOnce) {
          pixels.take(Math.min(atOnce, 180 - y), data, y * stride);
        }
        assert.deepEqual(data, whole.data, `${name} of ${channels} channels, ${atOnce} at once`);
        assert.ok(!areMissing());
      }
    }
  }
});

Deno.test("openRows() tells which rows a file has not", () => {
  const bytes = writeByEngine(photo(61, 43, { channels: 3, grain: 255 }), "PNG24");
  const { pixels, areMissing } = openRows(readPngFile(bytes.subarray(0, bytes.length / 2)));
  const out = new Uint8Array(61 * 43 * 3);
  pixels.take(15, out, 0);
  assert.ok(!areMissing());
  assert.deepEqual(out.subarray(0, 61 * 15 * 3), pixelsOf(bytes).data.subarray(0, 61 * 15 * 3));
  assert.throws(() => pixels.take(28, out, 0), RangeError);
  assert.ok(areMissing());
});

Deno.test("decode() shows every pass of an interlaced file, however small", () => {
  for (const [width, height] of [[1, 1], [2, 3], [5, 1], [1, 9], [8, 8], [33, 21]] as const) {
    const picture = photo(width, height, { grain: 255 });
    const bytes = writeByEngine(picture, "PNG24", { defines: { interlace: "Plane" } });
    assert.equal(bytes[28], 1);
    assert.equal(psnr(pixelsOf(bytes), readByEngine(bytes, "PNG24")), Infinity);
  }
});

// colour type, bits, bytes of a row, extra chunks, the pixels that they mean
const SAMPLES = [
  [0, 1, [0b1010_0000], [], [255, 0, 255, 0]],
  [0, 2, [0b00_01_10_11], [], [0, 85, 170, 255]],
  [0, 4, [0x0f, 0x37], [], [0, 255, 51, 119]],
  [0, 16, [0, 0, 0x80, 0x80, 0xff, 0xff, 0x12, 0xff], [], [0, 128, 255, 19]],
  [0, 1, [0b1010_0000], [pngChunk("tRNS", 0, 1)], [255, 0, 0, 255, 255, 0, 0, 255]],
  // Only as many bits count as a sample has.
  [0, 4, [0x0f, 0x37], [pngChunk("tRNS", 0xff, 0xf3)], [0, 255, 255, 255, 51, 0, 119, 255]],
  [0, 8, [1, 2, 3, 4], [pngChunk("tRNS", 0, 3)], [1, 255, 2, 255, 3, 0, 4, 255]],
  [0, 16, [0x12, 0x34, 0x12, 0x35, 0, 0, 0, 0], [pngChunk("tRNS", 0x12, 0x34)], [
    18,
    0,
    18,
    255,
    0,
    255,
    0,
    255,
  ]],
  [2, 8, [1, 2, 3, 1, 2, 4, 0, 0, 0, 9, 9, 9], [pngChunk("tRNS", 0, 1, 0, 2, 0, 4)], [
    ...[1, 2, 3, 255, 1, 2, 4, 0],
    ...[0, 0, 0, 255, 9, 9, 9, 255],
  ]],
  [3, 2, [0b00_01_10_11], [
    pngChunk("PLTE", 1, 2, 3, 4, 5, 6, 7, 8, 9),
    pngChunk("tRNS", 0, 128),
  ], [1, 2, 3, 0, 4, 5, 6, 128, 7, 8, 9, 255, 7, 8, 9, 255]],
  [4, 8, [1, 2, 3, 4, 5, 6, 7, 8], [], [1, 2, 3, 4, 5, 6, 7, 8]],
  [4, 16, [1, 0, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], [], [1, 255, 1, 0, 0, 0, 0, 0]],
] as const;

for (const [colourType, bitDepth, row, chunks, expected] of SAMPLES) {
  const key = chunks.some(({ type }) => type === "tRNS") ? " and a transparent colour" : "";
  Deno.test(`decode() reads ${bitDepth} bits of the colour type ${colourType}${key}`, () => {
    const { data } = pixelsOf(pngRow(row, { width: 4, colourType, bitDepth, chunks }));
    assert.deepEqual([...data], [...expected]);
  });
}

const WIDTH = 40, HEIGHT = 30;

function alphasOf({ data, channels }: { data: Uint8Array; channels: number }): number[] {
  return Array.from({ length: WIDTH * HEIGHT }, (_, pixel) => data[(pixel + 1) * channels - 1]!);
}

Deno.test("decode() shows what is there of a file cut anywhere behind the start of its pixels", () => {
  for (const channels of [1, 2, 3, 4] as const) {
    const picture = photo(WIDTH, HEIGHT, { channels, grain: 200 });
    if (picture.hasAlpha) {
      for (let at = channels - 1; at < picture.data.length; at += channels) {
        picture.data[at] = 255;
      }
    }
    const bytes = pngFile({
      ...picture,
      colourType: { 1: 0, 2: 4, 3: 2, 4: 6 }[channels],
      rows: filtered(picture.data, WIDTH * channels),
    });
    const start = bytes.findIndex((_, at) =>
      String.fromCharCode(...bytes.subarray(at, at + 4)) === "IDAT"
    ) + 4;
    let before = -1;
    for (
      let missing = bytes.length - start;
      missing > 0;
      missing -= Math.min(37, missing - 1) || 1
    ) {
      const length = bytes.length - missing;
      const { pixels, isPartial } = decode(bytes.subarray(0, length));
      assert.ok(isPartial);
      const colours = channels < 3 ? 1 : 3;
      const wanted = coloursOf(picture, colours);
      const rows = rowsShown(pixels, { wanted, colours });
      assert.ok(rows >= before, `${rows} rows of ${length} bytes, ${before} of fewer`);
      before = rows;
    }
    assert.equal(before, HEIGHT);
  }
});

Deno.test("decode() shows an interlaced file that is cut in blocks", () => {
  const picture = photo(64, 64, { grain: 200 });
  const bytes = writeByEngine(picture, "PNG24", { defines: { interlace: "Plane" } });
  const { pixels, isPartial } = decode(bytes.subarray(0, bytes.length / 2));
  assert.ok(isPartial && pixels.hasAlpha);
  assert.ok(alphasOf(pixels).every((alpha) => alpha === 255), "every block is filled");
  // Each pixel is that of the block's corner, or its own.
  for (const [x, y] of [[0, 0], [8, 16], [40, 56]] as const) {
    const own = [...picture.data.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3)];
    assert.deepEqual([...pixels.data.subarray((y * 64 + x) * 4, (y * 64 + x) * 4 + 3)], own);
  }
});

Deno.test("decode() says that a file may be wrong whose checksums disagree, and shows it", () => {
  const bytes = pngRow([1, 2, 3, 4, 5, 6], { width: 2 });
  for (const [name, at] of [["IDAT", -13], ["IHDR", 29], ["IEND", -1]] as const) {
    const damaged = bytes.slice();
    const index = at < 0 ? bytes.length + at : at;
    damaged[index] = damaged[index]! ^ 0xff;
    const { pixels, isPartial } = decode(damaged);
    assert.ok(isPartial, name);
    assert.deepEqual([...pixels.data], [1, 2, 3, 4, 5, 6], name);
  }
  assert.ok((decode(bytes.subarray(0, -12))).isPartial, "without IEND");
});

Deno.test("decode() shows what comes before damage", () => {
  const picture = photo(WIDTH, HEIGHT, { grain: 200 });
  const rows = filtered(picture.data, WIDTH * 3);
  const stream = deflateSync(rows);
  const wanted = coloursOf(picture, 3);
  const broken = stream.slice();
  broken.fill(0xff, stream.length / 2, stream.length / 2 + 200);
  const strange = rows.slice();
  strange[10 * (WIDTH * 3 + 1)] = 9;
  for (
    const [name, data, count] of [
      [
        "a stream that ends too early",
        deflateSync(rows.subarray(0, 12 * (WIDTH * 3 + 1) + 5)),
        12,
      ],
      ["a filter that does not exist", deflateSync(strange), 10],
    ] as const
  ) {
    const { pixels, isPartial } = decode(withPixels(data));
    assert.ok(isPartial, name);
    assert.equal(rowsShown(pixels, { wanted, colours: 3 }), count, name);
  }
  // What is made of the damage itself is anybody's guess.
  const { pixels, isPartial } = decode(withPixels(broken));
  assert.ok(isPartial);
  const there = pixels.data.subarray(0, 8 * WIDTH * 4).filter((_, at) => at % 4 < 3);
  assert.deepEqual(there, wanted.subarray(0, there.length));
  assert.equal(pixels.data.at(-1), 0);
});

Deno.test("decode() asks neither for the stream's checksum nor for what follows the pixels", () => {
  const picture = photo(WIDTH, HEIGHT);
  const rows = filtered(picture.data, WIDTH * 3);
  const stream = deflateSync(rows);
  stream.fill(0, stream.length - 4);
  const twice = deflateSync(new Uint8Array([...rows, ...rows]));
  for (const data of [stream, twice]) {
    assert.deepEqual([...(pixelsOf(withPixels(data))).data], [...picture.data]);
  }
});

Deno.test("decode() inflates no more than the pixels", () => {
  const bomb = deflateSync(new Uint8Array(300e6));
  assert.ok(bomb.length < 400_000);
  const grown = Array.from({ length: 3 }, () => {
    const before = Deno.memoryUsage().external;
    decode(withPixels(bomb));
    return Deno.memoryUsage().external - before;
  });
  assert.ok(Math.min(...grown) < 50e6, `${grown} bytes`);
});

Deno.test("decode() refuses what has no pixels at all", () => {
  const stream = deflateSync(Uint8Array.of(0, 0, 0, 0));
  for (
    const bytes of [
      withPixels(new Uint8Array()),
      withPixels(new TextEncoder().encode("no zlib at all")),
      withPixels(stream, { colourType: 3 }),
      withPixels(stream, { bitDepth: 16, colourType: 3 }),
      withPixels(stream, { bitDepth: 4 }),
      withPixels(stream, { method: 1 }),
    ]
  ) {
    assert.throws(
      () => decode(bytes),
      (error) => error instanceof ProxyError && error.code === "undecodable",
    );
  }
});

/** The rows behind the filter 0 each. */
function filtered(data: Uint8Array, rowBytes: number): Uint8Array {
  const rows = new Uint8Array(data.length / rowBytes * (rowBytes + 1));
  for (let y = 0; y < data.length / rowBytes; y++) {
    rows.set(data.subarray(y * rowBytes, (y + 1) * rowBytes), y * (rowBytes + 1) + 1);
  }
  return rows;
}

function withPixels(
  data: Uint8Array,
  { bitDepth = 8, colourType = 2, method = 0 } = {},
): Uint8Array<ArrayBuffer> {
  const header = [0, 0, 0, WIDTH, 0, 0, 0, HEIGHT, bitDepth, colourType, method, 0, 0];
  return writeChunks([pngChunk("IHDR", ...header), { type: "IDAT", data }]);
}

/** Without alpha. */
function coloursOf({ data, channels }: { data: Uint8Array; channels: number }, colours: number) {
  return data.filter((_, at) => at % channels < colours);
}

/** How many rows are whole and right; all others must be transparent. */
function rowsShown(
  { data, channels, hasAlpha }: { data: Uint8Array; channels: number; hasAlpha: boolean },
  { wanted, colours }: { wanted: Uint8Array; colours: number },
): number {
  let rows = 0;
  for (let y = 0; y < HEIGHT; y++) {
    const row = data.subarray(y * WIDTH * channels, (y + 1) * WIDTH * channels);
    const isThere = row.every((value, at) =>
      at % channels >= colours
        ? value === 255
        : value === wanted[(y * WIDTH + Math.floor(at / channels)) * colours + at % channels]
    );
    if (isThere && rows === y) rows++;
    else assert.ok(hasAlpha && row.every((value) => value === 0), `row ${y}`);
  }
  return rows;
}
