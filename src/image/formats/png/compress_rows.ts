// The last step of a PNG: filtered rows to a zlib stream, by the runtime, and how hard it is tried.
import { deflateSync } from "node:zlib";
import type { Effort } from "../coding/encoding.ts";
import type { FilteredRows } from "./rows/filters.ts";

/** The level of zlib, which is the runtime's, whose 6 takes less time than the engine's 1. */
export function levelOf(effort: Effort): number {
  return [3, USUAL, 9][effort - 1]!;
}

const USUAL = 6;
/** What photos have more of and drawings less, even those with soft edges. */
const GRAIN = 3;
/** Where nothing repeats itself, looking for it longer takes twice the time for a fiftieth of the bytes. */
const OF_GRAIN = 3;

/** The rows at this level, but for the usual one only where there is something to find. */
export function compressRows({ rows, grain }: FilteredRows, level: number): Uint8Array {
  // An uneven split of the output would have it copied once more.
  const chunkSize = 65_536 + (rows.length >> 1);
  return deflateSync(rows, {
    level: level === USUAL && grain > GRAIN ? OF_GRAIN : level,
    chunkSize,
  });
}
