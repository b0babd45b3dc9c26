// The inner loops of inflate.ts, in AssemblyScript: a deflate stream (RFC 1951) to bytes. What is laid out (the
// input, the tables, the window) is laid out there; nothing here trusts the stream: no code leads out of its
// table, no copy reaches behind the window's start, and no loop is longer than the input or the room for output.

// An entry of a table of codes. LITERAL: how many bits go (0…5), how many bytes come (6…7), the bytes (8…23),
// the bits of the first alone (24…27). Else, but for an EXCEPTION: the bits that go with those of the value
// behind the code (0…5), those of the code alone (8…11), the least value (13…27).
const LITERAL: i32 = 1 << 31;
const EXCEPTION: i32 = 1 << 30;
/** The block ends. */
const END: i32 = 1 << 29;
/** The code goes on in another table, at this entry (13…27), with as many bits (8…11). */
const LONGER: i32 = 1 << 28;
const VALUE: i32 = 13, VALUE_MASK: i32 = 0x7fff;

// The tables, behind each other: of literals and lengths, of distances, of the lengths of codes. No set of codes
// takes more entries than 2,400 and 500; what else is there is room.
const LITERAL_BITS: i32 = 11, DISTANCE_BITS: i32 = 8, LENGTH_BITS: i32 = 7;
const DISTANCES: usize = 4096 * 4;
const CODE_LENGTHS: usize = DISTANCES + 1024 * 4;
/** The lengths of the codes of a block, bytes; then the symbols in the order of their codes, and counts. */
const LENGTHS: usize = CODE_LENGTHS + 128 * 4;
const SORTED: usize = LENGTHS + 512;
const COUNTS: usize = SORTED + 1024;
const STARTS: usize = COUNTS + 64;

/** Least values and bits behind the code (RFC 1951, section 3.2.5): lengths from symbol 257 on, and distances. */
// deno-fmt-ignore
const LENGTH_BASES: usize = memory.data<u16>([3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258]);
// deno-fmt-ignore
const LENGTH_EXTRAS: usize = memory.data<u8>([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]);
// deno-fmt-ignore
const DISTANCE_BASES: usize = memory.data<u16>([1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577]);
// deno-fmt-ignore
const ORDER: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

// Where a stream is.
const HEADER: i32 = 0, STORED: i32 = 1, CODED: i32 = 2, OVER: i32 = 3, BROKEN: i32 = 4;
/** No header of a block is longer, and so many bytes ahead no symbol needs the end of the input in sight. */
const LONGEST_HEADER: usize = 1024;
const AHEAD: usize = 40;

let phase: i32 = OVER;
let isLastBlock: bool = false;
let storedLeft: usize = 0;
// The lowest `held` bits of `bits` are next.
let bits: u64 = 0;
let held: i32 = 0;
let at: usize = 0;
let end: usize = 0;
/** Whether the input ends where it ends, and not only this piece of it. */
let isLastPiece: bool = false;
let tables: usize = 0;

/** Starts a stream, with 24 KB for its tables. */
export function startStream(room: usize): void {
  tables = room;
  phase = HEADER;
  isLastBlock = false;
  bits = 0;
  held = 0;
  at = end = 0;
}

/** Goes on with this input, which begins where the last one was left. 8 bytes behind it can be read. */
export function feed(from: usize, to: usize, isLast: bool): void {
  at = from;
  end = to;
  isLastPiece = isLast;
}

/** Where the next input has to begin. */
export function leftAt(): usize {
  return at;
}

/** Whether more can come of the stream. */
export function isOpen(): bool {
  return phase < OVER;
}

/** Fetches bits until there are as many, up to 32; false where the input ends before. */
function has(count: i32): bool {
  while (held < count) {
    if (at >= end) return false;
    bits |= <u64>load<u8>(at++) << held;
    held += 8;
  }
  return true;
}

/** The next bits, which are there. */
function take(count: i32): i32 {
  const value = <i32>bits & ((1 << count) - 1);
  bits >>= count;
  held -= count;
  return value;
}

