// The three run-length codes of BMP: of indices of 8 and 4 bits, and of OS/2's pixels of 24.

import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import type { BitmapInfo } from "../reading/bitmap_info.ts";

const END_OF_LINE = 0, END_OF_BITMAP = 1, DELTA = 2;

/**
 * The pixels as RGB; what the code skips, or is missing behind its end, is black, as Chromium shows it.
 * Partial is what ends without a word.
 */
export function unpackRle(
  data: Uint8Array,
  { width, height, topDown, compression }: BitmapInfo,
  palette: Uint8Array,
): { pixels: PixelBuffer; isPartial: boolean } {
  const rgb = new Uint8Array(width * height * 3);
  let x = 0, row = 0, isPartial = true;

  function paint(colours: Uint8Array, index: number): void {
    if (x < width) {
      const to = ((topDown ? row : height - 1 - row) * width + x) * 3;
      rgb[to] = colours[index * 3]!;
      rgb[to + 1] = colours[index * 3 + 1]!;
      rgb[to + 2] = colours[index * 3 + 2]!;
    }
    x++;
  }

  /** Paints so many pixels that are stored at `at`, or again and again those of one unit. */
  function paintRun(at: number, { count, repeated }: { count: number; repeated: boolean }): void {
    for (let i = 0; i < count; i++) {
      if (compression === "rle24") {
        const from = at + (repeated ? 0 : i * 3);
        paint(Uint8Array.of(data[from + 2] ?? 0, data[from + 1] ?? 0, data[from] ?? 0), 0);
      } else if (compression === "rle8") {
        paint(palette, data[at + (repeated ? 0 : i)] ?? 0);
      } else {
        const byte = data[at + (repeated ? 0 : i >> 1)] ?? 0;
        paint(palette, i & 1 ? byte & 15 : byte >> 4);
      }
    }
  }

  for (let at = 0; at + 2 <= data.length && row < height;) {
    const count = data[at]!, second = data[at + 1]!;
    if (count > 0) {
      paintRun(at + 1, { count, repeated: true });
      at += compression === "rle24" ? 4 : 2;
    } else if (second === END_OF_LINE) {
      x = 0;
      row++;
      at += 2;
    } else if (second === END_OF_BITMAP) {
      isPartial = false;
      break;
    } else if (second === DELTA) {
      x += data[at + 2] ?? 0;
      row += data[at + 3] ?? 0;
      at += 4;
    } else {
      paintRun(at + 2, { count: second, repeated: false });
      const bytes = compression === "rle24"
        ? second * 3
        : compression === "rle8"
        ? second
        : second + 1 >> 1;
      at += 2 + bytes + (bytes & 1);
    }
  }
  const pixels = { data: rgb, width, height, channels: 3, hasAlpha: false } as const;
  const isFull = row >= height || (row === height - 1 && x >= width);
  return { pixels, isPartial: isPartial && !isFull };
}
