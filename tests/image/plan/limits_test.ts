import assert from "node:assert/strict";
import { ProxyError } from "../../../src/errors.ts";
import { checkFrames, checkHeader } from "../../../src/image/plan/limits.ts";
import { apngFile } from "../../testing/apng_file.ts";
import { readHeader } from "../../../src/image/formats/read_header.ts";
import { box, u16Big, u32Big } from "../../testing/heif_boxes.ts";
import { assertWithin } from "../../testing/quickly.ts";
import { ascii, createSampleImages } from "../../testing/sample_images.ts";

/** What the reading of a header may take, however large the file. */
const QUICK_MS = 50;
const LIMITS = { maxPixels: 50_000_000, maxFrames: 1000, maxTotalPixels: 200_000_000 };
const samples = await createSampleImages();

Deno.test("checkHeader() and checkFrames() let every ordinary picture through", () => {
  for (const { name, bytes } of samples) {
    const header = readHeader(bytes);
    assert.ok(header, name);
    checkHeader(header, LIMITS);
    checkFrames({ header, frames: "all" }, LIMITS);
  }
});

Deno.test("checkHeader() and checkFrames() take each limit as inclusive and quotes both numbers", () => {
  const header = readHeader(sample("gif animated"));
  assert.ok(header);
  const exact = { maxPixels: 851, maxFrames: 5, maxTotalPixels: 4255 };
  const check = (limits: typeof exact) => {
    checkHeader(header, limits);
    checkFrames({ header, frames: "all" }, limits);
  };
  check(exact);
  const rows = [
    [{ maxPixels: 850 }, "The image has 851 pixels (37x23), where 850 is the limit"],
    [{ maxFrames: 4 }, "The image has 5 frames, where 4 is the limit"],
    [
      { maxTotalPixels: 4254 },
      "The image has 4255 pixels in all its frames, where 4254 is the limit",
    ],
  ] as const;
  for (const [limit, message] of rows) {
    assert.throws(
      () => check({ ...exact, ...limit }),
      new ProxyError("too_large", message),
    );
  }
});

const MOVING: readonly (readonly [string, Uint8Array])[] = [
  ["gif animated", sample("gif animated")],
  ["webp animated", sample("webp animated")],
  [
    "PNG",
    apngFile({
      width: 9,
      height: 7,
      still: Array(7).fill("kkkkkkkkk"),
      parts: Array.from("rgby", (letter) => ({ rows: [letter] })),
    }),
  ],
];

for (const [name, bytes] of MOVING) {
  Deno.test(`checkFrames() counts of a ${name} only the frames that are asked for`, () => {
    const header = readHeader(bytes)!;
    const { width, height } = header;
    const canvas = width * height;
    for (const [frames, pixels] of [[0, canvas], [2, 3 * canvas]] as const) {
      const limits = { maxFrames: 1, maxTotalPixels: pixels };
      checkFrames({ header, frames }, limits);
      const where = frames === 0 ? "in all that it is made of" : "down to frame 2";
      assert.throws(
        () => checkFrames({ header, frames }, { ...limits, maxTotalPixels: pixels - 1 }),
        new ProxyError(
          "too_large",
          `The image has ${pixels} pixels ${where}, where ${pixels - 1} is the limit`,
        ),
      );
    }
  });
}

Deno.test("checkFrames() counts all frames of a JPEG XL, whichever is asked for", () => {
  const header = readHeader(sample("jxl animated"))!;
  assert.throws(
    () => checkFrames({ header, frames: 0 }, { maxFrames: 2, maxTotalPixels: 1e6 }),
    new ProxyError("too_large", "The image has 3 frames, where 2 is the limit"),
  );
  assert.throws(() => checkFrames({ header, frames: 0 }, { maxFrames: 3, maxTotalPixels: 2552 }));
  checkFrames({ header, frames: 0 }, { maxFrames: 3, maxTotalPixels: 2553 });
});

Deno.test("checkHeader() takes as many scans as are allowed", () => {
  const header = { ...readHeader(sample("jpeg"))!, scans: 11 };
  checkHeader(header, { ...LIMITS, maxScans: 11 });
  assert.throws(
    () => checkHeader(header, { ...LIMITS, maxScans: 10 }),
    new ProxyError("too_large", "The image comes in 11 scans, where 10 is the limit"),
  );
});