/** Goes back to the first byte of which no bit is taken yet. */
function giveBack(): void {
  at -= <usize>(held >> 3);
  held &= 7;
  bits &= (<u64>1 << held) - 1;
}

const OF_LITERALS: i32 = 0, OF_DISTANCES: i32 = 1, OF_LENGTHS: i32 = 2;

/** What a symbol stands for, under a code of so many bits. */
// @ts-ignore: AssemblyScript's decorator

function entryOf(symbol: i32, kind: i32, length: i32): i32 {
  if (kind == OF_LENGTHS) return symbol << VALUE | length << 8 | length;
  if (kind == OF_DISTANCES) {
    if (symbol > 29) return EXCEPTION;
    const extra = symbol < 4 ? 0 : (symbol >> 1) - 1;
    const base = <i32>load<u16>(DISTANCE_BASES + (<usize>symbol << 1));
    return base << VALUE | length << 8 | (length + extra);
  }
  if (symbol < 256) return LITERAL | length << 24 | symbol << 8 | 1 << 6 | length;
  if (symbol == 256) return EXCEPTION | END | length;
  if (symbol > 285) return EXCEPTION;
  const base = <i32>load<u16>(LENGTH_BASES + (<usize>(symbol - 257) << 1));
  const extra = <i32>load<u8>(LENGTH_EXTRAS + <usize>(symbol - 257));
  return base << VALUE | length << 8 | (length + extra);
}

/**
 * Writes the table of the codes whose lengths lie at `lengths`; false where they are none. As zlib has it, only
 * a single code of one bit may be alone, and distances may have no code at all.
 */
function build(table: usize, lengths: usize, symbols: i32, root: i32, kind: i32): bool {
  const counts = tables + COUNTS, starts = tables + STARTS, sorted = tables + SORTED;
  memory.fill(counts, 0, 64);
  for (let symbol = 0; symbol < symbols; symbol++) {
    const count = counts + (<usize>load<u8>(lengths + <usize>symbol) << 1);
    store<u16>(count, load<u16>(count) + 1);
  }
  let longest = 15;
  while (longest > 0 && load<u16>(counts + (<usize>longest << 1)) == 0) longest--;
  let room = 1;
  for (let length = 1, start = 0; length <= 15; length++) {
    const count = <i32>load<u16>(counts + (<usize>length << 1));
    room = (room << 1) - count;
    if (room < 0) return false;
    store<u16>(starts + (<usize>length << 1), <u16>start);
    start += count;
  }
  if (room > 0) {
    if (longest > 1 || (longest == 0 && kind != OF_DISTANCES) || kind == OF_LENGTHS) return false;
    for (let i = 0; i < 1 << root; i++) store<i32>(table + (<usize>i << 2), EXCEPTION);
  }
  let used = 0;
  for (let symbol = 0; symbol < symbols; symbol++) {
    const length = <usize>load<u8>(lengths + <usize>symbol);
    if (length == 0) continue;
    const start = starts + (length << 1);
    const place = <usize>load<u16>(start);
    store<u16>(start, <u16>(place + 1));
    store<u16>(sorted + (place << 1), <u16>symbol);
    used++;
  }
  // Codes come with their first bit lowest: this counts them up from the other side.
  let code = 0, length = 1, ofLength = <i32>load<u16>(counts + 2);
  let next = 1 << root, prefix = -1, part = table, partBits = 0;
  for (let i = 0; i < used; i++) {
    while (ofLength == 0) ofLength = <i32>load<u16>(counts + (<usize>(++length) << 1));
    ofLength--;
    const symbol = <i32>load<u16>(sorted + (<usize>i << 1));
    if (length <= root) {
      const entry = entryOf(symbol, kind, length);
      for (let to = code; to < 1 << root; to += 1 << length) {
        store<i32>(table + (<usize>to << 2), entry);
      }
    } else {
      if ((code & ((1 << root) - 1)) != prefix) {
        prefix = code & ((1 << root) - 1);
        // As long as the rest of the codes needs that share this beginning.
        partBits = length - root;
        let open = (1 << partBits) - ofLength - 1;
        while (partBits + root < longest && open > 0) {
          partBits++;
          open = (open << 1) - <i32>load<u16>(counts + (<usize>(partBits + root) << 1));
        }
        part = table + (<usize>next << 2);
        store<i32>(
          table + (<usize>prefix << 2),
          EXCEPTION | LONGER | next << VALUE | partBits << 8 | root,
        );
        next += 1 << partBits;
      }
      const entry = entryOf(symbol, kind, length - root);
      for (let to = code >> root; to < 1 << partBits; to += 1 << (length - root)) {
        store<i32>(part + (<usize>to << 2), entry);
      }
    }
    let bit = 1 << (length - 1);
    while (code & bit) bit >>= 1;
    code = bit == 0 ? 0 : (code & (bit - 1)) + bit;
  }
  return true;
}

