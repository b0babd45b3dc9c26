// The frames of a JPEG XL file, counted by hopping from frame header to frame header
// (ISO 18181-1 annexes C.3 and F): the file nowhere states their number.

import type { BitReader } from "../reading/bit_reader.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { undecodable } from "../reading/image_header.ts";
import { readU32, readU64, skipExtensions, skipName } from "./jxl_fields.ts";
import { type JxlMetadata, skipToFrames } from "./jxl_metadata.ts";
import { damaged } from "./prefix_code.ts";
import { readNumberReader } from "./symbols.ts";

const LOW_FREQUENCY = 1, REFERENCE = 2;
const REPLACE = 0, BLEND = 2, WEIGHTED_ADD = 3, MULTIPLY = 4;
const USES_LOW_FREQUENCY_FRAME = 0x20;
const SIDE = [[8, 0], [11, 256], [14, 2304], [30, 18688]].map(
  ([count = 0, add = 0]) => ({ bits: count, add }),
);
const SECTION_SIZE = [[10, 0], [14, 1024], [22, 17_408], [30, 4_211_712]].map(
  ([count = 0, add = 0]) => ({ bits: count, add }),
);

export interface JxlFrames {
  /** Those that a decoder shows one after another. */
  shown: number;
  /** Ticks that each of them is shown. */
  durations: number[];
  /** Pixels of all that is decoded for them: layers and what they refer to, each as large as the canvas. */
  pixels: number;
}

/** The frames of a file whose metadata, up to its colours, `stream` stands behind. Throws `undecodable` where they cannot be counted. */
export function countJxlFrames(
  reader: ByteReader,
  { stream, metadata }: { stream: BitReader; metadata: JxlMetadata },
): JxlFrames {
  const canvas = metadata.width * metadata.height;
  if (metadata.hasPreview) throw undecodable("The JPEG XL file has a preview");
  skipToFrames(stream, metadata);
  const durations: number[] = [];
  let pixels = 0;
  for (;;) {
    // A frame header has fields for each extra channel, so it counts as that many parts.
    for (let i = 0; i <= metadata.extraChannels.length; i++) reader.step();
    stream.align();
    const frame = readFrame(stream, metadata);
    pixels += Math.max(canvas, frame.pixels);
    // A frame of no duration is a layer of the one that follows.
    if (frame.isLast || (frame.isShown && frame.duration > 0)) {
      durations.push(frame.duration);
    }
    if (frame.isLast) return { shown: durations.length, durations, pixels };
    stream.skipBytes(readSections(reader, { stream, count: frame.sections }));
  }
}

/** The bytes that a frame's sections take up together. */
function readSections(
  reader: ByteReader,
  { stream, count }: { stream: BitReader; count: number },
): number {
  if (stream.flag()) skipOrder(stream, count);
  stream.align();
  let size = 0;
  for (let i = 0; i < count; i++) {
    reader.step();
    size += readU32(stream, SECTION_SIZE);
  }
  stream.align();
  return size;
}

/** Passes over the order in which so many sections stand (annex F.3.2): their sizes stand in that order. */
function skipOrder(stream: BitReader, count: number): void {
  const numbers = readNumberReader(stream, ORDER_CONTEXTS);
  const contextOf = (number: number) =>
    Math.min(ORDER_CONTEXTS - 1, number === 0 ? 0 : Math.floor(Math.log2(number)) + 1);
  const end = numbers.read(contextOf(count));
  if (end > count) throw damaged();
  for (let at = 0, last = 0; at < end; at++) last = numbers.read(contextOf(last));
  if (!numbers.isAtEnd()) throw damaged();
}

const ORDER_CONTEXTS = 8;

interface Frame {
  isShown: boolean;
  isLast: boolean;
  duration: number;
  pixels: number;
  sections: number;
}

