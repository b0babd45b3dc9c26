// Prefix codes, as JPEG XL has them of Brotli (RFC 7932 section 3, ISO 18181-1 annex C.2.4).
import type { BitReader } from "../reading/bit_reader.ts";
import { undecodable } from "../reading/image_header.ts";

/** Reads the next symbol. */
export type ReadSymbol = () => number;

const LONGEST = 15;
/** The order in which the lengths of the codes for lengths stand. */
const ORDER = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/** Lengths of the codes for lengths. */
const LENGTHS: FixedCode = [[2, 0, 0], [2, 1, 4], [2, 2, 3], [3, 3, 2], [4, 7, 1], [4, 15, 5]];

/** A code of symbols below `size`. */
export function readPrefixCode(stream: BitReader, size: number): ReadSymbol {
  if (size === 1) return () => 0;
  const kind = stream.bits(2);
  const lengths = kind === 1 ? simpleLengths(stream, size) : readLengths(stream, { size, kind });
  return decoderOf(stream, lengths);
}

/** Lengths of the code of each symbol, where there are one to four. */
function simpleLengths({ bits }: BitReader, size: number): number[] {
  const count = bits(2) + 1;
  const width = Math.ceil(Math.log2(size));
  const symbols = Array.from({ length: count }, () => bits(width));
  const isLong = count === 4 && bits(1) === 1;
  const each = [[0], [1, 1], [1, 2, 2], isLong ? [1, 2, 3, 3] : [2, 2, 2, 2]][count - 1]!;
  const lengths = new Array<number>(size).fill(0);
  for (const [at, symbol] of symbols.entries()) {
    if (symbol >= size) throw damaged();
    lengths[symbol] = each[at]!;
  }
  // A single symbol takes no bits.
  if (count === 1) lengths[symbols[0]!] = 1;
  return lengths;
}

function readLengths(
  stream: BitReader,
  { size, kind }: { size: number; kind: number },
): number[] {
  const own = new Array<number>(ORDER.length).fill(0);
  let room = 32, used = 0;
  for (const symbol of ORDER.slice(kind)) {
    if (room <= 0) break;
    const length = readFixed(stream, LENGTHS);
    own[symbol] = length;
    if (length > 0) {
      room -= 32 >> length;
      used++;
    }
  }
  if (room !== 0 && used !== 1) throw damaged();
  const next = decoderOf(stream, own);
  const lengths: number[] = [];
  let before = 8, repeats = 0, repeated = 0, left = 1 << LONGEST;
  while (lengths.length < size && left > 0) {
    const code = next();
    if (code <= LONGEST) {
      repeats = 0;
      lengths.push(code);
      if (code > 0) {
        before = code;
        left -= 1 << (LONGEST - code);
      }
      continue;
    }
    // 16 repeats the last length that was not 0, 17 repeats 0; one behind the other counts on.
    const extra = code - 14, length = code === 16 ? before : 0;
    if (repeated !== length) {
      repeats = 0;
      repeated = length;
    }
    const old = repeats;
    repeats = (repeats > 0 ? (repeats - 2) << extra : 0) + stream.bits(extra) + 3;
    for (let more = repeats - old; more > 0; more--) lengths.push(length);
    if (lengths.length > size) throw damaged();
    if (length > 0) left -= (repeats - old) << (LONGEST - length);
  }
  if (left !== 0) throw damaged();
  return lengths;
}

/** A code of the format's own: bits as they are read, the lowest first, how many, and what they stand for. */
export type FixedCode = readonly (readonly [count: number, pattern: number, symbol: number])[];

export function readFixed({ bits }: BitReader, code: FixedCode): number {
  const longest = Math.max(...code.map(([count]) => count));
  let seen = 0;
  for (let count = 1; count <= longest; count++) {
    seen += bits(1) << (count - 1);
    const found = code.find(([length, pattern]) => length === count && pattern === seen);
    if (found) return found[2];
  }
  throw damaged();
}

/** Of canonical codes: shorter ones first, and symbols of one length in their order. */
function decoderOf({ bits }: BitReader, lengths: readonly number[]): ReadSymbol {
  const symbols = [...lengths.keys()].filter((symbol) => lengths[symbol]! > 0)
    .sort((a, b) => lengths[a]! - lengths[b]! || a - b);
  const [only] = symbols;
  if (only === undefined) throw damaged();
  if (symbols.length === 1) return () => only;
  const counts = new Array<number>(LONGEST + 1).fill(0);
  for (const symbol of symbols) counts[lengths[symbol]!]!++;
  return () => {
    let code = 0, first = 0, index = 0;
    for (let length = 1; length <= LONGEST; length++) {
      code += bits(1);
      const count = counts[length]!;
      if (code - first < count) return symbols[index + code - first]!;
      index += count;
      first = (first + count) * 2;
      code *= 2;
    }
    throw damaged();
  };
}

export function damaged() {
  return undecodable("The JPEG XL file is damaged");
}
