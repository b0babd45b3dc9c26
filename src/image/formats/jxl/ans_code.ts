// Asymmetric numeral systems, as JPEG XL reads symbols by them (ISO 18181-1 annex C.2.5 and C.2.6).
import type { BitReader } from "../reading/bit_reader.ts";
import { damaged, type FixedCode, readFixed } from "./prefix_code.ts";

/** The parts that a distribution deals out, and what a state is when all is read. */
const LOG_PARTS = 12, PARTS = 1 << LOG_PARTS, FINAL_STATE = 0x130000;

/** Where a part of the state leads: below `cutoff` to the bucket's own symbol, else to another one. */
interface Bucket {
  symbol: number;
  cutoff: number;
  offset: number;
}

export interface AnsTable {
  logBucket: number;
  buckets: readonly Bucket[];
  counts: readonly number[];
}

export interface AnsReader {
  read(table: AnsTable): number;
  isAtEnd(): boolean;
}

/** The state that all symbols of a stream share. */
export function createAnsReader({ bits }: BitReader): AnsReader {
  let state = bits(32);
  return {
    read({ logBucket, buckets, counts }) {
      const part = state % PARTS, at = part >> logBucket, within = part & ((1 << logBucket) - 1);
      const bucket = buckets[at]!;
      const isOwn = within < bucket.cutoff;
      const symbol = isOwn ? at : bucket.symbol;
      state = (counts[symbol] ?? 0) * Math.floor(state / PARTS) +
        (isOwn ? within : bucket.offset + within);
      if (state < 0x10000) state = state * 0x10000 + bits(16);
      return symbol;
    },
    isAtEnd: () => state === FINAL_STATE,
  };
}

/** A distribution of fewer than `2 ** logSize` symbols, as a table to read by. */
export function readAnsTable(stream: BitReader, logSize: number): AnsTable {
  const counts = readCounts(stream);
  while (counts.at(-1) === 0) counts.pop();
  if (counts.length > 1 << logSize) throw damaged();
  const logBucket = LOG_PARTS - logSize;
  return { logBucket, counts, buckets: bucketsOf(counts, { size: 1 << logSize, logBucket }) };
}

/** How many of the parts each symbol has. */
function readCounts(stream: BitReader): number[] {
  const { bits, flag } = stream;
  if (flag()) {
    const symbols = flag() ? [readByte(stream), readByte(stream)] : [readByte(stream)];
    const [first = 0, second] = symbols;
    if (first === second) throw damaged();
    const counts = new Array<number>(Math.max(...symbols) + 1).fill(0);
    counts[first] = second === undefined ? PARTS : bits(LOG_PARTS);
    if (second !== undefined) counts[second] = PARTS - counts[first];
    return counts;
  }
  if (flag()) {
    const size = readByte(stream) + 1;
    const each = Math.floor(PARTS / size), more = PARTS % size;
    return Array.from({ length: size }, (_, symbol) => each + (symbol < more ? 1 : 0));
  }
  return readUneven(stream);
}

const REPEAT = 13;
/** Logarithms of counts, plus one. */
const LOGARITHMS: FixedCode = [
  [3, 0, 10],
  [3, 2, 7],
  [3, 4, 6],
  [3, 5, 8],
  [3, 6, 9],
  [4, 3, 3],
  [4, 7, 5],
  [4, 9, 4],
  [4, 11, 1],
  [4, 15, 2],
  [5, 17, 0],
  [6, 33, 11],
  [7, 1, 12],
  [7, 65, REPEAT],
];

function readUneven(stream: BitReader): number[] {
  const { bits, flag } = stream;
  let log = 0;
  while (log < 3 && flag()) log++;
  const shift = bits(log) + (1 << log) - 1;
  if (shift > LOG_PARTS + 1) throw damaged();
  const size = readByte(stream) + 3;
  const logs = new Array<number>(size).fill(0), repeats = new Map<number, number>();
  let largest = 0, omitted = -1;
  for (let symbol = 0; symbol < size; symbol++) {
    const read = readFixed(stream, LOGARITHMS);
    if (read === REPEAT) {
      const count = readByte(stream) + 4;
      repeats.set(symbol, count);
      symbol += count - 1;
      continue;
    }
    logs[symbol] = read;
    if (read > largest) [largest, omitted] = [read, symbol];
  }
  if (omitted < 0 || repeats.has(omitted + 1)) throw damaged();
  const counts = new Array<number>(size).fill(0);
  let left = PARTS;
  for (let symbol = 0; symbol < size; symbol++) {
    const again = repeats.get(symbol);
    if (again !== undefined) {
      const count = counts[symbol - 1] ?? 0;
      for (let at = symbol; at < Math.min(size, symbol + again); at++) {
        counts[at] = count;
        left -= count;
      }
      symbol += again - 1;
      continue;
    }
    const power = logs[symbol]! - 1;
    if (symbol === omitted || power < 0) continue;
    const precise = power === 0
      ? 0
      : Math.max(0, Math.min(power, shift - ((LOG_PARTS - power) >> 1)));
    counts[symbol] = (1 << power) + (bits(precise) << (power - precise));
    left -= counts[symbol]!;
  }
  // The largest has what the others leave.
  if (left <= 0) throw damaged();
  counts[omitted] = left;
  return counts;
}

/** A number below 256, small ones in few bits. */
function readByte({ bits, flag }: BitReader): number {
  if (!flag()) return 0;
  const width = bits(3);
  return (1 << width) + bits(width);
}

/** Buckets of one size each, filled up from symbols that have more than theirs: the order is the format's. */
function bucketsOf(
  counts: readonly number[],
  { size, logBucket }: { size: number; logBucket: number },
): Bucket[] {
  const room = 1 << logBucket;
  const only = counts.indexOf(PARTS);
  if (only >= 0) {
    return Array.from(
      { length: size },
      (_, at) => ({ symbol: only, cutoff: 0, offset: room * at }),
    );
  }
  const held = Array.from({ length: size }, (_, at) => counts[at] ?? 0);
  const buckets = held.map((_, at): Bucket => ({ symbol: at, cutoff: 0, offset: 0 }));
  const over: number[] = [], under: number[] = [];
  const sort = (at: number) => {
    if (held[at]! > room) over.push(at);
    else if (held[at]! < room) under.push(at);
  };
  for (const at of held.keys()) sort(at);
  for (let from = over.pop(); from !== undefined; from = over.pop()) {
    const to = under.pop();
    if (to === undefined) throw damaged();
    held[from]! -= room - held[to]!;
    buckets[to] = { symbol: from, cutoff: held[to]!, offset: held[from]! - held[to]! };
    sort(from);
  }
  return buckets;
}
