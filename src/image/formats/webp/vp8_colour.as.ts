// What becomes of VP8's samples, in AssemblyScript: BT.601 of 16…235 to full range or to RGB, the latter bit by bit
// as libwebp does it and so browsers.

// @ts-ignore: AssemblyScript's decorator
@inline
function lumaOf(samples: v128): v128 {
  const over = i16x8.sub(samples, i16x8.splat(16));
  return i16x8.add(over, i16x8.q15mulr_sat_s(over, i16x8.splat(5387)));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function widenedLuma(samples: v128): v128 {
  const low = lumaOf(i16x8.extend_low_i8x16_u(samples));
  return i8x16.narrow_i16x8_u(low, lumaOf(i16x8.extend_high_i8x16_u(samples)));
}

/** Luma of 16…235 as 0…255, in place; a multiple of 16. */
export function widenLuma(at: usize, count: usize): void {
  for (const end = at + count; at < end; at += 16) v128.store(at, widenedLuma(v128.load(at)));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function chromaOf(samples: v128): v128 {
  const over = i16x8.sub(samples, i16x8.splat(128));
  return i16x8.add(samples, i16x8.q15mulr_sat_s(over, i16x8.splat(4535)));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function widenedChroma(samples: v128): v128 {
  const low = chromaOf(i16x8.extend_low_i8x16_u(samples));
  return i8x16.narrow_i16x8_u(low, chromaOf(i16x8.extend_high_i8x16_u(samples)));
}

/** Chroma of 16…240 as 0…255, in place; up to 15 more than are told. */
export function widenChroma(at: usize, count: usize): void {
  for (const end = at + count; at < end; at += 16) v128.store(at, widenedChroma(v128.load(at)));
}

/** The means of two by two samples, as i16. */
// @ts-ignore: AssemblyScript's decorator
@inline
function meansOf(upper: v128, lower: v128): v128 {
  const sums = i16x8.add(i16x8.extadd_pairwise_i8x16_u(upper), i16x8.extadd_pairwise_i8x16_u(lower));
  return i16x8.shr_u(i16x8.add(sums, i16x8.splat(2)), 2);
}

/** The means of two by two of 16 samples of luma of 16…235 as 8 of 0…255. */
export function halveLuma(to: usize, from: usize, alsoFrom: usize): void {
  const means = meansOf(widenedLuma(v128.load(from)), widenedLuma(v128.load(alsoFrom)));
  v128.store64_lane(to, i8x16.narrow_i16x8_u(means, means), 0);
}

/** The same of 8 samples of blue and of red chroma, 16 bytes behind those, of 16…240. */
export function halveChroma(blue: usize, red: usize, from: usize, alsoFrom: usize): void {
  const upper = v128.load64_lane(from, v128.load64_zero(from), 1, 16);
  const lower = v128.load64_lane(alsoFrom, v128.load64_zero(alsoFrom), 1, 16);
  const means = meansOf(widenedChroma(upper), widenedChroma(lower));
  const bytes = i8x16.narrow_i16x8_u(means, means);
  v128.store32_lane(blue, bytes, 0);
  v128.store32_lane(red, bytes, 1);
}

/** A row of chroma at twice the width, between the near row and the far one, of which it is a quarter: `count` samples become twice as many. */
export function enlargeRow(to: usize, near: usize, far: usize, count: i32): void {
  store<u8>(to, (3 * <i32>load<u8>(near) + load<u8>(far) + 2) >> 2);
  const last = <usize>count - 1;
  for (let x: usize = 0; x < last; x++) {
    const a: i32 = load<u8>(near + x), b: i32 = load<u8>(near + x, 1);
    const c: i32 = load<u8>(far + x), d: i32 = load<u8>(far + x, 1);
    store<u8>(to + x * 2, (((a + 3 * b + 3 * c + d + 8) >> 3) + a) >> 1, 1);
    store<u8>(to + x * 2, (((3 * a + b + c + 3 * d + 8) >> 3) + b) >> 1, 2);
  }
  store<u8>(to + last * 2, (3 * <i32>load<u8>(near + last) + load<u8>(far + last) + 2) >> 2, 1);
}

// @ts-ignore: AssemblyScript's decorator
@inline
function times(sample: i32, factor: i32): i32 {
  return sample * factor >> 8;
}

// @ts-ignore: AssemblyScript's decorator
@inline
function byteOf(value: i32): u8 {
  return <u8>min(max(value >> 6, 0), 255);
}

/** A row of RGB. */
export function rgbRow(to: usize, luma: usize, blue: usize, red: usize, count: i32): void {
  for (let x: usize = 0; x < <usize>count; x++, to += 3) {
    const y = times(load<u8>(luma + x), 19077);
    const u: i32 = load<u8>(blue + x), v: i32 = load<u8>(red + x);
    store<u8>(to, byteOf(y + times(v, 26149) - 14234));
    store<u8>(to, byteOf(y - times(u, 6419) - times(v, 13320) + 8708), 1);
    store<u8>(to, byteOf(y + times(u, 33050) - 17685), 2);
  }
}
