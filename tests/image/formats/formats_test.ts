// What goes in, what comes out, and what can never be reached.
import assert from "node:assert/strict";
import {
  ImageMagick,
  Interlace,
  MagickFormat,
  MagickImage,
  MagickReadSettings,
} from "@imagemagick/magick-wasm";
import { ProxyError } from "../../../src/errors.ts";
import { DEFAULT_ENCODING } from "../../../src/image/formats/encoding.ts";
import { readHeader } from "../../../src/image/formats/read_header.ts";
import { nativeQuality } from "../../../src/image/formats/coding/quality.ts";
import { encodingOf, OUTPUT_FORMATS, type OutputFormat } from "../../../src/image/formats/table.ts";
import { look, picture, psnr, startEngine } from "../../testing/pictures.ts";
import { ascii, createSampleImages } from "../../testing/sample_images.ts";
import { hasSharedImages, sharedImage } from "../../testing/shared_images.ts";
import { transform } from "../../testing/transforming.ts";

await startEngine();
const SAMPLES = await createSampleImages();

/** A photo-like picture of 120×90: shades, edges and some noise. */
const PHOTO = photo();

function photo(): Uint8Array {
  const width = 120, height = 90;
  const data = new Uint8Array(width * height * 3);
  for (let at = 0; at < width * height; at++) {
    const x = at % width, y = Math.floor(at / width);
    const noise = (Math.imul(at + 7, 2654435761) >>> 28) - 8;
    const edge = (x - 60) ** 2 + (y - 45) ** 2 < 900 ? 60 : 0;
    data.set([x * 2 + edge, y * 2 + noise + 40, 120 + noise * 2 + edge], at * 3);
  }
  const settings = new MagickReadSettings({ format: MagickFormat.Rgb, width, height, depth: 8 });
  const image = MagickImage.create(data, settings);
  try {
    return image.write(MagickFormat.Png, (bytes) => bytes.slice());
  } finally {
    image.dispose();
  }
}

/** The format that each kind of original has where nobody names one. */
const KEPT: Readonly<Record<string, OutputFormat>> = {
  jpeg: "jpeg",
  png: "png",
  gif: "gif",
  webp: "webp",
  avif: "avif",
};

Deno.test("every kind of picture comes out as what browsers show, where no format is named", async () => {
  for (const { name, bytes } of SAMPLES) {
    const header = readHeader(bytes)!;
    const [soft, opaque] = header.animated ? ["apng", "gif"] : ["png", "jpeg"];
    const isKept = !header.animated || header.format !== "avif";
    const expected = isKept && KEPT[header.format] || (header.hasAlpha ? soft : opaque);
    const result = await transform(bytes, "16x");
    assert.equal(result.format, expected, name);
    assert.equal(readHeader(result.bytes)!.format, expected, name);
    assert.equal(result.frames, header.animated ? header.frames : 1, name);
  }
});

Deno.test("every kind of picture comes out in every format that is named", async () => {
  for (const { name, bytes } of SAMPLES) {
    for (const format of OUTPUT_FORMATS) {
      const result = await transform(bytes, `20x10,${format}`);
      const { format: written, width, height } = readHeader(result.bytes)!;
      const moves = result.frames > 1;
      const expected = moves ? format : encodingOf(format).still ?? format;
      assert.deepEqual([written, width, height], [expected, 20, 10], `${name} to ${format}`);
    }
  }
});

