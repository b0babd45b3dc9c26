// What becomes of VP8's samples, in AssemblyScript: BT.601 of 16…235 to full range or to RGB, the latter bit by bit
// as libwebp does it and so browsers.

// @ts-ignore: AssemblyScript's decorator
@inline
function lumaOf(samples: v128): v128 {
  const over = i16x8.sub(samples, i16x8.splat(16));
  return i16x8.add(over, i16x8.q15mulr_sat_s(over, i16x8.splat(5387)));
}

/** Luma of 16…235 as 0…255, in place; a multiple of 16. */
export function widenLuma(at: usize, count: usize): void {
  for (const end = at + count; at < end; at += 16) {
    const samples = v128.load(at);
    const low = lumaOf(i16x8.extend_low_i8x16_u(samples));
    v128.store(at, i8x16.narrow_i16x8_u(low, lumaOf(i16x8.extend_high_i8x16_u(samples))));
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function chromaOf(samples: v128): v128 {
  const over = i16x8.sub(samples, i16x8.splat(128));
  return i16x8.add(samples, i16x8.q15mulr_sat_s(over, i16x8.splat(4535)));
}

/** Chroma of 16…240 as 0…255, in place; up to 15 more than are told. */
export function widenChroma(at: usize, count: usize): void {
  for (const end = at + count; at < end; at += 16) {
    const samples = v128.load(at);
    const low = chromaOf(i16x8.extend_low_i8x16_u(samples));
    v128.store(at, i8x16.narrow_i16x8_u(low, chromaOf(i16x8.extend_high_i8x16_u(samples))));
  }
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
