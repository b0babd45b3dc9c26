// What the next bits of a scan mean, laid out for the kernel (decode_kernel.as.ts names the parts).
import type { HuffmanCodes } from "./jpeg_file.ts";

/** Bytes that a table takes. */
export const LOOKUP_BYTES = 8336 + 256;

const PEEK = 10;
const OPEN = 0x80;

/** Writes the table of DC differences or AC coefficients to `at`. */
export function writeLookup(
  memory: ArrayBuffer,
  { codes, at, isDc }: { codes: HuffmanCodes; at: number; isDc: boolean },
): void {
  const values = new Int32Array(memory, at, 1 << PEEK).fill(0);
  const skips = new Int32Array(memory, at + 4096, 1 << PEEK).fill(0);
  const limits = new Int32Array(memory, at + 8192, 18).fill(0);
  const offsets = new Int32Array(memory, at + 8264, 18).fill(0);
  new Uint8Array(memory, at + 8336, 256).fill(0).set(codes.symbols);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= 16; length++) {
    offsets[length] = place - code;
    for (let n = 0; n < codes.counts[length - 1]!; n++, code++, place++) {
      if (length > PEEK) continue;
      const symbol = codes.symbols[place]!;
      const room = PEEK - length;
      for (let rest = 0; rest < 1 << room; rest++) {
        const index = code << room | rest;
        values[index] = meaning(symbol, { length, rest, room, isDc });
        skips[index] = skip(symbol, length);
      }
    }
    limits[length] = code << (16 - length);
    code <<= 1;
  }
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

/** Coefficients that a symbol passes over, and bits. */
function skip(symbol: number, length: number): number {
  const size = symbol & 15;
  if (size === 0 && symbol !== 0xf0) return 64 << 8 | length;
  return ((symbol >> 4) + 1) << 8 | (length + size);
}
