// The part of the VP8 decoder that reads (RFC 6386 sections 7, 11 and 13), in AssemblyScript: arithmetic code to
// predictions and coefficients. A partition that ends too early is told by `isSound`, and read on as zeros.

// A reader's state in memory while another reads: value, range, bits that are held, where it is, and the end.
const READER: usize = 32;

// The reader of booleans: what is left of the code is in the upper `held` bits of `code`.
let code: u64 = 0;
let range: u32 = 255;
let held: i32 = 0;
let at: usize = 0;
let end: usize = 0;
let broken: bool = false;
let readers: usize = 0;
let current: usize = 0;

/** Whether no partition that was read has ended too early. */
export function isSound(): bool {
  return !broken;
}

/** Says where the states of readers lie. */
export function startReaders(states: usize): void {
  readers = states;
  current = states;
  broken = false;
}

/** Has a reader start at the first byte of its partition. */
export function openPartition(index: i32, from: usize, to: usize): void {
  const state = readers + <usize>index * READER;
  store<u64>(state, 0);
  store<u32>(state, 255, 8);
  store<i32>(state, 0, 12);
  store<usize>(state, from, 16);
  store<usize>(state, to, 20);
}

/** Keeps the state of the reader that was in use. */
export function keepReader(): void {
  store<u64>(current, code);
  store<u32>(current, range, 8);
  store<i32>(current, held, 12);
  store<usize>(current, at, 16);
}

/** Goes on with a reader. */
export function useReader(index: i32): void {
  current = readers + <usize>index * READER;
  code = load<u64>(current);
  range = load<u32>(current, 8);
  held = load<i32>(current, 12);
  at = load<usize>(current, 16);
  end = load<usize>(current, 20);
}

/** Holds more, where fewer than 8 bits are held: of the last bytes one at a time, so as to know what is too much. */
// @ts-ignore: AssemblyScript's decorator
@inline
function refill(): void {
  if (at + 8 <= end) {
    // The bits of a byte that is not counted yet are those that are put there again with it.
    code |= bswap<u64>(load<u64>(at)) >> held;
    at += 7;
    held += 56;
  } else if (at < end) {
    code |= (<u64>load<u8>(at) << 56) >> held;
    at++;
    held += 8;
  } else {
    broken = true;
    held += 8;
  }
}

/** The next boolean, which is false in `probability` of 256 cases. */
export function readBit(probability: u32): i32 {
  if (held < 8) refill();
  const split = 1 + (((range - 1) * probability) >> 8);
  const high = <u64>split << 56;
  const bit = code >= high;
  if (bit) {
    code -= high;
    range -= split;
  } else range = split;
  const shift = <i32>clz(range) - 24;
  range <<= shift;
  code <<= shift;
  held -= shift;
  return bit;
}

/** A leaf of a tree whose node n has its branches at 2n; what is less than 1 is a leaf, negated. */
function readTree(tree: usize, probabilities: usize): i32 {
  let window = code;
  let span = range;
  let left = held;
  let node = 0;
  do {
    if (left < 8) {
      code = window;
      held = left;
      refill();
      window = code;
      left = held;
    }
    const split = 1 + (((span - 1) * <u32>load<u8>(probabilities + <usize>node)) >> 8);
    const high = <u64>split << 56;
    if (window >= high) {
      window -= high;
      span -= split;
      node = load<i8>(tree + <usize>(node * 2), 1);
    } else {
      span = split;
      node = load<i8>(tree + <usize>(node * 2));
    }
    const shift = <i32>clz(span) - 24;
    span <<= shift;
    window <<= shift;
    left -= shift;
  } while (node > 0);
  code = window;
  range = span;
  held = left;
  return -node;
}

// Predictions, of blocks of 4, and the first four also of whole macroblocks (in the order of MODE_PROBABILITIES).
export const DC: i32 = 0;
export const TRUE_MOTION: i32 = 1;
export const VERTICAL: i32 = 2;
export const HORIZONTAL: i32 = 3;

