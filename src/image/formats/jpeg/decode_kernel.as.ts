// The inner loops of decode_jpeg.ts, in AssemblyScript: Huffman codes to coefficients, coefficients to
// samples at 8, 4, 2 or 1 per block side, samples to RGB. Everything that is laid out (tables, rings of
// rows, the result) is laid out there; nothing here trusts the scan, and no loop is longer than it.

import { shifted, transform8 } from "./kernels/inverse_dct.as";
import { transpose8 } from "./kernels/transpose.as";
import { bitsFrom, giveUp, here, moveTo, supplyMcu, windowStart } from "./kernels/scan_bits.as";

export { rgbRow } from "../../pixels/ycc_rows.as";
export { enlargeRow } from "./kernels/enlarge_row.as";
export { isSound, restart, startScan, windowBytes } from "./kernels/scan_bits.as";

// A Huffman table in memory: what the next 10 bits mean, what the next 12 mean to one who only skips, and
// for longer codes the canonical code's limits, offsets and symbols.
const PEEK: i32 = 10;
const SKIP_PEEK: i32 = 12;
const SKIP: usize = 4096;
const LIMITS: usize = 12288;
const OFFSETS: usize = 12360;
const SYMBOLS: usize = 12432;
/** In an entry of the first table: the code is longer, or no bits of a value follow it. */
const SPECIAL: i32 = 0x8000;
/** Sixteen coefficients of 0, as an entry has them beside its bits. */
const ZEROS: i32 = 0xf8000;
/** In the coefficients of an entry of the second: the block ends behind them. */
const LAST_OF_BLOCK: i32 = 128;

/** The addresses of the coefficients but the first that the block read last has, joined by "or". */
let reach: i32 = 0;
/** In them: a coefficient of the 4 columns, or of the 4 rows, of higher frequencies. */
const HIGH_COLUMN: i32 = 64;
const HIGH_ROW: i32 = 8;

/** An entry of the first table made of a code longer than 10 bits: one that is impossible ends block and scan. */
function longEntry(table: usize, window: u64): i32 {
  const code = <i32>(window >> 48);
  for (let length = PEEK + 1; length <= 16; length++) {
    const limit = load<i32>(table + LIMITS + <usize>length * 4);
    if (code >= limit) continue;
    const place = (code >> (16 - length)) + load<i32>(table + OFFSETS + <usize>length * 4);
    const symbol = <i32>load<u8>(table + SYMBOLS + <usize>(place & 255));
    const size = symbol & 15;
    return symbol >> 4 << 16 | (size == 0 ? SPECIAL : 0) | size << 8 | (length + size);
  }
  giveUp();
  return SPECIAL | 16;
}

/** What the entry of a window means, which may have to be looked up once more. */
// @ts-ignore: AssemblyScript's decorator
@inline
function entryOf(table: usize, window: u64): i32 {
  const entry = load<i32>(table + (<usize>(window >> (64 - PEEK)) << 2));
  return entry != 0 ? entry : longEntry(table, window);
}

/** The value that an entry's bits have, where there are any: those that begin with 0 are a negative one's complement. */
// @ts-ignore: AssemblyScript's decorator
@inline
function valueOf(window: u64, entry: i32): i32 {
  const size = entry >> 8 & 15;
  const bits = window << ((entry & 63) - size);
  const sign = ~(<i64>bits >> 63);
  return <i32>((<i64>((bits ^ <u64>sign) >> (64 - size)) ^ sign) - sign);
}

/** The longest symbol behind which a window has room for any other. */
const HALF: i32 = 26;

/**
 * One block: its coefficients, each multiplied by the lower half of its word in `quantities`, go where the
 * upper half says, those that come after `last` nowhere. Returns the difference of the first one.
 */
