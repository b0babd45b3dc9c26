// The inner loops of decode_vp8.ts, in AssemblyScript: rows of macroblocks from their partitions to samples in
// planes, and rows of samples to colours. Everything that is laid out is laid out there; nothing here trusts
// the file, and no loop is longer than the picture.
import {
  CHROMA_MODE,
  IS_SKIPPED,
  IS_SPLIT,
  keepReader,
  MACROBLOCK,
  MODES,
  PLACE,
  readBlock,
  readModes,
  SEGMENT,
  startModes,
  startReaders,
  useReader,
} from "./vp8_bits.as";
import { filterChroma, filterLuma, filterLumaSimply, startFilters } from "./vp8_filter.as";
import { addBlock, addFirst, predictBlock, predictSquare, ROW, spreadFirst } from "./vp8_predict.as";

export { isSound, openPartition, readBit } from "./vp8_bits.as";
export { enlargeRow, rgbRow, widenChroma, widenLuma } from "./vp8_colour.as";
import { halveChroma, halveLuma } from "./vp8_colour.as";

// Where things lie in the memory that a picture is decoded with, as far as their size does not depend on it.
const READERS: usize = 0;
const FILTER_ROOM: usize = 512;
const PICTURE: usize = 1024;
/** Of 25 blocks: 16 of luma, 4 of each chroma, and that of the first coefficients. */
const BLOCKS: usize = 2048;
const LEFT_MODES: usize = 2880;
const LEFT_CONTEXTS: usize = 2896;
/** Of 4 segments 6 quantisers of 16 bits: of luma, of the first coefficients, and of chroma. */
const QUANTISERS: usize = 2944;
/** Of 4 segments, whole and split: limit, limit within, and what is busy. */
const FILTERS: usize = 3008;
const PROBABILITIES: usize = 3072;
/** Bytes of the probabilities of a kind of block, for each of 16 places and the end. */
const KIND: usize = PLACE * 17;

// In the small picture: luma, and both kinds of chroma side by side.
const LUMA: usize = PICTURE + ROW + 8;
const BLUE: usize = LUMA + ROW * 17;
const RED: usize = BLUE + 16;

/** Bytes of what is known above a macroblock: which of 4 blocks of luma, 4 of chroma and the first had any. */
const CONTEXTS: usize = 16;

let room: usize = 0;
let across: i32 = 0;
let macroblocks: usize = 0;
let modesAbove: usize = 0;
let contextsAbove: usize = 0;
let lumaAbove: usize = 0;
let blueAbove: usize = 0;
let redAbove: usize = 0;

let lumaPlane: usize = 0;
let bluePlane: usize = 0;
let redPlane: usize = 0;
let filterKind: i32 = 0;
/** Pixels of a picture that is halved, 0 of others. */
let halvedWidth: i32 = 0;
let halvedHeight: i32 = 0;

/** Says where the room of fixed size lies, and starts reading. */
export function start(memory: usize): void {
  room = memory;
  startReaders(room + READERS);
  startFilters(room + FILTER_ROOM);
}

/** Goes to the first partition, for its header to be read. */
export function startHeader(): void {
  useReader(0);
}

/**
 * Starts a picture whose header has been read: macroblocks across, the addresses of rows of them (`above` with
 * 64 bytes for each macroblock and 64 more), of the planes, and what all are read with.
 */
// deno-fmt-ignore
export function startPicture(width: i32, list: usize, above: usize, luma: usize, blue: usize, red: usize, segments: usize, skip: i32, modes: usize, filter: i32): void {
  keepReader();
  across = width;
  macroblocks = list;
  const count = <usize>width;
  modesAbove = above;
  contextsAbove = above + count * 4;
  lumaAbove = contextsAbove + count * CONTEXTS + 16;
  blueAbove = lumaAbove + count * 16 + 16;
  redAbove = blueAbove + count * 8 + 8;
  memory.fill(above, 0, count * (4 + CONTEXTS));
  memory.fill(lumaAbove, 127, count * 32 + 24);
  memory.fill(room + BLOCKS, 0, 800);
  lumaPlane = luma;
  bluePlane = blue;
  redPlane = red;
  filterKind = filter;
  halvedWidth = 0;
  startModes(segments, skip, modes);
}

