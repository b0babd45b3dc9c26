// What the suite of formats needs to know of each: files of every kind, and what it holds.
import { Buffer } from "node:buffer";
import type { FormatName } from "../../src/image/formats/table.ts";
import { apngFile, type ApngPart, type ApngRecipe } from "./apng_file.ts";
import { pngChunk, profileChunk } from "./png_file.ts";
import { avifSequence } from "./avif_sequence.ts";
import type { Frame } from "./pictures.ts";
import { createSampleImages, exifProfile, type SampleImage } from "./sample_images.ts";
import { SCALE, SWAPPED, written } from "./written_pictures.ts";

export interface FormatRow {
  /** Files beside those samples whose names begin with the format's; if decoded, of the letters `rg` over `by`. */
  files?: Readonly<Record<string, Uint8Array>>;
  /** The picture `rg` over `by`, stored under an EXIF orientation. */
  oriented?(orientation: number): Uint8Array;
  /** A picture whose stored reds are blue by its profile, and the other way round. */
  swapped?(rows: readonly string[]): Uint8Array;
  /** The picture `r.` over `.b`. */
  transparent?(): Uint8Array;
  /** An animation that plays three times; also where only its first frame is shown. */
  moving?(frames: readonly Frame[]): Uint8Array;
  /** Decibels by which a photo that is written and read back is near to itself; Infinity is exact. */
  nearness?: number;
}

const STILL = (rows: readonly string[]): Frame[] => [{ rows }];
const TWICE = (rows: readonly string[]): ApngPart[] => [{ rows }, { rows }];
const UPRIGHT = ["rg", "by"], HOLED = ["r.", ".b"];

function apng(
  parts: readonly ApngPart[],
  options: Pick<ApngRecipe, "plays" | "chunks"> = {},
): Uint8Array {
  const { rows: [row = "", ...others] } = parts[0]!;
  const size = { width: row.length, height: 1 + others.length, scale: SCALE };
  return apngFile({ ...size, ...options, parts });
}

export const ROWS = {
  jpeg: {
    oriented: (orientation) => written("JPEG", STILL(UPRIGHT), { orientation }),
    swapped: (rows) => written("JPEG", STILL(rows), { swapped: true }),
    nearness: 38,
  },
  png: {
    oriented: (orientation) => written("PNG", STILL(UPRIGHT), { orientation }),
    swapped: (rows) => written("PNG", STILL(rows), { swapped: true }),
    transparent: () => written("PNG", STILL(HOLED)),
    nearness: Infinity,
  },
  apng: {
    files: { "apng of letters": apng([{ rows: UPRIGHT }, { rows: HOLED }]) },
    oriented: (orientation) =>
      apng(TWICE(UPRIGHT), { chunks: [pngChunk("eXIf", ...exifProfile(orientation).subarray(6))] }),
    swapped: (rows) => apng(TWICE(rows), { chunks: [profileChunk(SWAPPED)] }),
    transparent: () => apng(TWICE(HOLED)),
    moving: (frames) =>
      apng(frames.map(({ rows, delay = 0 }) => ({ rows, delay: [delay, 100] })), { plays: 3 }),
    nearness: Infinity,
  },
  gif: {
    transparent: () => written("GIF", STILL(HOLED)),
    moving: (frames) => written("GIF", frames),
    nearness: 28,
  },
  webp: {
    oriented: (orientation) => written("WEBP", STILL(UPRIGHT), { orientation }),
    swapped: (rows) => written("WEBP", STILL(rows), { swapped: true }),
    transparent: () => written("WEBP", STILL(HOLED)),
    moving: (frames) => written("WEBP", frames),
    nearness: 32,
  },
  avif: {
    swapped: (rows) => written("AVIF", STILL(rows), { swapped: true }),
    transparent: () => written("AVIF", STILL(HOLED)),
    moving: (frames) => avifSequence(frames, { plays: 3 }),
    nearness: 32,
  },
  heic: {
    files: { "heic of letters": fromBase64(HEIC()) },
  },
  jxl: {
    oriented: (orientation) => written("JXL", STILL(UPRIGHT), { orientation }),
    // What is lossy, the engine converts itself, and writes no profile.
    swapped: (rows) => written("JXL", STILL(rows), { swapped: true, quality: 100 }),
    transparent: () => written("JXL", STILL(HOLED)),
    moving: (frames) => written("JXL", frames),
    nearness: 32,
  },
  tiff: {
    oriented: (orientation) => written("TIFF", STILL(UPRIGHT), { orientation }),
    swapped: (rows) => written("TIFF", STILL(rows), { swapped: true }),
    transparent: () => written("TIFF", STILL(HOLED)),
    nearness: Infinity,
  },
  bmp: {
    transparent: () => written("BMP", STILL(HOLED)),
  },
  ico: {
    transparent: () => written("ICO", STILL(HOLED)),
  },
  svg: {
    files: {
      "svg behind a prolog": new TextEncoder().encode(
        '<?xml version="1.0"?>\n<!-- a drawing -->\n' +
          '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">' +
          '<path fill="#f00" d="M0 0h32v32h-32"/><path fill="#0f0" d="M32 0h32v32h-32"/>' +
          '<path fill="#00f" d="M0 32h32v32h-32"/><path fill="#ff0" d="M32 32h32v32h-32"/></svg>',
      ),
    },
  },
} as const satisfies Record<FormatName, FormatRow>;

/** All files of each format. */
export async function createFormatFiles(): Promise<Readonly<Record<FormatName, SampleImage[]>>> {
  const samples = await createSampleImages();
  return Object.fromEntries(
    (Object.entries(ROWS) as [FormatName, FormatRow][]).map(([format, { files = {} }]) => [
      format,
      [
        ...samples.filter(({ name }) => name.split(" ")[0] === format),
        ...Object.entries(files).map(([name, bytes]) => ({ name, bytes })),
      ],
    ]),
  ) as Record<FormatName, SampleImage[]>;
}

function fromBase64(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "base64"));
}

/** The letters at 32 pixels each, of the program's own making, as libheif and x265 write them. */
function HEIC(): string {
  return "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAUJtZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAAA5waXRtAAAAAAABAAAAImlsb2MAAAAAREAAAQABAAAAAAFmAAEAAAAAAAAAPQAAACNpaW5mAAAAAAABAAAAFWluZmUCAAAAAAEAAGh2YzEAAAAAwmlwcnAAAACkaXBjbwAAAHhodmNDAQNwAAAAAAAAAAAAHvAA/P34+AAADwMgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQCEAAQArQgEBA3AAAAMAkAAAAwAAAwAeoCCBBZbqSSmubgQEDAgAAAMACAAAAwAIQCIAAQAHRAHBcrAiQAAAABRpc3BlAAAAAAAAAEAAAABAAAAAEHBpeGkAAAAAAwgICAAAABZpcG1hAAAAAAAAAAEAAQOBAoMAAABFbWRhdAAAADkoAa8TgOaocNP//iaUf/0654fp5b0St+NFT/74jf/zBTAj/+kZAR+0r6/9iOAHsfkh5v9RBKfTHBw=";
}