// deno-fmt-ignore
const BLOCK_TREE: usize = memory.data<i8>([0, 1, -1, 2, -2, 3, 4, 6, -3, 5, -4, -5, -6, 7, -7, 8, -8, -9]);

// What is known of a macroblock.
export const MACROBLOCK: usize = 32;
export const SEGMENT: usize = 0;
export const IS_SKIPPED: usize = 1;
export const IS_SPLIT: usize = 2;
export const CHROMA_MODE: usize = 3;
export const MODES: usize = 4;

/** What all macroblocks of a picture are read with. */
let segmentProbabilities: usize = 0;
let skipProbability: i32 = -1;
let modeProbabilities: usize = 0;

/** Addresses of 3 probabilities of segments, 0 where there are no segments, and of the table of modes; `skip` is less than 0 where nothing is skipped. */
export function startModes(segments: usize, skip: i32, modes: usize): void {
  segmentProbabilities = segments;
  skipProbability = skip;
  modeProbabilities = modes;
}

/** Reads a row of macroblocks' predictions; `above` and `left` hold those of blocks beside them. */
export function readModes(to: usize, count: i32, above: usize, left: usize): void {
  for (let x = 0; x < count; x++, to += MACROBLOCK, above += 4) {
    let segment = 0;
    if (segmentProbabilities != 0) {
      const half = readBit(load<u8>(segmentProbabilities));
      segment = half * 2 + readBit(load<u8>(segmentProbabilities + 1 + <usize>half));
    }
    store<u8>(to, segment, SEGMENT);
    store<u8>(to, skipProbability >= 0 ? readBit(skipProbability) : 0, IS_SKIPPED);
    const isSplit = readBit(145) == 0;
    store<u8>(to, isSplit, IS_SPLIT);
    if (isSplit) {
      for (let row: usize = 0; row < 4; row++) {
        let mode: i32 = load<u8>(left + row);
        for (let column: usize = 0; column < 4; column++) {
          const upper: i32 = load<u8>(above + column);
          mode = readTree(BLOCK_TREE, modeProbabilities + <usize>(upper * 90 + mode * 9));
          store<u8>(above + column, mode);
          store<u8>(to + row * 4 + column, mode, MODES);
        }
        store<u8>(left + row, mode);
      }
    } else {
      const mode = readBit(156) != 0
        ? (readBit(128) != 0 ? TRUE_MOTION : HORIZONTAL)
        : (readBit(163) != 0 ? VERTICAL : DC);
      store<u8>(to, mode, MODES);
      const four = <u32>mode * 0x01010101;
      store<u32>(above, four);
      store<u32>(left, four);
    }
    // deno-fmt-ignore
    const chroma = readBit(142) == 0 ? DC : readBit(114) == 0 ? VERTICAL : readBit(183) != 0 ? TRUE_MOTION : HORIZONTAL;
    store<u8>(to, chroma, CHROMA_MODE);
  }
}

// Where in a block the n-th coefficient lies, in bytes.
// deno-fmt-ignore
const PLACES: usize = memory.data<u8>([0, 2, 8, 16, 10, 4, 6, 12, 18, 24, 26, 20, 14, 22, 28, 30]);
/** Of values of more than 1: 2, 3, 4, and six categories of those that have extra bits. */
// deno-fmt-ignore
const VALUE_TREE: usize = memory.data<i8>([1, 3, -1, 2, -2, -3, 4, 5, -4, -5, 6, 7, -6, -7, -8, -9]);
/** How likely the extra bits of each category are set, each list ended by 0. */
// deno-fmt-ignore
const EXTRA: usize = memory.data<u8>([
  159, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  165, 145, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  173, 148, 140, 0, 0, 0, 0, 0, 0, 0, 0, 0,
  176, 155, 140, 135, 0, 0, 0, 0, 0, 0, 0, 0,
  180, 157, 141, 134, 130, 0, 0, 0, 0, 0, 0, 0,
  254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129, 0,
]);
/** Bytes between the probabilities of contexts, and of places. */
const CONTEXT: usize = 16;
export const PLACE: usize = 48;

