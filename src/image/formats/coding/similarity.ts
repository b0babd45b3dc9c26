// How alike two pictures look: structural similarity (Wang, Bovik, Sheikh and Simoncelli, 2004, equation 13) of
// their brightness, averaged over the windows in which there is something to see. Over all windows a page of text
// would pass for unharmed at a low quality, since most of it is plain.
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";

/** Brightness from 0 to 255, in rows without gaps. */
export interface Luma {
  values: Float32Array;
  width: number;
  height: number;
}

/** The level that is seen through transparency. */
const BENEATH = 128;

/** The brightness of a picture, over middle grey where it is transparent; of CMYK, of the first three inks. */
export function lumaOf({ data, width, height, channels, hasAlpha }: PixelBuffer): Luma {
  const values = new Float32Array(width * height);
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  for (let at = 0, from = 0; at < values.length; at++, from += channels) {
    const value = 0.299 * data[from]! + 0.587 * data[from + green]! + 0.114 * data[from + blue]!;
    const share = hasAlpha ? data[from + channels - 1]! / 255 : 1;
    values[at] = share === 1 ? value : value * share + BENEATH * (1 - share);
  }
  return { values, width, height };
}

/** Side of the blocks in pixels, of which a window has two by two, so that windows overlap by half. */
const BLOCK = 4;
const WINDOW = (2 * BLOCK) ** 2;
/** The constants of the paper for 256 levels. */
const C1 = (0.01 * 255) ** 2, C2 = (0.03 * 255) ** 2;
/** Levels squared, at which a window of either picture is more than plain. */
const LEAST_VARIANCE = 4;
/** What is summed up of each block: a, b, a², b², ab. */
const SUMS = 5;

/** The similarity of two pictures of the same size, 1 where they are equal; negative for the unlike. */
export function similarity(a: Luma, b: Luma): number {
  const columns = Math.floor(a.width / BLOCK), rows = Math.floor(a.height / BLOCK);
  let above = new Float64Array(columns * SUMS), below = new Float64Array(columns * SUMS);
  let total = 0, windows = 0;
  for (let row = 0; row < rows; row++) {
    [above, below] = [below, above];
    sumBlocks(below, { a, b, columns, row });
    if (row === 0) continue;
    for (let at = 0; at + SUMS < below.length; at += SUMS) {
      const meanA = windowSum(above, below, at) / WINDOW;
      const meanB = windowSum(above, below, at + 1) / WINDOW;
      const varianceA = windowSum(above, below, at + 2) / WINDOW - meanA * meanA;
      const varianceB = windowSum(above, below, at + 3) / WINDOW - meanB * meanB;
      if (varianceA < LEAST_VARIANCE && varianceB < LEAST_VARIANCE) continue;
      const covariance = windowSum(above, below, at + 4) / WINDOW - meanA * meanB;
      total += (2 * meanA * meanB + C1) * (2 * covariance + C2) /
        ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2));
      windows++;
    }
  }
  return windows > 0 ? total / windows : 1;
}

function sumBlocks(
  sums: Float64Array,
  { a, b, columns, row }: { a: Luma; b: Luma; columns: number; row: number },
): void {
  sums.fill(0);
  const { values: first, width } = a;
  const { values: second } = b;
  for (let y = row * BLOCK; y < (row + 1) * BLOCK; y++) {
    for (let column = 0, at = y * width, to = 0; column < columns; column++, to += SUMS) {
      let sumA = 0, sumB = 0, squareA = 0, squareB = 0, product = 0;
      for (const end = at + BLOCK; at < end; at++) {
        const p = first[at]!, q = second[at]!;
        sumA += p;
        sumB += q;
        squareA += p * p;
        squareB += q * q;
        product += p * q;
      }
      sums[to]! += sumA;
      sums[to + 1]! += sumB;
      sums[to + 2]! += squareA;
      sums[to + 3]! += squareB;
      sums[to + 4]! += product;
    }
  }
}

/** One sum over the two by two blocks of a window, the first of which begins at `at`. */
function windowSum(above: Float64Array, below: Float64Array, at: number): number {
  return above[at]! + above[at + SUMS]! + below[at]! + below[at + SUMS]!;
}
