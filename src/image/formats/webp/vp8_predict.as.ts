// Predictions of VP8 (RFC 6386 section 12) and what is added to them (section 14), in AssemblyScript. They take
// place in a small picture of one macroblock with its neighbours' pixels around it.
import { DC, HORIZONTAL, TRUE_MOTION, VERTICAL } from "./vp8_bits.as";

/** Bytes between the rows of the small picture. */
export const ROW: usize = 32;

// @ts-ignore: AssemblyScript's decorator
@inline
function storeRows4(to: usize, rows: v128): void {
  v128.store32_lane(to, rows, 0);
  v128.store32_lane(to, rows, 1, ROW);
  v128.store32_lane(to, rows, 2, ROW * 2);
  v128.store32_lane(to, rows, 3, ROW * 3);
}

/** Each of 8 samples of the row above, changed by as much as the one at the left differs from the corner. */
// @ts-ignore: AssemblyScript's decorator
@inline
function trueMotion(above: v128, left: i32, corner: i32): v128 {
  return i16x8.add(above, i16x8.splat(<i16>(left - corner)));
}

/** Predicts a block of 4 by 4. */
export function predictBlock(to: usize, mode: i32): void {
  const left0: u8 = load<u8>(to - 1), left1: u8 = load<u8>(to + ROW - 1);
  const left2: u8 = load<u8>(to + ROW * 2 - 1), left3: u8 = load<u8>(to + ROW * 3 - 1);
  const above = to - ROW;
  if (mode == DC) {
    const sum = <u32>load<u8>(above) + load<u8>(above, 1) + load<u8>(above, 2) + load<u8>(above, 3);
    storeRows4(to, i8x16.splat(<i8>((sum + left0 + left1 + left2 + left3 + 4) >> 3)));
    return;
  }
  if (mode == TRUE_MOTION) {
    const corner: i32 = load<u8>(above - 1);
    const row = i16x8.extend_low_i8x16_u(v128.load32_zero(above));
    const upper = i64x2.shuffle(trueMotion(row, left0, corner), trueMotion(row, left1, corner), 0, 2);
    const lower = i64x2.shuffle(trueMotion(row, left2, corner), trueMotion(row, left3, corner), 0, 2);
    storeRows4(to, i8x16.narrow_i16x8_u(upper, lower));
    return;
  }
  // The edge from the bottom left to the top right, the pixels at both ends twice, and its averages.
  let edge = v128.load(above - 6);
  edge = i8x16.replace_lane(edge, 0, left3);
  edge = i8x16.replace_lane(edge, 1, left3);
  edge = i8x16.replace_lane(edge, 2, left2);
  edge = i8x16.replace_lane(edge, 3, left1);
  edge = i8x16.replace_lane(edge, 4, left0);
  edge = i8x16.replace_lane(edge, 14, load<u8>(above, 7));
  const next = i8x16.shuffle(edge, edge, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15);
  const third = i8x16.shuffle(edge, edge, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15, 15);
  const odd = v128.and(v128.xor(edge, third), i8x16.splat(1));
  const three = i8x16.avgr_u(i8x16.sub(i8x16.avgr_u(edge, third), odd), next);
  const two = i8x16.avgr_u(edge, next);
  let rows = three;
  // What is taken from where is section 12.3; from 16 on they are averages of two.
  // deno-fmt-ignore
  switch (mode) {
    case VERTICAL: rows = i8x16.shuffle(three, two, 5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8, 5, 6, 7, 8); break;
    case HORIZONTAL: rows = i8x16.shuffle(three, two, 3, 3, 3, 3, 2, 2, 2, 2, 1, 1, 1, 1, 0, 0, 0, 0); break;
    case 4: rows = i8x16.shuffle(three, two, 4, 5, 6, 7, 3, 4, 5, 6, 2, 3, 4, 5, 1, 2, 3, 4); break;
    case 5: rows = i8x16.shuffle(three, two, 21, 22, 23, 24, 4, 5, 6, 7, 3, 21, 22, 23, 2, 4, 5, 6); break;
    case 6: rows = i8x16.shuffle(three, two, 6, 7, 8, 9, 7, 8, 9, 10, 8, 9, 10, 11, 9, 10, 11, 12); break;
    case 7: rows = i8x16.shuffle(three, two, 22, 23, 24, 25, 6, 7, 8, 9, 23, 24, 25, 10, 7, 8, 9, 11); break;
    case 8: rows = i8x16.shuffle(three, two, 20, 4, 5, 6, 19, 3, 20, 4, 18, 2, 19, 3, 17, 1, 18, 2); break;
    default: rows = i8x16.shuffle(three, two, 19, 2, 18, 1, 18, 1, 17, 0, 17, 0, 16, 16, 16, 16, 16, 16);
  }
  storeRows4(to, rows);
}