/**
 * Has the planes take the means of two by two samples of a picture of this size, of full range, and no filter: what it
 * changes, up to three samples beside an edge, is lost on who wants a quarter of the size.
 */
export function halve(width: i32, height: i32): void {
  filterKind = 0;
  halvedWidth = width;
  halvedHeight = height;
}

/** Decodes a row of macroblocks into the planes, of which the coefficients are in one of the partitions. */
export function decodeRow(y: i32, partition: i32): void {
  useReader(0);
  store<u32>(room + LEFT_MODES, 0);
  readModes(macroblocks, across, modesAbove, room + LEFT_MODES);
  keepReader();
  useReader(partition);
  v128.store(room + LEFT_CONTEXTS, i64x2.splat(0));
  startRow(y > 0);
  if (halvedWidth > 0) writeHalved(y);
  else writeWhole(y);
  keepReader();
}

function writeWhole(y: i32): void {
  const stride = <usize>across * 16;
  let luma = lumaPlane + stride * 16 * <usize>y;
  let blue = bluePlane + stride * 4 * <usize>y;
  let red = redPlane + stride * 4 * <usize>y;
  for (let x = 0; x < across; x++) {
    decodeMacroblock(x, y);
    for (let row: usize = 0; row < 16; row++) {
      v128.store(luma + row * stride, v128.load(room + LUMA + row * ROW));
    }
    for (let row: usize = 0; row < 8; row++) {
      const both = v128.load(room + BLUE + row * ROW), other = v128.load(room + RED + row * ROW);
      v128.store64_lane(blue + row * (stride >> 1), both, 0);
      v128.store64_lane(red + row * (stride >> 1), other, 0);
    }
    luma += 16;
    blue += 8;
    red += 8;
  }
}

function writeHalved(y: i32): void {
  const stride = <usize>across * 8;
  let luma = lumaPlane + stride * 8 * <usize>y;
  let blue = bluePlane + stride * 2 * <usize>y;
  let red = redPlane + stride * 2 * <usize>y;
  // Beyond an edge that is in the middle of two samples, the one within it stands for both.
  const bottom = min(halvedHeight - y * 16, 16) - 1, chromaBottom = bottom >> 1;
  const right = <usize>(halvedWidth - 1) & 15, chromaRight = right >> 1;
  for (let x = 0; x < across; x++) {
    decodeMacroblock(x, y);
    if (x == across - 1) {
      if ((right & 1) == 0) repeatColumn(room + LUMA + right, 16);
      if ((chromaRight & 1) == 0) {
        repeatColumn(room + BLUE + chromaRight, 8);
        repeatColumn(room + RED + chromaRight, 8);
      }
    }
    for (let row = 0; row <= bottom; row += 2) {
      const from = room + LUMA + <usize>row * ROW;
      halveLuma(luma + <usize>(row >> 1) * stride, from, row < bottom ? from + ROW : from);
    }
    for (let row = 0; row <= chromaBottom; row += 2) {
      const from = room + BLUE + <usize>row * ROW;
      const at = <usize>(row >> 1) * (stride >> 1);
      halveChroma(blue + at, red + at, from, row < chromaBottom ? from + ROW : from);
    }
    luma += 8;
    blue += 4;
    red += 4;
  }
}

function repeatColumn(at: usize, rows: usize): void {
  for (let row: usize = 0; row < rows; row++) store<u8>(at + row * ROW, load<u8>(at + row * ROW), 1);
}

/** Sets what is at the left of the first macroblock of a row. */
function startRow(hasAbove: bool): void {
  const corner: u8 = hasAbove ? 129 : 127;
  store<u8>(room + LUMA - ROW - 1, corner);
  store<u8>(room + BLUE - ROW - 1, corner);
  store<u8>(room + RED - ROW - 1, corner);
  for (let row: usize = 0; row < 16; row++) store<u8>(room + LUMA + row * ROW - 1, 129);
  for (let row: usize = 0; row < 8; row++) {
    store<u8>(room + BLUE + row * ROW - 1, 129);
    store<u8>(room + RED + row * ROW - 1, 129);
  }
}