function readFrame(stream: BitReader, metadata: JxlMetadata): Frame {
  const { bits, flag } = stream;
  let { width, height } = metadata;
  if (flag()) {
    return { isShown: true, isLast: true, duration: 0, pixels: width * height, sections: 0 };
  }
  const type = bits(2);
  const isShown = type !== LOW_FREQUENCY && type !== REFERENCE;
  const isModular = flag();
  const flags = readU64(stream);
  const usesLowFrequency = Math.floor(flags / USES_LOW_FREQUENCY_FRAME) % 2 === 1;
  const isYcbcr = !metadata.isXyb && flag();
  const shifts = isYcbcr && !usesLowFrequency ? [bits(2), bits(2), bits(2)] : [];
  let upsampling = 1;
  if (!usesLowFrequency) {
    upsampling = 2 ** bits(2);
    bitsEach(metadata.extraChannels.length, 2);
  }
  const groupShift = isModular ? bits(2) : 1;
  if (!isModular && metadata.isXyb) bits(6);
  const passes = type === REFERENCE ? 1 : readPasses(stream);
  let level = 0;
  if (type === LOW_FREQUENCY) level = bits(2) + 1;

  let isPartial = false;
  if (type !== LOW_FREQUENCY && flag()) {
    const [left, top] = type === REFERENCE ? [0, 0] : [origin(), origin()];
    const full = { width, height };
    width = readU32(stream, SIDE);
    height = readU32(stream, SIDE);
    isPartial = left > 0 || top > 0 || left + width < full.width || top + height < full.height;
  }
  let mode = REPLACE, duration = 0, isLast = false, reference = 0;
  if (isShown) {
    mode = readBlending();
    for (let i = 0; i < metadata.extraChannels.length; i++) readBlending();
    if (metadata.animation) {
      duration = readU32(stream, [0, 1, { bits: 8, add: 0 }, { bits: 32, add: 0 }]);
      if (metadata.animation.hasTimecodes) bits(32);
    }
    isLast = flag();
  }
  if (type !== LOW_FREQUENCY && !isLast) reference = bits(2);
  const canBeReferenced = !isLast && (duration === 0 || reference !== 0);
  if (isShown ? canBeReferenced && mode === REPLACE && !isPartial : type === REFERENCE) flag();
  skipName(stream);
  skipRestorationFilter(stream, isModular);
  skipExtensions(stream);
  return { isShown, isLast, duration, pixels: width * height, sections: sections() };

  function bitsEach(count: number, size: number): void {
    for (let i = 0; i < count; i++) bits(size);
  }
  /** Signed, the sign in the lowest bit. */
  function origin(): number {
    const packed = readU32(stream, SIDE);
    return packed % 2 === 0 ? packed / 2 : -(packed + 1) / 2;
  }
  function readBlending(): number {
    const blend = readU32(stream, [REPLACE, 1, BLEND, { bits: 2, add: 3 }]);
    const usesAlpha = metadata.extraChannels.length > 0 &&
      (blend === BLEND || blend === WEIGHTED_ADD);
    if (usesAlpha) readU32(stream, [0, 1, 2, { bits: 3, add: 3 }]);
    if (usesAlpha || blend === MULTIPLY) flag();
    if (blend !== REPLACE || isPartial) bits(2);
    return blend;
  }
  /** One section if the frame is one group in one pass; else the globals and every group's. */
  function sections(): number {
    const shrink = upsampling * 2 ** (3 * level);
    const across = Math.ceil(width / shrink), down = Math.ceil(height / shrink);
    const side = 128 * 2 ** groupShift;
    const groups = Math.ceil(across / side) * Math.ceil(down / side);
    if (groups === 1 && passes === 1) return 1;
    const maxShift = shifts.some((shift) => shift !== 0) ? 1 : 0;
    const blocks = (length: number) => Math.ceil(length / (8 << maxShift)) << maxShift;
    const coarse = Math.ceil(blocks(across) / side) * Math.ceil(blocks(down) / side);
    return 2 + coarse + groups * passes;
  }
}

function readPasses(stream: BitReader): number {
  const passes = readU32(stream, [1, 2, 3, { bits: 3, add: 4 }]);
  if (passes === 1) return passes;
  const downsamplings = readU32(stream, [0, 1, 2, { bits: 1, add: 3 }]);
  for (let i = 1; i < passes; i++) stream.bits(2);
  for (let i = 0; i < downsamplings; i++) stream.bits(2);
  for (let i = 0; i < downsamplings; i++) readU32(stream, [0, 1, 2, { bits: 3, add: 0 }]);
  return passes;
}

function skipRestorationFilter(stream: BitReader, isModular: boolean): void {
  const { bits, flag } = stream;
  if (flag()) return;
  if (flag() && flag()) halves(6); // smoothing with its own weights
  const iterations = bits(2);
  if (iterations > 0) {
    if (!isModular && flag()) halves(8);
    if (flag()) halves(5);
    if (flag()) halves(isModular ? 3 : 4);
    if (isModular) halves(1);
  }
  skipExtensions(stream);

  function halves(count: number): void {
    for (let i = 0; i < count; i++) bits(16);
  }
}
