// BMP: the file header and the many generations of the bitmap header behind it.

import type { ByteReader } from "../reading/byte_reader.ts";
import { type ColorModel, type ImageHeader, undecodable } from "../reading/image_header.ts";

/** BITMAPCOREHEADER, which has sides of 16 bits. */
const CORE_SIZE = 12;
/** OS/2 2 short, INFO, V2, V3, OS/2 2, V4, V5. */
const INFO_SIZES = [16, 40, 52, 56, 64, 108, 124];
const RLE8 = 1, RLE4 = 2, JPEG = 4, PNG = 5, ALPHA_BITFIELDS = 6;

/** Packing pays for small palettes only, and where it ends must be searched for. */
const MAX_PACKED_BYTES = 16 * 2 ** 20;

export interface BitmapInfo {
  width: number;
  height: number;
  bitsPerPixel: number;
  compression: number;
  hasAlpha: boolean;
  hasProfile: boolean;
}

/** The size in bytes of the bitmap header at `at`, if it is one. */
export function isBitmapHeader(reader: ByteReader, at: number): boolean {
  if (at + 4 > reader.length) return false;
  const size = reader.u32(at, true);
  return size === CORE_SIZE || INFO_SIZES.includes(size);
}

/** The bitmap header at `at`: that of a BMP file, or of an entry of an ICO file. */
export function readBitmapInfo(reader: ByteReader, at: number): BitmapInfo {
  const size = reader.u32(at, true);
  if (size === CORE_SIZE) {
    return {
      width: reader.u16(at + 4, true),
      height: reader.u16(at + 6, true),
      bitsPerPixel: reader.u16(at + 10, true),
      compression: 0,
      hasAlpha: false,
      hasProfile: false,
    };
  }
  const bitsPerPixel = reader.u16(at + 14, true);
  const compression = size >= 40 ? reader.u32(at + 16, true) : 0;
  const masks = size >= 56 || compression === ALPHA_BITFIELDS;
  return {
    // Negative heights are stored from the top; the engine takes the magnitude of both.
    width: Math.abs(reader.i32(at + 4, true)),
    height: Math.abs(reader.i32(at + 8, true)),
    bitsPerPixel,
    compression,
    hasAlpha: masks && bitsPerPixel >= 16 && compression !== 0 && reader.u32(at + 52, true) !== 0,
    hasProfile: size >= 124 && /^(MBED|LINK)$/.test(reversed(reader.fourCC(at + 56))),
  };
}

/** The header of a BMP file, and of the further bitmaps that the engine would read behind it. */
export function readBmp(reader: ByteReader): ImageHeader {
  const first = readOne(reader, 0);
  let frames = 1, { totalPixels, width, height } = first;
  for (let next = first.next; next !== undefined;) {
    reader.step();
    const bitmap = readOne(reader, next);
    frames++;
    totalPixels += bitmap.totalPixels;
    width = Math.max(width, bitmap.width);
    height = Math.max(height, bitmap.height);
    next = bitmap.next;
  }
  const { bitsPerPixel } = first;
  return {
    format: "bmp",
    mediaType: "image/bmp",
    width,
    height,
    frames,
    animated: false,
    orientation: 1,
    hasAlpha: first.hasAlpha,
    bitDepth: 8,
    colorModel: (bitsPerPixel <= 8 ? "indexed" : "rgb") satisfies ColorModel,
    hasProfile: first.hasProfile,
    totalPixels,
  };
}

function readOne(reader: ByteReader, start: number) {
  reader.need(start + 26, "bitmap header");
  const info = readBitmapInfo(reader, start + 14);
  const { width, height, bitsPerPixel, compression } = info;
  if (width === 0 || height === 0) throw undecodable(`The BMP file is ${width}x${height} pixels`);
  if (compression === JPEG || compression === PNG) {
    // It has a size of its own, that the engine would follow.
    throw undecodable("The BMP file wraps a JPEG or PNG file");
  }
  if (compression > ALPHA_BITFIELDS) {
    throw undecodable(`The BMP file has the unknown compression ${compression}`);
  }
  return { ...info, totalPixels: width * height, next: findNext() };

  /** Where another bitmap may start: known for plain pixels, to be looked for behind RLE. */
  function findNext(): number | undefined {
    const pixels = start + reader.u32(start + 10, true);
    if (compression !== RLE8 && compression !== RLE4) {
      const end = pixels + Math.ceil(width * bitsPerPixel / 32) * 4 * height;
      return end > start && isBitmapFile(reader, end) ? end : undefined;
    }
    if (reader.length > MAX_PACKED_BYTES) {
      throw undecodable(`The BMP file packs its pixels into more than ${MAX_PACKED_BYTES} bytes`);
    }
    for (let at = Math.max(pixels, start + 26);; at++) {
      at = reader.bytes.indexOf(0x42, at);
      if (at === -1) return undefined;
      reader.step();
      if (isBitmapFile(reader, at)) return at;
    }
  }
}

function isBitmapFile(reader: ByteReader, at: number): boolean {
  return reader.has(at, "BM") && isBitmapHeader(reader, at + 14);
}

function reversed(text: string): string {
  return [...text].reverse().join("");
}