// Each is small as a file and asks the decoder for gigabytes, or for hours.
const BOMBS: Record<string, () => Uint8Array> = {
  "a JPEG of 65,535 squared": () => {
    const jpeg = sample("jpeg").slice();
    const at = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === 0xc0);
    return patch(jpeg, { at: at + 5, bytes: [0xff, 0xff, 0xff, 0xff] });
  },
  "a PNG of 2^31 - 1 squared": () =>
    patch(sample("png"), { at: 16, bytes: [0x7f, 255, 255, 255, 0x7f, 255, 255, 255] }),
  "a PNG of 30,000 squared that deflates to almost nothing": () =>
    patch(sample("png"), { at: 16, bytes: [0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30] }),
  "a GIF of 65,535 squared in frames of one pixel": () =>
    gif({ side: 0xffff, frames: 500, left: 0 }),
  "a GIF of 4,000 squared in 900 frames of one pixel": () =>
    gif({ side: 4000, frames: 900, left: 0 }),
  "a GIF of one pixel whose frame lies at 65,535": () =>
    gif({ side: 1, frames: 4, left: 0xffff, top: 0xffff }),
  "a GIF of 60,000 frames": () => gif({ side: 1, frames: 60_000, left: 0 }),
  "a WebP canvas of 16,384 squared": () => webp({ side: 16_384, frames: 40 }),
  "a WebP of 16,777,216 squared": () => webp({ side: 2 ** 24, frames: 1 }),
  "a WebP whose frame is larger than its canvas": () =>
    webp({ side: 1, frames: 2, frameSide: 16_384 }),
  "an AVIF whose box says 100,000 squared": () => {
    const avif = sample("avif").slice();
    return patch(avif, { at: find(avif, "ispe") + 8, bytes: [0, 1, 134, 160, 0, 1, 134, 160] });
  },
  "an AVIF whose stream says 65,536 squared": () => {
    // Behind mdat: a temporal delimiter of two bytes, then the sequence header's type and length.
    const at = find(sample("avif"), "mdat") + 8;
    const reducedHeader = [0x18, 0x3f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    return patch(sample("avif"), { at, bytes: reducedHeader });
  },
  "an AVIF grid of 60,000 squared": () => grid({ side: 60_000, tiles: 1, tileSide: 64 }),
  "an AVIF grid that refers 3,000 times to a tile of 6,000 squared": () =>
    grid({ side: 64, tiles: 3000, tileSide: 6000 }),
  "a JPEG XL of 2^30 squared": () =>
    bits([[0x0aff, 16], [0, 1], [3, 2], [2 ** 30 - 1, 30], [1, 3], [1, 1]]),
  "a TIFF of 2^32 - 1 squared": () => tiff([[256, 2 ** 32 - 1], [257, 2 ** 32 - 1]]),
  "a TIFF of one pixel in a tile of 2^31 squared": () =>
    tiff([[256, 1], [257, 1], [322, 2 ** 31], [323, 2 ** 31]]),
  "a TIFF of 20,000 squared in one strip of ten bytes": () =>
    tiff([[256, 20_000], [257, 20_000], [278, 2 ** 32 - 1], [279, 10]]),
  "a TIFF of 1,200 pages on one picture": () => tiff([[256, 500], [257, 500]], { pages: 1200 }),
  "a TIFF of 7,000 squared with 64 samples to the pixel": () =>
    tiff([[256, 7000], [257, 7000], [277, 64]]),
  "a BMP of 2^31 - 1 squared": () =>
    patch(sample("bmp 3"), { at: 18, bytes: [255, 255, 255, 0x7f, 255, 255, 255, 0x7f] }),
  "an RLE-packed BMP of 60,000 squared, from the top": () =>
    patch(sample("bmp 3"), {
      at: 18,
      bytes: [0x60, 0xea, 0, 0, 0xa0, 0x15, 255, 255, 1, 0, 8, 0, 1, 0, 0, 0],
    }),
  "an ICO with a PNG of 2^31 - 1 squared inside": () => {
    const ico = sample("ico with a png").slice();
    return patch(ico, {
      at: find(ico, "IHDR") + 4,
      bytes: [0x7f, 255, 255, 255, 0x7f, 255, 255, 255],
    });
  },
};

