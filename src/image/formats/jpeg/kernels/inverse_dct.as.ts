// The inverse transform of 8 × 8 coefficients, in AssemblyScript, for the kernels that decode JPEG.

// Pairs of factors with 13 fractional bits. V8 makes vector constants anew in every turn of a loop, which
// costs more than to load them.
// deno-fmt-ignore
const FACTORS: usize = memory.data<i16>([4433, -10704, 10703, 4433, -6436, 9633, 9633, 6437, -4927, -7373, -7373, 4926, -4176, -20995, -20995, 4177], 16);
// @ts-ignore: AssemblyScript's decorator
@inline
function dot(a: v128, b: v128, pair: usize): v128 {
  const both = i16x8.shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11);
  return i32x4.dot_i16x8_s(both, v128.load32_splat(FACTORS + pair * 4));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function dotHigh(a: v128, b: v128, pair: usize): v128 {
  const both = i16x8.shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15);
  return i32x4.dot_i16x8_s(both, v128.load32_splat(FACTORS + pair * 4));
}

// @ts-ignore: AssemblyScript's decorator
@inline
export function shifted(low: v128, high: v128, shift: i32): v128 {
  const half = i32x4.splat(1 << (shift - 1));
  return i16x8.narrow_i32x4_s(
    i32x4.shr_s(i32x4.add(low, half), shift),
    i32x4.shr_s(i32x4.add(high, half), shift),
  );
}

// Eight inverse transforms of eight values side by side, vectors at `block`, in place: the factorisation of
// Loeffler, Ligtenberg and Moschytz with 13 fractional bits, two products at a time. Sums overflow as those of
// libjpeg-turbo's vectors do, since that is what everybody shows of coefficients that damage has made too large.
// @ts-ignore: AssemblyScript's decorator
@inline
export function transform8(block: usize, shift: i32): void {
  const v0 = v128.load(block), v1 = v128.load(block, 16);
  const v2 = v128.load(block, 32), v3 = v128.load(block, 48);
  const v4 = v128.load(block, 64), v5 = v128.load(block, 80);
  const v6 = v128.load(block, 96), v7 = v128.load(block, 112);

  const sum = i16x8.add(v0, v4), rest = i16x8.sub(v0, v4);
  const e0l = i32x4.shl(i32x4.extend_low_i16x8_s(sum), 13);
  const e0h = i32x4.shl(i32x4.extend_high_i16x8_s(sum), 13);
  const e1l = i32x4.shl(i32x4.extend_low_i16x8_s(rest), 13);
  const e1h = i32x4.shl(i32x4.extend_high_i16x8_s(rest), 13);
  const e2l = dot(v2, v6, 0), e2h = dotHigh(v2, v6, 0);
  const e3l = dot(v2, v6, 1), e3h = dotHigh(v2, v6, 1);
  const a0l = i32x4.add(e0l, e3l), a0h = i32x4.add(e0h, e3h);
  const a3l = i32x4.sub(e0l, e3l), a3h = i32x4.sub(e0h, e3h);
  const a1l = i32x4.add(e1l, e2l), a1h = i32x4.add(e1h, e2h);
  const a2l = i32x4.sub(e1l, e2l), a2h = i32x4.sub(e1h, e2h);

  const z3 = i16x8.add(v7, v3), z4 = i16x8.add(v5, v1);
  const z3l = dot(z3, z4, 2), z3h = dotHigh(z3, z4, 2);
  const z4l = dot(z3, z4, 3), z4h = dotHigh(z3, z4, 3);
  const o0l = i32x4.add(dot(v7, v1, 4), z3l);
  const o0h = i32x4.add(dotHigh(v7, v1, 4), z3h);
  const o3l = i32x4.add(dot(v7, v1, 5), z4l);
  const o3h = i32x4.add(dotHigh(v7, v1, 5), z4h);
  const o1l = i32x4.add(dot(v5, v3, 6), z4l);
  const o1h = i32x4.add(dotHigh(v5, v3, 6), z4h);
  const o2l = i32x4.add(dot(v5, v3, 7), z3l);
  const o2h = i32x4.add(dotHigh(v5, v3, 7), z3h);

  v128.store(block, shifted(i32x4.add(a0l, o3l), i32x4.add(a0h, o3h), shift));
  v128.store(block, shifted(i32x4.sub(a0l, o3l), i32x4.sub(a0h, o3h), shift), 112);
  v128.store(block, shifted(i32x4.add(a1l, o2l), i32x4.add(a1h, o2h), shift), 16);
  v128.store(block, shifted(i32x4.sub(a1l, o2l), i32x4.sub(a1h, o2h), shift), 96);
  v128.store(block, shifted(i32x4.add(a2l, o1l), i32x4.add(a2h, o1h), shift), 32);
  v128.store(block, shifted(i32x4.sub(a2l, o1l), i32x4.sub(a2h, o1h), shift), 80);
  v128.store(block, shifted(i32x4.add(a3l, o0l), i32x4.add(a3h, o0h), shift), 48);
  v128.store(block, shifted(i32x4.sub(a3l, o0l), i32x4.sub(a3h, o0h), shift), 64);
}
