import assert from "node:assert/strict";
import { ImageMagick, MagickReadSettings } from "@imagemagick/magick-wasm";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { copyrightOf, trueExif } from "../../../../src/image/formats/coding/metadata.ts";
import { ADOBE_RGB } from "../../../testing/colours.ts";
import { letters, look, picture, startEngine } from "../../../testing/pictures.ts";
import { pngChunk, pngRow, profileChunk } from "../../../testing/png_file.ts";
import { ascii } from "../../../testing/sample_images.ts";
import { transform } from "../../../testing/transforming.ts";

await startEngine();

const ARTIST = "Ada Lovelace\0", COPYRIGHT = "(c) 1843\0";

/** EXIF with an orientation of 6, an artist, a copyright, and a GPS directory. */
function exif(): Uint8Array {
  const texts = [...ascii(ARTIST), 0, ...ascii(COPYRIGHT)];
  const directory = 2 + 4 * 12 + 4, free = 8 + directory;
  const entry = (tag: number, type: number, count: number, value: readonly number[]) => [
    ...[tag >> 8, tag & 255, 0, type, 0, 0, 0, count],
    ...value,
  ];
  return new Uint8Array([
    ...ascii("Exif\0\0"),
    ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 4],
    ...entry(0x0112, 3, 1, [0, 6, 0, 0]),
    ...entry(0x013b, 2, ARTIST.length, [0, 0, 0, free]),
    ...entry(0x8298, 2, COPYRIGHT.length, [0, 0, 0, free + ARTIST.length + 1]),
    ...entry(0x8825, 4, 1, [0, 0, 0, free]),
    ...[0, 0, 0, 0],
    ...texts,
  ]);
}

function tagged(): Uint8Array {
  const jpeg = picture(["rg", "by"], { scale: 16, format: "JPEG" });
  const block = exif();
  return Uint8Array.of(
    ...[0xff, 0xd8, 0xff, 0xe1, 0, block.length + 2],
    ...block,
    ...jpeg.subarray(2),
  );
}

const HOLDERS = ["jpeg", "png", "webp", "avif", "jxl"] as const;

/** The value of the tag 0x0112, one number of 16 bits, wherever it is in the file. */
function orientationIn(bytes: Uint8Array): number | undefined {
  const big = [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0], little = [0x12, 0x01, 3, 0, 1, 0, 0, 0];
  for (let at = 0; at < bytes.length; at++) {
    for (const entry of [big, little]) {
      if (entry.every((byte, index) => bytes[at + index] === byte)) return bytes[at + entry.length];
    }
  }
  return undefined;
}

function profileOf(bytes: Uint8Array): string {
  return ImageMagick.read(
    bytes,
    new MagickReadSettings(),
    (image) => new TextDecoder("latin1").decode(image.getProfile("exif")?.data),
  );
}

Deno.test("metadata is dropped unless asked for, after the picture was made upright by it", async () => {
  for (const format of [...HOLDERS, "gif", "tiff"] as const) {
    const { bytes } = await transform(tagged(), format);
    const text = new TextDecoder("latin1").decode(bytes);
    assert.ok(!text.includes("Lovelace") && !text.includes("1843"), format);
    assert.equal(readHeader(bytes)!.orientation, 1, format);
    if (format === "png") assert.deepEqual(letters(look(bytes), { scale: 16 }), ["br", "yg"]);
  }
});

Deno.test("meta:keep keeps what was said but never turns the picture twice", async () => {
  for (const format of HOLDERS) {
    const { bytes } = await transform(tagged(), `meta:keep,${format}`);
    assert.match(profileOf(bytes), /Lovelace.*1843/s, format);
    assert.equal(readHeader(bytes)!.orientation, 1, format);
    // In the file as it is, and not only as somebody reads it.
    assert.equal(orientationIn(bytes), 1, format);
  }
});

