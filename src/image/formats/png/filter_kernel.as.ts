// The inner loops of encode_png.ts and decode_png.ts, in AssemblyScript: the filters of rows (PNG specification, section 9).

const NONE: i32 = 0, SUB: i32 = 1, UP: i32 = 2, AVERAGE: i32 = 3, PAETH: i32 = 4;

// The predictor of eight bytes, as i16.
// @ts-ignore: AssemblyScript's decorator
@inline
function nearest8(a: v128, b: v128, c: v128): v128 {
  const da = i16x8.sub(b, c), db = i16x8.sub(a, c);
  const pa = i16x8.abs(da), pb = i16x8.abs(db), pc = i16x8.abs(i16x8.add(da, db));
  const least = i16x8.min_s(pc, i16x8.min_s(pa, pb));
  const bOrC = v128.bitselect(b, c, i16x8.eq(least, pb));
  return v128.bitselect(a, bOrC, i16x8.eq(least, pa));
}

// 16 bytes under a filter.
// @ts-ignore: AssemblyScript's decorator
@inline
function filtered<T>(row: usize, above: usize, step: usize): v128 {
  const x = v128.load(row);
  // T is a number that stands for the filter: its size in bytes tells which.
  if (sizeof<T>() == 1) return i8x16.sub(x, v128.load(row - step));
  if (sizeof<T>() == 2) return i8x16.sub(x, v128.load(above));
  const a = v128.load(row - step), b = v128.load(above);
  if (sizeof<T>() == 4) {
    // The mean rounded down; the instruction rounds up.
    const odd = v128.and(v128.xor(a, b), i8x16.splat(1));
    return i8x16.sub(x, i8x16.sub(i8x16.avgr_u(a, b), odd));
  }
  const c = v128.load(above - step);
  return i8x16.sub(x, i8x16.narrow_i16x8_u(
    nearest8(i16x8.extend_low_i8x16_u(a), i16x8.extend_low_i8x16_u(b), i16x8.extend_low_i8x16_u(c)),
    nearest8(i16x8.extend_high_i8x16_u(a), i16x8.extend_high_i8x16_u(b), i16x8.extend_high_i8x16_u(c)),
  ));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function sumOf(sums: v128, bytes: v128): v128 {
  const pairs = i16x8.extadd_pairwise_i8x16_u(i8x16.abs(bytes));
  return i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(pairs));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function total(sums: v128): i32 {
  return i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) +
    i32x4.extract_lane(sums, 2) + i32x4.extract_lane(sums, 3);
}

// @ts-ignore: AssemblyScript's decorator
@inline
function writeFiltered<T>(to: usize, row: usize, above: usize, length: usize, step: usize): void {
  for (let i: usize = 0; i < length; i += 16) {
    v128.store(to + i, filtered<T>(row + i, above + i, step));
  }
}

/**
 * Writes a row under the filter that leaves the smallest sum of differences, its number before it. Both
 * rows have 16 zeros before them and behind them.
 */
export function filterRow(to: usize, row: usize, above: usize, bytes: i32, pixel: i32): void {
  const length = <usize>bytes, step = <usize>pixel;
  let none = i64x2.splat(0), sub = none, up = none, average = none, paeth = none;
  for (let i: usize = 0; i < length; i += 16) {
    none = sumOf(none, v128.load(row + i));
    sub = sumOf(sub, filtered<u8>(row + i, above + i, step));
    up = sumOf(up, filtered<u16>(row + i, above + i, step));
    average = sumOf(average, filtered<u32>(row + i, above + i, step));
    paeth = sumOf(paeth, filtered<u64>(row + i, above + i, step));
  }
  let best = NONE, least = total(none);
  if (total(sub) < least) {
    best = SUB;
    least = total(sub);
  }
  if (total(up) < least) {
    best = UP;
    least = total(up);
  }
  if (total(average) < least) {
    best = AVERAGE;
    least = total(average);
  }
  if (total(paeth) < least) best = PAETH;
  store<u8>(to++, <u8>best);
  if (best == NONE) memory.copy(to, row, length);
  else if (best == SUB) writeFiltered<u8>(to, row, above, length, step);
  else if (best == UP) writeFiltered<u16>(to, row, above, length, step);
  else if (best == AVERAGE) writeFiltered<u32>(to, row, above, length, step);
  else writeFiltered<u64>(to, row, above, length, step);
}

// Up to eight bytes of one pixel at `at`, and what follows them.
// @ts-ignore: AssemblyScript's decorator
@inline
function pixelAt(at: usize): v128 {
  return v128.load64_zero(at);
}

/**
 * Undoes a row's filter in place, whose bytes stand for pixels of 1…8 bytes. Both rows have 16 bytes behind
 * them that may be read; `above` holds zeros for the first row. A filter that does not exist is none.
 */
export function unfilterRow(row: usize, above: usize, bytes: i32, pixel: i32, filter: i32): void {
  const length = <usize>bytes, step = <usize>pixel;
  if (filter == UP) {
    for (let i: usize = 0; i < length; i += 16) {
      v128.store(row + i, i8x16.add(v128.load(row + i), v128.load(above + i)));
    }
    return;
  }
  // Only the pixel itself is changed: what follows is written as it was read.
  const mask = i64x2.replace_lane(i64x2.splat(0), 0, <i64>(<u64>-1 >> (64 - 8 * <u64>pixel)));
  let a = i64x2.splat(0), c = a;
  if (filter == SUB) {
    for (let i: usize = 0; i < length; i += step) {
      const x = i8x16.add(pixelAt(row + i), a);
      v128.store64_lane(row + i, x, 0);
      a = v128.and(x, mask);
    }
  } else if (filter == AVERAGE) {
    const ones = i8x16.splat(1);
    for (let i: usize = 0; i < length; i += step) {
      const b = pixelAt(above + i);
      const odd = v128.and(v128.xor(a, b), ones);
      const mean = v128.and(i8x16.sub(i8x16.avgr_u(a, b), odd), mask);
      const x = i8x16.add(pixelAt(row + i), mean);
      v128.store64_lane(row + i, x, 0);
      a = v128.and(x, mask);
    }
  } else if (filter == PAETH) {
    a = i16x8.splat(0);
    for (let i: usize = 0; i < length; i += step) {
      const b = i16x8.extend_low_i8x16_u(pixelAt(above + i));
      const near = nearest8(a, b, c);
      const x = i8x16.add(pixelAt(row + i), v128.and(i8x16.narrow_i16x8_u(near, near), mask));
      v128.store64_lane(row + i, x, 0);
      a = i16x8.extend_low_i8x16_u(x);
      c = b;
    }
  }
}
