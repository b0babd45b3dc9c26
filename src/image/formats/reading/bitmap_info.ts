// The many generations of the header that a bitmap has inside BMP and ICO files.

import type { ByteReader } from "./byte_reader.ts";

/** BITMAPCOREHEADER, which has sides of 16 bits. */
const CORE_SIZE = 12;
/** OS/2 2 short, INFO, V2, V3, OS/2 2, V4, V5. */
const INFO_SIZES = [16, 40, 52, 56, 64, 108, 124];
/** The compression of plain pixels with a mask for alpha. */
export const ALPHA_BITFIELDS = 6;

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

function reversed(text: string): string {
  return [...text].reverse().join("");
}