const REFUSED: Readonly<Record<string, string | readonly number[]>> = {
  MVG:
    "push graphic-context\nviewbox 0 0 10 10\nfill red\nrectangle 0,0 9,9\npop graphic-context\n",
  MSL: '<?xml version="1.0"?><image><read filename="/etc/hostname"/></image>',
  PostScript: "%!PS-Adobe-3.0\n%%BoundingBox: 0 0 9 9\n0 0 moveto 9 9 lineto stroke showpage\n",
  EPS: "%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n0 0 moveto 9 9 lineto stroke\n",
  PDF: "%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
  "compressed SVG": [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xb3, 0x29, 0x2e, 0x4b, 0xd7, 7, 0],
  text: "caption:@/etc/hostname\n",
  URL: "https://example.com/picture.png\n",
  XBM: "#define a_width 8\n#define a_height 1\nstatic char a_bits[] = { 0x55 };\n",
  XPM: '/* XPM */\nstatic char *a[] = {"1 1 1 1", "a c red", "a"};\n',
  sixel: '\x1bPq"1;1;6;6#0;2;100;0;0#0~~~~~~\x1b\\',
  PNM: "P3\n1 1\n255\n255 0 0\n",
  PAM: "P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\nabc",
  FITS: `SIMPLE  =${"T".padStart(21)}${" ".repeat(50)}BITPIX  =${"8".padStart(21)}`,
  PSD: [...ascii("8BPS"), 0, 1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 8, 0, 3],
  TGA: [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 24, 0, 1, 2, 3],
  PCX: [10, 5, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0, 72, 0, 72, 0],
  ICNS: [...ascii("icns"), 0, 0, 0, 16, ...ascii("ic07"), 0, 0, 0, 8],
  QOI: [...ascii("qoif"), 0, 0, 0, 1, 0, 0, 0, 1, 3, 0, 0xfe, 1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 1],
  EXR: [0x76, 0x2f, 0x31, 0x01, 2, 0, 0, 0],
  "JPEG 2000": [0, 0, 0, 12, 0x6a, 0x50, 0x20, 0x20, 13, 10, 0x87, 10],
  MNG: [0x8a, 0x4d, 0x4e, 0x47, 13, 10, 26, 10],
  DJVU: [...ascii("AT&TFORM"), 0, 0, 0, 4, ...ascii("DJVU")],
  HTML: "<!doctype html><title>no picture</title>",
  MP4: [0, 0, 0, 20, ...ascii("ftypisom"), 0, 0, 2, 0, ...ascii("isommp41")],
  WAV: [...ascii("RIFF"), 36, 0, 0, 0, ...ascii("WAVEfmt ")],
};

for (const [kind, content] of Object.entries(REFUSED)) {
  Deno.test(`${kind} is never decoded, whatever is asked for`, async () => {
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : Uint8Array.from(content);
    for (const options of ["10x", "png", "trim"]) {
      await assert.rejects(transform(bytes, options), (error) => {
        assert.ok(error instanceof ProxyError, `${error}`);
        assert.equal(error.code, "undecodable");
        return true;
      });
    }
  });
}

// accepted, pixels that AVIF may have, what a still and an animation become
const NEGOTIATIONS: readonly (readonly [readonly OutputFormat[], number, string, string])[] = [
  [[], 1e6, "png", "gif"],
  [["webp"], 1e6, "webp", "webp"],
  [["avif", "webp"], 1e6, "avif", "webp"],
  [["avif"], 1e6, "avif", "gif"],
  [["avif", "webp"], 100, "webp", "webp"],
  [["avif"], 100, "png", "gif"],
  [["webp", "avif"], 1e6, "webp", "webp"],
  [["apng"], 1e6, "png", "gif"],
];

// accepted, what an opaque AVIF sequence and a JPEG XL that is transparent become
const RESCUES: readonly (readonly [readonly OutputFormat[], string, string])[] = [
  [[], "gif", "apng"],
  [["avif"], "gif", "apng"],
  [["avif", "webp"], "webp", "webp"],
  [["avif", "apng"], "apng", "apng"],
];

Deno.test("what moves in a format in which nothing that moves is written moves on in another", async () => {
  const [avif, jxl] = ["avif animated", "jxl animated alpha"]
    .map((wanted) => SAMPLES.find(({ name }) => name === wanted)!.bytes) as [
      Uint8Array,
      Uint8Array,
    ];
  for (const [accepted, opaque, soft] of RESCUES) {
    for (const [bytes, format, frames] of [[avif, opaque, 4], [jxl, soft, 3]] as const) {
      const result = await transform(bytes, "20x", { accepted });
      assert.deepEqual([result.format, result.frames], [format, frames], `${accepted}`);
      const still = await transform(bytes, "20x,frame:1", { accepted });
      assert.equal(still.frames, 1);
    }
    assert.equal((await transform(avif, "20x,basic", { accepted: [] })).format, "gif");
    assert.equal((await transform(avif, "20x,basic:jpeg", { accepted: [] })).format, "jpeg");
  }
});

Deno.test("of the accepted formats the first is taken that suits the picture", async () => {
  const moving = SAMPLES.find(({ name }) => name === "gif animated")!.bytes;
  for (const [accepted, avifMaxPixels, still, animation] of NEGOTIATIONS) {
    const settings = { accepted, encoding: { ...DEFAULT_ENCODING, avifMaxPixels } };
    const label = `${accepted} of ${avifMaxPixels}`;
    assert.equal((await transform(PHOTO, "60x", settings)).format, still, label);
    assert.equal((await transform(moving, "20x", settings)).format, animation, label);
    assert.equal((await transform(moving, "20x,jxl", settings)).format, "jxl", label);
  }
});

