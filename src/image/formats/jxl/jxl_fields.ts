// The kinds of fields that JPEG XL headers are written with (ISO 18181-1 annex B).

import type { BitReader } from "../reading/bit_reader.ts";
import { undecodable } from "../reading/image_header.ts";

/** One of four ways to write a number: each a constant, or some bits and what to add to them. */
export function readU32(
  { bits }: BitReader,
  ways: readonly (number | { bits: number; add: number })[],
): number {
  const way = ways[bits(2)] ?? 0;
  return typeof way === "number" ? way : bits(way.bits) + way.add;
}

/** The number of a named value. */
export function readEnum(stream: BitReader): number {
  return readU32(stream, [0, 1, { bits: 4, add: 2 }, { bits: 6, add: 18 }]);
}

/** A 64-bit number of variable length, as far as 2^53 is exact. */
export function readU64({ bits, flag }: BitReader): number {
  const selector = bits(2);
  if (selector === 0) return 0;
  if (selector === 1) return 1 + bits(4);
  if (selector === 2) return 17 + bits(8);
  let value = bits(12);
  for (let shift = 12; shift < 64 && flag(); shift += 8) {
    value += bits(shift === 60 ? 4 : 8) * 2 ** shift;
  }
  return value;
}

/** A name, of a channel or a frame: its length, then its bytes. */
export function skipName(stream: BitReader): void {
  const length = readU32(stream, [
    0,
    ...[[4, 0], [5, 16], [10, 48]].map(
      ([count = 0, add = 0]) => ({ bits: count, add }),
    ),
  ]);
  stream.skipBytes(length);
}

/** Extensions have never been defined: one that is there cannot be skipped with certainty. */
export function skipExtensions(stream: BitReader): void {
  if (readU64(stream) !== 0) throw undecodable("The JPEG XL file has an unknown extension");
}
