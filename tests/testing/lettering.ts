// Text as options take it, and what of it is seen.
import type { Decoded } from "./pictures.ts";

/** The base64url of a text. */
export function encoded(text: string): string {
  return new TextEncoder().encode(text).toBase64({ alphabet: "base64url", omitPadding: true });
}

export interface Ink {
  /** The rectangle of pixels that differ from the corner of the picture that is named. */
  left: number;
  top: number;
  right: number;
  bottom: number;
  /** How many they are. */
  pixels: number;
}

/** What differs, by more than a tenth of the range, from a picture of one colour; undefined for nothing. */
export function inkOf(
  { width, height, frames }: Decoded,
  { paper = [0, 0, 255, 255], frame = 0 }: { paper?: readonly number[]; frame?: number } = {},
): Ink | undefined {
  const { rgba } = frames[frame]!;
  const ink = { left: width, top: height, right: 0, bottom: 0, pixels: 0 };
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = (y * width + x) * 4;
      if (paper.every((sample, channel) => Math.abs(sample - rgba[at + channel]!) < 26)) continue;
      ink.left = Math.min(ink.left, x);
      ink.right = Math.max(ink.right, x + 1);
      ink.top = Math.min(ink.top, y);
      ink.bottom = Math.max(ink.bottom, y + 1);
      ink.pixels++;
    }
  }
  return ink.pixels > 0 ? ink : undefined;
}