/** Predicts a square of 16 or 8; `hasAbove` and `hasLeft` tell what is there for an average. */
export function predictSquare(to: usize, side: i32, mode: i32, hasAbove: bool, hasLeft: bool): void {
  const end = to + ROW * <usize>side;
  const above = to - ROW;
  if (mode == DC) {
    let sum = 0, count = 0;
    if (hasAbove) {
      for (let x = 0; x < side; x++) sum += load<u8>(above + <usize>x);
      count += side;
    }
    if (hasLeft) {
      for (let row = to; row < end; row += ROW) sum += load<u8>(row - 1);
      count += side;
    }
    // 8, 16 or 32 of them.
    const mean = count == 0 ? 128 : (sum + (count >> 1)) >> <i32>ctz(count);
    fill(to, end, side, i8x16.splat(<i8>mean));
  } else if (mode == VERTICAL) {
    fill(to, end, side, v128.load(above));
  } else if (mode == HORIZONTAL) {
    for (let row = to; row < end; row += ROW) fill(row, row + ROW, side, v128.load8_splat(row - 1));
  } else {
    const corner: i32 = load<u8>(above - 1);
    const low = i16x8.extend_low_i8x16_u(v128.load(above));
    const high = i16x8.extend_high_i8x16_u(v128.load(above));
    for (let row = to; row < end; row += ROW) {
      const left: i32 = load<u8>(row - 1);
      const samples = i8x16.narrow_i16x8_u(trueMotion(low, left, corner), trueMotion(high, left, corner));
      fill(row, row + ROW, side, samples);
    }
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function fill(from: usize, end: usize, side: i32, samples: v128): void {
  if (side == 16) { for (let row = from; row < end; row += ROW) v128.store(row, samples); }
  else { for (let row = from; row < end; row += ROW) v128.store64_lane(row, samples, 0); }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function byCosine(value: v128): v128 {
  return i32x4.add(i32x4.shr_s(i32x4.mul(value, i32x4.splat(20091)), 16), value);
}

// @ts-ignore: AssemblyScript's decorator
@inline
function bySine(value: v128): v128 {
  return i32x4.shr_s(i32x4.mul(value, i32x4.splat(35468)), 16);
}

/** Adds four rows of four differences, each two in a vector, to pixels. */
// @ts-ignore: AssemblyScript's decorator
@inline
function addRows4(to: usize, upper: v128, lower: v128): void {
  let rows = v128.load32_zero(to);
  rows = v128.load32_lane(to, rows, 1, ROW);
  rows = v128.load32_lane(to, rows, 2, ROW * 2);
  rows = v128.load32_lane(to, rows, 3, ROW * 3);
  const first = i16x8.add_sat_s(i16x8.extend_low_i8x16_u(rows), upper);
  storeRows4(to, i8x16.narrow_i16x8_u(first, i16x8.add_sat_s(i16x8.extend_high_i8x16_u(rows), lower)));
}

/** Adds what 16 coefficients stand for to a block, and leaves them zero (section 14.4). */
export function addBlock(to: usize, block: usize): void {
  const upper = v128.load(block), lower = v128.load(block, 16);
  v128.store(block, i64x2.splat(0));
  v128.store(block, i64x2.splat(0), 16);
  let s = i32x4.extend_low_i16x8_s(upper), t = i32x4.extend_high_i16x8_s(upper);
  let u = i32x4.extend_low_i16x8_s(lower), v = i32x4.extend_high_i16x8_s(lower);
  for (let pass = 0; ; pass++) {
    const a = i32x4.add(s, u), b = i32x4.sub(s, u);
    const c = i32x4.sub(bySine(t), byCosine(v)), d = i32x4.add(byCosine(t), bySine(v));
    const a1 = i32x4.add(a, d), b1 = i32x4.add(b, c), c1 = i32x4.sub(b, c), d1 = i32x4.sub(a, d);
    const e = i32x4.shuffle(a1, b1, 0, 4, 1, 5), f = i32x4.shuffle(a1, b1, 2, 6, 3, 7);
    const g = i32x4.shuffle(c1, d1, 0, 4, 1, 5), h = i32x4.shuffle(c1, d1, 2, 6, 3, 7);
    s = i64x2.shuffle(e, g, 0, 2);
    t = i64x2.shuffle(e, g, 1, 3);
    u = i64x2.shuffle(f, h, 0, 2);
    v = i64x2.shuffle(f, h, 1, 3);
    if (pass == 1) break;
    s = i32x4.add(s, i32x4.splat(4));
  }
  addRows4(
    to,
    i16x8.narrow_i32x4_s(i32x4.shr_s(s, 3), i32x4.shr_s(t, 3)),
    i16x8.narrow_i32x4_s(i32x4.shr_s(u, 3), i32x4.shr_s(v, 3)),
  );
}

/** The same of the first coefficient alone. */
export function addFirst(to: usize, block: usize): void {
  const difference = i16x8.splat(<i16>((load<i16>(block) + 4) >> 3));
  store<i16>(block, 0);
  addRows4(to, difference, difference);
}

/** Makes the first coefficients of 16 blocks of the block of them (section 14.3), and leaves that zero. */
export function spreadFirst(blocks: usize, block: usize): void {
  const upper = v128.load(block), lower = v128.load(block, 16);
  v128.store(block, i64x2.splat(0));
  v128.store(block, i64x2.splat(0), 16);
  let s = i32x4.extend_low_i16x8_s(upper), t = i32x4.extend_high_i16x8_s(upper);
  let u = i32x4.extend_low_i16x8_s(lower), v = i32x4.extend_high_i16x8_s(lower);
  for (let pass = 0; ; pass++) {
    const a = i32x4.add(s, v), b = i32x4.add(t, u), c = i32x4.sub(t, u), d = i32x4.sub(s, v);
    const a1 = i32x4.add(a, b), b1 = i32x4.add(d, c), c1 = i32x4.sub(a, b), d1 = i32x4.sub(d, c);
    const e = i32x4.shuffle(a1, b1, 0, 4, 1, 5), f = i32x4.shuffle(a1, b1, 2, 6, 3, 7);
    const g = i32x4.shuffle(c1, d1, 0, 4, 1, 5), h = i32x4.shuffle(c1, d1, 2, 6, 3, 7);
    s = i64x2.shuffle(e, g, 0, 2);
    t = i64x2.shuffle(e, g, 1, 3);
    u = i64x2.shuffle(f, h, 0, 2);
    v = i64x2.shuffle(f, h, 1, 3);
    if (pass == 1) break;
    s = i32x4.add(s, i32x4.splat(3));
  }
  storeFirst(blocks, s);
  storeFirst(blocks + 128, t);
  storeFirst(blocks + 256, u);
  storeFirst(blocks + 384, v);
}

// @ts-ignore: AssemblyScript's decorator
@inline
function storeFirst(blocks: usize, sums: v128): void {
  const values = i32x4.shr_s(sums, 3);
  v128.store16_lane(blocks, values, 0);
  v128.store16_lane(blocks, values, 2, 32);
  v128.store16_lane(blocks, values, 4, 64);
  v128.store16_lane(blocks, values, 6, 96);
}
