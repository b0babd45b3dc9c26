// Huffman codes as scan_kernel.as.ts reads them: it names the parts.
import type { HuffmanCodes } from "./jpeg_file.ts";

/** Bytes that a table takes. */
export const CODE_TABLE_BYTES = 1168 + 256;

const PEEK = 9, LONGEST = 16;

/** Writes the table to `at`. */
export function writeCodeTable(memory: ArrayBuffer, codes: HuffmanCodes, at: number): void {
  const starts = new Uint16Array(memory, at, 1 << PEEK).fill(0);
  const lastCodes = new Int32Array(memory, at + 1024, LONGEST + 2).fill(-1);
  const offsets = new Int32Array(memory, at + 1096, LONGEST + 2).fill(0);
  new Uint8Array(memory, at + 1168, 256).fill(0).set(codes.symbols);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= LONGEST; length++) {
    const count = codes.counts[length - 1]!;
    offsets[length] = place - code;
    if (count > 0) lastCodes[length] = code + count - 1;
    for (let nth = 0; nth < count && length <= PEEK; nth++) {
      const first = (code + nth) << (PEEK - length);
      starts.fill(codes.symbols[place + nth]! << 8 | length, first, first + (1 << (PEEK - length)));
    }
    code = (code + count) << 1;
    place += count;
  }
  lastCodes[LONGEST + 1] = 2 ** 31 - 1;
}
