// What a progressive JPEG that ends early does not tell: coefficients estimated from the first ones of the blocks
// around (T.81 annex K.8), so that no blocks show. The weights over 5 × 5 blocks are libjpeg-turbo's, since 2.1, and
// so what browsers show.
import { BLOCK, type Layout, type Plane } from "./scan_layout.ts";
import { ZIGZAG } from "./zigzag.ts";

/** The first coefficients of blocks, row by row. */
interface FirstCoefficients {
  values: Int16Array;
  across: number;
  down: number;
}

interface Estimated {
  /** All coefficients of the block, by their places. */
  block: Int16Array;
  quantities: Uint16Array;
  /** The lowest bits of coefficients that are known, in the order of the file; -1 for nothing, 0 for all. */
  known: Int8Array;
}

/** Coefficients that can be estimated, the first one with them, in the order of the file. */
const ESTIMATED = 10;

const REACH = 2, SIDE = 5;

/** For the second to the sixth coefficient where some are known, each for blocks of rows around. */
// deno-fmt-ignore
const SHARP: readonly (readonly number[] | undefined)[] = [
  undefined,
  [0, 0, 0, 0, 0,  0, 0, 0, 0, 0,  -7, 50, 0, -50, 7,  0, 0, 0, 0, 0,  0, 0, 0, 0, 0],
  [0, 0, -7, 0, 0,  0, 0, 50, 0, 0,  0, 0, 0, 0, 0,  0, 0, -50, 0, 0,  0, 0, 7, 0, 0],
  [0, 0, -1, 0, 0,  0, 0, 13, 0, 0,  0, 0, -24, 0, 0,  0, 0, 13, 0, 0,  0, 0, -1, 0, 0],
  [0, -1, 0, 1, 0,  -1, 10, 0, -10, 1,  0, 0, 0, 0, 0,  1, -10, 0, 10, -1,  0, 1, 0, -1, 0],
  [0, 0, 0, 0, 0,  0, 0, 0, 0, 0,  -1, 13, -24, 13, -1,  0, 0, 0, 0, 0,  0, 0, 0, 0, 0],
];

/** For all ten where nothing but the first ones is known, and for these themselves. */
// deno-fmt-ignore
const SOFT: readonly (readonly number[])[] = [
  [-2, -6, -8, -6, -2,  -6, 6, 42, 6, -6,  -8, 42, 152, 42, -8,  -6, 6, 42, 6, -6,  -2, -6, -8, -6, -2],
  [-1, -1, 0, 1, 1,  -3, 13, 0, -13, 3,  -3, 38, 0, -38, 3,  -3, 13, 0, -13, 3,  -1, -1, 0, 1, 1],
  [-1, -3, -3, -3, -1,  -1, 13, 38, 13, -1,  0, 0, 0, 0, 0,  1, -13, -38, -13, 1,  1, 3, 3, 3, 1],
  [0, 0, 1, 0, 0,  0, 2, 7, 2, 0,  0, -5, -14, -5, 0,  0, 2, 7, 2, 0,  0, 0, 1, 0, 0],
  [-1, 0, 0, 0, 1,  0, 9, 0, -9, 0,  0, 0, 0, 0, 0,  0, -9, 0, 9, 0,  1, 0, 0, 0, -1],
  [0, 0, 0, 0, 0,  0, 2, -5, 2, 0,  1, 7, -14, 7, 1,  0, 2, -5, 2, 0,  0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0,  0, 1, 0, -1, 0,  0, 2, 0, -2, 0,  0, 1, 0, -1, 0,  0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0,  0, 1, -3, 1, 0,  0, 0, 0, 0, 0,  0, -1, 3, -1, 0,  0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0,  0, 1, 0, -1, 0,  0, -3, 0, 3, 0,  0, 1, 0, -1, 0,  0, 0, 0, 0, 0],
  [0, 0, 0, 0, 0,  0, 1, 2, 1, 0,  0, 0, 0, 0, 0,  0, -1, -2, -1, 0,  0, 0, 0, 0, 0],
];

