// What the next bits of a scan mean, laid out for the kernel (decode_kernel.as.ts names the parts).
import type { HuffmanCodes } from "./jpeg_tables.ts";

/** Bytes that a table takes. */
export const LOOKUP_BYTES = 12_432 + 256;

const PEEK = 10, SKIP_PEEK = 12;
const SPECIAL = 0x8000, LAST_OF_BLOCK = 128, UNKNOWN = 255;

/** Writes the table of DC differences or AC coefficients to `at`. */
export function writeLookup(
  memory: ArrayBuffer,
  { codes, at, isDc }: { codes: HuffmanCodes; at: number; isDc: boolean },
): void {
  const values = new Int32Array(memory, at, 1 << PEEK).fill(0);
  const limits = new Int32Array(memory, at + 12_288, 18).fill(0);
  const offsets = new Int32Array(memory, at + 12_360, 18).fill(0);
  new Uint8Array(memory, at + 12_432, 256).fill(0).set(codes.symbols);
  // Symbol and length of every code of at most 12 bits, by the bits that start with it.
  const starts = new Uint16Array(1 << SKIP_PEEK);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= 16; length++) {
    offsets[length] = place - code;
    for (let n = 0; n < codes.counts[length - 1]!; n++, code++, place++) {
      const symbol = codes.symbols[place]!;
      if (length > SKIP_PEEK) continue;
      const start = code << (SKIP_PEEK - length);
      starts.fill(symbol << 4 | length, start, start + (1 << (SKIP_PEEK - length)));
      if (length > PEEK) continue;
      const first = code << (PEEK - length);
      values.fill(meaning(symbol, length), first, first + (1 << (PEEK - length)));
    }
    limits[length] = code << (16 - length);
    code <<= 1;
  }
  const skips = new Uint16Array(memory, at + 4096, 1 << SKIP_PEEK);
  if (!isDc) { for (let bits = 0; bits < skips.length; bits++) skips[bits] = skip(bits, starts); }
}

/** The coefficients of 0 before a value, the value's bits, and those together with its code's. */
function meaning(symbol: number, length: number): number {
  const size = symbol & 15;
  return (symbol >> 4) << 16 | (size === 0 ? SPECIAL : 0) | size << 8 | (length + size);
}

/**
 * What all symbols pass over of which the codes lie whole in these bits: coefficients, of which LAST_OF_BLOCK more
 * where the block ends behind them, and bits.
 */
function skip(bits: number, starts: Uint16Array): number {
  let length = 0;
  let coefficients = 0;
  while (length < SKIP_PEEK) {
    const start = starts[(bits << length) & (starts.length - 1)]!;
    const symbol = start >> 4, size = symbol & 15;
    // The bits behind the last are not those that follow.
    if (start === 0 || length + (start & 15) > SKIP_PEEK) break;
    if (size === 0 && symbol !== 0xf0) {
      return (coefficients | LAST_OF_BLOCK) << 8 | (length + (start & 15));
    }
    const more = coefficients + (symbol >> 4) + 1;
    if (more > 63) break;
    coefficients = more;
    length += (start & 15) + size;
  }
  return (length === 0 ? UNKNOWN : coefficients) << 8 | length;
}