/** Lets entries give two literals where both their codes fit into the bits that are looked up. */
function pairLiterals(table: usize): void {
  // From behind: the second is looked up further ahead, where entries still give one.
  for (let i = (1 << LITERAL_BITS) - 1; i >= 0; i--) {
    const entry = load<i32>(table + (<usize>i << 2));
    if (entry >= 0) continue;
    const first = entry & 63;
    const other = load<i32>(table + (<usize>(i >> first) << 2));
    const both = first + (other & 63);
    if (other >= 0 || both > LITERAL_BITS) continue;
    const bytes = (entry & 0xff00) | (other & 0xff00) << 8;
    store<i32>(table + (<usize>i << 2), LITERAL | first << 24 | bytes | 2 << 6 | both);
  }
}

function buildBoth(literals: i32, distances: i32): bool {
  const lengths = tables + LENGTHS;
  if (!build(tables, lengths, literals, LITERAL_BITS, OF_LITERALS)) return false;
  pairLiterals(tables);
  const ofDistances = lengths + <usize>literals;
  return build(tables + DISTANCES, ofDistances, distances, DISTANCE_BITS, OF_DISTANCES);
}

/** The codes of a block that has its own (section 3.2.7); false where they are none, or cut. */
function readCodes(): bool {
  if (!has(14)) return false;
  const literals = take(5) + 257, distances = take(5) + 1, given = take(4) + 4;
  if (literals > 286 || distances > 30) return false;
  const lengths = tables + LENGTHS;
  memory.fill(lengths, 0, 19);
  for (let i = 0; i < given; i++) {
    if (!has(3)) return false;
    store<u8>(lengths + <usize>load<u8>(ORDER + <usize>i), <u8>take(3));
  }
  const table = tables + CODE_LENGTHS;
  if (!build(table, lengths, 19, LENGTH_BITS, OF_LENGTHS)) return false;
  const all = literals + distances;
  for (let i = 0; i < all;) {
    // At the end of the input the last code may be shorter than what is looked up.
    has(14);
    const entry = load<i32>(table + ((<usize>bits & 127) << 2));
    const symbol = entry >> VALUE, length = entry & 63;
    const extra = symbol < 16 ? 0 : symbol == 16 ? 2 : symbol == 17 ? 3 : 7;
    if (held < length + extra) return false;
    take(length);
    if (symbol < 16) {
      store<u8>(lengths + <usize>i, <u8>symbol);
      i++;
      continue;
    }
    const count = take(extra) + (symbol == 18 ? 11 : 3);
    if ((symbol == 16 && i == 0) || i + count > all) return false;
    const value = symbol == 16 ? load<u8>(lengths + <usize>i - 1) : 0;
    memory.fill(lengths + <usize>i, value, <usize>count);
    i += count;
  }
  return load<u8>(lengths + 256) != 0 && buildBoth(literals, distances);
}

/** The codes that are always the same (section 3.2.6). */
function fixedCodes(): bool {
  const lengths = tables + LENGTHS;
  memory.fill(lengths, 8, 144);
  memory.fill(lengths + 144, 9, 112);
  memory.fill(lengths + 256, 7, 24);
  memory.fill(lengths + 280, 8, 8);
  memory.fill(lengths + 288, 5, 32);
  return buildBoth(288, 32);
}

