// The inner loops of encode_jpeg.ts, in AssemblyScript: RGB to luma and chroma, samples to quantised
// coefficients, coefficients to Huffman codes. Memory and tables are laid out there.

import { transpose8 } from "./kernels/transpose.as";

const FRACTION: i32 = 14;

// deno-fmt-ignore
// @ts-ignore: AssemblyScript's decorator
@inline
function weighted(r: v128, g: v128, b: v128, x: i32, y: i32, z: i32, bias: i32): v128 {
  // Two dot products of pairs: red with green, blue with one.
  const one = i16x8.splat(1);
  const rg = i32x4.splat((y << 16) | (x & 0xffff)), bo = i32x4.splat(z & 0xffff);
  const low = i32x4.add(
    i32x4.dot_i16x8_s(i16x8.shuffle(r, g, 0, 8, 1, 9, 2, 10, 3, 11), rg),
    i32x4.dot_i16x8_s(i16x8.shuffle(b, one, 0, 8, 1, 9, 2, 10, 3, 11), bo),
  );
  const high = i32x4.add(
    i32x4.dot_i16x8_s(i16x8.shuffle(r, g, 4, 12, 5, 13, 6, 14, 7, 15), rg),
    i32x4.dot_i16x8_s(i16x8.shuffle(b, one, 4, 12, 5, 13, 6, 14, 7, 15), bo),
  );
  const half = i32x4.splat(bias);
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(low, half), FRACTION),
    i32x4.shr_s(i32x4.add(high, half), FRACTION),
  );
}

const LUMA: i32 = 1 << (FRACTION - 1);
const CHROMA: i32 = (128 << FRACTION) + (1 << (FRACTION - 1)) - 1;

/** A row of RGB as luma and chroma (JFIF: BT.601, full range), 16 pixels at a time. */
// deno-fmt-ignore
export function splitRow(luma: usize, blue: usize, red: usize, from: usize, count: i32): void {
  for (let x = 0; x < count; x += 16, from += 48) {
    const a = v128.load(from), b = v128.load(from, 16), c = v128.load(from, 32);
    let t = i8x16.shuffle(a, b, 0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0);
    const rs = i8x16.shuffle(t, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29);
    t = i8x16.shuffle(a, b, 1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0);
    const gs = i8x16.shuffle(t, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30);
    t = i8x16.shuffle(a, b, 2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0);
    const bs = i8x16.shuffle(t, c, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31);
    const rl = i16x8.extend_low_i8x16_u(rs), rh = i16x8.extend_high_i8x16_u(rs);
    const gl = i16x8.extend_low_i8x16_u(gs), gh = i16x8.extend_high_i8x16_u(gs);
    const bl = i16x8.extend_low_i8x16_u(bs), bh = i16x8.extend_high_i8x16_u(bs);
    v128.store(luma + <usize>x, i8x16.narrow_i16x8_u(
      weighted(rl, gl, bl, 4899, 9617, 1868, LUMA), weighted(rh, gh, bh, 4899, 9617, 1868, LUMA)));
    v128.store(blue + <usize>x, i8x16.narrow_i16x8_u(
      weighted(rl, gl, bl, -2765, -5427, 8192, CHROMA), weighted(rh, gh, bh, -2765, -5427, 8192, CHROMA)));
    v128.store(red + <usize>x, i8x16.narrow_i16x8_u(
      weighted(rl, gl, bl, 8192, -6860, -1332, CHROMA), weighted(rh, gh, bh, 8192, -6860, -1332, CHROMA)));
  }
}

/** Two rows as one of half the length: means of four, rounded up and down by turns. */
export function halveRows(to: usize, first: usize, second: usize, count: i32): void {
  const bias = i32x4.splat(0x00020001);
  for (let x = 0; x < count; x += 16, to += 8) {
    const a = i16x8.extadd_pairwise_i8x16_u(v128.load(first + <usize>x));
    const b = i16x8.extadd_pairwise_i8x16_u(v128.load(second + <usize>x));
    const mean = i16x8.shr_u(i16x8.add(i16x8.add(a, b), bias), 2);
    v128.store64_lane(to, i8x16.narrow_i16x8_u(mean, mean), 0);
  }
}

// deno-fmt-ignore
// @ts-ignore: AssemblyScript's decorator
@inline
function dots(a: v128, b: v128, x: i32, y: i32, more: v128, moreHigh: v128, shift: i32): v128 {
  const factors = i32x4.splat((y << 16) | (x & 0xffff));
  const low = i32x4.dot_i16x8_s(i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11), factors);
  const high = i32x4.dot_i16x8_s(i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15), factors);
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(low, more), shift),
    i32x4.shr_s(i32x4.add(high, moreHigh), shift),
  );
}

