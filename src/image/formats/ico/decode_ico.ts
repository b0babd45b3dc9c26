// The bitmap of an icon or cursor: colours, then a mask of one bit. The engine's reader takes transparent
// pixels for white, and the first of several depths.

import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { readPalette, type ReadRows, readRows, rowBytes, withAlpha } from "../coding/bitmap.ts";
import { rowReader } from "../coding/bitmap_rows.ts";
import type { BitmapInfo } from "../reading/bitmap_info.ts";
import { createReader } from "../reading/byte_reader.ts";
import { undecodable } from "../reading/image_header.ts";
import { bestEntry } from "./ico_entry.ts";

const ICO = { name: "ICO", maxSteps: 10_000 };
const DEPTHS = [1, 4, 8, 16, 24, 32];

/** The PNG file that the best picture is; undefined where that is a bitmap. */
export function pngInIcon(bytes: Uint8Array): Uint8Array | undefined {
  const { start, bitmap } = bestEntry(createReader(bytes, ICO));
  return bitmap ? undefined : bytes.subarray(start);
}

/** The pixels of the best picture, which must be a bitmap, as RGBA. */
export function decodeIconBitmap(bytes: Uint8Array): ReadRows {
  const { bitmap } = bestEntry(createReader(bytes, ICO));
  if (!bitmap) throw new TypeError("The picture of the icon is a PNG");
  const { bitsPerPixel, compression, colours, colourSize, width, height, masks } = bitmap;
  const isPlain = compression === "none" || compression === "bitfields";
  if (!isPlain || !DEPTHS.includes(bitsPerPixel)) {
    throw undecodable("The ICO file has a picture that is compressed in a way that is not decoded");
  }
  const listed = bitsPerPixel <= 8 ? colours || 2 ** bitsPerPixel : colours;
  const pixelsAt = bitmap.end + listed * colourSize;
  if (pixelsAt >= bytes.length) throw undecodable("The ICO file ends before its pixels");
  // The fourth byte that is reserved in BMP files is alpha here.
  const withFourth = bitsPerPixel === 32 && masks.alpha === 0
    ? { ...bitmap, masks: { ...masks, alpha: ~(masks.red | masks.green | masks.blue) } }
    : bitmap;
  const palette = readPalette(bytes, bitmap, pixelsAt);
  const data = bytes.subarray(pixelsAt);
  const { pixels, isPartial } = readRows(data, withFourth, rowReader(withFourth, palette));
  if (isPartial || (pixels.channels === 4 && !isBlank(pixels.data))) return { pixels, isPartial };
  const mask = data.subarray(rowBytes(width, bitsPerPixel) * height);
  return { pixels: masked(pixels, mask, bitmap), isPartial };
}

/** Lays the mask on: a bit that is set lets through what is below. */
function masked(pixels: PixelBuffer, mask: Uint8Array, { topDown }: BitmapInfo): PixelBuffer {
  const { width, height } = pixels;
  const stride = rowBytes(width, 1);
  const alphaAt = (x: number, y: number) => {
    const row = topDown ? y : height - 1 - y;
    const byte = mask[row * stride + (x >> 3)] ?? 0;
    return byte >> (7 - (x & 7)) & 1 ? 0 : 255;
  };
  if (pixels.channels === 3) return withAlpha(pixels, alphaAt);
  for (let at = 3, pixel = 0; at < pixels.data.length; at += 4, pixel++) {
    pixels.data[at] = alphaAt(pixel % width, Math.floor(pixel / width));
  }
  return pixels;
}

/** Whether no pixel is seen: then the fourth byte is reserved after all, and the mask decides. */
function isBlank(rgba: Uint8Array): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 0) return false;
  return true;
}