// @ts-ignore: AssemblyScript's decorator
@inline
function readBlock(block: usize, dc: usize, ac: usize, quantities: usize, last: i32): i32 {
  // Globals lie in memory: this one is asked for once.
  const start = windowStart();
  let at = here();
  let window = bitsFrom(start, at);
  let entry = entryOf(dc, window);
  const difference = entry & SPECIAL ? 0 : valueOf(window, entry);
  let count = entry & 63;
  let k = 1;
  let isOpen = true;
  let seen = 0;
  at += count;
  // To load a window takes as long as to look a symbol up: two at a time share one, here with the first.
  window = count <= HALF ? window << count : bitsFrom(start, at);
  while (k <= last) {
    entry = entryOf(ac, window);
    count = entry & 63;
    at += count;
    k += entry >> 16;
    if (!(entry & SPECIAL) && k < 64) {
      const quantity = load<i32>(quantities + (<usize>k << 2));
      const place = quantity >> 16;
      store<i16>(block + place, <i16>(valueOf(window, entry) * quantity));
      seen |= place;
    } else if ((entry & ZEROS) != ZEROS) {
      isOpen = false;
      break;
    }
    window = bitsFrom(start, at);
    if (++k > last) break;
    entry = entryOf(ac, window);
    count = entry & 63;
    at += count;
    k += entry >> 16;
    if (!(entry & SPECIAL) && k < 64) {
      const quantity = load<i32>(quantities + (<usize>k << 2));
      const place = quantity >> 16;
      store<i16>(block + place, <i16>(valueOf(window, entry) * quantity));
      seen |= place;
    } else if ((entry & ZEROS) != ZEROS) {
      isOpen = false;
      break;
    }
    k++;
    window = count <= HALF ? window << count : bitsFrom(start, at);
  }
  if (!isOpen) {
    // Not the end, but a value beyond it.
    if (!(entry & SPECIAL)) giveUp();
  } else if (k < 64) at = skipRest(start, at, ac, k);
  moveTo(at);
  reach = seen;
  return difference;
}

/** Where the block ends of which the k-th coefficient is next. */
// @ts-ignore: AssemblyScript's decorator
@inline
function skipRest(start: usize, from: i32, ac: usize, first: i32): i32 {
  let at = from, k = first;
  while (true) {
    // As many symbols at once as begin within 12 bits, where they all are this block's.
    let window = bitsFrom(start, at);
    let skipped = <i32>load<u16>(ac + (<usize>(window >> (64 - SKIP_PEEK)) << 1) + SKIP);
    let next = k + (skipped >> 8);
    if (next < 64) {
      at += skipped & 63;
      k = next;
      window <<= skipped & 63;
      skipped = <i32>load<u16>(ac + (<usize>(window >> (64 - SKIP_PEEK)) << 1) + SKIP);
      next = k + (skipped >> 8);
      if (next < 64) {
        at += skipped & 63;
        k = next;
        continue;
      }
    }
    if (next >= LAST_OF_BLOCK && next < LAST_OF_BLOCK + 64) return at + (skipped & 63);
    window = bitsFrom(start, at);
    const entry = entryOf(ac, window);
    at += entry & 63;
    if (entry & SPECIAL && entry >> 16 != 15) return at;
    k += (entry >> 16) + 1;
    if (k < 64) continue;
    if (k > 64 && !(entry & SPECIAL)) giveUp();
    return at;
  }
}

// Pairs of factors, as inverse_dct.as.ts has them, where only the first four values are not 0: for pairs of the
// first and third, second and fourth.
// deno-fmt-ignore
const LOW_FACTORS: usize = memory.data<i16>([8192, 10703, 8192, 4433, 8192, -4433, 8192, -10703, 11363, 9633, 9633, -2259, 6437, -11362, 2260, -6436], 16);

// @ts-ignore: AssemblyScript's decorator
@inline
function lowDot(both: v128, pair: usize): v128 {
  return i32x4.dot_i16x8_s(both, v128.load32_splat(LOW_FACTORS + pair * 4));
}

