// The sizes that AV1 and HEVC streams state themselves. What a HEIF box says of a picture is only a
// claim: the decoder allocates what the stream says.

import { createBitReader, exponential, type Span } from "../reading/bit_reader.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { openAv1Sequence } from "./av1_sequence.ts";

export interface CodedSize {
  width: number;
  height: number;
}

/** How many NAL units are looked at for the one that carries the size. */
const MAX_UNITS = 16;
const HEVC_SPS = 33;

/** The frame size in the first AV1 sequence header of `span`, if there is one. */
export function readAv1Size(reader: ByteReader, span: Span): CodedSize | undefined {
  return openAv1Sequence(reader, span)?.size;
}

/** The NAL units that an hvcC box holds (ISO 14496-15, section 8.3.3): the parameter sets. */
export function* parameterSetsIn(reader: ByteReader, span: Span): Generator<Span> {
  const end = Math.min(span.end, reader.length);
  if (span.start + 23 > end) return;
  const arrays = reader.u8(span.start + 22);
  for (let at = span.start + 23, i = 0; i < arrays && at + 3 <= end; i++) {
    const count = reader.u16(at + 1);
    at += 3;
    for (let unit = 0; unit < count && at + 2 <= end; unit++) {
      reader.step();
      const length = reader.u16(at);
      yield { start: at + 2, end: Math.min(at + 2 + length, end) };
      at += 2 + length;
    }
  }
}

/** The size in the HEVC parameter sets that an hvcC box holds. */
export function readHevcConfigSize(reader: ByteReader, span: Span): CodedSize | undefined {
  let size: CodedSize | undefined;
  for (const unit of parameterSetsIn(reader, span)) {
    size = largest(size, readNalSize(reader, unit));
  }
  return size;
}

/** The size in the first NAL units of a HEVC picture, each behind a length of four bytes. */
export function readHevcSize(reader: ByteReader, span: Span): CodedSize | undefined {
  const end = Math.min(span.end, reader.length);
  let size: CodedSize | undefined;
  for (let at = span.start, units = 0; at + 4 <= end && units < MAX_UNITS; units++) {
    const length = reader.u32(at);
    size = largest(
      size,
      readNalSize(reader, { start: at + 4, end: Math.min(at + 4 + length, end) }),
    );
    at += 4 + length;
  }
  return size;
}

/** The larger of two sizes in each direction. */
export function largest(a: CodedSize | undefined, b: CodedSize | undefined): CodedSize | undefined {
  if (!a || !b) return a ?? b;
  return { width: Math.max(a.width, b.width), height: Math.max(a.height, b.height) };
}

/** H.265 section 7.3.2.2: a sequence parameter set, up to its size. */
function readNalSize(reader: ByteReader, span: Span): CodedSize | undefined {
  if (span.start + 2 > span.end || (reader.u8(span.start) >>> 1 & 63) !== HEVC_SPS) {
    return undefined;
  }
  const stream = createBitReader(reader, [{ start: span.start + 2, end: span.end }], {
    name: "HEIC picture",
    unescape: true,
  });
  const { bits, flag } = stream;
  bits(4);
  const subLayers = bits(3);
  bits(1);
  for (let i = 0; i < 12; i++) bits(8); // the general profile and level
  const present: { profile: boolean; level: boolean }[] = [];
  for (let i = 0; i < subLayers; i++) present.push({ profile: flag(), level: flag() });
  if (subLayers > 0) { for (let i = subLayers; i < 8; i++) bits(2); }
  for (const { profile, level } of present) {
    for (let i = 0; i < (profile ? 11 : 0) + (level ? 1 : 0); i++) bits(8);
  }
  exponential(stream);
  if (exponential(stream) === 3) bits(1);
  return { width: exponential(stream), height: exponential(stream) };
}