for (const [name, build] of Object.entries(BOMBS)) {
  Deno.test(`readHeader() and its checks refuse ${name} at once`, async () => {
    const bytes = build();
    const grown = Array.from({ length: 5 }, () => {
      const before = Deno.memoryUsage();
      assert.throws(() => refuse(bytes), { code: "too_large" });
      const after = Deno.memoryUsage();
      return after.heapUsed + after.external - before.heapUsed - before.external;
    });
    // A picture's memory is taken each time; what the runtime takes for itself is not.
    assert.ok(Math.min(...grown) < 8e6, `${grown} bytes`);
    await assertWithin(QUICK_MS, () => assert.throws(() => refuse(bytes), ProxyError));
  });
}

/** As one that asks for all that the file holds. */
function refuse(bytes: Uint8Array): void {
  const header = readHeader(bytes);
  assert.ok(header);
  checkHeader(header, LIMITS);
  checkFrames({ header, frames: "all" }, LIMITS);
}

const MEGABYTES = 100;
/** Files of 100 MB that are made of nothing but the smallest parts that their format knows. */
const ENDLESS: Record<string, () => Uint8Array> = {
  "JPEG segments": () => filled("\xff\xd8\xff", "\xff\xe0\0\x02"),
  "JPEG fill bytes": () => filled("\xff\xd8\xff", "\xff"),
  "JPEG garbage": () => filled("\xff\xd8\xff", "\0"),
  "JPEG stuffed zeros": () => filled("\xff\xd8\xff", "\xff\0"),
  "PNG chunks": () => repeated(sample("png").subarray(0, 33), "\0\0\0\0IDAT\0\0\0\0"),
  "GIF sub-blocks": () => filled("GIF89a\x01\0\x01\0\0\0\0!\xfe", "\x01\x01"),
  "GIF frames": () => filled("GIF89a\x01\0\x01\0\0\0\0", ",\0\0\0\0\x01\0\x01\0\0\x02\0"),
  "GIF zeros": () => filled("GIF89a\x01\0\x01\0\0\0\0", "\0"),
  "WebP chunks": () => filled("RIFF\0\0\0\0WEBP", "ANMF\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
  "WebP empty chunks": () => filled("RIFF\0\0\0\0WEBP", "ABCD\0\0\0\0"),
  "HEIF boxes": () => filled("\0\0\0\x10ftypavif\0\0\0\0", "\0\0\0\x08free"),
  "JPEG XL boxes": () => filled("\0\0\0\x0cJXL \r\n\x87\n", "\0\0\0\x0cjxlp\0\0\0\0"),
  "TIFF entries": () => filled("II*\0\x08\0\0\0\xff\xff", "\0\x01\x04\0\x01\0\0\0\x01\0\0\0"),
  "BMP signatures": () =>
    filled("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x08\0\x01\0\0\0", "B"),
  "ICO entries": () =>
    filled("\0\0\x01\0\xff\xff", "\x01\x01\0\0\x01\0\x20\0\x28\0\0\0\xf6\xff\x0f\0"),
  "SVG comments": () => filled("<!---->", "<!---->"),
  "whitespace": () => filled(" ", " "),
};

for (const [name, build] of Object.entries(ENDLESS)) {
  Deno.test(`readHeader() takes no time over ${MEGABYTES} MB of ${name}`, async () => {
    const bytes = build();
    await assertWithin(QUICK_MS, () => {
      try {
        readHeader(bytes);
      } catch (error) {
        assert.ok(error instanceof ProxyError);
      }
    });
  });
}

function sample(name: string): Uint8Array {
  const found = samples.find((entry) => entry.name === name);
  assert.ok(found, name);
  return found.bytes;
}

function patch(
  file: Uint8Array,
  { at, bytes }: { at: number; bytes: readonly number[] },
): Uint8Array {
  const copy = file.slice();
  copy.set(bytes, at);
  return copy;
}

function find(file: Uint8Array, text: string): number {
  const at = new TextDecoder("latin1").decode(file).indexOf(text);
  assert.notEqual(at, -1);
  return at;
}

function filled(head: string, part: string): Uint8Array {
  return repeated(new Uint8Array(ascii(head)), part);
}

function repeated(head: Uint8Array, part: string): Uint8Array {
  const file = new Uint8Array(MEGABYTES * 1e6);
  const unit = new Uint8Array(ascii(part));
  file.set(unit, head.length);
  for (let size = unit.length; head.length + size < file.length; size *= 2) {
    file.copyWithin(head.length + size, head.length, head.length + size);
  }
  file.set(head);
  return file;
}

function u16(value: number): number[] {
  return [value & 255, value >>> 8 & 255];
}
function u24(value: number): number[] {
  return [...u16(value), value >>> 16 & 255];
}
function u32(value: number): number[] {
  return [...u16(value), ...u16(value >>> 16)];
}
function gif(
  { side, frames, left, top = 0 }: { side: number; frames: number; left: number; top?: number },
): Uint8Array {
  const frame = [0x2c, ...u16(left), ...u16(top), ...u16(1), ...u16(1), 0, 2, 2, 0x44, 1, 0];
  const head = [...ascii("GIF89a"), ...u16(side), ...u16(side), 0, 0, 0];
  const file = new Uint8Array(head.length + frame.length * frames + 1).fill(0x3b);
  file.set(head);
  for (let i = 0; i < frames; i++) file.set(frame, head.length + i * frame.length);
  return file;
}

function webp(
  { side, frames, frameSide = 1 }: { side: number; frames: number; frameSide?: number },
): Uint8Array {
  const bits = frameSide - 1 | frameSide - 1 << 14;
  const picture = [...ascii("VP8L"), ...u32(6), 0x2f, ...u32(bits), 0];
  const frame = [
    ...ascii("ANMF"),
    ...u32(16 + picture.length),
    ...[...u24(0), ...u24(0), ...u24(0), ...u24(0), ...u24(100), 0],
    ...picture,
  ];
  const canvas = [2, 0, 0, 0, ...u24(side - 1), ...u24(side - 1)];
  return new Uint8Array([
    ...[...ascii("RIFF"), ...u32(0), ...ascii("WEBPVP8X"), ...u32(10), ...canvas],
    ...Array.from({ length: frames }, () => frame).flat(),
  ]);
}

/** An AVIF of one grid whose tiles are all the same hidden picture. */
function grid(
  { side, tiles, tileSide }: { side: number; tiles: number; tileSide: number },
): Uint8Array {
  const payload = [0, 1, 0, 0, ...u32Big(side), ...u32Big(side)];
  const none = [0, 0, 0, 0];
  const meta = box(
    "meta",
    none,
    box("hdlr", none, none, ascii("pict"), none, none, none, [0]),
    box("pitm", none, u16Big(1)),
    box("iinf", none, u16Big(2), item(1, "grid", 0), item(2, "av01", 1)),
    box(
      "iloc",
      [1, 0, 0, 0],
      [0x44, 0],
      u16Big(1),
      [0, 1, 0, 1, 0, 0, 0, 1],
      u32Big(0),
      u32Big(12),
    ),
    box("idat", payload),
    box("iref", none, box("dimg", u16Big(1), u16Big(tiles), Array(tiles).fill([0, 2]).flat())),
    box(
      "iprp",
      box("ipco", size(side > 1000 ? 64 : side), size(tileSide)),
      box("ipma", none, u32Big(2), [0, 1, 1, 1, 0, 2, 1, 2]),
    ),
  );
  return new Uint8Array([...box("ftyp", ascii("avif"), none, ascii("avifmif1")), ...meta]);

  function item(id: number, type: string, hidden: number): number[] {
    return box("infe", [2, 0, 0, hidden], u16Big(id), [0, 0], ascii(type), [0]);
  }
  function size(length: number): number[] {
    return box("ispe", none, u32Big(length), u32Big(length));
  }
}

function tiff(entries: [tag: number, value: number][], { pages = 1 } = {}): Uint8Array {
  const length = 2 + entries.length * 12 + 4;
  const file = [...ascii("II*\0"), ...u32(8)];
  for (let page = 1; page <= pages; page++) {
    file.push(...u16(entries.length));
    for (const [tag, value] of entries) {
      file.push(...u16(tag), ...u16(4), ...u32(1), ...u32(value));
    }
    file.push(...u32(page === pages ? 0 : 8 + page * length));
  }
  return new Uint8Array(file);
}

/** Fields of so many bits each, the lowest first. */
function bits(fields: [value: number, count: number][]): Uint8Array {
  const all = fields.flatMap(([value, count]) =>
    Array.from({ length: count }, (_, i) => Math.floor(value / 2 ** i) % 2)
  );
  const file = new Uint8Array(Math.ceil(all.length / 8) + 4).fill(0);
  all.forEach((bit, i) => file[i >> 3] = (file[i >> 3] ?? 0) | bit << (i & 7));
  return file;
}