// transform8() of vectors of which the last four are 0.
// @ts-ignore: AssemblyScript's decorator
@inline
function transform8Low(block: usize, shift: i32): void {
  const v0 = v128.load(block), v1 = v128.load(block, 16);
  const v2 = v128.load(block, 32), v3 = v128.load(block, 48);
  const evenLow = i16x8.shuffle(v0, v2, 0, 8, 1, 9, 2, 10, 3, 11);
  const evenHigh = i16x8.shuffle(v0, v2, 4, 12, 5, 13, 6, 14, 7, 15);
  const oddLow = i16x8.shuffle(v1, v3, 0, 8, 1, 9, 2, 10, 3, 11);
  const oddHigh = i16x8.shuffle(v1, v3, 4, 12, 5, 13, 6, 14, 7, 15);
  for (let i: usize = 0; i < 4; i++) {
    const el = lowDot(evenLow, i), eh = lowDot(evenHigh, i);
    const ol = lowDot(oddLow, i + 4), oh = lowDot(oddHigh, i + 4);
    v128.store(block + i * 16, shifted(i32x4.add(el, ol), i32x4.add(eh, oh), shift));
    v128.store(block + 112 - i * 16, shifted(i32x4.sub(el, ol), i32x4.sub(eh, oh), shift));
  }
}

/** 8 × 8 samples from coefficients that lie column by column. */
function samples8(block: usize, to: usize, stride: usize): void {
  if (reach & HIGH_COLUMN) transform8(block, 11);
  else transform8Low(block, 11);
  transpose8(block);
  if (reach & HIGH_ROW) transform8(block, 18);
  else transform8Low(block, 18);
  const middle = i16x8.splat(128);
  for (let i: usize = 0; i < 128; i += 16, to += stride) {
    const row = i16x8.add(v128.load(block + i), middle);
    v128.store64_lane(to, i8x16.narrow_i16x8_u(row, row), 0);
  }
}

// Four inverse transforms of four values side by side, 13 fractional bits: a4 = cos(π/8), cos(3π/8).
// @ts-ignore: AssemblyScript's decorator
@inline
function transform4(block: usize, shift: i32): void {
  const v0 = v128.load(block), v1 = v128.load(block, 16);
  const v2 = v128.load(block, 32), v3 = v128.load(block, 48);
  const half = i32x4.splat(1 << (shift - 1));
  const even = i32x4.add(i32x4.mul(i32x4.add(v0, v2), i32x4.splat(8192)), half);
  const odd = i32x4.add(i32x4.mul(i32x4.sub(v0, v2), i32x4.splat(8192)), half);
  const wide = i32x4.add(i32x4.mul(v1, i32x4.splat(10703)), i32x4.mul(v3, i32x4.splat(4433)));
  const thin = i32x4.sub(i32x4.mul(v1, i32x4.splat(4433)), i32x4.mul(v3, i32x4.splat(10703)));
  v128.store(block, i32x4.shr_s(i32x4.add(even, wide), shift));
  v128.store(block, i32x4.shr_s(i32x4.add(odd, thin), shift), 16);
  v128.store(block, i32x4.shr_s(i32x4.sub(odd, thin), shift), 32);
  v128.store(block, i32x4.shr_s(i32x4.sub(even, wide), shift), 48);
}

