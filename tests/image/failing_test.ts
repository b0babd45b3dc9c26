// Every file of ../shared/failing against its right value: inputs that once came out wrong, each of which
// stands for a kind of fault.
import assert from "node:assert/strict";
import { ProxyError } from "../../src/errors.ts";
import { readHeader } from "../../src/image/formats/read_header.ts";
import { checkHeader } from "../../src/image/plan/limits.ts";
import { SETTINGS } from "../../src/settings/table.ts";
import { look, startEngine } from "../testing/pictures.ts";
import { failingImage, hasFailingImages } from "../testing/shared_images.ts";
import { transform } from "../testing/transforming.ts";

await startEngine();

type Rgba = readonly [number, number, number, number];

interface Right {
  options: string;
  size?: string;
  /** What is seen of the result at x and y; where no alpha is told the pixel is opaque. */
  pixels?: Readonly<Record<string, Rgba | readonly [number, number, number]>>;
  /** Levels by which they may differ; 2 unless told. */
  near?: number;
  delays?: readonly number[];
  loopCount?: number;
  /** Bits that must be set in bytes of the result. */
  flags?: Readonly<Record<number, number>>;
}

const CLEAR: Rgba = [0, 0, 0, 0];

const RIGHT: Readonly<Record<string, readonly Right[]>> = {
  "webp-anim-first-frame-offset-min.webp": [
    {
      options: "png",
      size: "60x60",
      pixels: { "22,22": [255, 0, 0], "37,37": [255, 0, 0], "38,38": CLEAR, "21,21": CLEAR },
    },
    { options: "30x", size: "30x30", delays: [100, 100] },
  ],
  // The flag says that what is not covered shows what is behind it (RFC 9649 section 2.7.1.1).
  "gif-to-webp-lost-alpha-flag.gif": [
    { options: "60x,webp", flags: { 20: 0x10 } },
    { options: "png", pixels: { "0,0": CLEAR } },
  ],
  "gif-later-frame-outside-test_extents.gif": [
    { options: "x", size: "100x100" },
    { options: "50x", size: "50x50" },
  ],
  // Shown once and repeated twice.
  "animexts.gif": [{ options: "20x", loopCount: 3 }, { options: "20x,webp", loopCount: 3 }],
  "delay_1cs.gif": [
    { options: "20x,webp", delays: [100, 100, 100] },
    { options: "20x", delays: [100, 100, 100] },
  ],
  "g16min.png": [
    { options: "png", pixels: { "0,0": [10, 10, 10], "1,0": [127, 127, 127], "2,0": CLEAR } },
  ],
  "png-gray16-trns.png": [{ options: "png", pixels: { "0,0": CLEAR, "12,0": [128, 128, 128] } }],
  "png-graykey-128-la.png": [{ options: "png", pixels: { "0,0": CLEAR, "8,8": [100, 100, 100] } }],
  "png-graykey-128.webp": [{ options: "png", pixels: { "0,0": CLEAR, "8,8": [100, 100, 100] } }],
  "png-graykey-18-trns.png": [{ options: "png", pixels: { "0,0": CLEAR, "8,8": [77, 77, 77] } }],
  "png-rgb16-trns.png": [{ options: "png", pixels: { "0,0": CLEAR, "12,0": [128, 128, 128] } }],
  "png-gray-gama1-basn0g08.png": [{ options: "png", pixels: { "0,4": [188, 188, 188] } }],
  "gama_srgb.png": [{ options: "png", pixels: { "50,30": [128, 129, 80] } }],
  "png-cicp-linear.png": [{ options: "png", pixels: { "4,4": [255, 255, 255] } }],
  "p3cicp.png": [{ options: "png", pixels: { "0,0": [255, 0, 0] } }],
  "p3chrm.png": [{ options: "png", pixels: { "0,0": [255, 0, 0] } }],
  "pq.png": [{ options: "png", pixels: { "64,16": [44, 44, 44], "192,48": [188, 188, 0] } }],
  "pq.avif": [{ options: "png", pixels: { "64,16": [44, 44, 44], "192,48": [188, 188, 0] } }],
  "avif-nclx-p3.avif": [{ options: "png", pixels: { "32,32": [0, 164, 204] } }],
  "jxl-lossy-icc-adobergb.jxl": [{ options: "png", pixels: { "32,32": [0, 161, 202] } }],
  "jxl-lossy-icc-gray22.jxl": [{ options: "png", pixels: { "32,32": [100, 100, 100] } }],
  "png-truncated.png": [
    { options: "png", pixels: { "17,17": [239, 109, 114], "34,34": CLEAR } },
    { options: "64x", size: "64x64" },
  ],
  "png-without-iend.png": [{ options: "png", pixels: { "8,8": [220, 77, 77], "0,0": CLEAR } }],
  "png-idat-crc-xcsn0g01.png": [{ options: "png", pixels: { "0,0": [255, 255, 255] } }],
  "bmp-trailing-2-bytes.bmp": [
    { options: "png", size: "16x16", pixels: { "2,2": [184, 15, 20] } },
  ],
  "bmp-bfsize-0.bmp": [{ options: "png", size: "16x16", pixels: { "2,2": [184, 15, 20] } }],
  "bmp-pal8os2-sz.bmp": [{ options: "png", size: "127x64", pixels: { "0,0": [255, 0, 0] } }],
  "bmp-rgb32fakealpha.bmp": [
    { options: "png", size: "127x64", pixels: { "2,2": [247, 16, 16], "100,60": [99, 99, 103] } },
  ],
  "tiff-4bit-miniswhite.tif": [{
    options: "png",
    pixels: { "0,0": [255, 255, 255], "15,15": [0, 0, 0] },
  }],
  "tiff-palette-alpha.tif": [{ options: "png", pixels: { "0,0": [255, 0, 0], "15,15": CLEAR } }],
  "tiff-cmyk-deflate-no-rowsperstrip.tif": [
    { options: "png", size: "40x30", pixels: { "0,0": [255, 255, 255] } },
  ],
  // The upper bar of the P, and nothing where it would be upside down.
  "tiff-g3-pal1huff.tif": [{
    options: "png",
    size: "127x64",
    pixels: { "90,22": [255, 255, 255], "58,30": [255, 255, 255], "60,41": [0, 0, 0] },
  }],
  "avif-clap-blue-magenta.avif": [{
    options: "png",
    size: "180x100",
    pixels: { "0,0": [0, 0, 254], "90,50": [255, 0, 254] },
  }],
  "avif-meta-size0.avif": [{ options: "png", size: "33x11", pixels: { "0,0": [254, 0, 0] } }],
  // As cheap as its pixels: what it costs is measured elsewhere.
  "png-ztxt-30.png": [{ options: "20x", size: "20x20" }],
  "jpeg-420-3x3.jpg": [{
    options: "png",
    size: "3x3",
    pixels: {
      "1,1": [130, 133, 0],
      "2,1": [19, 149, 27],
      "1,2": [162, 31, 37],
      "2,2": [41, 40, 176],
    },
  }],
  "cur-from-ico.cur": [{
    options: "png",
    size: "48x48",
    pixels: { "0,0": CLEAR, "24,24": [51, 102, 204] },
  }],
};