Deno.test("an icon becomes its largest picture, a HEIF sequence its first one where nothing can move", async () => {
  const icon = SAMPLES.find(({ name }) => name === "ico of 256 pixels")!.bytes;
  assert.equal((await transform(icon, "")).width, 256);
  const avif = SAMPLES.find(({ name }) => name === "avif animated")!.bytes;
  assert.equal((await transform(avif, "jpeg")).frames, 1);
});

Deno.test({
  name: "an AVIF of several items becomes its primary one (../shared/images)",
  ignore: !hasSharedImages,
  async fn() {
    const { width, height, format } = await transform(sharedImage("photo.avif"), "400x,jpeg");
    assert.deepEqual([width, height, format], [400, 78, "jpeg"]);
  },
});

Deno.test("quality: more of it is nearer to the picture and takes more bytes, in every lossy format", async () => {
  const wanted = look(PHOTO).frames[0]!.rgba;
  for (const format of ["jpeg", "webp", "avif", "jxl"] as const) {
    let last = { near: 0, length: 0 };
    for (const quality of [20, 50, 80, 95]) {
      const { bytes } = await transform(PHOTO, `q${quality},${format}`);
      const near = psnr(look(bytes).frames[0]!.rgba, wanted);
      assert.ok(near > last.near && bytes.length > last.length, `${format} at ${quality}: ${near}`);
      last = { near, length: bytes.length };
    }
    const { native } = encodingOf(format).quality!;
    for (let quality = 2; quality <= 100; quality++) {
      assert.ok(nativeQuality(quality, native) >= nativeQuality(quality - 1, native), format);
    }
  }
});

Deno.test("lossless loses nothing where the format can, and little elsewhere", async () => {
  const wanted = look(PHOTO).frames[0]!.rgba;
  for (
    const [format, least] of [["webp", Infinity], ["jxl", Infinity], ["png", Infinity], [
      "avif",
      44,
    ], ["jpeg", 44]] as const
  ) {
    const { bytes } = await transform(PHOTO, `lossless,${format}`);
    const near = psnr(look(bytes).frames[0]!.rgba, wanted);
    assert.ok(near >= least, `${format}: ${near}`);
  }
});

Deno.test("progressive writes a JPEG and a PNG that arrive in passes", async () => {
  for (const format of ["jpeg", "png"] as const) {
    for (
      const [options, passes] of [[`${format}`, false], [`${format},progressive`, true]] as const
    ) {
      const { bytes } = await transform(PHOTO, options);
      const interlace = ImageMagick.read(
        bytes,
        new MagickReadSettings(),
        (image) => image.interlace,
      );
      const none = interlace === Interlace.NoInterlace || interlace === Interlace.Undefined;
      assert.equal(!none, passes, options);
    }
  }
});

Deno.test("maxbytes finds the best quality that fits, and says where none does", async () => {
  for (const format of ["jpeg", "webp", "avif", "jxl"] as const) {
    const full = (await transform(PHOTO, `q90,${format}`)).bytes.length;
    const most = Math.floor(full * 0.6);
    const { bytes } = await transform(PHOTO, `q90,${format},maxbytes:${most}`);
    assert.ok(
      bytes.length <= most && bytes.length > most * 0.5,
      `${format}: ${bytes.length} of ${most}`,
    );
    const same = await transform(PHOTO, `q90,${format},maxbytes:${full}`);
    assert.equal(same.bytes.length, full, "what fits already is left alone");
  }
  await assert.rejects(
    transform(PHOTO, "maxbytes:50"),
    (error) =>
      error instanceof ProxyError && error.status === 413 && /50 bytes/.test(error.message),
  );
  await assert.rejects(transform(PHOTO, "png,maxbytes:500"), /does not fit into 500 bytes/);
});

Deno.test("what is transparent shows white in a JPEG, or the colour of bg", async () => {
  const bytes = picture(["r.", ".b"], { scale: 16 });
  for (
    const [options, expected] of [["jpeg", [255, 255, 255]], ["jpeg,bg:00ff00", [
      0,
      255,
      0,
    ]]] as const
  ) {
    const seen = look((await transform(bytes, options)).bytes).frames[0]!.rgba;
    const at = (8 * 32 + 24) * 4;
    expected.forEach((value, channel) =>
      assert.ok(
        Math.abs(seen[at + channel]! - value) < 4,
        `${options}: ${seen.subarray(at, at + 3)}`,
      )
    );
  }
});
