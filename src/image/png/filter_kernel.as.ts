// The inner loops of decode_png.ts and encode_png.ts, in AssemblyScript: the filters of rows (PNG
// specification, section 9).

const NONE: i32 = 0, SUB: i32 = 1, UP: i32 = 2, AVERAGE: i32 = 3, PAETH: i32 = 4;

/**
 * Takes the filters off rows of so many bytes, each with its filter's number before it; they come to lie
 * without gaps. `above` is the row over the first one. False where a filter is none of the five.
 */
// deno-fmt-ignore
export function unfilterRows(to: usize, above: usize, from: usize, bytes: i32, rows: i32, pixel: i32): bool {
  const length = <usize>bytes, step = <usize>pixel;
  for (let row = 0; row < rows; row++) {
    const filter = <i32>load<u8>(from++);
    if (filter == NONE) memory.copy(to, from, length);
    else if (filter == SUB) addLeft(to, from, length, step);
    else if (filter == UP) addAbove(to, above, from, length);
    else if (filter == AVERAGE) addAverage(to, above, from, length, step);
    else if (filter == PAETH) addPaeth(to, above, from, length, step);
    else return false;
    above = to;
    to += length;
    from += length;
  }
  return true;
}

function addLeft(to: usize, from: usize, length: usize, step: usize): void {
  memory.copy(to, from, step);
  if (step < 3) {
    for (let i = step; i < length; i++) {
      store<u8>(to + i, load<u8>(from + i) + load<u8>(to + i - step));
    }
    return;
  }
  // What is stored past a pixel of three bytes is the next one's, which is stored after it.
  let left = v128.load32_zero(from);
  for (let i = step; i < length; i += step) {
    left = i8x16.add(v128.load32_zero(from + i), left);
    v128.store32_lane(to + i, left, 0);
  }
}

function addAbove(to: usize, above: usize, from: usize, length: usize): void {
  for (let i: usize = 0; i < length; i += 16) {
    v128.store(to + i, i8x16.add(v128.load(from + i), v128.load(above + i)));
  }
}

function addAverage(to: usize, above: usize, from: usize, length: usize, step: usize): void {
  for (let i: usize = 0; i < step; i++) {
    store<u8>(to + i, load<u8>(from + i) + (load<u8>(above + i) >> 1));
  }
  for (let i = step; i < length; i++) {
    const mean = (<i32>load<u8>(to + i - step) + <i32>load<u8>(above + i)) >> 1;
    store<u8>(to + i, load<u8>(from + i) + <u8>mean);
  }
}

function addPaeth(to: usize, above: usize, from: usize, length: usize, step: usize): void {
  if (step < 3) {
    for (let i: usize = 0; i < length; i++) {
      const isFirst = i < step;
      const a = isFirst ? 0 : <i32>load<u8>(to + i - step), b = <i32>load<u8>(above + i);
      const c = isFirst ? 0 : <i32>load<u8>(above + i - step);
      store<u8>(to + i, load<u8>(from + i) + <u8>nearest(a, b, c));
    }
    return;
  }
  let a = i64x2.splat(0), c = i64x2.splat(0);
  for (let i: usize = 0; i < length; i += step) {
    const b = i16x8.extend_low_i8x16_u(v128.load32_zero(above + i));
    const sum = i8x16.add(
      v128.load32_zero(from + i),
      i8x16.narrow_i16x8_u(nearest8(a, b, c), a),
    );
    v128.store32_lane(to + i, sum, 0);
    a = i16x8.extend_low_i8x16_u(sum);
    c = b;
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function nearest(a: i32, b: i32, c: i32): i32 {
  const pa = abs<i32>(b - c), pb = abs<i32>(a - c), pc = abs<i32>(a + b - c - c);
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
}

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
