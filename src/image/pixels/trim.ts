// Finds the border of one colour. The colour is that of the top left pixel of the picture as it is
// seen, which after turning is another corner of the stored one.
import type { Rect, Size } from "./geometry.ts";

export interface Samples extends Size {
  /** Interleaved samples of 8 bits, row by row. */
  data: Uint8Array;
  channels: number;
  /** Whether the last channel is alpha: where it is 0 (or tolerated), the other samples do not count. */
  hasAlpha: boolean;
}

/**
 * The smallest rectangle outside of which every pixel has the colour of the pixel at x and y, give or
 * take `tolerance` levels of 255 in each channel; undefined where the whole picture has it.
 */
export function trimBox(
  picture: Samples,
  { x: cornerX, y: cornerY, tolerance = 0 }: { x: number; y: number; tolerance?: number },
): Rect | undefined {
  const { width, height, channels, data, hasAlpha } = picture;
  const base = (cornerY * width + cornerX) * channels;
  const differs = (pixel: number) => {
    const offset = pixel * channels;
    const alpha = channels - 1;
    if (hasAlpha && data[offset + alpha]! <= tolerance && data[base + alpha]! <= tolerance) {
      return false;
    }
    for (let channel = 0; channel < channels; channel++) {
      if (Math.abs(data[offset + channel]! - data[base + channel]!) > tolerance) return true;
    }
    return false;
  };
  const rowDiffers = (y: number) => {
    for (let x = 0; x < width; x++) if (differs(y * width + x)) return true;
    return false;
  };
  let top = 0;
  while (top < height && !rowDiffers(top)) top++;
  if (top === height) return undefined;
  let bottom = height - 1;
  while (!rowDiffers(bottom)) bottom--;
  let left = width;
  let right = -1;
  for (let y = top; y <= bottom; y++) {
    for (let x = 0; x < left; x++) if (differs(y * width + x)) left = x;
    for (let x = width - 1; x > right; x--) if (differs(y * width + x)) right = x;
  }
  return { x: left, y: top, width: right - left + 1, height: bottom - top + 1 };
}

/** The smallest rectangle that holds both. */
export function union(a: Rect, b: Rect): Rect {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return {
    x,
    y,
    width: Math.max(a.x + a.width, b.x + b.width) - x,
    height: Math.max(a.y + a.height, b.y + b.height) - y,
  };
}