function readHeader(): i32 {
  if (isLastBlock) return OVER;
  if (!has(3)) return BROKEN;
  isLastBlock = take(1) != 0;
  const kind = take(2);
  if (kind == 0) {
    take(held & 7);
    if (!has(32)) return BROKEN;
    const length = take(16);
    if ((take(16) ^ 0xffff) != length) return BROKEN;
    giveBack();
    storedLeft = <usize>length;
    return STORED;
  }
  if (kind == 3) return BROKEN;
  return (kind == 1 ? fixedCodes() : readCodes()) ? CODED : BROKEN;
}

/** For distances below 16: which bytes of those before make up the next 16, and how far they reach in wholes. */
// deno-fmt-ignore
const PATTERNS: usize = memory.data<u8>([
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1,
  0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2, 0,
  0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0,
  0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 2, 3, 4, 5, 6,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2, 3, 4, 5,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 1, 2, 3, 4,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0, 1, 2, 3,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 1, 2,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 0, 1,
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0,
], 16);
const STEPS: usize = memory.data<u8>([
  1,
  16,
  16,
  15,
  16,
  15,
  12,
  14,
  16,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
]);

/** Copies from before to `to`; up to 16 bytes more than asked for are written. */
// @ts-ignore: AssemblyScript's decorator

function copy(to: usize, distance: usize, length: usize): void {
  const stop = to + length;
  let from = to - distance;
  if (distance >= 16) {
    do {
      v128.store(to, v128.load(from));
      from += 16;
      to += 16;
    } while (to < stop);
    return;
  }
  const bytes = i8x16.swizzle(v128.load(from), v128.load(PATTERNS + (distance << 4)));
  const step = <usize>load<u8>(STEPS + distance);
  do {
    v128.store(to, bytes);
    to += step;
  } while (to < stop);
}

/** What an entry stands for whose code the lowest bits of `window` begin with. */
// @ts-ignore: AssemblyScript's decorator

function valueOf(entry: i32, window: u64): usize {
  const extra = <i32>(window & ((<u64>1 << (entry & 63)) - 1)) >> (entry >> 8 & 15);
  return <usize>((entry >> VALUE & VALUE_MASK) + extra);
}

/** The entry behind one that says that its code is longer, for the bits behind those already looked up. */
// @ts-ignore: AssemblyScript's decorator

function longer(table: usize, entry: i32, window: u64): i32 {
  const place = (entry >> VALUE & VALUE_MASK) + (<i32>window & ((1 << (entry >> 8 & 15)) - 1));
  return load<i32>(table + (<usize>place << 2));
}

/** Symbols while there is enough input that nobody need look for its end. */
function readQuickly(base: usize, to: usize, limit: usize): usize {
  if (end - at < AHEAD) return to;
  const stop = end - AHEAD;
  const literals = tables, distances = tables + DISTANCES;
  // Globals live in memory: these are the reader's while it runs.
  let window = bits, left = held, from = at;
  while (from <= stop && to < limit) {
    window |= load<u64>(from) << left;
    from += <usize>((63 - left) >> 3);
    left |= 56;
    let entry = load<i32>(literals + ((<usize>window & 2047) << 2));
    if (entry < 0) {
      store<u16>(to, <u16>(entry >> 8));
      to += <usize>(entry >> 6 & 3);
      window >>= entry;
      left -= entry & 63;
      entry = load<i32>(literals + ((<usize>window & 2047) << 2));
      if (entry < 0) {
        store<u16>(to, <u16>(entry >> 8));
        to += <usize>(entry >> 6 & 3);
        window >>= entry;
        left -= entry & 63;
        entry = load<i32>(literals + ((<usize>window & 2047) << 2));
        if (entry < 0) {
          store<u16>(to, <u16>(entry >> 8));
          to += <usize>(entry >> 6 & 3);
          window >>= entry;
          left -= entry & 63;
          entry = load<i32>(literals + ((<usize>window & 2047) << 2));
          if (entry < 0) {
            store<u16>(to, <u16>(entry >> 8));
            to += <usize>(entry >> 6 & 3);
            window >>= entry;
            left -= entry & 63;
            continue;
          }
        }
      }
      window |= load<u64>(from) << left;
      from += <usize>((63 - left) >> 3);
      left |= 56;
    }
    if (entry & EXCEPTION) {
      if (entry & LONGER) {
        window >>= LITERAL_BITS;
        left -= LITERAL_BITS;
        entry = longer(literals, entry, window);
        if (entry < 0) {
          store<u8>(to++, <u8>(entry >> 8));
          window >>= entry;
          left -= entry & 63;
          continue;
        }
      }
      if (entry & EXCEPTION) {
        window >>= entry;
        left -= entry & 63;
        phase = entry & END ? HEADER : BROKEN;
        break;
      }
    }
    const length = valueOf(entry, window);
    window >>= entry;
    left -= entry & 63;
    entry = load<i32>(distances + ((<usize>window & 255) << 2));
    if (entry & LONGER) {
      window >>= DISTANCE_BITS;
      left -= DISTANCE_BITS;
      entry = longer(distances, entry, window);
    }
    if (entry & EXCEPTION) {
      phase = BROKEN;
      break;
    }
    const distance = valueOf(entry, window);
    window >>= entry;
    left -= entry & 63;
    if (distance > to - base) {
      phase = BROKEN;
      break;
    }
    copy(to, distance, length);
    to += length;
  }
  bits = window;
  held = left;
  at = from;
  giveBack();
  return to;
}

