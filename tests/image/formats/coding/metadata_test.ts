import assert from "node:assert/strict";
import { ImageMagick, MagickReadSettings } from "@imagemagick/magick-wasm";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { copyrightOf, upright } from "../../../../src/image/formats/coding/metadata.ts";
import { letters, look, picture, startEngine } from "../../../testing/pictures.ts";
import { pngChunk, pngRow } from "../../../testing/png_file.ts";
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

Deno.test("copyrightOf() and upright() drop what they cannot read", () => {
  assert.equal(copyrightOf(new Uint8Array(3)), undefined);
  assert.equal(upright(Uint8Array.from(ascii("Exif\0\0nonsense that is long"))), undefined);
  for (let length = 0; length < exif().length; length++) {
    copyrightOf(exif().slice(0, length));
    upright(exif().slice(0, length));
  }
});
