// The loop filters of VP8 (RFC 6386 section 15), in AssemblyScript, of 16 pixels along an edge at once. Vertical
// edges are turned into horizontal ones and back.

/** Room for 16 rows of 16 samples, twice. */
let turned: usize = 0;
let spare: usize = 0;

/** Says where there are 512 bytes. */
export function startFilters(room: usize): void {
  turned = room;
  spare = room + 256;
}

// @ts-ignore: AssemblyScript's decorator
@inline
function distance(a: v128, b: v128): v128 {
  return v128.or(i8x16.sub_sat_u(a, b), i8x16.sub_sat_u(b, a));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function signed(samples: v128): v128 {
  return v128.xor(samples, i8x16.splat(-128));
}

/** Whether pixels on both sides of the edge differ so little that it may be an artefact. */
// @ts-ignore: AssemblyScript's decorator
@inline
function isLow(p1: v128, p0: v128, q0: v128, q1: v128, limit: i32): v128 {
  const across = distance(p0, q0);
  const beyond = v128.and(i16x8.shr_u(distance(p1, q1), 1), i8x16.splat(127));
  const step = i8x16.add_sat_u(i8x16.add_sat_u(across, across), beyond);
  return i8x16.le_u(step, i8x16.splat(<i8>limit));
}

/** The edge's step, three times, on top of what is given. */
// @ts-ignore: AssemblyScript's decorator
@inline
function withStep(start: v128, p0: v128, q0: v128): v128 {
  const step = i8x16.sub_sat_s(q0, p0);
  return i8x16.add_sat_s(i8x16.add_sat_s(i8x16.add_sat_s(start, step), step), step);
}

/** Filters the edge above a row, two pixels of each side. */
function filterSimply(q: usize, stride: usize, limit: i32): void {
  const p1 = v128.load(q - stride * 2), p0 = v128.load(q - stride);
  const q0 = v128.load(q), q1 = v128.load(q + stride);
  const mask = isLow(p1, p0, q0, q1, limit);
  if (!v128.any_true(mask)) return;
  const above = signed(p0), below = signed(q0);
  const start = i8x16.sub_sat_s(signed(p1), signed(q1));
  const change = v128.and(withStep(start, above, below), mask);
  const upper = i8x16.shr_s(i8x16.add_sat_s(change, i8x16.splat(3)), 3);
  const lower = i8x16.shr_s(i8x16.add_sat_s(change, i8x16.splat(4)), 3);
  v128.store(q - stride, signed(i8x16.add_sat_s(above, upper)));
  v128.store(q, signed(i8x16.sub_sat_s(below, lower)));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function weighted(left: v128, right: v128, weight: i32): v128 {
  const half = i16x8.splat(63), factor = i16x8.splat(<i16>weight);
  return i8x16.narrow_i16x8_s(
    i16x8.shr_s(i16x8.add(i16x8.mul(left, factor), half), 7),
    i16x8.shr_s(i16x8.add(i16x8.mul(right, factor), half), 7),
  );
}

/** Filters the edge above a row: one between macroblocks three pixels deep, one within less. */
// deno-fmt-ignore
function filterEdge(q: usize, stride: usize, limit: i32, inner: i32, busy: i32, isOuter: bool): void {
  const p3 = v128.load(q - stride * 4), p2 = v128.load(q - stride * 3);
  const p1 = v128.load(q - stride * 2), p0 = v128.load(q - stride);
  const q0 = v128.load(q), q1 = v128.load(q + stride);
  const q2 = v128.load(q + stride * 2), q3 = v128.load(q + stride * 3);
  const near = i8x16.max_u(distance(p1, p0), distance(q1, q0));
  const far = i8x16.max_u(
    i8x16.max_u(distance(p3, p2), distance(p2, p1)),
    i8x16.max_u(distance(q3, q2), distance(q2, q1)),
  );
  const isFlat = i8x16.le_u(i8x16.max_u(near, far), i8x16.splat(<i8>inner));
  const mask = v128.and(isFlat, isLow(p1, p0, q0, q1, limit));
  if (!v128.any_true(mask)) return;
  const isBusy = i8x16.gt_u(near, i8x16.splat(<i8>busy));
  const a0 = signed(p0), b0 = signed(q0), a1 = signed(p1), b1 = signed(q1);
  const start = i8x16.sub_sat_s(a1, b1);
  if (isOuter) {
    const change = v128.and(withStep(start, a0, b0), mask);
    const small = v128.and(change, isBusy);
    const wide = v128.andnot(change, isBusy);
    const left = i16x8.extend_low_i8x16_s(wide), right = i16x8.extend_high_i8x16_s(wide);
    const upper = i8x16.shr_s(i8x16.add_sat_s(small, i8x16.splat(3)), 3);
    const lower = i8x16.shr_s(i8x16.add_sat_s(small, i8x16.splat(4)), 3);
    const first = weighted(left, right, 27);
    const second = weighted(left, right, 18);
    const third = weighted(left, right, 9);
    v128.store(q - stride * 3, signed(i8x16.add_sat_s(signed(p2), third)));
    v128.store(q - stride * 2, signed(i8x16.add_sat_s(a1, second)));
    v128.store(q - stride, signed(i8x16.add_sat_s(i8x16.add_sat_s(a0, upper), first)));
    v128.store(q, signed(i8x16.sub_sat_s(i8x16.sub_sat_s(b0, lower), first)));
    v128.store(q + stride, signed(i8x16.sub_sat_s(b1, second)));
    v128.store(q + stride * 2, signed(i8x16.sub_sat_s(signed(q2), third)));
  } else {
    const change = v128.and(withStep(v128.and(start, isBusy), a0, b0), mask);
    const upper = i8x16.shr_s(i8x16.add_sat_s(change, i8x16.splat(3)), 3);
    const lower = i8x16.shr_s(i8x16.add_sat_s(change, i8x16.splat(4)), 3);
    const half = v128.andnot(i8x16.shr_s(i8x16.add(lower, i8x16.splat(1)), 1), isBusy);
    v128.store(q - stride * 2, signed(i8x16.add_sat_s(a1, half)));
    v128.store(q - stride, signed(i8x16.add_sat_s(a0, upper)));
    v128.store(q, signed(i8x16.sub_sat_s(b0, lower)));
    v128.store(q + stride, signed(i8x16.sub_sat_s(b1, half)));
  }
}

/** The samples of the lower halves of two rows, in turn. */
// @ts-ignore: AssemblyScript's decorator
@inline
function low(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}

/** The samples of the upper halves. */
// @ts-ignore: AssemblyScript's decorator
@inline
function high(a: v128, b: v128): v128 {
  return i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}

/** Interleaves each row with the one 8 below; four times that turns 16 rows over. */
// @ts-ignore: AssemblyScript's decorator
@inline
function interleave(to: usize, toStride: usize, from: usize, fromStride: usize): void {
  for (let row: usize = 0; row < 8; row++) {
    const a = v128.load(from + row * fromStride), b = v128.load(from + (row + 8) * fromStride);
    const at = to + row * 2 * toStride;
    v128.store(at, low(a, b));
    v128.store(at + toStride, high(a, b));
  }
}

/** Turns 16 rows of 16 samples over. */
function turn(to: usize, toStride: usize, from: usize, fromStride: usize): void {
  interleave(spare, 16, from, fromStride);
  interleave(turned, 16, spare, 16);
  interleave(spare, 16, turned, 16);
  interleave(to, toStride, spare, 16);
}

/** Brings 8 rows of 8 samples of two places into `turned`, a row of each side by side. */
function gather(one: usize, other: usize, stride: usize): void {
  for (let row: usize = 0; row < 8; row++) {
    const both = v128.load64_lane(other + stride * row, v128.load64_zero(one + stride * row), 1);
    v128.store(turned + row * 16, both);
  }
}

function scatter(one: usize, other: usize, stride: usize): void {
  for (let row: usize = 0; row < 8; row++) {
    const both = v128.load(turned + row * 16);
    v128.store64_lane(one + stride * row, both, 0);
    v128.store64_lane(other + stride * row, both, 1);
  }
}

/** Turns both squares of 8 by 8 in `turned` over, each for itself. */
function turnSquares(): void {
  const a = v128.load(turned), b = v128.load(turned, 16), c = v128.load(turned, 32);
  const d = v128.load(turned, 48), e = v128.load(turned, 64), f = v128.load(turned, 80);
  const g = v128.load(turned, 96), h = v128.load(turned, 112);
  const a1 = low(a, e), b1 = high(a, e), c1 = low(b, f), d1 = high(b, f);
  const e1 = low(c, g), f1 = high(c, g), g1 = low(d, h), h1 = high(d, h);
  const a2 = low(a1, e1), b2 = high(a1, e1), c2 = low(b1, f1), d2 = high(b1, f1);
  const e2 = low(c1, g1), f2 = high(c1, g1), g2 = low(d1, h1), h2 = high(d1, h1);
  // Two columns of the one in each of the first four, of the other in the last.
  const a3 = low(a2, e2), b3 = high(a2, e2), c3 = low(b2, f2), d3 = high(b2, f2);
  const e3 = low(c2, g2), f3 = high(c2, g2), g3 = low(d2, h2), h3 = high(d2, h2);
  v128.store(turned, i64x2.shuffle(a3, e3, 0, 2));
  v128.store(turned, i64x2.shuffle(a3, e3, 1, 3), 16);
  v128.store(turned, i64x2.shuffle(b3, f3, 0, 2), 32);
  v128.store(turned, i64x2.shuffle(b3, f3, 1, 3), 48);
  v128.store(turned, i64x2.shuffle(c3, g3, 0, 2), 64);
  v128.store(turned, i64x2.shuffle(c3, g3, 1, 3), 80);
  v128.store(turned, i64x2.shuffle(d3, h3, 0, 2), 96);
  v128.store(turned, i64x2.shuffle(d3, h3, 1, 3), 112);
}

function turnEights(one: usize, other: usize, stride: usize): void {
  gather(one, other, stride);
  turnSquares();
}

function turnEightsBack(one: usize, other: usize, stride: usize): void {
  turnSquares();
  scatter(one, other, stride);
}

/** Filters a macroblock's luma with the simple filter. */
// deno-fmt-ignore
export function filterLumaSimply(luma: usize, stride: usize, limit: i32, hasLeft: bool, hasAbove: bool, hasInner: bool): void {
  if (hasLeft) {
    const left = luma - 4;
    turnEights(left, left + stride * 8, stride);
    filterSimply(turned + 64, 16, limit + 4);
    turnEightsBack(left, left + stride * 8, stride);
  }
  if (hasInner) {
    turn(turned, 16, luma, stride);
    for (let edge: usize = 64; edge < 256; edge += 64) filterSimply(turned + edge, 16, limit);
    turn(luma, stride, turned, 16);
  }
  if (hasAbove) filterSimply(luma, stride, limit + 4);
  if (hasInner) {
    for (let row: usize = 4; row < 16; row += 4) filterSimply(luma + row * stride, stride, limit);
  }
}

/** Filters a macroblock's luma with the normal filter. */
// deno-fmt-ignore
export function filterLuma(luma: usize, stride: usize, limit: i32, inner: i32, busy: i32, hasLeft: bool, hasAbove: bool, hasInner: bool): void {
  if (hasLeft) {
    const left = luma - 4;
    turnEights(left, left + stride * 8, stride);
    filterEdge(turned + 64, 16, limit + 4, inner, busy, true);
    turnEightsBack(left, left + stride * 8, stride);
  }
  if (hasInner) {
    turn(turned, 16, luma, stride);
    for (let edge: usize = 64; edge < 256; edge += 64) {
      filterEdge(turned + edge, 16, limit, inner, busy, false);
    }
    turn(luma, stride, turned, 16);
  }
  if (hasAbove) filterEdge(luma, stride, limit + 4, inner, busy, true);
  if (hasInner) {
    for (let row: usize = 4; row < 16; row += 4) {
      filterEdge(luma + row * stride, stride, limit, inner, busy, false);
    }
  }
}

/** Filters 8 rows of both kinds of chroma around the edge above the fifth. */
// deno-fmt-ignore
function filterChromaRows(blue: usize, red: usize, stride: usize, limit: i32, inner: i32, busy: i32, isOuter: bool): void {
  gather(blue, red, stride);
  filterEdge(turned + 64, 16, limit, inner, busy, isOuter);
  scatter(blue, red, stride);
}

/** Filters a macroblock's chroma with the normal filter. */
// deno-fmt-ignore
export function filterChroma(blue: usize, red: usize, stride: usize, limit: i32, inner: i32, busy: i32, hasLeft: bool, hasAbove: bool, hasInner: bool): void {
  if (hasLeft) {
    turnEights(blue - 4, red - 4, stride);
    filterEdge(turned + 64, 16, limit + 4, inner, busy, true);
    turnEightsBack(blue - 4, red - 4, stride);
  }
  if (hasInner) {
    turnEights(blue, red, stride);
    filterEdge(turned + 64, 16, limit, inner, busy, false);
    turnEightsBack(blue, red, stride);
  }
  if (hasAbove) {
    const up = stride * 4;
    filterChromaRows(blue - up, red - up, stride, limit + 4, inner, busy, true);
  }
  if (hasInner) filterChromaRows(blue, red, stride, limit, inner, busy, false);
}