for (const [file, rows] of Object.entries(RIGHT)) {
  for (const right of rows) {
    Deno.test({
      name: `${file} made into ${right.options} is right (../shared/failing)`,
      ignore: !hasFailingImages,
      fn: () => check(failingImage(file), right),
    });
  }
}

async function check(
  bytes: Uint8Array,
  { options, size, pixels = {}, near = 2, delays, loopCount, flags = {} }: Right,
): Promise<void> {
  const result = await transform(bytes, options);
  const header = readHeader(result.bytes)!;
  if (size) assert.equal(`${header.width}x${header.height}`, size);
  if (delays) assert.deepEqual(header.delays, delays);
  if (loopCount !== undefined) assert.equal(header.loopCount, loopCount);
  for (const [at, bits] of Object.entries(flags)) {
    assert.equal(result.bytes[Number(at)]! & bits, bits, `byte ${at}`);
  }
  if (Object.keys(pixels).length === 0) return;
  const { width, frames: [frame] } = look(result.bytes);
  for (const [place, [red, green, blue, alpha = 255]] of Object.entries(pixels)) {
    const [x = 0, y = 0] = place.split(",").map(Number);
    const at = (y * width + x) * 4;
    const seen = [...frame!.rgba.subarray(at, at + 4)];
    const isRight = alpha === 0
      ? seen[3] === 0
      : [red, green, blue, alpha].every((level, index) => Math.abs(level - seen[index]!) <= near);
    assert.ok(isRight, `${place} is ${seen}, not ${[red, green, blue, alpha]}`);
  }
}

Deno.test({
  name: "jpeg-880-scans.jpg is refused by its header (../shared/failing)",
  ignore: !hasFailingImages,
  fn() {
    const header = readHeader(failingImage("jpeg-880-scans.jpg"))!;
    const { maxPixels, maxScans } = SETTINGS;
    assert.throws(
      () => checkHeader(header, { maxPixels: maxPixels.default, maxScans: maxScans.default }),
      (error) => error instanceof ProxyError && error.code === "too_large",
    );
  },
});
