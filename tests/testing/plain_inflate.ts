// RFC 1951 bit by bit, as slowly and plainly as it is written there: what a fast inflater has to come to, down
// to the last byte before the end or the damage of a stream.

/** What a stream without a header holds, as far as it can be read, and at most so many bytes. */
export function plainInflate(stream: Uint8Array, length: number): Uint8Array {
  const out: number[] = [];
  try {
    readBlocks(bitReader(stream), out, length);
  } catch (error) {
    if (error !== END) throw error;
  }
  return Uint8Array.from(out.slice(0, length));
}

/** Thrown where nothing more can be read. */
const END = new Error("the end, or damage");

type Bits = ReturnType<typeof bitReader>;

function bitReader(stream: Uint8Array) {
  let at = 0;
  const bit = () => {
    if (at >> 3 >= stream.length) throw END;
    return stream[at >> 3]! >> (at++ & 7) & 1;
  };
  return {
    bit,
    /** A number of so many bits, the lowest first. */
    take(count: number): number {
      let value = 0;
      for (let i = 0; i < count; i++) value |= bit() << i;
      return value;
    },
    align(): void {
      at = at + 7 & ~7;
    },
  };
}

type Code = { counts: number[]; symbols: number[] };

/** A canonical code; only a single symbol of one bit, or none at all, may leave others over. */
function codeOf(lengths: readonly number[], mayBeEmpty = false): Code {
  const counts = Array.from(
    { length: 16 },
    (_, length) => length === 0 ? 0 : lengths.filter((own) => own === length).length,
  );
  const symbols = counts.flatMap((_, length) =>
    length === 0 ? [] : lengths.flatMap((own, symbol) => own === length ? [symbol] : [])
  );
  const room = counts.reduce((sum, count, length) => sum - count * 2 ** (15 - length), 2 ** 15);
  const isAlone = symbols.length === 1 && counts[1] === 1;
  if (room < 0) throw END;
  if (room > 0 && !isAlone && !(mayBeEmpty && symbols.length === 0)) throw END;
  return { counts, symbols };
}

function symbolOf(bits: Bits, { counts, symbols }: Code): number {
  let code = 0, first = 0, index = 0;
  for (let length = 1; length < 16; length++) {
    code |= bits.bit();
    const count = counts[length]!;
    if (code < first + count) return symbols[index + code - first]!;
    index += count;
    first = first + count << 1;
    code <<= 1;
  }
  throw END;
}

const FIXED = codeOf(Array.from(
  { length: 288 },
  (_, symbol) => symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8,
));
const FIXED_DISTANCES = codeOf(Array(32).fill(5));
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

function readBlocks(bits: Bits, out: number[], length: number): void {
  for (let isLast = false; !isLast;) {
    isLast = bits.bit() === 1;
    const kind = bits.take(2);
    if (kind === 0) readStored(bits, out, length);
    else if (kind === 1) {
      readCoded(bits, { out, length, literals: FIXED, distances: FIXED_DISTANCES });
    } else if (kind === 2) readCoded(bits, { out, length, ...readCodes(bits) });
    else throw END;
    if (out.length >= length) return;
  }
}

function readStored(bits: Bits, out: number[], length: number): void {
  bits.align();
  const count = bits.take(16);
  if ((bits.take(16) ^ 0xffff) !== count) throw END;
  for (let i = 0; i < count && out.length < length; i++) out.push(bits.take(8));
}

function readCodes(bits: Bits): { literals: Code; distances: Code } {
  const literals = bits.take(5) + 257, distances = bits.take(5) + 1, given = bits.take(4) + 4;
  if (literals > 286 || distances > 30) throw END;
  const ofLengths: number[] = Array(19).fill(0);
  for (const symbol of ORDER.slice(0, given)) ofLengths[symbol] = bits.take(3);
  const code = codeOf(ofLengths);
  // A single code for the lengths leaves others over.
  if (code.symbols.length === 1) throw END;
  const lengths: number[] = [];
  while (lengths.length < literals + distances) {
    const symbol = symbolOf(bits, code);
    if (symbol < 16) lengths.push(symbol);
    else if (symbol === 16 && lengths.length === 0) throw END;
    else {
      const value = symbol === 16 ? lengths.at(-1)! : 0;
      const count = symbol === 16
        ? 3 + bits.take(2)
        : symbol === 17
        ? 3 + bits.take(3)
        : 11 + bits.take(7);
      lengths.push(...Array(count).fill(value));
    }
  }
  if (lengths.length > literals + distances || lengths[256] === 0) throw END;
  return {
    literals: codeOf(lengths.slice(0, literals)),
    distances: codeOf(lengths.slice(literals), true),
  };
}

function readCoded(
  bits: Bits,
  { out, length, literals, distances }: {
    out: number[];
    length: number;
    literals: Code;
    distances: Code;
  },
): void {
  while (out.length < length) {
    const symbol = symbolOf(bits, literals);
    if (symbol < 256) {
      out.push(symbol);
      continue;
    }
    if (symbol === 256) return;
    if (symbol > 285) throw END;
    const count = symbol === 285
      ? 258
      : valueOf(bits, { symbol: symbol - 257, group: 4, least: 3 });
    const place = symbolOf(bits, distances);
    if (place > 29) throw END;
    const distance = valueOf(bits, { symbol: place, group: 2, least: 1 });
    if (distance > out.length) throw END;
    for (let i = 0; i < count; i++) out.push(out.at(-distance)!);
  }
}

/** Values in groups of so many symbols, each with a bit more behind it than the one before. */
function valueOf(
  bits: Bits,
  { symbol, group, least }: { symbol: number; group: number; least: number },
): number {
  if (symbol < group) return least + symbol;
  const extra = Math.floor(symbol / group) - 1;
  return least + (group + symbol % group << extra) + bits.take(extra);
}
