// Quantisation as everyone does it: the tables of the standard (T.81 annex K.1), scaled by a quality of
// 1…100 in the way of the Independent JPEG Group, so that a number means the same everywhere.
import { ZIGZAG } from "./zigzag.ts";

// deno-fmt-ignore
const STANDARD = {
  luma: [
    16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56,
    14, 17, 22, 29, 51, 87, 80, 62, 18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92,
    49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
  ],
  chroma: [
    17, 18, 24, 47, 99, 99, 99, 99, 18, 21, 26, 66, 99, 99, 99, 99, 24, 26, 56, 99, 99, 99, 99, 99,
    47, 66, 99, 99, 99, 99, 99, 99, ...Array<number>(32).fill(99),
  ],
};

/** What coefficients are divided by, in the order of the file. */
export function quantitiesFor(kind: keyof typeof STANDARD, quality: number): Uint8Array {
  const percent = quality < 50 ? Math.trunc(5000 / quality) : 200 - quality * 2;
  return Uint8Array.from(ZIGZAG, (place) => {
    const scaled = Math.trunc((STANDARD[kind][place]! * percent + 50) / 100);
    return Math.min(255, Math.max(1, scaled));
  });
}
