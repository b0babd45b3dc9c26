// Pictures that were made to cost much or to break what reads them, and what a stranger would ask of each.
import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import { apngFile, type ApngPart, pixelData } from "./apng_file.ts";
import { avifSequence } from "./avif_sequence.ts";
import { createFormatFiles } from "./format_rows.ts";
import { findType } from "./heif_files.ts";
import { layeredJxl } from "./layered_jxl.ts";
import { mutate, randomOf } from "./mutants.ts";
import { photo, writeByEngine } from "./photo.ts";
import { type Frame, startEngine } from "./pictures.ts";
import { failingImage, failingImages } from "./shared_images.ts";
import { SVG_BOMBS } from "./svg_bombs.ts";

export interface HostilePicture {
  name: string;
  bytes: Uint8Array;
  options: string;
}

/** Files of each kind that are made at random; the same in every run. */
const RANDOM = 40;
const WISHES = ["100x", "20x10,png", "trim,webp", "gif", "r90,jpeg", "frame:1,png", "300x,avif"];

/** All of them; those of ../shared only where that is there. */
export async function createHostilePictures(): Promise<HostilePicture[]> {
  await startEngine();
  const random = randomOf(14);
  const samples = Object.values(await createFormatFiles()).flat();
  const mutants = Array.from({ length: RANDOM }, (_, index) => {
    const [sample, other] = [samples[index % samples.length]!, samples[random(samples.length)]!];
    return {
      name: `damaged ${sample.name}`,
      bytes: mutate(sample.bytes, { other: other.bytes, random }),
      options: WISHES[random(WISHES.length)]!,
    };
  });
  return [
    ...failingImages().map((name) => ({ name, bytes: failingImage(name), options: "100x" })),
    ...Object.entries(SVG_BOMBS).map(([name, bytes]) => ({
      name: `a drawing with ${name}`,
      bytes,
      options: "100x,png",
    })),
    ...animations(),
    { name: "a JPEG XL of 2500 layers", bytes: layeredJxl(2500), options: "20x,png" },
    ...Array.from({ length: RANDOM }, () => ({
      name: "WebP noise",
      bytes: noisyWebp(random),
      options: WISHES[random(WISHES.length)]!,
    })),
    ...mutants,
    ...costlyWishes(),
  ];
}

/** Pixels of the side of a canvas that is large. */
const CANVAS = 4000;

function animations(): HostilePicture[] {
  const row = "rgbycmwk".repeat(4);
  const size = { width: row.length, height: 24 };
  const rows: string[] = Array(size.height).fill(row);
  const parts = (count: number, own: Partial<ApngPart> = {}): ApngPart[] =>
    Array.from({ length: count }, () => ({ rows, ...own }));
  const frames: Frame[] = [{ rows: ["rg", "by"] }, { rows: ["by", "rg"] }, { rows: ["gr", "yb"] }];
  const announcing = avifSequence(frames);
  new DataView(announcing.buffer).setUint32(findType(announcing, "stts") + 12, 0xff0001);
  return [
    {
      name: "an APNG of 900 frames on a canvas of 16 million pixels",
      bytes: apngFile({ width: CANVAS, height: CANVAS, scale: 1, parts: dots(900) }),
      options: "100x",
    },
    {
      name: "an APNG of 300 frames that blend",
      bytes: apngFile({
        ...{ ...size, scale: 16 },
        parts: parts(300, { blends: true, data: pixelData(rows, 16) }),
      }),
      options: "200x,webp",
    },
    {
      name: "an APNG that announces a billion frames",
      bytes: apngFile({ ...size, frames: 1e9, parts: parts(3) }),
      options: "20x",
    },
    {
      name: "an APNG whose frame lies beside the canvas",
      bytes: apngFile({ ...size, parts: parts(3, { control: { left: 2 ** 31 - 1 } }) }),
      options: "20x",
    },
    { name: "an AVIF sequence that announces millions", bytes: announcing, options: "20x" },
    {
      name: "an AVIF sequence that is cut short",
      bytes: avifSequence(frames).subarray(0, -40),
      options: "frame:2,png",
    },
    {
      name: "an AVIF sequence of 120 frames",
      bytes: avifSequence(Array.from({ length: 40 }, () => frames).flat()),
      options: "400x,scaleUp,gif",
    },
  ];
}

/** Frames of one pixel, the first of which is the whole canvas. */
function dots(count: number): ApngPart[] {
  const side = { width: CANVAS, height: CANVAS };
  const data = deflateSync(new Uint8Array(CANVAS * (1 + 4 * CANVAS)));
  return [
    { rows: ["."], control: side, data },
    ...Array.from({ length: count - 1 }, () => ({ rows: ["b"], blends: true })),
  ];
}

/** A WebP whose bitstream is noise behind its first ten bytes, which say how large it is (RFC 6386 section 9.1). */
function noisyWebp(random: (below: number) => number): Uint8Array {
  const first = 900, length = 40_000;
  const stream = Uint8Array.from({ length }, () => random(256));
  const tag = 0x10 | random(4) << 1 | first << 5;
  const [width, height] = [1 + random(2000), 1 + random(2000)];
  stream.set([tag & 255, tag >> 8 & 255, tag >> 16, 0x9d, 1, 0x2a]);
  stream.set([width & 255, width >> 8, height & 255, height >> 8], 6);
  const file = new Uint8Array(20 + length);
  file.set(new TextEncoder().encode("RIFF    WEBPVP8 "));
  new DataView(file.buffer).setUint32(4, 12 + length, true);
  new DataView(file.buffer).setUint32(16, length, true);
  file.set(stream, 20);
  return file;
}

function letters(text: string): string {
  return `text:${Buffer.from(text).toString("base64url")}`;
}

/** Nothing is wrong with the picture. */
function costlyWishes(): HostilePicture[] {
  const bytes = writeByEngine(photo(2600, 2000), "JPEG");
  const wishes = [
    "2600x,webp,q100",
    "1500x,avif,q100,blur:90",
    "2000x,jxl,maxbytes:1000",
    "1200x,blur:100,sharpen:10",
    "1000x,png,maxbytes:100",
    "0.9x,r90,blur:9,gif",
    // Right-to-left, marks on marks, ligatures, what no font has; as large, as small, as often as may be.
    `2000x,${letters("\u202e" + "\u0627\u0644".repeat(99))}:c:0:0:2000:red`,
    `2000x,${letters("e" + "\u0301".repeat(199))}:tile:0:0:1:red`,
    `2000x,${letters("\ud83d\udc69\u200d".repeat(60))}:tile:0.001:0.001:0.001:ffffff01`,
    `30x,${letters("\n".repeat(200))}:tile:0:0:1:red`,
  ];
  return wishes.map((options) => ({ name: `a photo as ${options}`, bytes, options }));
}
