// Chroma of half the width to the width of luma, in AssemblyScript, for the kernels that decode JPEG.

/**
 * A row of twice as many samples, each three parts of the nearer and one of the farther; rows lie
 * between `near` and `far` in the same way. `sums` takes (count + 16) i16.
 */
export function enlargeRow(to: usize, near: usize, far: usize, sums: usize, count: i32): void {
  const three = i16x8.splat(3);
  for (let i = 0; i < count; i += 8) {
    const sum = i16x8.add(
      i16x8.mul(v128.load_ext<u8>(near + <usize>i), three),
      v128.load_ext<u8>(far + <usize>i),
    );
    v128.store(sums + <usize>(i + 8) * 2, sum);
  }
  store<i16>(sums, load<i16>(sums, 16), 14);
  store<i16>(sums + <usize>(count + 8) * 2, load<i16>(sums + <usize>(count + 7) * 2));
  const seven = i16x8.splat(7), eight = i16x8.splat(8);
  for (let i = 0; i < count; i += 8) {
    const from = sums + <usize>(i + 8) * 2;
    const middle = i16x8.mul(v128.load(from), three);
    const even = i16x8.shr_u(i16x8.add(i16x8.add(middle, v128.load(from - 2)), eight), 4);
    const odd = i16x8.shr_u(i16x8.add(i16x8.add(middle, v128.load(from + 2)), seven), 4);
    v128.store(to + <usize>i * 2, v128.or(even, i16x8.shl(odd, 8)));
  }
}
