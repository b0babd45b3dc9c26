// The plain pixels of a bitmap, as BMP and ICO files hold them: a palette, and rows padded to 32 bits.

import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import type { BitmapInfo } from "../reading/bitmap_info.ts";
import type { RowReader } from "./bitmap_rows.ts";

/** RGB triplets for all indices, black for those that the file leaves out before the pixels begin. */
export function readPalette(
  bytes: Uint8Array,
  { bitsPerPixel, end, colours, colourSize }: BitmapInfo,
  pixelsAt: number,
): Uint8Array {
  const palette = new Uint8Array(256 * 3);
  if (bitsPerPixel > 8) return palette;
  const room = Math.min(pixelsAt > end ? pixelsAt : bytes.length, bytes.length) - end;
  const most = 2 ** bitsPerPixel;
  const count = Math.min(colours || most, most, Math.floor(room / colourSize));
  for (let index = 0; index < count; index++) {
    const at = end + index * colourSize;
    palette[index * 3] = bytes[at + 2]!;
    palette[index * 3 + 1] = bytes[at + 1]!;
    palette[index * 3 + 2] = bytes[at]!;
  }
  return palette;
}

export interface ReadRows {
  pixels: PixelBuffer;
  /** Whether rows are missing. */
  isPartial: boolean;
}

/** Bytes of a row of so many pixels. */
export function rowBytes(width: number, bitsPerPixel: number): number {
  return Math.ceil(width * bitsPerPixel / 32) * 4;
}

/** The pixels, RGB or RGBA; rows that the data does not hold whole are transparent. */
export function readRows(
  data: Uint8Array,
  { width, height, topDown, bitsPerPixel }: BitmapInfo,
  { channels, read }: RowReader,
): ReadRows {
  const stride = rowBytes(width, bitsPerPixel);
  // The last row need not be padded.
  const unpadded = Math.ceil(width * bitsPerPixel / 8);
  const rows = Math.min(height, Math.floor((data.length + stride - unpadded) / stride));
  const isPartial = rows < height;
  const out = new Uint8Array(width * height * channels);
  for (let row = 0; row < rows; row++) {
    const y = topDown ? row : height - 1 - row;
    read(data, row * stride, out.subarray(y * width * channels, (y + 1) * width * channels));
  }
  const pixels = { data: out, width, height, channels, hasAlpha: channels === 4 };
  if (!isPartial || channels === 4) return { pixels, isPartial };
  const missing = topDown ? [rows, height] as const : [0, height - rows] as const;
  const alphaAt = (_: number, y: number) => y >= missing[0] && y < missing[1] ? 0 : 255;
  return { pixels: withAlpha(pixels, alphaAt), isPartial };
}

/** RGBA of RGB, with the alpha of each place. */
export function withAlpha(
  { data, width, height }: PixelBuffer,
  alphaAt: (x: number, y: number) => number,
): PixelBuffer {
  const rgba = new Uint8Array(width * height * 4);
  for (let y = 0, from = 0, to = 0; y < height; y++) {
    for (let x = 0; x < width; x++, from += 3, to += 4) {
      rgba[to] = data[from]!;
      rgba[to + 1] = data[from + 1]!;
      rgba[to + 2] = data[from + 2]!;
      rgba[to + 3] = alphaAt(x, y);
    }
  }
  return { data: rgba, width, height, channels: 4, hasAlpha: true };
}