// deno-fmt-ignore
// @ts-ignore: AssemblyScript's decorator
@inline
function dot(a: v128, b: v128, x: i32, y: i32): v128 {
  return i32x4.dot_i16x8_s(i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11), i32x4.splat((y << 16) | (x & 0xffff)));
}

// deno-fmt-ignore
// @ts-ignore: AssemblyScript's decorator
@inline
function dotHigh(a: v128, b: v128, x: i32, y: i32): v128 {
  return i32x4.dot_i16x8_s(i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15), i32x4.splat((y << 16) | (x & 0xffff)));
}

// Eight transforms of eight values side by side, in place: the counterpart of the decoder's, scaled up
// by the square root of 8 and, after the first pass, by 4.
// deno-fmt-ignore
// @ts-ignore: AssemblyScript's decorator
@inline
function transform8(block: usize, isFirst: bool): void {
  const shift = isFirst ? 11 : 15;
  const x0 = v128.load(block), x1 = v128.load(block, 16), x2 = v128.load(block, 32), x3 = v128.load(block, 48);
  const x4 = v128.load(block, 64), x5 = v128.load(block, 80), x6 = v128.load(block, 96), x7 = v128.load(block, 112);
  const t0 = i16x8.add(x0, x7), t7 = i16x8.sub(x0, x7), t1 = i16x8.add(x1, x6), t6 = i16x8.sub(x1, x6);
  const t2 = i16x8.add(x2, x5), t5 = i16x8.sub(x2, x5), t3 = i16x8.add(x3, x4), t4 = i16x8.sub(x3, x4);
  const s0 = i16x8.add(t0, t3), s3 = i16x8.sub(t0, t3), s1 = i16x8.add(t1, t2), s2 = i16x8.sub(t1, t2);
  if (isFirst) {
    v128.store(block, i16x8.shl(i16x8.add(s0, s1), 2));
    v128.store(block, i16x8.shl(i16x8.sub(s0, s1), 2), 64);
  } else {
    const two = i16x8.splat(2);
    v128.store(block, i16x8.shr_s(i16x8.add(i16x8.add(s0, s1), two), 2));
    v128.store(block, i16x8.shr_s(i16x8.add(i16x8.sub(s0, s1), two), 2), 64);
  }
  const half = i32x4.splat(1 << (shift - 1));
  v128.store(block, dots(s2, s3, 4433, 10703, half, half, shift), 32);
  v128.store(block, dots(s2, s3, -10704, 4433, half, half, shift), 96);
  const z3 = i16x8.add(t4, t6), z4 = i16x8.add(t5, t7);
  const al = i32x4.add(dot(z3, z4, -6436, 9633), half), ah = i32x4.add(dotHigh(z3, z4, -6436, 9633), half);
  const bl = i32x4.add(dot(z3, z4, 9633, 6437), half), bh = i32x4.add(dotHigh(z3, z4, 9633, 6437), half);
  v128.store(block, dots(t4, t7, -4927, -7373, al, ah, shift), 112);
  v128.store(block, dots(t5, t6, -4176, -20995, bl, bh, shift), 80);
  v128.store(block, dots(t5, t6, -20995, 4177, al, ah, shift), 48);
  v128.store(block, dots(t4, t7, -7373, 4926, bl, bh, shift), 16);
}

/** Bytes of a block at rest: 64 coefficients in the order of the file, and which of them are not 0, a bit each; what is 0 is not written, but for the first. */
const BLOCK: usize = 136;

/**
 * A row of blocks: samples to quantised coefficients. `factors` are 64 f32, one by eight times the
 * quantities, column by column; `order` says which coefficient of the file each of `work` is.
 */
// deno-fmt-ignore
export function transformBlocks(
  to: usize, from: usize, stride: usize, count: i32, work: usize, factors: usize, order: usize,
): void {
  const middle = i16x8.splat(128);
  for (let n = 0; n < count; n++, from += 8, to += BLOCK) {
    for (let row: usize = 0; row < 8; row++) {
      v128.store(work + row * 16, i16x8.sub(v128.load_ext<u8>(from + row * stride), middle));
    }
    transform8(work, true);
    transpose8(work);
    transform8(work, false);
    for (let i: usize = 0; i < 128; i += 16) {
      const values = v128.load(work + i);
      const low = f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(values));
      const high = f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(values));
      v128.store(work + i, i16x8.narrow_i32x4_s(
        i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(low, v128.load(factors + i * 2)))),
        i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(high, v128.load(factors + i * 2, 16)))),
      ));
    }
    let left: u64 = 0;
    const zero = i64x2.splat(0);
    for (let i: usize = 0; i < 8; i++) {
      left |= <u64>i16x8.bitmask(i16x8.ne(v128.load(work + i * 16), zero)) << (i * 8);
    }
    // Most are 0, and those need not be anywhere.
    store<i16>(to, load<i16>(work));
    let present: u64 = 0;
    for (; left != 0; left &= left - 1) {
      const place = <usize>ctz<u64>(left);
      const k = <usize>load<u8>(order + place);
      store<i16>(to + (k << 1), load<i16>(work + (place << 1)));
      present |= <u64>1 << k;
    }
    store<u64>(to, present, 128);
  }
}