/** 4 × 4 samples from the lowest 4 × 4 coefficients. */
function samples4(block: usize, to: usize, stride: usize): void {
  let v0 = v128.load_ext<i16>(block), v1 = v128.load_ext<i16>(block, 16);
  let v2 = v128.load_ext<i16>(block, 32), v3 = v128.load_ext<i16>(block, 48);
  v128.store(block, v0);
  v128.store(block, v1, 16);
  v128.store(block, v2, 32);
  v128.store(block, v3, 48);
  transform4(block, 11);
  v0 = v128.load(block);
  v1 = v128.load(block, 16);
  v2 = v128.load(block, 32);
  v3 = v128.load(block, 48);
  const a = i32x4.shuffle(v0, v1, 0, 4, 1, 5), b = i32x4.shuffle(v0, v1, 2, 6, 3, 7);
  const c = i32x4.shuffle(v2, v3, 0, 4, 1, 5), d = i32x4.shuffle(v2, v3, 2, 6, 3, 7);
  v128.store(block, i64x2.shuffle(a, c, 0, 2));
  v128.store(block, i64x2.shuffle(a, c, 1, 3), 16);
  v128.store(block, i64x2.shuffle(b, d, 0, 2), 32);
  v128.store(block, i64x2.shuffle(b, d, 1, 3), 48);
  transform4(block, 18);
  const middle = i16x8.splat(128);
  for (let i: usize = 0; i < 64; i += 16, to += stride) {
    const wide = v128.load(block + i);
    const row = i16x8.add(i16x8.narrow_i32x4_s(wide, wide), middle);
    v128.store32_lane(to, i8x16.narrow_i16x8_u(row, row), 0);
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function sample(sum: i32): u8 {
  return <u8>min(255, max(0, (sum + 1028) >> 3));
}

/** 2 × 2 samples from the lowest 2 × 2 coefficients. */
function samples2(block: usize, to: usize, stride: usize): void {
  const flat = <i32>load<i16>(block), down = <i32>load<i16>(block, 2);
  const across = <i32>load<i16>(block, 16), both = <i32>load<i16>(block, 18);
  store<u8>(to, sample(flat + across + down + both));
  store<u8>(to, sample(flat - across + down - both), 1);
  store<u8>(to + stride, sample(flat + across - down - both));
  store<u8>(to + stride, sample(flat - across - down + both), 1);
}

// A component in memory: where its next block row goes, and all that readBlock() wants.
const TO: usize = 0;
const STRIDE: usize = 4;
const ACROSS: usize = 8;
const DOWN: usize = 12;
const SIDE: usize = 16;
const LAST: usize = 20;
/** The last first coefficient. */
const PREVIOUS: usize = 24;
const DC: usize = 28;
const AC: usize = 32;
const QUANTITIES: usize = 36;
const COMPONENT: usize = 40;

/** So many MCUs of a row; each component's `TO` moves along. */
// deno-fmt-ignore
export function readMcus(count: i32, components: usize, end: usize, block: usize): void {
  for (let mcu = 0; mcu < count; mcu++) {
    supplyMcu();
    for (let component = components; component < end; component += COMPONENT) {
      readBlocks(component, block);
    }
  }
}

function fillSamples(value: u8, to: usize, stride: usize, side: i32): void {
  const eight = <u64>value * 0x0101010101010101;
  for (let y = 0; y < side; y++, to += stride) {
    if (side == 8) store<u64>(to, eight);
    else store<u32>(to, <u32>eight);
  }
}

function readBlocks(component: usize, block: usize): void {
  const stride = <usize>load<i32>(component, STRIDE);
  const across = load<i32>(component, ACROSS), down = load<i32>(component, DOWN);
  const side = load<i32>(component, SIDE), last = load<i32>(component, LAST);
  const dc = load<usize>(component, DC), ac = load<usize>(component, AC);
  const quantities = load<usize>(component, QUANTITIES);
  const to = load<usize>(component, TO);
  const zero = i64x2.splat(0);
  for (let y = 0; y < down; y++) {
    for (let x = 0; x < across; x++) {
      const target = to + <usize>(y * side) * stride + <usize>(x * side);
      if (side > 1) for (let i = 0; i < side * 16; i += 16) v128.store(block + i, zero);
      const difference = readBlock(block, dc, ac, quantities, last);
      const first = load<i32>(component, PREVIOUS) + difference;
      store<i32>(component, first, PREVIOUS);
      const coefficient = first * <i32>load<u16>(quantities);
      store<i16>(block, <i16>coefficient);
      if (side > 2 && reach == 0) fillSamples(sample(coefficient), target, stride, side);
      else if (side == 8) samples8(block, target, stride);
      else if (side == 4) samples4(block, target, stride);
      else if (side == 2) samples2(block, target, stride);
      else store<u8>(target, sample(coefficient));
    }
  }
  store<usize>(component, to + <usize>(across * side), TO);
}