Deno.test("meta:keep keeps what a PNG says in a PNG", async () => {
  const xmp = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><d tiff:Orientation="6"/></x:xmpmeta>`;
  const iptc = [...ascii("8BIM"), 4, 4, 0, 0, 0, 0, 0, 8, 0x1c, 2, 5, 0, 3, ...ascii("sky")];
  const digits = iptc.map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const file = pngRow([1, 2, 3], {
    width: 1,
    chunks: [
      { type: "eXIf", data: exif().subarray(6) },
      pngChunk("iTXt", ...ascii(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`)),
      pngChunk(
        "tEXt",
        ...ascii(`Raw profile type iptc\0\niptc\n      ${iptc.length}\n${digits}\n`),
      ),
      pngChunk("tEXt", ...ascii("Comment\0nobody asked for this")),
    ],
  });
  for (const options of ["meta:keep,png", "meta:keep,png,progressive"]) {
    const { bytes } = await transform(file, options);
    const text = new TextDecoder("latin1").decode(bytes);
    assert.match(text, /eXIf.*Lovelace/s);
    assert.ok(text.includes(xmp.replace("6", "1")) && !text.includes("nobody"));
    const kept = ImageMagick.read(
      bytes,
      new MagickReadSettings(),
      (image) => new TextDecoder("latin1").decode(image.getProfile("iptc")?.data),
    );
    assert.match(kept, /sky/);
  }
  const dropped = new TextDecoder("latin1").decode((await transform(file, "png")).bytes);
  assert.doesNotMatch(dropped, /eXIf|iTXt|zTXt|tEXt/);
});

Deno.test("meta:copyright keeps the artist and the copyright alone", async () => {
  for (const format of HOLDERS) {
    const { bytes } = await transform(tagged(), `meta:copyright,${format}`);
    assert.match(profileOf(bytes), /Lovelace.*1843/s, format);
    assert.ok(profileOf(bytes).length < exif().length, format);
    assert.equal(readHeader(bytes)!.orientation, 1, format);
  }
});

const THUMBNAIL = "A small picture of all that has been cropped";

/** EXIF of a camera: turned, 4000 by 3000 pixels of Adobe RGB, with a thumbnail. */
function cameraExif(): Uint8Array<ArrayBuffer> {
  const directories:
    readonly (readonly [at: number, entries: readonly number[][], next: number])[] = [
      [8, [[0x0100, 4, 1, 4000], [0x0112, 3, 1, 6], [0x8769, 4, 1, 100]], 200],
      [100, [[0xa001, 3, 1, 0xffff], [0xa002, 3, 1, 4000], [0xa003, 4, 1, 3000], [
        0xa005,
        4,
        1,
        160,
      ]], 0],
      [160, [[0x0001, 2, 4, 0x00333052]], 0],
      [200, [[0x0112, 3, 1, 6], [0x0201, 4, 1, 250], [0x0202, 4, 1, THUMBNAIL.length]], 0],
    ];
  const block = new Uint8Array(250 + THUMBNAIL.length);
  const view = new DataView(block.buffer);
  block.set([0x49, 0x49, 42, 0, 8]);
  for (const [start, entries, next] of directories) {
    view.setUint16(start, entries.length, true);
    for (const [index, [tag, type, count, value]] of entries.entries()) {
      const at = start + 2 + 12 * index;
      view.setUint16(at, tag!, true);
      view.setUint16(at + 2, type!, true);
      view.setUint32(at + 4, count!, true);
      view.setUint32(at + 8, value!, true);
    }
    view.setUint32(start + 2 + 12 * entries.length, next, true);
  }
  block.set(ascii(THUMBNAIL), 250);
  return block;
}

/** What a file says in EXIF: its numbers, and the name of how it is exchanged. */
function saidIn(bytes: Uint8Array): Record<string, number> {
  const exif = ImageMagick.read(
    bytes,
    new MagickReadSettings(),
    (image) => image.getProfile("exif")!.data.slice(),
  );
  const start = String.fromCharCode(...exif.subarray(0, 4)) === "Exif" ? 6 : 0;
  const view = new DataView(exif.buffer, start);
  const said: Record<string, number> = {};
  // What is written in place keeps its places.
  for (const at of [8, 100, 160]) {
    for (let index = 0; index < view.getUint16(at, true); index++) {
      const entry = at + 2 + 12 * index;
      const isShort = view.getUint16(entry + 2, true) === 3;
      said[view.getUint16(entry, true)] = isShort
        ? view.getUint16(entry + 8, true)
        : view.getUint32(entry + 8, true);
    }
  }
  const next = view.getUint32(8 + 2 + 12 * view.getUint16(8, true), true);
  return { ...said, next };
}