/** What estimates the coefficients of one block after another that are 0 and not known to the last bit. */
export function createEstimator(
  { values, across, down }: FirstCoefficients,
): (at: { column: number; row: number }, estimated: Estimated) => void {
  const around = new Int32Array(SIDE * SIDE);

  return ({ column, row }, { block, quantities, known }) => {
    for (let y = 0; y < SIDE; y++) {
      const from = Math.min(down - 1, Math.max(0, row + y - REACH)) * across;
      for (let x = 0; x < SIDE; x++) {
        around[y * SIDE + x] =
          values[from + Math.min(across - 1, Math.max(0, column + x - REACH))]!;
      }
    }
    const isSoft = known.subarray(1, ESTIMATED).every((low) => low === -1);
    // The first one last: the others are made of what it was, which is why it is among those around.
    for (let k = ESTIMATED - 1; k >= 0; k--) {
      const place = ZIGZAG[k]!, low = known[k]!;
      const weights = (isSoft ? SOFT : SHARP)[k];
      if (!weights || (k > 0 && (low === 0 || block[place] !== 0))) continue;
      let sum = 0;
      for (let at = 0; at < weights.length; at++) sum += weights[at]! * around[at]!;
      const size = estimate(sum * quantities[0]!, quantities[place]!);
      // What is known of it is 0: it has no bit above those that are missing.
      const most = k > 0 && low > 0 ? 2 ** low - 1 : Infinity;
      block[place] = Math.sign(sum) * Math.min(most, size);
    }
  };
}

/** Weights are in 256 parts. */
function estimate(sum: number, quantity: number): number {
  return Math.trunc((quantity * 128 + Math.abs(sum)) / (quantity * 256));
}

/**
 * Puts estimates into the coefficients of a picture of which something has not arrived. Below `lastRow`, of MCUs, the
 * last scan has brought nothing.
 */
export function makeUp({ planes, heap }: Layout, lastRow: number): void {
  const isNeeded = planes.some(({ known }) =>
    known.subarray(1, ESTIMATED).some((low) => low !== 0)
  );
  if (!isNeeded || !planes.every((plane) => isEstimable(plane, heap))) return;
  const each = BLOCK / 2;
  for (const plane of planes) {
    const { blocksAcross, ownAcross, ownDown, coefficients, component } = plane;
    const all = new Int16Array(heap.buffer, coefficients, blocksAcross * ownDown * each);
    const values = new Int16Array(ownAcross * ownDown);
    for (let row = 0, at = 0; row < ownDown; row++) {
      for (let column = 0; column < ownAcross; column++) {
        values[at++] = all[(row * blocksAcross + column) * each]!;
      }
    }
    const quantities = quantitiesOf(plane, heap);
    const estimate = createEstimator({ values, across: ownAcross, down: ownDown });
    for (let row = 0; row < ownDown; row++) {
      const isBelow = Math.floor(row / component.down) > lastRow;
      const known = isBelow ? plane.knownBefore : plane.known;
      for (let column = 0; column < ownAcross; column++) {
        const from = (row * blocksAcross + column) * each;
        const block = all.subarray(from, from + each);
        estimate({ column, row }, { block, quantities, known });
      }
    }
  }
}

/** Whether the first coefficients have arrived, and nothing would be divided by 0. */
function isEstimable(plane: Plane, heap: Uint8Array<ArrayBuffer>): boolean {
  const quantities = quantitiesOf(plane, heap);
  return plane.known[0]! >= 0 &&
    ZIGZAG.slice(0, ESTIMATED).every((place) => quantities[place] !== 0);
}

function quantitiesOf({ quantities }: Plane, heap: Uint8Array<ArrayBuffer>): Uint16Array {
  return new Uint16Array(heap.buffer, quantities, 64);
}
