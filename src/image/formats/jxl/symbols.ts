// The entropy coded numbers of a JPEG XL file: symbols of one of several distributions, by what context each
// stands in, with bits behind them, and repetitions of earlier ones (ISO 18181-1 annex C.2 and C.3).
import type { BitReader } from "../reading/bit_reader.ts";
import { type AnsReader, createAnsReader, readAnsTable } from "./ans_code.ts";
import { readU32 } from "./jxl_fields.ts";
import { damaged, readPrefixCode, type ReadSymbol } from "./prefix_code.ts";

export interface NumberReader {
  read(context: number): number;
  /** Whether what was read ends as it should. */
  isAtEnd(): boolean;
}

/** How a symbol and bits behind it make a number. */
interface Split {
  /** Smaller ones are the number. */
  least: number;
  /** Bits of the number that are in the symbol, at its upper and at its lower end. */
  upper: number;
  lower: number;
  exponent: number;
}

const PREFIX_LOG_SIZE = 15, WINDOW = 1 << 20, MOST_CLUSTERS = 256;

/** Reads how numbers of so many contexts are coded. Throws `undecodable`, also where the stream ends. */
export function readNumberReader(
  stream: BitReader,
  contexts: number,
  { repeats: mayRepeat = true }: { repeats?: boolean } = {},
): NumberReader {
  const { bits, flag } = stream;
  const repeats = flag()
    ? {
      least: readU32(stream, [224, 512, 4096, { bits: 15, add: 8 }]),
      length: readU32(stream, [3, 4, { bits: 2, add: 5 }, { bits: 8, add: 9 }]),
      split: readSplit(stream, 8),
    }
    : undefined;
  if (repeats && !mayRepeat) throw damaged();
  // Distances have a context of their own, the last.
  const clusterOf = readClusters(stream, contexts + (repeats ? 1 : 0));
  const clusters = Math.max(...clusterOf) + 1;
  if (new Set(clusterOf).size !== clusters) throw damaged();
  const isPrefix = flag();
  const logSize = isPrefix ? PREFIX_LOG_SIZE : 5 + bits(2);
  const splits = Array.from({ length: clusters }, () => readSplit(stream, logSize));
  const { codes, isAtEnd } = isPrefix
    ? { codes: readPrefixCodes(stream, clusters), isAtEnd: () => true }
    : readAnsCodes(stream, { clusters, logSize });

  /** What was read, by its place from the start on. */
  const seen: number[] = [];
  let copied = 0, copies = 0;

  function read(context: number): number {
    if (copies === 0) {
      const cluster = clusterOf[context]!;
      const symbol = codes[cluster]!();
      if (!repeats || symbol < repeats.least) {
        const number = numberOf(symbol, splits[cluster]!);
        if (repeats) seen.push(number);
        return number;
      }
      copies = numberOf(symbol - repeats.least, repeats.split) + repeats.length;
      const cluster2 = clusterOf.at(-1)!;
      const distance = numberOf(codes[cluster2]!(), splits[cluster2]!) + 1;
      copied = seen.length - Math.min(distance, seen.length, WINDOW);
    }
    copies--;
    const number = seen[copied++] ?? 0;
    seen.push(number);
    return number;
  }

  function numberOf(symbol: number, { least, upper, lower, exponent }: Split): number {
    if (symbol < least) return symbol;
    const count = exponent - (upper + lower) + ((symbol - least) >> (upper + lower));
    if (count > 31) throw damaged();
    const low = symbol & ((1 << lower) - 1);
    const high = ((symbol >> lower) & ((1 << upper) - 1)) | (1 << upper);
    return (high * 2 ** count + bits(count)) * 2 ** lower + low;
  }

  return { read, isAtEnd };
}

function readSplit({ bits }: BitReader, logSize: number): Split {
  const exponent = bits(widthOf(logSize));
  const upper = exponent === logSize ? 0 : bits(widthOf(exponent));
  if (upper > exponent) throw damaged();
  const lower = exponent === logSize ? 0 : bits(widthOf(exponent - upper));
  if (upper + lower > exponent) throw damaged();
  return { least: 1 << exponent, upper, lower, exponent };
}

/** Bits that hold every number up to this one. */
function widthOf(most: number): number {
  return Math.ceil(Math.log2(most + 1));
}

/** Which distribution each context has. */
function readClusters(stream: BitReader, contexts: number): number[] {
  const { bits, flag } = stream;
  if (contexts === 1) return [0];
  if (flag()) {
    const width = bits(2);
    return Array.from({ length: contexts }, () => bits(width));
  }
  const isMoved = flag();
  // One of two alone would have one of its own without end.
  const numbers = readNumberReader(stream, 1, { repeats: contexts > 2 });
  const clusters = Array.from({ length: contexts }, () => numbers.read(0));
  if (!numbers.isAtEnd() || clusters.some((cluster) => cluster >= MOST_CLUSTERS)) throw damaged();
  return isMoved ? movedBack(clusters) : clusters;
}

/** What was written as places in a list that moves to its front whatever is named. */
function movedBack(places: readonly number[]): number[] {
  const list = Array.from({ length: MOST_CLUSTERS }, (_, at) => at);
  return places.map((place) => {
    const [value = 0] = list.splice(place, 1);
    list.unshift(value);
    return value;
  });
}

function readPrefixCodes(stream: BitReader, clusters: number): ReadSymbol[] {
  const { bits, flag } = stream;
  const sizes = Array.from({ length: clusters }, () => {
    if (!flag()) return 1;
    const width = bits(4);
    return (1 << width) + bits(width) + 1;
  });
  return sizes.map((size) => {
    if (size > 1 << PREFIX_LOG_SIZE) throw damaged();
    return readPrefixCode(stream, size);
  });
}

function readAnsCodes(
  stream: BitReader,
  { clusters, logSize }: { clusters: number; logSize: number },
): { codes: ReadSymbol[]; isAtEnd(): boolean } {
  const tables = Array.from({ length: clusters }, () => readAnsTable(stream, logSize));
  // The state stands behind all distributions.
  const reader: AnsReader = createAnsReader(stream);
  return {
    codes: tables.map((table) => () => reader.read(table)),
    isAtEnd: reader.isAtEnd,
  };
}
