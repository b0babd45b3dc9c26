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
 * Writes a row under the filter that leaves the smallest sum of differences, its number before it, and gives that
 * sum. Both rows have 16 zeros before them and behind them.
 */
export function filterRow(to: usize, row: usize, above: usize, bytes: i32, pixel: i32): i32 {
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
  if (total(paeth) < least) {
    best = PAETH;
    least = total(paeth);
  }
  store<u8>(to++, <u8>best);
  if (best == NONE) memory.copy(to, row, length);
  else if (best == SUB) writeFiltered<u8>(to, row, above, length, step);
  else if (best == UP) writeFiltered<u16>(to, row, above, length, step);
  else if (best == AVERAGE) writeFiltered<u32>(to, row, above, length, step);
  else writeFiltered<u64>(to, row, above, length, step);
  return least;
}

// What Paeth predicts, of i16: the neighbour nearest to a + b - c, which is the larger of a and b where c is so
// small, the smaller where it is so large, and else c. Fewer steps one after the other than by distances.
// @ts-ignore: AssemblyScript's decorator
@inline
function predicted(a: v128, b: v128, c: v128): v128 {
  const bound = i16x8.sub(i16x8.add(i16x8.add(c, c), i16x8.sub(c, b)), a);
  const low = i16x8.min_s(a, b), high = i16x8.max_s(a, b);
  const lowOrC = v128.bitselect(c, low, i16x8.gt_s(high, bound));
  return v128.bitselect(lowOrC, high, i16x8.gt_s(bound, low));
}

// Up to eight bytes from here on, as i16.
// @ts-ignore: AssemblyScript's decorator
@inline
function widened(at: usize): v128 {
  return v128.load_ext<u8>(at);
}

// @ts-ignore: AssemblyScript's decorator
@inline
function storePixel(to: usize, pixel: v128): void {
  v128.store64_lane(to, i8x16.narrow_i16x8_u(pixel, pixel), 0);
}

/**
 * Undoes the filters of rows that lie behind each other with their filters' numbers, whose bytes stand for pixels of
 * 1…8 bytes, and writes them without gaps. What is above the first lies before `to`, zeros where there is none. Both
 * have 16 bytes behind them that may be touched. Returns the number of rows before the first under a filter that does
 * not exist.
 */
export function unfilterRows(to: usize, from: usize, count: i32, bytes: i32, pixel: i32): i32 {
  const length = <usize>bytes, stride = length + 1;
  let done = 0;
  while (done < count) {
    const filter: i32 = load<u8>(from), row = from + 1;
    if (filter > PAETH) break;
    if (filter == PAETH && pixel <= 4 && done + 1 < count && <i32>load<u8>(from + stride) == PAETH) {
      unfilterTwoPaeths(to, to + length, row, row + stride, to - length, length, <usize>pixel);
      done++;
      to += length;
      from += stride;
    } else unfilterRow(to, row, to - length, length, <usize>pixel, filter);
    done++;
    to += length;
    from += stride;
  }
  return done;
}

/** Undoes a row's filter. Up to 16 bytes behind it are written too. */
// deno-fmt-ignore
function unfilterRow(to: usize, row: usize, above: usize, length: usize, step: usize, filter: i32): void {
  // What a pixel's bytes are followed by is written too, and then again by the next pixel.
  let a = i64x2.splat(0), c = a;
  if (filter == UP) {
    for (let i: usize = 0; i < length; i += 16) {
      v128.store(to + i, i8x16.add(v128.load(row + i), v128.load(above + i)));
    }
  } else if (filter == SUB) {
    for (let i: usize = 0; i < length; i += step) {
      a = i8x16.add(a, v128.load64_zero(row + i));
      v128.store64_lane(to + i, a, 0);
    }
  } else if (filter == AVERAGE) {
    const ones = i8x16.splat(1);
    for (let i: usize = 0; i < length; i += step) {
      const b = v128.load64_zero(above + i);
      // The mean rounded down; the instruction rounds up.
      const odd = v128.and(v128.xor(a, b), ones);
      a = i8x16.add(i8x16.sub(i8x16.avgr_u(a, b), odd), v128.load64_zero(row + i));
      v128.store64_lane(to + i, a, 0);
    }
  } else if (filter == PAETH) {
    for (let i: usize = 0; i < length; i += step) {
      const b = widened(above + i);
      a = i8x16.add(predicted(a, b, c), widened(row + i));
      storePixel(to + i, a);
      c = b;
    }
  } else memory.copy(to, row, length);
}

/**
 * Undoes the filter Paeth of two rows that follow each other, of pixels of 1…4 bytes, in one walk: the lower one
 * is a pixel behind, so that neither waits for the other. Behind the lower one up to 3 bytes are written too.
 */
// deno-fmt-ignore
function unfilterTwoPaeths(to: usize, alsoTo: usize, row: usize, alsoRow: usize, above: usize, length: usize, step: usize): void {
  // Of each vector the lower half is the upper row's.
  const none = i64x2.splat(0);
  let c = i64x2.shuffle(widened(above), none, 0, 2);
  let a = i8x16.add(predicted(none, c, none), i64x2.shuffle(widened(row), none, 0, 2));
  v128.store32_lane(to, i8x16.narrow_i16x8_u(a, a), 0);
  let i = step;
  for (; i + 4 <= length; i += step) {
    const b = i64x2.shuffle(widened(above + i), a, 0, 2);
    const x = i64x2.shuffle(widened(row + i), widened(alsoRow + i - step), 0, 2);
    a = i8x16.add(predicted(a, b, c), x);
    const pixels = i8x16.narrow_i16x8_u(a, a);
    v128.store32_lane(to + i, pixels, 0);
    v128.store32_lane(alsoTo + i - step, pixels, 1);
    c = b;
  }
  // The upper row's last pixels, whose neighbours are the lower row's first.
  for (; i < length; i += step) {
    const b = i64x2.shuffle(widened(above + i), a, 0, 2);
    const x = i64x2.shuffle(widened(row + i), widened(alsoRow + i - step), 0, 2);
    a = i8x16.add(predicted(a, b, c), x);
    const pixels = i8x16.narrow_i16x8_u(a, a);
    const neighbours = load<u32>(to + length);
    v128.store32_lane(to + i, pixels, 0);
    store<u32>(to + length, neighbours);
    v128.store32_lane(alsoTo + i - step, pixels, 1);
    c = b;
  }
  const b = i64x2.shuffle(none, a, 0, 2);
  a = i8x16.add(predicted(a, b, c), i64x2.shuffle(none, widened(alsoRow + length - step), 0, 2));
  v128.store32_lane(alsoTo + length - step, i8x16.narrow_i16x8_u(a, a), 1);
}
