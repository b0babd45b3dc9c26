// What the next bits of a scan mean, laid out for the kernel (decode_kernel.as.ts names the parts).
import type { HuffmanCodes } from "./jpeg_file.ts";

/** Bytes that a table takes. */
export const LOOKUP_BYTES = 20_624 + 256;

const PEEK = 10, SKIP_PEEK = 12;
const OPEN = 0x80, LAST_OF_BLOCK = 0x8000;

/** Writes the table of DC differences or AC coefficients to `at`. */
export function writeLookup(
  memory: ArrayBuffer,
  { codes, at, isDc }: { codes: HuffmanCodes; at: number; isDc: boolean },
): void {
  const values = new Int32Array(memory, at, 1 << PEEK).fill(0);
  const limits = new Int32Array(memory, at + 20_480, 18).fill(0);
  const offsets = new Int32Array(memory, at + 20_552, 18).fill(0);
  new Uint8Array(memory, at + 20_624, 256).fill(0).set(codes.symbols);
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
      const room = PEEK - length;
      for (let rest = 0; rest < 1 << room; rest++) {
        const index = code << room | rest;
        values[index] = meaning(symbol, { length, rest, room, isDc });
      }
    }
    limits[length] = code << (16 - length);
    code <<= 1;
  }
  const skips = new Int32Array(memory, at + 4096, 1 << SKIP_PEEK);
  if (!isDc) { for (let bits = 0; bits < skips.length; bits++) skips[bits] = skip(bits, starts); }
}

/** Value, run and bits of a code with the bits behind it where there is room for them, else what is known. */
function meaning(
  symbol: number,
  { length, rest, room, isDc }: { length: number; rest: number; room: number; isDc: boolean },
): number {
  const size = symbol & 15;
  const open = symbol << 8 | OPEN | length;
  if (size > room || (size === 0 && !isDc)) return open;
  const bits = rest >> (room - size);
  const value = size === 0 ? 0 : bits < 1 << (size - 1) ? bits - (1 << size) + 1 : bits;
  return value << 16 | (symbol >> 4) << 8 | (length + size);
}

/** What all symbols that lie whole in these bits pass over: coefficients, bits, and perhaps the block's end. */
function skip(bits: number, starts: Uint16Array): number {
  let length = 0;
  let coefficients = 0;
  while (true) {
    const start = starts[(bits << length) & (starts.length - 1)]!;
    const symbol = start >> 4, size = symbol & 15;
    const end = length + (start & 15) + size;
    if (start === 0 || end > SKIP_PEEK || coefficients > 63) return coefficients << 8 | length;
    length = end;
    if (size === 0 && symbol !== 0xf0) return LAST_OF_BLOCK | coefficients << 8 | length;
    coefficients += (symbol >> 4) + 1;
  }
}
