// BMP: the file header, of which only the place of the pixels is to be trusted, and the bitmap behind it.

import { type BitmapInfo, readBitmapInfo } from "../reading/bitmap_info.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { type ColorModel, type HeaderFacts, undecodable } from "../reading/image_header.ts";

/** Where the bitmap header begins. */
export const BITMAP_AT = 14;
/** Bits of a pixel; an RLE has its own. */
const DEPTHS = [1, 2, 4, 8, 16, 24, 32, 64];
const RLE_DEPTHS = { rle8: 8, rle4: 4, rle24: 24 } as const;

/** The header of a BMP file. */
export function readBmp(reader: ByteReader): HeaderFacts {
  const info = readBitmap(reader);
  const { width, height, bitsPerPixel, hasAlpha, profile } = info;
  return {
    width,
    height,
    frames: 1,
    animated: false,
    orientation: 1,
    hasAlpha,
    bitDepth: 8,
    colorModel: (bitsPerPixel <= 8 ? "indexed" : "rgb") satisfies ColorModel,
    hasProfile: profile !== undefined,
    totalPixels: width * height,
  };
}

/** The bitmap header of a BMP file whose pixels can be decoded. */
export function readBitmap(reader: ByteReader): BitmapInfo {
  reader.need(BITMAP_AT + 12, "bitmap header");
  const info = readBitmapInfo(reader, BITMAP_AT);
  const { width, height, bitsPerPixel, compression } = info;
  if (width === 0 || height === 0) throw undecodable(`The BMP file is ${width}x${height} pixels`);
  if (compression === "jpeg" || compression === "png") {
    throw undecodable("The BMP file wraps a JPEG or PNG file");
  }
  if (compression === undefined || compression === "huffman") {
    throw undecodable("The BMP file is compressed in a way that is not decoded");
  }
  const isKnown = compression === "none"
    ? DEPTHS.includes(bitsPerPixel)
    : compression === "bitfields"
    ? bitsPerPixel >= 16 && DEPTHS.includes(bitsPerPixel)
    : bitsPerPixel === RLE_DEPTHS[compression];
  if (!isKnown) {
    throw undecodable(`The BMP file has ${bitsPerPixel} bits per pixel, which is not decoded`);
  }
  return info;
}