/** A value of more than 1. */
function readLarge(p: usize): i32 {
  const leaf = readTree(VALUE_TREE, p + 3);
  if (leaf < 4) return leaf + 1;
  const category = leaf - 4;
  let extra = 0;
  for (let q = EXTRA + <usize>category * 12; load<u8>(q) != 0; q++) {
    extra = extra * 2 + readBit(load<u8>(q));
  }
  return 3 + (2 << category) + extra;
}

/**
 * Reads a block's coefficients from the `first` on, times their quantisers, into a block of zeros. Returns the
 * number of the one behind the last, `first` where there is none.
 */
// deno-fmt-ignore
export function readBlock(block: usize, probabilities: usize, context: i32, first: i32, dc: i32, ac: i32): i32 {
  // Globals live in memory: these are the reader's while the block lasts.
  let window = code;
  let span = range;
  let left = held;
  let n = first;
  let p = probabilities + <usize>n * PLACE + <usize>context * CONTEXT;
  for (;;) {
    if (left < 8) {
      code = window;
      held = left;
      refill();
      window = code;
      left = held;
    }
    // Is there another one?
    let split = 1 + (((span - 1) * <u32>load<u8>(p)) >> 8);
    let high = <u64>split << 56;
    if (window < high) {
      const shift = <i32>clz(split) - 24;
      span = split << shift;
      window <<= shift;
      left -= shift;
      break;
    }
    window -= high;
    span -= split;
    let shift = <i32>clz(span) - 24;
    span <<= shift;
    window <<= shift;
    left -= shift;
    // Is it zero?
    for (;;) {
      if (left < 8) {
        code = window;
        held = left;
        refill();
        window = code;
        left = held;
      }
      split = 1 + (((span - 1) * <u32>load<u8>(p, 1)) >> 8);
      high = <u64>split << 56;
      if (window >= high) break;
      shift = <i32>clz(split) - 24;
      span = split << shift;
      window <<= shift;
      left -= shift;
      p = probabilities + <usize>++n * PLACE;
      if (n == 16) {
        code = window;
        range = span;
        held = left;
        return 16;
      }
    }
    window -= high;
    span -= split;
    shift = <i32>clz(span) - 24;
    span <<= shift;
    window <<= shift;
    left -= shift;
    // Is it one?
    if (left < 8) {
      code = window;
      held = left;
      refill();
      window = code;
      left = held;
    }
    split = 1 + (((span - 1) * <u32>load<u8>(p, 2)) >> 8);
    high = <u64>split << 56;
    let value = 1;
    const place = <usize>load<u8>(PLACES + <usize>n);
    const factor = n > 0 ? ac : dc;
    n++;
    if (window < high) {
      shift = <i32>clz(split) - 24;
      span = split << shift;
      window <<= shift;
      left -= shift;
      p = probabilities + <usize>n * PLACE + CONTEXT;
    } else {
      window -= high;
      span -= split;
      shift = <i32>clz(span) - 24;
      code = window << shift;
      range = span << shift;
      held = left - shift;
      value = readLarge(p);
      window = code;
      span = range;
      left = held;
      p = probabilities + <usize>n * PLACE + 2 * CONTEXT;
    }
    // Its sign, of which nothing is likely.
    if (left < 8) {
      code = window;
      held = left;
      refill();
      window = code;
      left = held;
    }
    split = (span + 1) >> 1;
    high = <u64>split << 56;
    const isNegative = window >= high;
    const mask = -<i32>isNegative;
    window = (window - (high & <u64><i64>mask)) << 1;
    // Half of the range is always one bit less: of 255 alone, which only a first bit meets, the half is 128.
    span = (span + <u32>!isNegative) & ~1;
    left--;
    store<i16>(block + place, ((value ^ mask) - mask) * factor);
    if (n == 16) break;
  }
  code = window;
  range = span;
  held = left;
  return n;
}
