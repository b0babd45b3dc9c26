import assert from "node:assert/strict";
import { ColorSpace } from "@imagemagick/magick-wasm";
import { ProxyError } from "../../../src/errors.ts";
import { turnSize, uprightFrom } from "../../../src/image/pixels/dihedral.ts";
import {
  readHeader,
  SNIFFED_BYTES,
  sniffMediaType,
} from "../../../src/image/formats/read_header.ts";
import { box, u16Big, u32Big } from "../../testing/heif_boxes.ts";
import {
  ascii,
  createSampleImages,
  decodeFacts,
  exifProfile,
  startEngine,
} from "../../testing/sample_images.ts";

const samples = await createSampleImages();

for (const { name, bytes } of samples) {
  Deno.test(`readHeader() agrees with the engine on: ${name}`, () => {
    assertAgrees(bytes);
  });
}

/** Compares every fact that both the header and the engine state. */
function assertAgrees(bytes: Uint8Array): void {
  const header = readHeader(bytes);
  assert.ok(header);
  const facts = decodeFacts(bytes, header.format);
  // Of an icon only the best picture is decoded.
  const frames = header.format === "ico" ? 1 : facts.frames;
  // libheif turns what we turn ourselves.
  const isTurned = header.format === "avif" || header.format === "heic";
  const size = isTurned ? turnSize(header, uprightFrom(header.orientation)) : header;
  const isCanvas = header.format === "gif" || header.format === "webp";
  assert.deepEqual(
    { width: size.width, height: size.height, frames: header.frames },
    {
      width: isCanvas ? facts.page.width || facts.width : facts.width,
      height: isCanvas ? facts.page.height || facts.height : facts.height,
      frames,
    },
  );
  if (!isTurned) assert.equal(header.orientation, facts.orientation);
  assert.equal(header.hasAlpha, facts.hasAlpha);
  if (frames === facts.frames) assert.ok(header.totalPixels >= facts.totalPixels);
  assert.ok(header.totalPixels <= 2 * header.width * header.height * header.frames);
  // libjxl makes up a profile for every picture; no other decoder does.
  if (header.format !== "jxl") assert.equal(header.hasProfile, facts.hasProfile);
  const isCmyk = header.colorModel === "cmyk" || header.colorModel === "ycck";
  assert.equal(isCmyk, facts.colorSpace === ColorSpace.CMYK);
  // The engine's are off by one frame in AVIF, and in other units.
  if (header.animated && header.delays && header.format !== "avif") {
    assert.deepEqual(header.delays.map((delay) => Math.round(delay / 10)), facts.delays);
    assert.equal(header.loopCount, facts.iterations);
  }
}

const shared = new URL("../../../../shared/images/", import.meta.url);
const sharedNames = await listShared();
Deno.test({
  name: "readHeader() agrees with the engine on the pictures in ../shared/images/",
  ignore: sharedNames.length === 0,
  fn: async (t) => {
    for (const name of sharedNames) {
      await t.step(name, () => assertAgrees(Deno.readFileSync(new URL(name, shared))));
    }
  },
});