function decodeMacroblock(x: i32, y: i32): void {
  const own = macroblocks + <usize>x * MACROBLOCK;
  const isSplit = load<u8>(own, IS_SPLIT) != 0;
  const kept = load<u8>(own, IS_SKIPPED) != 0;
  const counts = room + LEFT_CONTEXTS + 16;
  if (kept) skipBlocks(x, isSplit);
  else {
    const hasAny = readBlocks(x, isSplit, load<u8>(own, SEGMENT), counts);
    store<u8>(own, !hasAny, IS_SKIPPED);
  }
  takeAbove(x);
  const isEmpty = load<u8>(own, IS_SKIPPED) != 0;
  const luma = room + LUMA, blocks = room + BLOCKS;
  if (isSplit) {
    // Blocks at the right edge have the pixels above the next macroblock at their upper right.
    const next = load<u32>(luma - ROW, 16);
    store<u32>(luma + ROW * 3, next, 16);
    store<u32>(luma + ROW * 7, next, 16);
    store<u32>(luma + ROW * 11, next, 16);
    for (let block: usize = 0; block < 16; block++) {
      const to = luma + (block >> 2) * ROW * 4 + (block & 3) * 4;
      predictBlock(to, load<u8>(own + block, MODES));
      if (!isEmpty) addAny(to, blocks + block * 32, load<u8>(counts + block));
    }
  } else {
    predictSquare(luma, 16, load<u8>(own, MODES), y > 0, x > 0);
    if (!isEmpty) {
      for (let block: usize = 0; block < 16; block++) {
        const to = luma + (block >> 2) * ROW * 4 + (block & 3) * 4;
        addAny(to, blocks + block * 32, load<u8>(counts + block));
      }
    }
  }
  const chromaMode: i32 = load<u8>(own, CHROMA_MODE);
  predictSquare(room + BLUE, 8, chromaMode, y > 0, x > 0);
  predictSquare(room + RED, 8, chromaMode, y > 0, x > 0);
  if (!isEmpty) {
    for (let block: usize = 16; block < 24; block++) {
      const to = (block < 20 ? room + BLUE : room + RED) + (block >> 1 & 1) * ROW * 4 + (block & 1) * 4;
      addAny(to, blocks + block * 32, load<u8>(counts + block));
    }
  }
  keepBottom(x);
}

// @ts-ignore: AssemblyScript's decorator
@inline
function addAny(to: usize, block: usize, count: i32): void {
  if (count > 1) addBlock(to, block);
  else if (load<i16>(block) != 0) addFirst(to, block);
}

/** Moves what is at the left and above to the edges of the small picture. */
function takeAbove(x: i32): void {
  const luma = room + LUMA, blue = room + BLUE, red = room + RED;
  if (x > 0) {
    for (let row: usize = 0; row < 17; row++) {
      const at = luma - ROW + row * ROW;
      store<u32>(at - 4, load<u32>(at, 12));
    }
    for (let row: usize = 0; row < 9; row++) {
      const at = blue - ROW + row * ROW;
      store<u32>(at - 4, load<u32>(at, 4));
      store<u32>(at + 12, load<u32>(at, 20));
    }
  }
  v128.store(luma - ROW, v128.load(lumaAbove + <usize>x * 16));
  store<u32>(luma - ROW, load<u32>(lumaAbove + <usize>x * 16, 16), 16);
  store<u64>(blue - ROW, load<u64>(blueAbove + <usize>x * 8));
  store<u64>(red - ROW, load<u64>(redAbove + <usize>x * 8));
}

/** Keeps the lowest row, as it is before it is filtered, for what is below. */
function keepBottom(x: i32): void {
  const bottom = v128.load(room + LUMA + ROW * 15);
  v128.store(lumaAbove + <usize>x * 16, bottom);
  if (x == across - 1) {
    const last = <u32>i8x16.extract_lane_u(bottom, 15) * 0x01010101;
    store<u32>(lumaAbove + <usize>x * 16, last, 16);
  }
  store<u64>(blueAbove + <usize>x * 8, load<u64>(room + BLUE + ROW * 7));
  store<u64>(redAbove + <usize>x * 8, load<u64>(room + RED + ROW * 7));
}

