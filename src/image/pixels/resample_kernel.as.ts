// The inner loops of resample.ts, in AssemblyScript: WebAssembly SIMD is the only way to keep up with
// native code from inside the sandbox. All planning (windows, weights, memory) happens in resample.ts.
//
// A sample at rest is an i16 with 7 fractional bits and a bias, (value - 128) * 128, which leaves room
// for Lanczos' overshoot from -128 to 383. Weights are i16 with 14 fractional bits that sum to 1 << 14,
// so the bias passes through every weighted sum unchanged. Every loop works in whole vectors: it may
// read and write up to 128 bytes past the samples it is asked for.

export { rgbRow } from "./ycc_rows.as";

const BIAS: i32 = 128 << 7;
const WEIGHT_BITS: i32 = 14;

// V8 makes vector constants anew in every turn of a loop, which costs more than the loop's own work.
// `unknown` is 0, but V8 cannot tell, and so keeps what is made of it before the loop in a register.
// @ts-ignore: AssemblyScript's decorator
@inline
function kept(constant: v128, unknown: i32): v128 {
  return v128.xor(constant, i32x4.splat(unknown));
}

/** Two rows of bytes as one row of byte pairs, so that one dot product spans both. */
export function pairRowsOfBytes(to: usize, first: usize, second: usize, samples: i32): void {
  const end = first + <usize>samples;
  while (first < end) {
    const a = v128.load(first);
    const b = v128.load(second);
    const low = i8x16.shuffle(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const high = i8x16.shuffle(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    v128.store(to, low);
    v128.store(to, high, 16);
    first += 16;
    second += 16;
    to += 32;
  }
}

/** Two rows of i16 samples as one row of pairs. */
export function pairRows(to: usize, first: usize, second: usize, samples: i32): void {
  const end = first + <usize>samples * 2;
  while (first < end) {
    const a = v128.load(first);
    const b = v128.load(second);
    v128.store(to, i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
    v128.store(to, i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15), 16);
    first += 16;
    second += 16;
    to += 32;
  }
}

/** One row of i16 samples as pairs of neighbouring pixels, each pair four channels wide: r r g g b b a a. */
export function pairPixels(to: usize, from: usize, pixels: i32, channels: i32): void {
  const pixel = <usize>channels * 2;
  const end = from + pixel * pixels;
  if (channels == 3) {
    for (; from < end; from += 12, to += 16) {
      const pair = v128.load(from);
      const second = i16x8.shuffle(pair, pair, 3, 4, 5, 6, 7, 0, 1, 2);
      v128.store(to, i16x8.shuffle(pair, second, 0, 8, 1, 9, 2, 10, 3, 11));
    }
  } else if (channels == 4) {
    for (; from < end; from += 16, to += 16) {
      const pair = v128.load(from);
      const second = i64x2.shuffle(pair, pair, 1, 1);
      v128.store(to, i16x8.shuffle(pair, second, 0, 8, 1, 9, 2, 10, 3, 11));
    }
  } else {
    for (; from < end; from += pixel * 2, to += 16) {
      const second = v128.load64_zero(from + pixel);
      v128.store(to, i16x8.shuffle(v128.load64_zero(from), second, 0, 8, 1, 9, 2, 10, 3, 11));
    }
  }
}

/** Opaque bytes as i16 samples. */
export function widen(to: usize, from: usize, samples: i32): void {
  const bias = kept(i16x8.splat(<i16>BIAS), samples >> 31);
  const end = from + <usize>samples;
  for (; from < end; from += 8, to += 16) {
    v128.store(to, i16x8.sub(i16x8.shl(v128.load_ext<u8>(from), 7), bias));
  }
}

// Eight u16 of colour * alpha, and alpha * 255 where alpha itself stands: where `own` is 255 and not 0.
// @ts-ignore: AssemblyScript's decorator
@inline
function multiplyAlpha<T>(wide: v128, own: v128, colours: v128): v128 {
  const alpha = sizeof<T>() == 4
    ? i16x8.shuffle(wide, wide, 3, 3, 3, 3, 7, 7, 7, 7)
    : i16x8.shuffle(wide, wide, 1, 1, 3, 3, 5, 5, 7, 7);
  return i16x8.mul(wide, v128.or(v128.and(alpha, colours), own));
}

// The lanes of eight samples that are alpha, as 255.
// @ts-ignore: AssemblyScript's decorator
@inline
function alphaLanes<T>(): v128 {
  return sizeof<T>() == 4 ? i64x2.splat(255 << 48) : i32x4.splat(255 << 16);
}

// product * 128 / 255 - BIAS, rounded, without a division: with the product's own bias of 32768 taken
// off and put back, 16448 / 32768 and 64 are within a quarter of a unit of the exact factor and sum.
// @ts-ignore: AssemblyScript's decorator
@inline
function sampleOfProduct(product: v128, sign: v128, factor: v128, rest: v128): v128 {
  return i16x8.add(i16x8.q15mulr_sat_s(v128.xor(product, sign), factor), rest);
}

// @ts-ignore: AssemblyScript's decorator
@inline
function premultiplyRow<T>(to: usize, from: usize, samples: i32): void {
  const unknown = samples >> 31;
  const own = kept(alphaLanes<T>(), unknown);
  const colours = i16x8.eq(own, kept(i64x2.splat(0), unknown));
  const sign = kept(i16x8.splat(-32768), unknown);
  const factor = kept(i16x8.splat(16448), unknown);
  const rest = kept(i16x8.splat(64), unknown);
  const end = from + <usize>samples;
  for (; from < end; from += 16, to += 32) {
    const bytes = v128.load(from);
    const low = multiplyAlpha<T>(i16x8.extend_low_i8x16_u(bytes), own, colours);
    const high = multiplyAlpha<T>(i16x8.extend_high_i8x16_u(bytes), own, colours);
    v128.store(to, sampleOfProduct(low, sign, factor, rest));
    v128.store(to, sampleOfProduct(high, sign, factor, rest), 16);
  }
}

/** Bytes with alpha last (2 or 4 channels) as premultiplied i16 samples. */
export function premultiply(to: usize, from: usize, samples: i32, channels: i32): void {
  if (channels == 4) premultiplyRow<u32>(to, from, samples);
  else premultiplyRow<u16>(to, from, samples);
}

/** Adds up to 256 rows of opaque bytes to a row of u32 sums. */
export function addRows(sums: usize, from: usize, samples: i32, rows: i32, stride: i32): void {
  const end = from + <usize>samples;
  while (from < end) {
    let low = i16x8.splat(0);
    let high = i16x8.splat(0);
    let row = from;
    for (let r = 0; r < rows; r++) {
      const bytes = v128.load(row);
      low = i16x8.add(low, i16x8.extend_low_i8x16_u(bytes));
      high = i16x8.add(high, i16x8.extend_high_i8x16_u(bytes));
      row += stride;
    }
    v128.store(sums, i32x4.add(v128.load(sums), i32x4.extend_low_i16x8_u(low)));
    v128.store(sums, i32x4.add(v128.load(sums, 16), i32x4.extend_high_i16x8_u(low)), 16);
    v128.store(sums, i32x4.add(v128.load(sums, 32), i32x4.extend_low_i16x8_u(high)), 32);
    v128.store(sums, i32x4.add(v128.load(sums, 48), i32x4.extend_high_i16x8_u(high)), 48);
    from += 16;
    sums += 64;
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function addProducts(sums: usize, low: v128, high: v128): void {
  v128.store(sums, i32x4.add(v128.load(sums), i32x4.extend_low_i16x8_u(low)));
  v128.store(sums, i32x4.add(v128.load(sums, 16), i32x4.extend_high_i16x8_u(low)), 16);
  v128.store(sums, i32x4.add(v128.load(sums, 32), i32x4.extend_low_i16x8_u(high)), 32);
  v128.store(sums, i32x4.add(v128.load(sums, 48), i32x4.extend_high_i16x8_u(high)), 48);
}

// @ts-ignore: AssemblyScript's decorator
@inline
function addProductsOf<T>(sums: usize, from: usize, samples: i32): void {
  const unknown = samples >> 31;
  const own = kept(alphaLanes<T>(), unknown);
  const colours = i16x8.eq(own, kept(i64x2.splat(0), unknown));
  const end = from + <usize>samples;
  for (; from < end; from += 16, sums += 64) {
    const bytes = v128.load(from);
    const low = multiplyAlpha<T>(i16x8.extend_low_i8x16_u(bytes), own, colours);
    const high = multiplyAlpha<T>(i16x8.extend_high_i8x16_u(bytes), own, colours);
    addProducts(sums, low, high);
  }
}

/** Adds one row of bytes with alpha last, each times its alpha (alpha times 255), to a row of u32 sums. */
export function addProductsOfRow(sums: usize, from: usize, samples: i32, channels: i32): void {
  if (channels == 4) addProductsOf<u32>(sums, from, samples);
  else addProductsOf<u16>(sums, from, samples);
}

/** Boxes of `box` neighbouring pixels of a row of u32 sums, times `scale`, as i16 samples. */
export function averageBoxes(
  to: usize,
  sums: usize,
  boxes: i32,
  box: i32,
  channels: i32,
  scale: f32,
): void {
  const pixel = <usize>channels * 4;
  const factor = f32x4.splat(scale);
  const bias = kept(i32x4.splat(BIAS), boxes >> 31);
  const end = sums + pixel * boxes * box;
  for (; sums < end; to += <usize>channels * 2) {
    let sum = v128.load(sums);
    const boxEnd = sums + pixel * box;
    for (sums += pixel; sums < boxEnd; sums += pixel) sum = i32x4.add(sum, v128.load(sums));
    const mean = f32x4.nearest(f32x4.mul(f32x4.convert_i32x4_u(sum), factor));
    const sample = i32x4.sub(i32x4.trunc_sat_f32x4_s(mean), bias);
    v128.store64_lane(to, i16x8.narrow_i32x4_s(sample, sample), 0);
  }
}

/**
 * Two target rows of i16 samples, as weighted sums of the `pairs` pair rows of a ring that start at
 * `window`; `slot` is the distance of two pair rows. The weights of a pair row are two for the first
 * target row and two for the second.
 */
export function sumRowsOfBytes(
  to: usize,
  alsoTo: usize,
  ring: usize,
  ringEnd: usize,
  window: usize,
  slot: i32,
  weights: usize,
  pairs: i32,
  samples: i32,
): void {
  const start = kept(i32x4.splat((1 << 6) - (BIAS << 7)), samples >> 31);
  for (let done = 0; done < samples; done += 16) {
    let a = start, b = start, c = start, d = start, e = start, f = start, g = start, h = start;
    let row = window;
    for (let p = 0; p < pairs; p++) {
      const both = v128.load64_zero(weights + p * 8);
      const w = i32x4.shuffle(both, both, 0, 0, 0, 0);
      const v = i32x4.shuffle(both, both, 1, 1, 1, 1);
      const left = v128.load(row);
      const right = v128.load(row, 16);
      const s = i16x8.extend_low_i8x16_u(left);
      a = i32x4.add(a, i32x4.dot_i16x8_s(s, w));
      e = i32x4.add(e, i32x4.dot_i16x8_s(s, v));
      const t = i16x8.extend_high_i8x16_u(left);
      b = i32x4.add(b, i32x4.dot_i16x8_s(t, w));
      f = i32x4.add(f, i32x4.dot_i16x8_s(t, v));
      const q = i16x8.extend_low_i8x16_u(right);
      c = i32x4.add(c, i32x4.dot_i16x8_s(q, w));
      g = i32x4.add(g, i32x4.dot_i16x8_s(q, v));
      const r = i16x8.extend_high_i8x16_u(right);
      d = i32x4.add(d, i32x4.dot_i16x8_s(r, w));
      h = i32x4.add(h, i32x4.dot_i16x8_s(r, v));
      row += slot;
      if (row >= ringEnd) row -= ringEnd - ring;
    }
    v128.store(to, i16x8.narrow_i32x4_s(i32x4.shr_s(a, 7), i32x4.shr_s(b, 7)));
    v128.store(to, i16x8.narrow_i32x4_s(i32x4.shr_s(c, 7), i32x4.shr_s(d, 7)), 16);
    v128.store(alsoTo, i16x8.narrow_i32x4_s(i32x4.shr_s(e, 7), i32x4.shr_s(f, 7)));
    v128.store(alsoTo, i16x8.narrow_i32x4_s(i32x4.shr_s(g, 7), i32x4.shr_s(h, 7)), 16);
    to += 32;
    alsoTo += 32;
    window += 32;
  }
}

/** The same of pair rows of i16 samples. */
export function sumRowsOfSamples(
  to: usize,
  alsoTo: usize,
  ring: usize,
  ringEnd: usize,
  window: usize,
  slot: i32,
  weights: usize,
  pairs: i32,
  samples: i32,
): void {
  const start = kept(i32x4.splat(1 << (WEIGHT_BITS - 1)), samples >> 31);
  for (let done = 0; done < samples; done += 16) {
    let a = start, b = start, c = start, d = start, e = start, f = start, g = start, h = start;
    let row = window;
    for (let p = 0; p < pairs; p++) {
      const both = v128.load64_zero(weights + p * 8);
      const w = i32x4.shuffle(both, both, 0, 0, 0, 0);
      const v = i32x4.shuffle(both, both, 1, 1, 1, 1);
      const s = v128.load(row);
      a = i32x4.add(a, i32x4.dot_i16x8_s(s, w));
      e = i32x4.add(e, i32x4.dot_i16x8_s(s, v));
      const t = v128.load(row, 16);
      b = i32x4.add(b, i32x4.dot_i16x8_s(t, w));
      f = i32x4.add(f, i32x4.dot_i16x8_s(t, v));
      const q = v128.load(row, 32);
      c = i32x4.add(c, i32x4.dot_i16x8_s(q, w));
      g = i32x4.add(g, i32x4.dot_i16x8_s(q, v));
      const r = v128.load(row, 48);
      d = i32x4.add(d, i32x4.dot_i16x8_s(r, w));
      h = i32x4.add(h, i32x4.dot_i16x8_s(r, v));
      row += slot;
      if (row >= ringEnd) row -= ringEnd - ring;
    }
    v128.store(to, ofSums(a, b));
    v128.store(to, ofSums(c, d), 16);
    v128.store(alsoTo, ofSums(e, f));
    v128.store(alsoTo, ofSums(g, h), 16);
    to += 32;
    alsoTo += 32;
    window += 64;
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function ofSums(low: v128, high: v128): v128 {
  return i16x8.narrow_i32x4_s(i32x4.shr_s(low, WEIGHT_BITS), i32x4.shr_s(high, WEIGHT_BITS));
}

/**
 * Two rows of target pixels, each pixel as the weighted sum of pixel pairs of `from` and `alsoFrom`.
 * Pixels come in twos that share a window, whose byte offset `windows` holds; `couples` is the number
 * of twos. The weights of two pixel pairs are: two for the first pixel, two for the second, and again.
 */
export function sumPixels(
  to: usize,
  alsoTo: usize,
  from: usize,
  alsoFrom: usize,
  windows: usize,
  weights: usize,
  pairs: i32,
  couples: i32,
  channels: i32,
): void {
  const half = kept(i32x4.splat(1 << (WEIGHT_BITS - 1)), couples >> 31);
  const pixel = <usize>channels * 2;
  const also = alsoFrom - from;
  for (let x = 0; x < couples; x++) {
    let pair = from + <usize>load<u32>(windows);
    windows += 4;
    let a = half, b = half, c = half, d = half;
    const end = pair + (<usize>pairs << 4);
    for (; pair < end; pair += 32, weights += 16) {
      const four = v128.load(weights);
      const w = i32x4.shuffle(four, four, 0, 0, 0, 0);
      const v = i32x4.shuffle(four, four, 1, 1, 1, 1);
      const s = v128.load(pair);
      a = i32x4.add(a, i32x4.dot_i16x8_s(s, w));
      b = i32x4.add(b, i32x4.dot_i16x8_s(s, v));
      const t = v128.load(pair + also);
      c = i32x4.add(c, i32x4.dot_i16x8_s(t, w));
      d = i32x4.add(d, i32x4.dot_i16x8_s(t, v));
      const w2 = i32x4.shuffle(four, four, 2, 2, 2, 2);
      const v2 = i32x4.shuffle(four, four, 3, 3, 3, 3);
      const s2 = v128.load(pair, 16);
      a = i32x4.add(a, i32x4.dot_i16x8_s(s2, w2));
      b = i32x4.add(b, i32x4.dot_i16x8_s(s2, v2));
      const t2 = v128.load(pair + also, 16);
      c = i32x4.add(c, i32x4.dot_i16x8_s(t2, w2));
      d = i32x4.add(d, i32x4.dot_i16x8_s(t2, v2));
    }
    const first = ofSums(a, b);
    v128.store64_lane(to, first, 0);
    v128.store64_lane(to + pixel, first, 1);
    const second = ofSums(c, d);
    v128.store64_lane(alsoTo, second, 0);
    v128.store64_lane(alsoTo + pixel, second, 1);
    to += pixel * 2;
    alsoTo += pixel * 2;
  }
}

/**
 * The same of one channel, from rows of samples as they lie. The weights of a window, which is a multiple
 * of four pairs long, are all of the first pixel's, then all of the second's.
 */
export function sumSamples(
  to: usize,
  alsoTo: usize,
  from: usize,
  alsoFrom: usize,
  windows: usize,
  weights: usize,
  pairs: i32,
  couples: i32,
): void {
  const half = kept(i32x4.splat(1 << (WEIGHT_BITS - 1)), couples >> 31);
  const none = kept(i32x4.splat(0), couples >> 31);
  const window = <usize>pairs << 2;
  const also = alsoFrom - from;
  for (let x = 0; x < couples; x++) {
    let at = from + <usize>load<u32>(windows);
    windows += 4;
    let a = none, b = none, c = none, d = none;
    const end = weights + window;
    for (; weights < end; weights += 16, at += 16) {
      const w = v128.load(weights);
      const v = v128.load(weights + window);
      const s = v128.load(at);
      const t = v128.load(at + also);
      a = i32x4.add(a, i32x4.dot_i16x8_s(s, w));
      b = i32x4.add(b, i32x4.dot_i16x8_s(s, v));
      c = i32x4.add(c, i32x4.dot_i16x8_s(t, w));
      d = i32x4.add(d, i32x4.dot_i16x8_s(t, v));
    }
    weights += window;
    const ab = i32x4.add(i32x4.shuffle(a, b, 0, 4, 1, 5), i32x4.shuffle(a, b, 2, 6, 3, 7));
    const cd = i32x4.add(i32x4.shuffle(c, d, 0, 4, 1, 5), i32x4.shuffle(c, d, 2, 6, 3, 7));
    const sum = i32x4.add(i64x2.shuffle(ab, cd, 0, 2), i64x2.shuffle(ab, cd, 1, 3));
    const both = i32x4.shr_s(i32x4.add(sum, half), WEIGHT_BITS);
    const four = i16x8.narrow_i32x4_s(both, both);
    v128.store32_lane(to, four, 0);
    v128.store32_lane(alsoTo, four, 1);
    to += 4;
    alsoTo += 4;
  }
}

// A rounded product with 256 / 32768 takes the seven fractional bits off, 128 the bias.
// @ts-ignore: AssemblyScript's decorator
@inline
function bytesOf(low: v128, high: v128, unit: v128, middle: v128): v128 {
  return i8x16.narrow_i16x8_u(
    i16x8.add(i16x8.q15mulr_sat_s(low, unit), middle),
    i16x8.add(i16x8.q15mulr_sat_s(high, unit), middle),
  );
}

/** i16 samples as opaque bytes. */
export function finish(to: usize, from: usize, samples: i32): void {
  const unit = kept(i16x8.splat(256), samples >> 31);
  const middle = kept(i16x8.splat(128), samples >> 31);
  const end = to + <usize>samples;
  for (; to < end; from += 32, to += 16) {
    v128.store(to, bytesOf(v128.load(from), v128.load(from, 16), unit, middle));
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function colourOf(samples: v128, bias: v128, factor: v128, half: v128): v128 {
  const value = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(samples, bias)), factor);
  return i32x4.trunc_sat_f32x4_s(f32x4.add(value, half));
}

// `factor` for the colours, 1 / 128 for alpha.
// @ts-ignore: AssemblyScript's decorator
@inline
function withAlphas(factor: v128, colours: v128, unit: v128): v128 {
  return v128.or(v128.and(factor, colours), unit);
}

/** Premultiplied i16 samples of four channels as bytes; what is fully transparent is zero. */
export function unpremultiply4(to: usize, from: usize, pixels: i32): void {
  const unknown = pixels >> 31;
  const unit = kept(i16x8.splat(256), unknown);
  const middle = kept(i16x8.splat(128), unknown);
  const opaque = kept(i16x8.splat(<i16>(255 * 128 - BIAS)), unknown);
  const notAlpha = kept(i64x2.splat(0x0000_ffff_ffff_ffff), unknown);
  const colours = kept(i32x4(-1, -1, -1, 0), unknown);
  const alphaUnit = kept(f32x4(0, 0, 0, 1.0 / 128.0), unknown);
  const bias = kept(i32x4.splat(BIAS), unknown);
  const half = kept(f32x4.splat(0.5), unknown);
  const end = from + <usize>pixels * 8;
  for (; from < end; from += 32, to += 16) {
    const low = v128.load(from);
    const high = v128.load(from, 16);
    const full = v128.and(i16x8.eq(low, opaque), i16x8.eq(high, opaque));
    if (i16x8.all_true(v128.or(full, notAlpha))) {
      v128.store(to, bytesOf(low, high, unit, middle));
      continue;
    }
    const alpha = i32x4.add(i32x4.shr_s(i32x4.shuffle(low, high, 1, 3, 5, 7), 16), bias);
    const visible = i32x4.ge_s(alpha, i32x4.splat(64));
    const factor = v128.and(f32x4.div(f32x4.splat(255), f32x4.convert_i32x4_s(alpha)), visible);
    const f0 = withAlphas(i32x4.shuffle(factor, factor, 0, 0, 0, 0), colours, alphaUnit);
    const f1 = withAlphas(i32x4.shuffle(factor, factor, 1, 1, 1, 1), colours, alphaUnit);
    const f2 = withAlphas(i32x4.shuffle(factor, factor, 2, 2, 2, 2), colours, alphaUnit);
    const f3 = withAlphas(i32x4.shuffle(factor, factor, 3, 3, 3, 3), colours, alphaUnit);
    const p0 = colourOf(i32x4.extend_low_i16x8_s(low), bias, f0, half);
    const p1 = colourOf(i32x4.extend_high_i16x8_s(low), bias, f1, half);
    const p2 = colourOf(i32x4.extend_low_i16x8_s(high), bias, f2, half);
    const p3 = colourOf(i32x4.extend_high_i16x8_s(high), bias, f3, half);
    const first = i16x8.narrow_i32x4_s(p0, p1);
    v128.store(to, i8x16.narrow_i16x8_u(first, i16x8.narrow_i32x4_s(p2, p3)));
  }
}

/** The same of two channels. */
export function unpremultiply2(to: usize, from: usize, pixels: i32): void {
  for (let i = 0; i < pixels; i++) {
    const grey = <i32>load<i16>(from) + BIAS;
    const alpha = <i32>load<i16>(from, 2) + BIAS;
    const factor: f32 = alpha >= 64 ? <f32>255 / <f32>alpha : 0;
    store<u8>(to, min(max(<i32>(<f32>grey * factor + 0.5), 0), 255));
    store<u8>(to, min(max((alpha + 64) >> 7, 0), 255), 1);
    from += 4;
    to += 2;
  }
}
