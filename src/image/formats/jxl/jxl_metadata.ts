// The image metadata that opens a JPEG XL codestream (ISO 18181-1 annex D).

import type { BitReader } from "../reading/bit_reader.ts";
import { type Orientation, undecodable } from "../reading/image_header.ts";
import { readEnum, readU32, skipExtensions, skipName } from "./jxl_fields.ts";
import { skipProfile } from "./skip_profile.ts";
import { JXL_SRGB, type JxlColour, readJxlColour } from "./stated_colour.ts";

/** Width to height, by the number that the size header gives the ratio. */
const RATIOS = [[1, 1], [12, 10], [4, 3], [3, 2], [16, 9], [5, 4], [2, 1]] as const;
/** As many as the engine can hold in one pixel. */
const MAX_EXTRA_CHANNELS = 64;
export const ALPHA = 0, BLACK = 4;
const SPOT = 2, COLOR_FILTER = 5;

export interface ChannelBits {
  from: number;
  /** Where what follows the type begins; undefined where all is default. */
  rest: number | undefined;
  to: number;
}

/** What the image metadata of a codestream tells. */
export interface JxlMetadata {
  width: number;
  height: number;
  orientation: Orientation;
  hasPreview: boolean;
  animation: { ticksPerSecond: number; loopCount: number; hasTimecodes: boolean } | undefined;
  bitDepth: number;
  extraChannels: number[];
  /** Where the bits of each of those lie. */
  channelBits: ChannelBits[];
  isXyb: boolean;
  colour: JxlColour;
  /** Where the bits of the colours begin and end. */
  colourBits: { from: number; to: number };
  /** How the metadata was written, which decides what follows the colours. */
  isAllDefault: boolean;
  hasExtraFields: boolean;
}

/** A size that is either a multiple of eight or of any length, the width often by ratio. */
function readSize(stream: BitReader) {
  const { bits, flag } = stream;
  const sides = [9, 13, 18, 30].map((count) => ({ bits: count, add: 1 }));
  const isSmall = flag();
  const side = () => isSmall ? (bits(5) + 1) * 8 : readU32(stream, sides);
  const height = side();
  const ratio = RATIOS[bits(3) - 1];
  return { width: ratio ? Math.floor(height * ratio[0] / ratio[1]) : side(), height };
}

/** Reads the metadata up to the colours. */
export function readMetadata(stream: BitReader): JxlMetadata {
  const { bits, flag } = stream;
  const metadata: JxlMetadata = {
    ...readSize(stream),
    orientation: 1,
    hasPreview: false,
    animation: undefined,
    bitDepth: 8,
    extraChannels: [],
    channelBits: [],
    isXyb: true,
    colour: JXL_SRGB,
    colourBits: { from: 0, to: 0 },
    isAllDefault: flag(),
    hasExtraFields: false,
  };
  if (metadata.isAllDefault) return metadata;
  metadata.hasExtraFields = flag();
  if (metadata.hasExtraFields) {
    metadata.orientation = bits(3) + 1 as Orientation;
    if (flag()) readSize(stream); // intrinsic size
    metadata.hasPreview = flag();
    if (metadata.hasPreview) skipPreviewSize(stream);
    if (flag()) {
      const ticks = readU32(stream, [100, 1000, { bits: 10, add: 1 }, { bits: 30, add: 1 }]);
      const seconds = readU32(stream, [1, 1001, { bits: 8, add: 1 }, { bits: 10, add: 1 }]);
      const loopCount = readU32(stream, [0, ...[3, 16, 32].map((n) => ({ bits: n, add: 0 }))]);
      metadata.animation = {
        ticksPerSecond: ticks / seconds,
        loopCount,
        hasTimecodes: flag(),
      };
    }
  }
  metadata.bitDepth = readBitDepth(stream);
  bits(1); // whether 16-bit buffers suffice
  const count = readU32(stream, [0, 1, { bits: 4, add: 2 }, { bits: 12, add: 1 }]);
  if (count > MAX_EXTRA_CHANNELS) {
    throw undecodable(
      `The JPEG XL file has ${count} extra channels, where ${MAX_EXTRA_CHANNELS} is plenty`,
    );
  }
  for (let i = 0; i < count; i++) {
    const from = stream.position();
    const { type, rest } = readExtraChannel(stream);
    metadata.extraChannels.push(type);
    metadata.channelBits.push({ from, rest, to: stream.position() });
  }
  metadata.isXyb = flag();
  const from = stream.position();
  metadata.colour = readJxlColour(stream, metadata);
  metadata.colourBits = { from, to: stream.position() };
  return metadata;
}

/** Passes over what stands between the metadata and the frames, where there is no preview. */
export function skipToFrames(stream: BitReader, metadata: JxlMetadata): void {
  skipToProfile(stream, metadata);
  if (metadata.colour.hasIcc) skipProfile(stream);
}

/** Passes over what stands between the metadata and the profile, if there is one, or the frames. */
export function skipToProfile(stream: BitReader, metadata: JxlMetadata): void {
  const { bits, flag } = stream;
  if (!metadata.isAllDefault) {
    if (metadata.hasExtraFields && !flag()) bits(16 + 16 + 1 + 16); // tone mapping
    skipExtensions(stream);
  }
  skipTransform(stream, metadata);
}

function skipPreviewSize(stream: BitReader): void {
  const { bits, flag } = stream;
  const isSmall = flag();
  const ways = isSmall
    ? [16, 32, { bits: 5, add: 1 }, { bits: 9, add: 33 }]
    : [6, 8, 10, 12].map((count, i) => ({ bits: count, add: [1, 65, 321, 1345][i] ?? 0 }));
  readU32(stream, ways);
  if (bits(3) === 0) readU32(stream, ways);
}

function readBitDepth(stream: BitReader): number {
  if (!stream.flag()) return readU32(stream, [8, 10, 12, { bits: 6, add: 1 }]);
  const depth = readU32(stream, [32, 16, 24, { bits: 6, add: 1 }]);
  stream.bits(4);
  return depth;
}

/** An extra channel's type, alpha where it is all default, and where what follows that begins. */
function readExtraChannel(stream: BitReader): { type: number; rest: number | undefined } {
  const { bits, flag } = stream;
  if (flag()) return { type: ALPHA, rest: undefined };
  const type = readEnum(stream);
  const rest = stream.position();
  readBitDepth(stream);
  readU32(stream, [0, 3, 4, { bits: 3, add: 1 }]);
  skipName(stream);
  if (type === ALPHA) flag();
  if (type === SPOT) { for (let i = 0; i < 4; i++) bits(16); }
  if (type === COLOR_FILTER) {
    readU32(stream, [1, { bits: 2, add: 0 }, { bits: 4, add: 3 }, { bits: 8, add: 19 }]);
  }
  return { type, rest };
}

/** The custom transform data that ends the metadata: matrices and upsampling weights. */
function skipTransform(stream: BitReader, { isXyb }: JxlMetadata): void {
  const { bits, flag } = stream;
  if (flag()) return;
  let halves = 0;
  if (isXyb && !flag()) halves += 9 + 3 + 3 + 1;
  for (let i = 0; i < halves; i++) bits(16);
  const weights = bits(3);
  for (const [mask, count] of [[1, 15], [2, 55], [4, 210]] as const) {
    if ((weights & mask) !== 0) { for (let i = 0; i < count; i++) bits(16); }
  }
}
