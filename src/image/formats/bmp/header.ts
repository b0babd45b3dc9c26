// BMP: the file header, the bitmap behind it, and further ones behind that.

import { ALPHA_BITFIELDS, isBitmapHeader, readBitmapInfo } from "../reading/bitmap_info.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { type ColorModel, type ImageHeader, undecodable } from "../reading/image_header.ts";

const RLE8 = 1, RLE4 = 2, JPEG = 4, PNG = 5;

/** Packing pays for small palettes only, and where it ends must be searched for. */
const MAX_PACKED_BYTES = 16 * 2 ** 20;

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
