// The inner loops of scan_decoder.ts, in AssemblyScript: scans of every kind to coefficients, and those to samples.
// What is damaged is read exactly as libjpeg reads it (T.81 leaves that open), since that is what everybody shows
// of it: bits that are missing are zeros, an impossible code is a zero, and restart markers bring the reader back.
// No loop is longer than what is left of the file or of the row of MCUs.

import { transform8 } from "./inverse_dct.as";
import { transpose8 } from "./transpose.as";

export { rgbRow } from "../../../pixels/ycc_rows.as";
export { enlargeRow } from "./enlarge_row.as";

// A Huffman table in memory: symbol and length of what the next 9 bits start with, 0 for longer codes; the last
// code of each length, less than any where there is none, with one behind that ends the search; what leads from a
// code to its symbol; the symbols.
const PEEK: i32 = 9;
const LAST_CODES: usize = 1024;
const OFFSETS: usize = 1096;
const SYMBOLS: usize = 1168;

// Kinds of scans.
const SEQUENTIAL: i32 = 0;
const FIRST_DC: i32 = 1;
const MORE_DC: i32 = 2;
const FIRST_AC: i32 = 3;
const MORE_AC: i32 = 4;

const RST0: i32 = 0xd0;
const RST7: i32 = 0xd7;
const SOF0: i32 = 0xc0;
const EOI: i32 = 0xd9;

// The places of coefficients in the order of the file, with as many behind as a run may overshoot.
// deno-fmt-ignore
const PLACES: usize = memory.data<u8>([
  0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5, 12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28,
  35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51, 58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63,
  63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63, 63,
]);

// The reader: the highest `held` bits of `bits` are next, and those below are 0.
let bits: u64 = 0;
let held: i32 = 0;
let at: usize = 0;
let end: usize = 0;
/** The marker that the reader stands behind, 0 for none; that of the end where there is nothing more. */
let marker: i32 = 0;
let isOver: bool = false;
/** Whether bits were missing since the last restart: what follows stays as it is. */
let isOut: bool = false;
let damaged: bool = false;

// The scan.
let kind: i32 = SEQUENTIAL;
let from: i32 = 0;
let to: i32 = 63;
/** The lowest bit that the scan brings. */
let low: i32 = 0;
let interval: i32 = 0;
let untilRestart: i32 = 0;
let nextRestart: i32 = 0;
/** Blocks still to come that have nothing. */
let blankBlocks: i32 = 0;

/** Starts a scan whose data begins at an address; `last` is that behind the file's last byte. */
// deno-fmt-ignore
export function startScan(first: usize, last: usize, scanKind: i32, spectralFrom: i32, spectralTo: i32, lowest: i32, restartInterval: i32): void {
  at = first;
  end = last;
  bits = 0;
  held = 0;
  marker = 0;
  isOver = false;
  isOut = false;
  damaged = false;
  kind = scanKind;
  from = spectralFrom;
  to = spectralTo;
  low = lowest;
  interval = restartInterval;
  untilRestart = restartInterval;
  nextRestart = 0;
  blankBlocks = 0;
}

/** Whether the scan so far was not what it should be. */
export function isDamaged(): bool {
  return damaged;
}

/** Where what follows the scan begins: at its marker, if the reader has met that. */
export function scanEnd(): usize {
  return marker == 0 || isOver ? at : at - 2;
}

function stop(): void {
  marker = EOI;
  isOver = true;
}

function refill(): void {
  while (held <= 56 && marker == 0) {
    if (at >= end) return stop();
    const byte = <u64>load<u8>(at++);
    if (byte == 0xff) {
      let next: i32;
      do {
        if (at >= end) return stop();
        next = load<u8>(at++);
      } while (next == 0xff);
      if (next != 0) {
        marker = next;
        return;
      }
    }
    bits |= byte << (56 - held);
    held += 8;
  }
}

