// The inner loops of resample.ts, in AssemblyScript: WebAssembly SIMD is the only way to keep up with
// native code from inside the sandbox. All planning (windows, weights, memory) happens in resample.ts.
//
// A sample at rest is an i16 with 7 fractional bits and a bias, (value - 128) * 128, which leaves room
// for Lanczos' overshoot from -128 to 383. Weights are i16 with 14 fractional bits that sum to 1 << 14,
// so the bias passes through every weighted sum unchanged. Every loop works in whole vectors: it may
// read and write up to 128 bytes past the samples it is asked for.

const BIAS: i32 = 128 << 7;
const WEIGHT_BITS: i32 = 14;

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
  for (let i = 0; i < pixels; i += 2) {
    const a = v128.load64_zero(from);
    const b = v128.load64_zero(from + pixel);
    v128.store(to, i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
    from += pixel * 2;
    to += 16;
  }
}

/** Opaque bytes as i16 samples. */
export function widen(to: usize, from: usize, samples: i32): void {
  const end = from + <usize>samples;
  while (from < end) {
    const wide = i16x8.shl(v128.load_ext<u8>(from), 7);
    v128.store(to, i16x8.sub(wide, i16x8.splat(<i16>BIAS)));
    from += 8;
    to += 16;
  }
}

// Eight u16 of colour * alpha, and alpha * 255 where alpha itself stands.
// @ts-ignore: AssemblyScript's decorator
@inline
function multiplyAlpha4(from: usize): v128 {
  const bytes = v128.load_ext<u8>(from);
  const alpha = i16x8.shuffle(bytes, bytes, 3, 3, 3, 3, 7, 7, 7, 7);
  return i16x8.mul(bytes, v128.bitselect(i16x8.splat(255), alpha, i64x2.splat(-1 << 48)));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function multiplyAlpha2(from: usize): v128 {
  const bytes = v128.load_ext<u8>(from);
  const alpha = i16x8.shuffle(bytes, bytes, 1, 1, 3, 3, 5, 5, 7, 7);
  return i16x8.mul(bytes, v128.bitselect(i16x8.splat(255), alpha, i32x4.splat(-1 << 16)));
}

// product * 128 / 255 - BIAS, rounded, without a division: with the product's own bias of 32768 taken
// off and put back, 16448 / 32768 and 64 are within a quarter of a unit of the exact factor and sum.
// @ts-ignore: AssemblyScript's decorator
@inline
function sampleOfProduct(product: v128): v128 {
  const signed = v128.xor(product, i16x8.splat(-32768));
  return i16x8.add(i16x8.q15mulr_sat_s(signed, i16x8.splat(16448)), i16x8.splat(64));
}

/** Bytes with alpha last (2 or 4 channels) as premultiplied i16 samples. */
export function premultiply(to: usize, from: usize, samples: i32, channels: i32): void {
  const end = from + <usize>samples;
  if (channels == 4) {
    for (; from < end; from += 8, to += 16) {
      v128.store(to, sampleOfProduct(multiplyAlpha4(from)));
    }
  } else {
    for (; from < end; from += 8, to += 16) {
      v128.store(to, sampleOfProduct(multiplyAlpha2(from)));
    }
  }
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
function addProducts(sums: usize, product: v128): void {
  v128.store(sums, i32x4.add(v128.load(sums), i32x4.extend_low_i16x8_u(product)));
  v128.store(sums, i32x4.add(v128.load(sums, 16), i32x4.extend_high_i16x8_u(product)), 16);
}

/** Adds one row of bytes with alpha last, each times its alpha (alpha times 255), to a row of u32 sums. */
export function addProductsOfRow(sums: usize, from: usize, samples: i32, channels: i32): void {
  const end = from + <usize>samples;
  if (channels == 4) {
    for (; from < end; from += 8, sums += 32) addProducts(sums, multiplyAlpha4(from));
  } else {
    for (; from < end; from += 8, sums += 32) addProducts(sums, multiplyAlpha2(from));
  }
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
  for (let i = 0; i < boxes; i++) {
    let sum = v128.load(sums);
    sums += pixel;
    for (let k = 1; k < box; k++) {
      sum = i32x4.add(sum, v128.load(sums));
      sums += pixel;
    }
    const mean = f32x4.mul(f32x4.convert_i32x4_u(sum), f32x4.splat(scale));
    const sample = i32x4.sub(i32x4.trunc_sat_f32x4_s(f32x4.nearest(mean)), i32x4.splat(BIAS));
    v128.store64_lane(to, i16x8.narrow_i32x4_s(sample, sample), 0);
    to += <usize>channels * 2;
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function samplesAt<T>(from: usize): v128 {
  return sizeof<T>() == 1 ? v128.load_ext<u8>(from) : v128.load(from);
}

// @ts-ignore: AssemblyScript's decorator
@inline
function sumRows<T>(
  to: usize,
  ring: usize,
  ringEnd: usize,
  window: usize,
  slot: i32,
  weights: usize,
  pairs: i32,
  samples: i32,
): void {
  const step: usize = sizeof<T>() * 8;
  const shift = sizeof<T>() == 1 ? WEIGHT_BITS - 7 : WEIGHT_BITS;
  const start = i32x4.splat((1 << (shift - 1)) - (sizeof<T>() == 1 ? BIAS << shift : 0));
  for (let done = 0; done < samples; done += 32) {
    let a = start, b = start, c = start, d = start, e = start, f = start, g = start, h = start;
    let row = window;
    for (let p = 0; p < pairs; p++) {
      const w = v128.load32_splat(weights + p * 4);
      a = i32x4.add(a, i32x4.dot_i16x8_s(samplesAt<T>(row), w));
      b = i32x4.add(b, i32x4.dot_i16x8_s(samplesAt<T>(row + step), w));
      c = i32x4.add(c, i32x4.dot_i16x8_s(samplesAt<T>(row + step * 2), w));
      d = i32x4.add(d, i32x4.dot_i16x8_s(samplesAt<T>(row + step * 3), w));
      e = i32x4.add(e, i32x4.dot_i16x8_s(samplesAt<T>(row + step * 4), w));
      f = i32x4.add(f, i32x4.dot_i16x8_s(samplesAt<T>(row + step * 5), w));
      g = i32x4.add(g, i32x4.dot_i16x8_s(samplesAt<T>(row + step * 6), w));
      h = i32x4.add(h, i32x4.dot_i16x8_s(samplesAt<T>(row + step * 7), w));
      row += slot;
      if (row >= ringEnd) row -= ringEnd - ring;
    }
    v128.store(to, i16x8.narrow_i32x4_s(i32x4.shr_s(a, shift), i32x4.shr_s(b, shift)));
    v128.store(to, i16x8.narrow_i32x4_s(i32x4.shr_s(c, shift), i32x4.shr_s(d, shift)), 16);
    v128.store(to, i16x8.narrow_i32x4_s(i32x4.shr_s(e, shift), i32x4.shr_s(f, shift)), 32);
    v128.store(to, i16x8.narrow_i32x4_s(i32x4.shr_s(g, shift), i32x4.shr_s(h, shift)), 48);
    to += 64;
    window += step * 8;
  }
}

/** One row of i16 samples as the weighted sum of the `pairs` byte pair rows of a ring that start at `window`. */
export function sumRowsOfBytes(
  to: usize,
  ring: usize,
  ringEnd: usize,
  window: usize,
  slot: i32,
  weights: usize,
  pairs: i32,
  samples: i32,
): void {
  sumRows<u8>(to, ring, ringEnd, window, slot, weights, pairs, samples);
}

/** The same of pair rows of i16 samples. */
export function sumRowsOfSamples(
  to: usize,
  ring: usize,
  ringEnd: usize,
  window: usize,
  slot: i32,
  weights: usize,
  pairs: i32,
  samples: i32,
): void {
  sumRows<i16>(to, ring, ringEnd, window, slot, weights, pairs, samples);
}

/** One row of `pixels` as weighted sums over `from`, a row of pixel pairs; `windows` are byte offsets into it. */
export function sumPixels(
  to: usize,
  from: usize,
  windows: usize,
  weights: usize,
  pairs: i32,
  pixels: i32,
  channels: i32,
): void {
  const half = i32x4.splat(1 << (WEIGHT_BITS - 1));
  for (let x = 0; x < pixels; x++) {
    let pair = from + <usize> load<u32>(windows);
    windows += 4;
    let even = half;
    let odd = i32x4.splat(0);
    const end = pair + (<usize>pairs << 4);
    for (; pair < end; pair += 32, weights += 8) {
      even = i32x4.add(even, i32x4.dot_i16x8_s(v128.load(pair), v128.load32_splat(weights)));
      odd = i32x4.add(odd, i32x4.dot_i16x8_s(v128.load(pair, 16), v128.load32_splat(weights, 4)));
    }
    const sum = i32x4.shr_s(i32x4.add(even, odd), WEIGHT_BITS);
    v128.store64_lane(to, i16x8.narrow_i32x4_s(sum, sum), 0);
    to += <usize>channels * 2;
  }
}

/** i16 samples as opaque bytes. */
export function finish(to: usize, from: usize, samples: i32): void {
  const end = to + <usize>samples;
  while (to < end) {
    // A rounded product with 256 / 32768 shifts by the seven fractional bits.
    const low = i16x8.q15mulr_sat_s(v128.load(from), i16x8.splat(256));
    const high = i16x8.q15mulr_sat_s(v128.load(from, 16), i16x8.splat(256));
    const middle = i16x8.splat(128);
    v128.store(to, i8x16.narrow_i16x8_u(i16x8.add(low, middle), i16x8.add(high, middle)));
    from += 32;
    to += 16;
  }
}

/** Premultiplied i16 samples as bytes with alpha last (2 or 4 channels); what is fully transparent is zero. */
export function unpremultiply(to: usize, from: usize, pixels: i32, channels: i32): void {
  const alphaAt = <usize>(channels - 1) * 2;
  const bias = i32x4.splat(BIAS);
  const alphaLane = channels == 4 ? i32x4(0, 0, 0, -1) : i32x4(0, -1, 0, 0);
  for (let i = 0; i < pixels; i++) {
    const alpha = <i32> load<i16>(from + alphaAt) + BIAS;
    let bytes = i32x4.splat(0);
    if (alpha >= 64) {
      const factor = v128.bitselect(
        f32x4.splat(1.0 / 128.0),
        f32x4.splat(255.0 / <f32>alpha),
        alphaLane,
      );
      const sample = i32x4.add(v128.load_ext<i16>(from), bias);
      const value = f32x4.mul(f32x4.convert_i32x4_s(sample), factor);
      const rounded = i32x4.trunc_sat_f32x4_u(f32x4.add(value, f32x4.splat(0.5)));
      bytes = i16x8.narrow_i32x4_s(rounded, rounded);
      bytes = i8x16.narrow_i16x8_u(bytes, bytes);
    }
    v128.store32_lane(to, bytes, 0);
    from += <usize>channels * 2;
    to += channels;
  }
}