/** One symbol after the other, to the very end of the input. */
function readCarefully(base: usize, to: usize, limit: usize): usize {
  while (to < limit) {
    while (held <= 48 && at < end) {
      bits |= <u64>load<u8>(at++) << held;
      held += 8;
    }
    let entry = load<i32>(tables + ((<usize>bits & 2047) << 2));
    if (entry & LONGER && entry >= 0) {
      if (held < LITERAL_BITS) return broken(to);
      take(LITERAL_BITS);
      entry = longer(tables, entry, bits);
    }
    if (entry < 0) {
      // The second of two may be made of bits that are not there.
      const first = entry >> 24 & 15;
      if (held < first) return broken(to);
      store<u8>(to++, <u8>(entry >> 8));
      take(first);
      continue;
    }
    if (held < (entry & 63)) return broken(to);
    if (entry & EXCEPTION) {
      if ((entry & END) == 0) return broken(to);
      take(entry & 63);
      phase = HEADER;
      return to;
    }
    const length = valueOf(entry, bits);
    take(entry & 63);
    while (held <= 48 && at < end) {
      bits |= <u64>load<u8>(at++) << held;
      held += 8;
    }
    entry = load<i32>(tables + DISTANCES + ((<usize>bits & 255) << 2));
    if (entry & LONGER) {
      if (held < DISTANCE_BITS) return broken(to);
      take(DISTANCE_BITS);
      entry = longer(tables + DISTANCES, entry, bits);
    }
    if (entry & EXCEPTION || held < (entry & 63)) return broken(to);
    const distance = valueOf(entry, bits);
    take(entry & 63);
    if (distance > to - base) return broken(to);
    copy(to, distance, length);
    to += length;
  }
  return to;
}

function broken(to: usize): usize {
  phase = BROKEN;
  return to;
}

/**
 * Writes bytes to `to` until `limit` is reached (and up to 300 bytes beyond), the input is used up, or the stream
 * is over or broken: returns where they end. Copies reach back to `base`.
 */
export function inflate(base: usize, to: usize, limit: usize): usize {
  while (to < limit && phase < OVER) {
    if (phase == HEADER) {
      if (!isLastPiece && end - at < LONGEST_HEADER) break;
      phase = readHeader();
    } else if (phase == STORED) {
      const count = min(min(storedLeft, end - at), limit - to);
      memory.copy(to, at, count);
      to += count;
      at += count;
      storedLeft -= count;
      if (storedLeft == 0) phase = HEADER;
      else if (at == end) {
        if (isLastPiece) phase = BROKEN;
        break;
      }
    } else {
      to = readQuickly(base, to, limit);
      if (phase != CODED || to >= limit) continue;
      if (!isLastPiece) break;
      to = readCarefully(base, to, limit);
    }
  }
  giveBack();
  return to;
}