/** Sees to it that so many bits are held, zeros where there are none left. */
// @ts-ignore: AssemblyScript's decorator
@inline
function need(count: i32): void {
  if (held < count) {
    refill();
    if (held < count) {
      isOut = true;
      damaged = true;
      held = 57;
    }
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function take(count: i32): void {
  bits <<= count;
  held -= count;
}

function readBit(): i32 {
  need(1);
  const bit = <i32>(bits >> 63);
  take(1);
  return bit;
}

function readBits(count: i32): i32 {
  need(count);
  const value = <i32>(bits >> (64 - count));
  take(count);
  return value;
}

/** The difference or coefficient of so many bits. */
// @ts-ignore: AssemblyScript's decorator
@inline
function readValue(size: i32): i32 {
  const value = readBits(size);
  return value < 1 << (size - 1) ? value - (1 << size) + 1 : value;
}

// @ts-ignore: AssemblyScript's decorator
@inline
function readSymbol(table: usize): i32 {
  if (held < 17) refill();
  const entry = <i32>load<u16>(table + (<usize>(bits >> (64 - PEEK)) << 1));
  if (entry == 0) return readLongSymbol(table);
  need(entry & 0xff);
  take(entry & 0xff);
  return entry >> 8;
}

function readLongSymbol(table: usize): i32 {
  const next = <i32>(bits >> 47);
  let length = PEEK + 1;
  while (next >> (17 - length) > load<i32>(table + LAST_CODES + (<usize>length << 2))) length++;
  need(length);
  take(length);
  if (length > 16) {
    damaged = true;
    return 0;
  }
  const place = (next >> (17 - length)) + load<i32>(table + OFFSETS + (<usize>length << 2));
  return load<u8>(table + SYMBOLS + <usize>(place & 0xff));
}

/** Goes behind the next marker. */
function findMarker(): void {
  while (true) {
    while (at < end && load<u8>(at) != 0xff) {
      damaged = true;
      at++;
    }
    while (at < end && load<u8>(at) == 0xff) at++;
    if (at >= end) return stop();
    marker = load<u8>(at++);
    if (marker != 0) return;
    damaged = true;
  }
}

/** Looks for the restart marker that has to be next; where it is another one, guesses what is missing (T.81 B.2.1). */
function restart(): void {
  if (held > 7) damaged = true;
  bits = 0;
  held = 0;
  if (marker == 0) findMarker();
  if (marker == RST0 + nextRestart) {
    marker = 0;
  } else {
    damaged = true;
    while (true) {
      if (marker < SOF0) {
        findMarker();
        continue;
      }
      if (marker < RST0 || marker > RST7) break;
      const ahead = (marker - RST0 - nextRestart) & 7;
      if (ahead == 1 || ahead == 2) break;
      if (ahead == 6 || ahead == 7) {
        findMarker();
        continue;
      }
      marker = 0;
      break;
    }
  }
  nextRestart = (nextRestart + 1) & 7;
  untilRestart = interval;
  blankBlocks = 0;
  if (marker == 0) isOut = false;
}

// @ts-ignore: AssemblyScript's decorator
@inline
function storeAt(block: usize, k: i32, value: i32): void {
  store<i16>(block + (<usize>load<u8>(PLACES + <usize>k) << 1), <i16>value);
}

// A component in memory: where its next blocks go, bytes from one row of blocks to the next, blocks per MCU, its
// tables, and its last first coefficient.
const TO: usize = 0;
const STRIDE: usize = 4;
const ACROSS: usize = 8;
const DOWN: usize = 12;
const DC: usize = 16;
const AC: usize = 20;
const PREVIOUS: usize = 24;
const COMPONENT: usize = 28;

/**
 * So many MCUs, a row of the scan, for the components at `components`…`behind`; their `TO` move along. Returns whether
 * there was anything to read.
 */
export function readRow(count: i32, components: usize, behind: usize): bool {
  let hadBits = false;
  for (let mcu = 0; mcu < count; mcu++) {
    if (interval != 0) {
      if (untilRestart == 0) {
        restart();
        for (let component = components; component < behind; component += COMPONENT) {
          store<i32>(component, 0, PREVIOUS);
        }
      }
      untilRestart--;
    }
    // An MCU that lacks bits is read to its end; the following ones stay as they are.
    const isLeft = isOut;
    for (let component = components; component < behind; component += COMPONENT) {
      const across = load<i32>(component, ACROSS), down = load<i32>(component, DOWN);
      const first = load<usize>(component, TO);
      const stride = load<usize>(component, STRIDE);
      if (!isLeft) {
        hadBits = true;
        for (let y = 0; y < down; y++) {
          for (let x = 0; x < across; x++) {
            readBlock(component, first + <usize>y * stride + (<usize>x << 7));
          }
        }
      }
      store<usize>(component, first + (<usize>across << 7), TO);
    }
  }
  return hadBits;
}

// @ts-ignore: AssemblyScript's decorator
@inline
function readBlock(component: usize, block: usize): void {
  if (kind == MORE_AC) readMoreAc(component, block);
  else if (kind == FIRST_AC) readFirstAc(component, block);
  else if (kind == MORE_DC) {
    if (readBit() != 0) store<i16>(block, <i16>(<i32>load<i16>(block) | 1 << low));
  } else {
    readDc(component, block);
    if (kind == SEQUENTIAL) readAc(component, block);
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function readDc(component: usize, block: usize): void {
  const size = readSymbol(load<usize>(component, DC));
  let value = load<i32>(component, PREVIOUS);
  if (size != 0) value += readValue(size);
  store<i32>(component, value, PREVIOUS);
  store<i16>(block, <i16>(value << low));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function readAc(component: usize, block: usize): void {
  const table = load<usize>(component, AC);
  for (let k = 1; k < 64; k++) {
    const symbol = readSymbol(table);
    const size = symbol & 15;
    if (size == 0) {
      if (symbol != 0xf0) break;
      k += 15;
      continue;
    }
    k += symbol >> 4;
    storeAt(block, k, readValue(size));
  }
}

function readFirstAc(component: usize, block: usize): void {
  if (blankBlocks > 0) {
    blankBlocks--;
    return;
  }
  const table = load<usize>(component, AC);
  for (let k = from; k <= to; k++) {
    const symbol = readSymbol(table);
    const run = symbol >> 4, size = symbol & 15;
    if (size != 0) {
      k += run;
      storeAt(block, k, readValue(size) << low);
    } else if (run == 15) {
      k += 15;
    } else {
      blankBlocks = (1 << run) - 1;
      if (run != 0) blankBlocks += readBits(run);
      break;
    }
  }
}

/** One more bit for a coefficient that is not 0. */
// @ts-ignore: AssemblyScript's decorator
@inline
function refine(place: usize, value: i32): void {
  if (readBit() != 0 && (value & 1 << low) == 0) {
    store<i16>(place, <i16>(value + (value >= 0 ? 1 << low : -1 << low)));
  }
}

function readMoreAc(component: usize, block: usize): void {
  const table = load<usize>(component, AC);
  let k = from;
  if (blankBlocks == 0) {
    for (; k <= to; k++) {
      const symbol = readSymbol(table);
      let run = symbol >> 4;
      let value = 0;
      if ((symbol & 15) != 0) {
        if ((symbol & 15) != 1) damaged = true;
        value = readBit() != 0 ? 1 << low : -1 << low;
      } else if (run != 15) {
        blankBlocks = 1 << run;
        if (run != 0) blankBlocks += readBits(run);
        break;
      }
      do {
        const place = block + (<usize>load<u8>(PLACES + <usize>k) << 1);
        const old = <i32>load<i16>(place);
        if (old != 0) refine(place, old);
        else if (--run < 0) break;
        k++;
      } while (k <= to);
      if (value != 0) storeAt(block, k, value);
    }
  }
  if (blankBlocks > 0) {
    for (; k <= to; k++) {
      const place = block + (<usize>load<u8>(PLACES + <usize>k) << 1);
      const old = <i32>load<i16>(place);
      if (old != 0) refine(place, old);
    }
    blankBlocks--;
  }
}

/**
 * A row of blocks as samples, `side` × `side` of each: the means of those that a block has. `quantities` are 64 of 16
 * bits, by place; `work` takes 128 bytes.
 */
// deno-fmt-ignore
export function samplesOfRow(blocks: usize, count: i32, quantities: usize, target: usize, stride: usize, side: i32, work: usize): void {
  for (let index = 0; index < count; index++, blocks += 128, target += <usize>side) {
    const first = i16x8.mul(v128.load(blocks), v128.load(quantities));
    let rest = i16x8.replace_lane(first, 0, 0);
    for (let row: usize = 16; row < 128; row += 16) rest = v128.or(rest, v128.load(blocks + row));
    if (v128.any_true(rest)) {
      transform(first, blocks, quantities, work);
      if (side == 8) store8(work, target, stride);
      else if (side == 4) store4(work, target, stride);
      else if (side == 2) store2(work, target, stride);
      else store1(work, target);
    } else {
      const flat = <i32><i16>(i16x8.extract_lane_s(first, 0) << 2);
      fill(<u8>max(0, min(255, ((flat + 16) >> 5) + 128)), target, stride, side);
    }
  }
}

function fill(value: u8, target: usize, stride: usize, side: i32): void {
  const eight = <u64>value * 0x0101010101010101;
  for (let y = 0; y < side; y++, target += stride) {
    if (side == 8) store<u64>(target, eight);
    else if (side == 4) store<u32>(target, <u32>eight);
    else if (side == 2) store<u16>(target, <u16>eight);
    else store<u8>(target, value);
  }
}

/** 8 × 8 samples of 16 bits, with the overflows of libjpeg-turbo's vectors. */
// @ts-ignore: AssemblyScript's decorator
@inline
function transform(first: v128, block: usize, quantities: usize, work: usize): void {
  let rest = i64x2.splat(0);
  for (let row: usize = 16; row < 128; row += 16) {
    const line = v128.load(block + row);
    rest = v128.or(rest, line);
    v128.store(work + row, i16x8.mul(line, v128.load(quantities + row)));
  }
  if (v128.any_true(rest)) {
    v128.store(work, first);
    transform8(work, 11);
  } else {
    const line = i16x8.shl(first, 2);
    for (let row: usize = 0; row < 128; row += 16) v128.store(work + row, line);
  }
  transpose8(work);
  transform8(work, 18);
  transpose8(work);
}

/** Two rows of samples, one behind the other. */
// @ts-ignore: AssemblyScript's decorator
@inline
function rowsAt(work: usize): v128 {
  const middle = i16x8.splat(128);
  return i8x16.narrow_i16x8_u(i16x8.add(v128.load(work), middle), i16x8.add(v128.load(work, 16), middle));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function store8(work: usize, target: usize, stride: usize): void {
  for (let row: usize = 0; row < 128; row += 32, target += stride * 2) {
    const two = rowsAt(work + row);
    v128.store64_lane(target, two, 0);
    v128.store64_lane(target + stride, two, 1);
  }
}

/** The sums of 2 × 2 samples. */
// @ts-ignore: AssemblyScript's decorator
@inline
function sumsAt(work: usize): v128 {
  const pairs = i16x8.extadd_pairwise_i8x16_u(rowsAt(work));
  return i16x8.add(pairs, i64x2.shuffle(pairs, pairs, 1, 0));
}

// @ts-ignore: AssemblyScript's decorator
@inline
function store4(work: usize, target: usize, stride: usize): void {
  for (let row: usize = 0; row < 128; row += 32, target += stride) {
    const means = i16x8.shr_u(i16x8.add(sumsAt(work + row), i16x8.splat(2)), 2);
    v128.store32_lane(target, i8x16.narrow_i16x8_u(means, means), 0);
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function store2(work: usize, target: usize, stride: usize): void {
  for (let row: usize = 0; row < 128; row += 64, target += stride) {
    const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.add(sumsAt(work + row), sumsAt(work + row + 32)));
    store<u8>(target, <u8>((i32x4.extract_lane(sums, 0) + 8) >> 4));
    store<u8>(target, <u8>((i32x4.extract_lane(sums, 1) + 8) >> 4), 1);
  }
}

// @ts-ignore: AssemblyScript's decorator
@inline
function store1(work: usize, target: usize): void {
  const upper = i16x8.add(sumsAt(work), sumsAt(work + 32));
  const lower = i16x8.add(sumsAt(work + 64), sumsAt(work + 96));
  const sums = i32x4.extadd_pairwise_i16x8_u(i16x8.add(upper, lower));
  store<u8>(target, <u8>((i32x4.extract_lane(sums, 0) + i32x4.extract_lane(sums, 1) + 32) >> 6));
}
