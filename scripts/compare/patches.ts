// How far two pictures are apart in what they show, whoever resampled and encoded them.
import { look } from "../../tests/testing/pictures.ts";

/** How far apart lossy coding and another filter leave patches that show the same, in levels. */
export const MOST_APART = 45;
/** Patches along a side. */
const PATCHES = 5;

/** How far two pictures are apart, in levels of a channel, where each is made of a few large patches. */
export function apart(a: Uint8Array, b: Uint8Array): number {
  const [one, other] = [a, b].map((bytes) => patches(bytes));
  return Math.max(...one!.map((level, at) => Math.abs(level - other![at]!)));
}

/** The middle levels of the patches of the first frame, before white. */
function patches(bytes: Uint8Array): number[] {
  const { width, height, frames } = look(bytes);
  const { rgba } = frames[0]!;
  const levels: number[] = [];
  for (let row = 0; row < PATCHES; row++) {
    for (let column = 0; column < PATCHES; column++) {
      const sums = [0, 0, 0];
      let count = 0;
      for (let y = Math.floor(row * height / PATCHES); y < (row + 1) * height / PATCHES; y++) {
        for (
          let x = Math.floor(column * width / PATCHES);
          x < (column + 1) * width / PATCHES;
          x++
        ) {
          const start = (y * width + x) * 4;
          const alpha = (rgba[start + 3] ?? 255) / 255;
          for (let channel = 0; channel < 3; channel++) {
            sums[channel]! += (rgba[start + channel] ?? 0) * alpha + 255 * (1 - alpha);
          }
          count++;
        }
      }
      levels.push(...sums.map((sum) => sum / Math.max(1, count)));
    }
  }
  return levels;
}
