// Luma and chroma to RGB, in AssemblyScript, for the kernels that end in it.

// @ts-ignore: AssemblyScript's decorator
@inline
function part(value: v128, factor: i32): v128 {
  return i16x8.q15mulr_sat_s(value, i16x8.splat(<i16>factor));
}

/** One row of luma and chroma as RGB (JFIF: BT.601, full range). It writes up to 48 bytes more than it should. */
export function rgbRow(to: usize, luma: usize, blue: usize, red: usize, count: i32): void {
  const middle = i16x8.splat(128);
  for (let x = 0; x < count; x += 16, to += 48) {
    const y = v128.load(luma + <usize>x);
    const bs = v128.load(blue + <usize>x), rs = v128.load(red + <usize>x);
    let r = i64x2.splat(0), g = i64x2.splat(0), b = i64x2.splat(0);
    const yl = i16x8.extend_low_i8x16_u(y), yh = i16x8.extend_high_i8x16_u(y);
    const bl = i16x8.sub(i16x8.extend_low_i8x16_u(bs), middle);
    const bh = i16x8.sub(i16x8.extend_high_i8x16_u(bs), middle);
    const rl = i16x8.sub(i16x8.extend_low_i8x16_u(rs), middle);
    const rh = i16x8.sub(i16x8.extend_high_i8x16_u(rs), middle);
    r = i8x16.narrow_i16x8_u(withRed(yl, rl), withRed(yh, rh));
    g = i8x16.narrow_i16x8_u(withGreen(yl, bl, rl), withGreen(yh, bh, rh));
    b = i8x16.narrow_i16x8_u(withBlue(yl, bl), withBlue(yh, bh));
    // deno-fmt-ignore
    {
      const rg = i8x16.shuffle(r, g, 0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5);
      v128.store(to, i8x16.shuffle(rg, b, 0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15));
      const gr = i8x16.shuffle(r, g, 21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
      v128.store(to, i8x16.shuffle(gr, b, 0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15), 16);
      const br = i8x16.shuffle(r, g, 0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
      v128.store(to, i8x16.shuffle(br, b, 26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31), 32);
    }
  }
}

// 1.402, 0.344136, 0.714136 and 1.772, less the whole parts, in 15 bits.
// @ts-ignore: AssemblyScript's decorator
@inline
function withRed(luma: v128, red: v128): v128 {
  return i16x8.add(luma, i16x8.add(red, part(red, 13173)));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function withBlue(luma: v128, blue: v128): v128 {
  return i16x8.add(luma, i16x8.add(blue, part(blue, 25297)));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function withGreen(luma: v128, blue: v128, red: v128): v128 {
  const both = i16x8.add(part(i16x8.shl(blue, 4), 11277), part(i16x8.shl(red, 4), 23401));
  return i16x8.sub(luma, i16x8.shr_s(i16x8.add(both, i16x8.splat(8)), 4));
}