/** The shared pictures that can be decoded; none where the folder is missing or may not be read. */
async function listShared(): Promise<string[]> {
  const allowed = await Deno.permissions.query({ name: "read", path: shared });
  if (allowed.state !== "granted") return [];
  try {
    return [...Deno.readDirSync(shared)].map((entry) => entry.name)
      .filter((name) =>
        /\.(jpe?g|png|gif|webp|avif|tiff)$/.test(name) && !name.startsWith("corrupt")
      );
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

Deno.test("readHeader() tells bit depth and colour model", () => {
  const rows: [name: string, bitDepth: number, colorModel: string][] = [
    ["jpeg", 8, "rgb"],
    ["jpeg grey", 8, "grey"],
    ["jpeg cmyk", 8, "ycck"],
    ["png 16 bit", 16, "rgb"],
    ["png indexed", 8, "indexed"],
    ["png grey", 8, "grey"],
    ["gif", 8, "indexed"],
    ["tiff cmyk", 8, "cmyk"],
    ["avif", 8, "rgb"],
  ];
  for (const [name, bitDepth, colorModel] of rows) {
    const header = readHeader(sample(name));
    assert.deepEqual([header?.bitDepth, header?.colorModel], [bitDepth, colorModel], name);
  }
});

Deno.test("readHeader() reads the EXIF of a PNG and a WebP", () => {
  const png = sample("png"), exif = exifProfile(6).subarray(6);
  const chunk = [0, 0, 0, exif.length, ...ascii("eXIf"), ...exif, 0, 0, 0, 0];
  assert.equal(readHeader(insert(png, { at: 33, bytes: chunk }))?.orientation, 6);
  const webp = sample("webp lossy alpha");
  const riff = [...ascii("EXIF"), exif.length, 0, 0, 0, ...exif];
  assert.equal(readHeader(new Uint8Array([...webp, ...riff]))?.orientation, 6);
});

Deno.test("readHeader() reads a BMP stored from the top", () => {
  const bmp = sample("bmp 3").slice();
  const view = new DataView(bmp.buffer);
  view.setInt32(22, -view.getInt32(22, true), true);
  assertAgrees(bmp);
});

Deno.test("readHeader() applies a HEIC picture's own crop, and tells how it lies", () => {
  const [ispe, irot, imir] = [
    box("ispe", u32Big(0), u32Big(300), u32Big(200)),
    box("irot", [1]),
    box("imir", [0]),
  ];
  const clap = box("clap", [280, 1, 180, 1, 0, 1, 0, 1].flatMap(u32Big));
  const rows: [properties: number[][], width: number, height: number, orientation: number][] = [
    [[ispe], 300, 200, 1],
    [[ispe, irot], 300, 200, 8],
    [[ispe, irot, imir], 300, 200, 5],
    [[ispe, clap, irot], 280, 180, 8],
    [[ispe, box("irot", [2])], 300, 200, 3],
  ];
  for (const [properties, width, height, orientation] of rows) {
    const header = readHeader(heic(properties));
    assert.deepEqual(
      [header?.format, header?.width, header?.height, header?.orientation, header?.bitDepth],
      ["heic", width, height, orientation, 10],
    );
  }
});

Deno.test("readHeader() takes the size of a HEIC picture from its stream where that is larger", () => {
  const header = readHeader(heic([box("ispe", u32Big(0), u32Big(10), u32Big(10))]));
  // The parameter set of heic() says 320x208, which blocks of 64 do not explain.
  assert.deepEqual([header?.width, header?.height, header?.totalPixels], [320, 208, 320 * 208]);
});

Deno.test("readHeader() recognises SVG behind whatever may precede its root", () => {
  const rows = [
    "<svg/>",
    '<svg xmlns="http://www.w3.org/2000/svg">',
    "\xef\xbb\xbf<svg >",
    '<?xml version="1.0"?>\n<!-- a > b --><svg\n>',
    '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\r\n<svg:svg >',
    '<!DOCTYPE svg [<!ENTITY a "b">]> <svg>',
    "\xff\xfe<\0s\0v\0g\0>\0",
    "\xfe\xff\0<\0s\0v\0g\0>",
  ];
  for (const row of rows) assert.equal(readHeader(bytesOf(row))?.format, "svg", row);
});

Deno.test("readHeader() knows nothing of any other kind of file", () => {
  const rows = [
    "",
    "\0",
    "push graphic-context\nviewbox 0 0 9 9\nimage over 0,0 0,0 '/etc/passwd'",
    '<?xml version="1.0"?><image><read filename="/etc/passwd"/></image>',
    '<group><image><read filename="x.png"/></image></group>',
    "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9",
    "\xc5\xd0\xd3\xc6\x1e\0\0\0",
    "%PDF-1.7\n",
    "#define x_width 8\n#define x_height 8\nstatic char x_bits[] = { 0 };",
    "\x1bPq#0;2;0;0;0#0~~$-\x1b\\",
    "# ImageMagick pixel enumeration: 1,1,255,srgb\n0,0: (0,0,0)",
    "<!DOCTYPE html><html><svg></svg></html>",
    "<svgfoo>",
    "<!-- <svg> -->",
    "@/etc/passwd",
    "https://example.com/a.png",
    "P6\n1 1\n255\n\0\0\0",
    "8BPS\0\x01",
    "II\x55\0\x08\0\0\0",
    "BM, the start of a sentence that is no bitmap",
    "\0\0\x01\0\0\0",
    "\0\0\0\x18ftypmp42\0\0\0\0isommp42",
    "\0\0\0\x18ftypcrx \0\0\0\x01crx isom",
    "\0\0\0\x0cjP  \r\n\x87\n",
    "\x8aMNG\r\n\x1a\n",
    "\x8bJNG\r\n\x1a\n",
    "RIFF\x04\0\0\0WAVE",
    "RIFF\x04\0\0\0AVI ",
    "\x76\x2f\x31\x01",
    "\x1f\x8b\x08\0",
    "PK\x03\x04",
  ];
  for (const row of rows) assert.equal(readHeader(bytesOf(row)), undefined, row);
});

Deno.test("readHeader() names what is wrong with a damaged file", () => {
  const png = sample("png");
  const rows: [bytes: Uint8Array, message: string][] = [
    [bytesOf("\xff\xd8\xff\xe0"), "The JPEG file ends before its frame header"],
    [bytesOf("\x89PNG\r\n\x1a\n\0\0\0\x0d"), "The PNG file ends before its IHDR chunk"],
    [bytesOf("GIF89a"), "The GIF file ends before its screen descriptor"],
    [bytesOf("RIFF\x04\0\0\0WEBP"), "The WebP file ends before its first chunk"],
    [bytesOf("II*\0\xff\0\0\0"), "The TIFF file ends before its first page"],
    [bytesOf("\xff\x0a"), "The JPEG XL file ends in the middle of its header"],
    [insert(png, { at: 33, bytes: png.subarray(8, 33) }), "The PNG file has two IHDR chunks"],
    [twice(sample("jpeg"), 0xc0), "The JPEG file has two frame headers"],
  ];
  for (const [bytes, message] of rows) {
    assert.throws(() => readHeader(bytes), new ProxyError("undecodable", message));
  }
});

Deno.test("the engine refuses the damaged files that readHeader() refuses for safety", async () => {
  await startEngine();
  assert.throws(() => decodeFacts(twice(sample("jpeg"), 0xc0), "jpeg"));
});

/** A HEIC file of one 10-bit picture of 320x208 coded pixels, with those properties besides. */
function heic(properties: number[][]): Uint8Array {
  const none = u32Big(0);
  // H.265 7.3.2.2: ids, a profile and level of 12 bytes, then 1, 2 (4:2:0), 321 and 209 in
  // exponential Golomb: 1 010 00000000101000001 000000011010001.
  const set = [
    0x42,
    1,
    1,
    ...Array(12).fill(1),
    0b1010_0000,
    0b0000_1010,
    0b0000_1000,
    0b0000_1101,
    0b0001_0000,
  ];
  const config = [...Array(16).fill(0), 1, 2, 2, 0, 0, 0, 1, 33, 0, 1, 0, set.length, ...set];
  const hvcC = box("hvcC", config);
  const indices = [1, ...properties.map((_, i) => i + 2)];
  const meta = box(
    "meta",
    none,
    box("pitm", none, u16Big(1)),
    box("iinf", none, u16Big(1), box("infe", [2, 0, 0, 0], u16Big(1), [0, 0], ascii("hvc1"), [0])),
    box(
      "iprp",
      box("ipco", hvcC, ...properties),
      box("ipma", none, u32Big(1), u16Big(1), [indices.length, ...indices]),
    ),
  );
  return new Uint8Array([...box("ftyp", ascii("heic"), none, ascii("mif1")), ...meta]);
}

function sample(name: string): Uint8Array {
  const found = samples.find((entry) => entry.name === name);
  assert.ok(found, name);
  return found.bytes;
}

function bytesOf(text: string): Uint8Array {
  return new Uint8Array(ascii(text));
}

function insert(
  file: Uint8Array,
  { at, bytes }: { at: number; bytes: Iterable<number> },
): Uint8Array {
  return new Uint8Array([...file.subarray(0, at), ...bytes, ...file.subarray(at)]);
}

/** The JPEG with the segment of that marker repeated. */
function twice(jpeg: Uint8Array, marker: number): Uint8Array {
  const at = jpeg.findIndex((byte, i) => byte === 0xff && jpeg[i + 1] === marker);
  const length = 2 + (jpeg[at + 2] ?? 0) * 256 + (jpeg[at + 3] ?? 0);
  return insert(jpeg, { at, bytes: jpeg.subarray(at, at + length) });
}

Deno.test("sniffMediaType() needs no more than the first SNIFFED_BYTES", () => {
  const svg = (prolog: number) => ascii(`<!--${" ".repeat(prolog - 7)}--><svg xmlns="a"></svg>`);
  const brands = Array.from({ length: 9000 }, () => ascii("none")).flat();
  const rows: [what: string, bytes: Uint8Array, mediaType: string | undefined][] = [
    ...samples.map(({ name, bytes }) =>
      [name, bytes, sniffMediaType(bytes)] as [string, Uint8Array, string]
    ),
    ["an SVG", Uint8Array.from(svg(10)), "image/svg+xml"],
    [
      "an SVG at the end of what is looked at",
      Uint8Array.from(svg(SNIFFED_BYTES - 5)),
      "image/svg+xml",
    ],
    ["an SVG across that end", Uint8Array.from(svg(SNIFFED_BYTES - 4)), undefined],
    ["an SVG behind it", Uint8Array.from(svg(SNIFFED_BYTES)), undefined],
    [
      "a type box of many brands",
      Uint8Array.from(box("ftyp", [...brands, ...ascii("avif")])),
      undefined,
    ],
    ["a page", Uint8Array.from(ascii("<html>".repeat(9000))), undefined],
  ];
  for (const [what, bytes, mediaType] of rows) {
    const padded = new Uint8Array(bytes.length + 100_000);
    padded.set(bytes);
    for (const whole of [bytes, padded]) {
      assert.equal(sniffMediaType(whole), mediaType, what);
      assert.equal(sniffMediaType(whole.subarray(0, SNIFFED_BYTES)), mediaType, what);
    }
  }
});