// A component in memory: its blocks, and their tables, which are counts of symbols, then codes.
const BLOCKS: usize = 0;
/** Blocks per row, and per MCU. */
const ROW: usize = 4;
const ACROSS: usize = 8;
const DOWN: usize = 12;
const DC: usize = 16;
const AC: usize = 20;
const PREVIOUS: usize = 24;
const COMPONENT: usize = 28;

let to: usize = 0;
let bits: u64 = 0;
let held: i32 = 0;

// @ts-ignore: AssemblyScript's decorator
@inline
function sizeOf(value: i32): i32 {
  return 32 - <i32>clz<i32>(abs<i32>(value));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function count(table: usize, symbol: i32): void {
  const place = table + (<usize>symbol << 2);
  store<u32>(place, load<u32>(place) + 1);
}

// A code is kept as its bits and, in the lowest 8, their number.
// @ts-ignore: AssemblyScript's decorator
@inline
function put(table: usize, symbol: i32, value: i32, size: i32): void {
  const code = load<u32>(table + (<usize>symbol << 2));
  const length = <i32>(code & 0xff);
  const low = (value + (value >> 31)) & ((1 << size) - 1);
  bits = bits << (length + size) | <u64>(code >> 8) << size | <u64>low;
  held += length + size;
  if (held >= 32) flushWord();
}

function flushWord(): void {
  held -= 32;
  const word = <u32>(bits >> held);
  if ((word & 0x80808080 & (~word - 0x01010101)) == 0) {
    store<u32>(to, bswap<u32>(word));
    to += 4;
    return;
  }
  for (let shift = 24; shift >= 0; shift -= 8) putByte(<u8>(word >> shift));
}

function putByte(byte: u8): void {
  store<u8>(to, byte);
  to++;
  if (byte == 0xff) {
    store<u8>(to, 0);
    to++;
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function codeBlock<T>(block: usize, component: usize): void {
  const dc = load<usize>(component, DC), ac = load<usize>(component, AC);
  const first = <i32>load<i16>(block);
  const difference = first - load<i32>(component, PREVIOUS);
  store<i32>(component, first, PREVIOUS);
  const size = sizeOf(difference);
  if (sizeof<T>() == 1) count(dc, size);
  else put(dc, size, difference, size);
  let present = load<u64>(block, 128) >> 1;
  let k = 1;
  while (present != 0) {
    let run = <i32>ctz<u64>(present);
    present = present >> run >> 1;
    k += run;
    for (; run > 15; run -= 16) {
      if (sizeof<T>() == 1) count(ac, 0xf0);
      else put(ac, 0xf0, 0, 0);
    }
    const value = <i32>load<i16>(block + (<usize>k << 1));
    const bitsOfValue = sizeOf(value);
    if (sizeof<T>() == 1) count(ac, run << 4 | bitsOfValue);
    else put(ac, run << 4 | bitsOfValue, value, bitsOfValue);
    k++;
  }
  if (k < 64) {
    if (sizeof<T>() == 1) count(ac, 0);
    else put(ac, 0, 0, 0);
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function codeMcus<T>(components: usize, end: usize, across: i32, down: i32): void {
  for (let row = 0; row < down; row++) {
    for (let column = 0; column < across; column++) {
      for (let component = components; component < end; component += COMPONENT) {
        const wide = load<i32>(component, ACROSS), high = load<i32>(component, DOWN);
        const blocks = load<usize>(component, BLOCKS), length = load<i32>(component, ROW);
        for (let y = 0; y < high; y++) {
          for (let x = 0; x < wide; x++) {
            const place = (row * high + y) * length + column * wide + x;
            codeBlock<T>(blocks + <usize>place * BLOCK, component);
          }
        }
      }
    }
  }
}

/** Adds up the symbols of a scan of so many MCUs. */
export function countSymbols(components: usize, end: usize, across: i32, down: i32): void {
  codeMcus<u8>(components, end, across, down);
}

/** Writes a scan of so many MCUs; returns where it ends. */
// deno-fmt-ignore
export function writeScan(into: usize, components: usize, end: usize, across: i32, down: i32): usize {
  to = into;
  bits = 0;
  held = 0;
  codeMcus<u16>(components, end, across, down);
  // The rest is filled up with ones.
  bits = bits << 7 | 0x7f;
  held += 7;
  while (held >= 8) {
    held -= 8;
    putByte(<u8>(bits >> held));
  }
  return to;
}