/** The block and a profile in a JPEG of 32 by 32 pixels. */
function fromCamera(profile?: Uint8Array): Uint8Array {
  const jpeg = picture(["rg", "by"], { scale: 16, format: "JPEG" });
  const segment = (marker: number, name: string, data: Uint8Array) => [
    ...[0xff, marker, (data.length + name.length + 2) >> 8, (data.length + name.length + 2) & 255],
    ...ascii(name),
    ...data,
  ];
  return Uint8Array.of(
    ...[0xff, 0xd8],
    ...segment(0xe1, "Exif\0\0", cameraExif()),
    ...profile ? segment(0xe2, "ICC_PROFILE\0\x01\x01", profile) : [],
    ...jpeg.subarray(2),
  );
}

const TRUTH = { width: 8, height: 4, isSrgb: true };

for (const format of HOLDERS) {
  Deno.test(`what ${format} keeps with meta:keep is true of the result`, async () => {
    const { bytes } = await transform(fromCamera(ADOBE_RGB), `meta:keep,cx16,8x,${format}`);
    const { width, height } = readHeader(bytes)!;
    const said = saidIn(bytes);
    assert.deepEqual([said[0x0100], said[0xa002], said[0xa003]], [width, width, height]);
    assert.deepEqual([said[0x0112], said[0xa001], said[0x0001]], [1, 1, 0x00383952]);
    assert.equal(said.next, 0);
    assert.ok(!new TextDecoder("latin1").decode(bytes).includes(THUMBNAIL));
  });
}

for (const format of ["jpeg", "png", "webp", "avif"] as const) {
  Deno.test(`${format} says with icc:keep that a profile tells of its colours`, async () => {
    const { bytes } = await transform(fromCamera(ADOBE_RGB), `meta:keep,icc:keep,${format}`);
    const { hasProfile } = readHeader(bytes)!;
    const said = saidIn(bytes);
    assert.deepEqual([hasProfile, said[0x0112], said[0xa001], said[0x0001]], [
      true,
      1,
      0xffff,
      0x00333052,
    ]);
  });
}

Deno.test("meta:keep keeps of XMP what is true of the result", async () => {
  const xmp =
    `<x:xmpmeta xmlns:x="adobe:ns:meta/"><d tiff:Orientation="6" exif:ColorSpace="65535" ` +
    `exif:PixelXDimension="4000" photoshop:ICCProfile="Adobe RGB (1998)" hdrgm:Version="1.0">` +
    `<tiff:ImageLength>3000</tiff:ImageLength><dc:rights>Ada</dc:rights></d></x:xmpmeta>`;
  const file = pngRow([1, 2, 3, 4, 5, 6], {
    width: 2,
    chunks: [
      profileChunk(ADOBE_RGB),
      pngChunk("iTXt", ...ascii(`XML:com.adobe.xmp\0\0\0\0\0${xmp}`)),
    ],
  });
  const textOf = async (options: string) =>
    new TextDecoder("latin1").decode((await transform(file, options)).bytes);
  const kept = await textOf("meta:keep,png");
  const inSrgb = `<d tiff:Orientation="1" exif:ColorSpace="1" exif:PixelXDimension="2">` +
    `<tiff:ImageLength>1</tiff:ImageLength><dc:rights>Ada</dc:rights></d>`;
  assert.ok(kept.includes(inSrgb), kept);
  const withProfile = await textOf("meta:keep,icc:keep,png");
  assert.match(
    withProfile,
    /ColorSpace="65535" exif:PixelXDimension="2" photoshop:ICCProfile="Adobe/,
  );
});

Deno.test("copyrightOf() and trueExif() drop what they cannot read", () => {
  assert.equal(copyrightOf(new Uint8Array(3)), undefined);
  const nonsense = Uint8Array.from(ascii("Exif\0\0nonsense that is long"));
  assert.equal(trueExif(nonsense, TRUTH), undefined);
  for (let length = 0; length < exif().length; length++) {
    copyrightOf(exif().slice(0, length));
    trueExif(exif().slice(0, length), TRUTH);
  }
});