function skipBlocks(x: i32, isSplit: bool): void {
  const above = contextsAbove + <usize>x * CONTEXTS, left = room + LEFT_CONTEXTS;
  store<u64>(above, 0);
  store<u64>(left, 0);
  if (!isSplit) {
    store<u8>(above, 0, 8);
    store<u8>(left, 0, 8);
  }
}

/** Reads all blocks and how many coefficients each has; whether any has one that is not zero. */
function readBlocks(x: i32, isSplit: bool, segment: i32, counts: usize): bool {
  const above = contextsAbove + <usize>x * CONTEXTS, left = room + LEFT_CONTEXTS;
  const blocks = room + BLOCKS;
  const quantisers = room + QUANTISERS + <usize>segment * 12;
  let first = 0;
  let kind = room + PROBABILITIES + KIND * 3;
  if (!isSplit) {
    const context = <i32>load<u8>(above, 8) + load<u8>(left, 8);
    const block = blocks + 24 * 32;
    // deno-fmt-ignore
    const count = readBlock(block, room + PROBABILITIES + KIND, context, 0, load<u16>(quantisers, 4), load<u16>(quantisers, 6));
    store<u8>(above, count > 0, 8);
    store<u8>(left, count > 0, 8);
    if (count > 0) spreadFirst(blocks, block);
    first = 1;
    kind = room + PROBABILITIES;
  }
  let hasAny = false;
  let dc: i32 = load<u16>(quantisers), ac: i32 = load<u16>(quantisers, 2);
  for (let index: usize = 0; index < 16; index++) {
    const row = left + (index >> 2), column = above + (index & 3);
    const block = blocks + index * 32;
    const count = readBlock(block, kind, <i32>load<u8>(row) + load<u8>(column), first, dc, ac);
    store<u8>(counts + index, count);
    store<u8>(row, count > first);
    store<u8>(column, count > first);
    hasAny = hasAny || count > 1 || load<i16>(block) != 0;
  }
  dc = load<u16>(quantisers, 8);
  ac = load<u16>(quantisers, 10);
  kind = room + PROBABILITIES + KIND * 2;
  for (let index: usize = 16; index < 24; index++) {
    const side: usize = index < 20 ? 4 : 6;
    const row = left + side + (index >> 1 & 1), column = above + side + (index & 1);
    const block = blocks + index * 32;
    const count = readBlock(block, kind, <i32>load<u8>(row) + load<u8>(column), 0, dc, ac);
    store<u8>(counts + index, count);
    store<u8>(row, count > 0);
    store<u8>(column, count > 0);
    hasAny = hasAny || count > 1 || load<i16>(block) != 0;
  }
  return hasAny;
}

/** Filters a row of macroblocks that has been decoded; up to 3 rows of pixels above it change. */
export function filterRow(y: i32): void {
  if (filterKind == 0) return;
  const stride = <usize>across * 16;
  let luma = lumaPlane + stride * 16 * <usize>y;
  let blue = bluePlane + stride * 4 * <usize>y;
  let red = redPlane + stride * 4 * <usize>y;
  let own = macroblocks;
  for (let x = 0; x < across; x++, luma += 16, blue += 8, red += 8, own += MACROBLOCK) {
    const isSplit: usize = load<u8>(own, IS_SPLIT);
    const filter = room + FILTERS + <usize>load<u8>(own, SEGMENT) * 8 + isSplit * 4;
    const limit: i32 = load<u8>(filter), inner: i32 = load<u8>(filter, 1), busy: i32 = load<u8>(filter, 2);
    if (limit == 0) continue;
    const hasInner = isSplit != 0 || load<u8>(own, IS_SKIPPED) == 0;
    if (filterKind == 1) {
      filterLumaSimply(luma, stride, limit, x > 0, y > 0, hasInner);
    } else {
      filterLuma(luma, stride, limit, inner, busy, x > 0, y > 0, hasInner);
      filterChroma(blue, red, stride >> 1, limit, inner, busy, x > 0, y > 0, hasInner);
    }
  }
}
