// The many generations of the header that a bitmap has inside BMP and ICO files: BITMAPCOREHEADER of 12 bytes,
// BITMAPINFOHEADER of 40 and what was added to it (52, 56, 108, 124), and OS/2's own of 16 to 64.

import type { ByteReader } from "./byte_reader.ts";

const CORE_SIZE = 12, INFO_SIZE = 40;
const WINDOWS_SIZES = [INFO_SIZE, 52, 56, 108, 124];
const OS2_LARGEST = 64;
/** Sizes that files in use have although they cut a field in two. */
const OS2_ODD_SIZES = [42, 46];

export type Compression =
  | "none"
  | "rle8"
  | "rle4"
  | "rle24"
  | "bitfields"
  | "huffman"
  | "jpeg"
  | "png";

/** Which bits of a pixel are the sample of a channel; 0 is no such channel. */
export interface ChannelMasks {
  red: number;
  green: number;
  blue: number;
  alpha: number;
}

export interface BitmapInfo {
  width: number;
  height: number;
  /** Whether the first row is the highest. */
  topDown: boolean;
  bitsPerPixel: number;
  /** Undefined where the number means nothing. */
  compression: Compression | undefined;
  masks: ChannelMasks;
  /** Where the palette begins, which is where the pixels do if there is none. */
  end: number;
  /** Colours of the palette as the header counts them; 0 is as many as the bits can tell. */
  colours: number;
  /** Bytes of one of them. */
  colourSize: 3 | 4;
  hasAlpha: boolean;
  /** The embedded profile. */
  profile: { start: number; end: number } | undefined;
}

/** Whether the size in bytes that stands at `at` is that of a bitmap header. */
export function isBitmapHeader(reader: ByteReader, at: number): boolean {
  if (at + 4 > reader.length) return false;
  const size = reader.u32(at, true);
  return size === CORE_SIZE || WINDOWS_SIZES.includes(size) || isOs2(size);
}

/** The bitmap header at `at`: that of a BMP file, or of an entry of an ICO file. */
export function readBitmapInfo(reader: ByteReader, at: number): BitmapInfo {
  const size = reader.u32(at, true);
  if (size === CORE_SIZE) {
    return {
      width: reader.u16(at + 4, true),
      height: reader.u16(at + 6, true),
      topDown: false,
      bitsPerPixel: reader.u16(at + 10, true),
      compression: "none",
      masks: NO_MASKS,
      end: at + CORE_SIZE,
      colours: 0,
      colourSize: 3,
      hasAlpha: false,
      profile: undefined,
    };
  }
  const height = reader.i32(at + 8, true);
  const bitsPerPixel = reader.u16(at + 14, true);
  const number = size >= 20 ? reader.u32(at + 16, true) : 0;
  const compression = compressionOf(number, { size, bitsPerPixel });
  const { masks, end } = readMasks(reader, { at, size, bitsPerPixel, number, compression });
  return {
    width: Math.max(0, reader.i32(at + 4, true)),
    height: Math.abs(height),
    topDown: height < 0,
    bitsPerPixel,
    compression,
    masks,
    end,
    colours: size >= 36 ? reader.u32(at + 32, true) : 0,
    colourSize: 4,
    hasAlpha: masks.alpha !== 0 || bitsPerPixel === 64,
    profile: size >= 124 && reader.has(at + 56, "DEBM") ? profileAt(reader, at) : undefined,
  };
}

const NO_MASKS: ChannelMasks = { red: 0, green: 0, blue: 0, alpha: 0 };
const DEFAULT_MASKS: Readonly<Record<number, ChannelMasks>> = {
  16: { red: 0x7c00, green: 0x3e0, blue: 0x1f, alpha: 0 },
  32: { red: 0xff0000, green: 0xff00, blue: 0xff, alpha: 0 },
};

function isOs2(size: number): boolean {
  return size >= 16 && size <= OS2_LARGEST && !WINDOWS_SIZES.includes(size) &&
    (size % 4 === 0 || OS2_ODD_SIZES.includes(size));
}

/** OS/2 has numbers of its own, also in files with the header of Windows, where only the depth gives them away. */
function compressionOf(
  number: number,
  { size, bitsPerPixel }: { size: number; bitsPerPixel: number },
): Compression | undefined {
  if (number === 3 && (isOs2(size) || bitsPerPixel === 1)) return "huffman";
  if (number === 4 && (isOs2(size) || bitsPerPixel === 24)) return "rle24";
  return (["none", "rle8", "rle4", "bitfields", "jpeg", "png", "bitfields"] as const)[number];
}

/** The masks, inside the header since its second generation, behind it before. */
function readMasks(
  reader: ByteReader,
  { at, size, bitsPerPixel, number, compression }: {
    at: number;
    size: number;
    bitsPerPixel: number;
    number: number;
    compression: Compression | undefined;
  },
): { masks: ChannelMasks; end: number } {
  const isMasked = compression === "bitfields" && (bitsPerPixel === 16 || bitsPerPixel === 32);
  if (!isMasked) return { masks: DEFAULT_MASKS[bitsPerPixel] ?? NO_MASKS, end: at + size };
  const hasAlpha = size >= 56 || number === 6;
  const [red = 0, green = 0, blue = 0, alpha = 0] = [40, 44, 48, ...(hasAlpha ? [52] : [])]
    .map((field) => reader.u32(at + field, true));
  const end = at + Math.max(size, hasAlpha ? 56 : 52);
  return { masks: { red, green, blue, alpha }, end };
}

function profileAt(reader: ByteReader, at: number): { start: number; end: number } | undefined {
  const start = at + reader.u32(at + 112, true), end = start + reader.u32(at + 116, true);
  return end > start && end <= reader.length ? { start, end } : undefined;
}
