// A JPEG XL file whose ICC profile has been taken out, so that the engine hands out its values as they are, or as
// sRGB where they are stored in colours of their own (XYB).

import { concatenate } from "../coding/concatenate.ts";
import type { Span } from "../reading/bit_reader.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { readBoxes } from "../reading/isobmff.ts";
import { codestreamOf, NAKED, openCodestream } from "./codestream.ts";
import { type JxlMetadata, readMetadata, skipToProfile } from "./jxl_metadata.ts";
import { skipProfile } from "./skip_profile.ts";

/** A codestream in three parts: metadata that is understood, a profile, and the rest. */
export interface Parts {
  reader: ByteReader;
  /** Where the pieces of it lie. */
  spans: Span[];
  metadata: JxlMetadata;
  /** Bits before the profile. */
  profileAt: number;
  /** Whole bytes before the frames. */
  framesAt: number;
}

/** The parts of a file with a profile; undefined where there is none, or none that can be passed over. */
export function partsOf(reader: ByteReader): Parts | undefined {
  try {
    const spans = codestreamOf(reader);
    const bits = openCodestream(reader, spans);
    const metadata = readMetadata(bits);
    if (!metadata.colour.hasIcc) return undefined;
    skipToProfile(bits, metadata);
    const profileAt = bits.position();
    skipProfile(bits);
    bits.align();
    return { reader, spans, metadata, profileAt, framesAt: bits.position() / 8 };
  } catch {
    return undefined;
  }
}

/** Zeros and ones, in the order of the stream. */
export type Bits = number[];

/** The file as one of sRGB, or of greys with its curve; its extra channels said to be what `channel` gives of them. */
export function withPlainColours(
  { reader, spans, metadata, profileAt, framesAt }: Parts,
  channel = (_type: number, whole: Bits, _rest: Bits | undefined): Bits => whole,
): Uint8Array {
  const { colour, colourBits, extraChannels, channelBits } = metadata;
  const stream = concatenate(spans.map(({ start, end }) => reader.bytes.subarray(start, end)));
  const slice = (from: number, to: number): Bits =>
    Array.from({ length: to - from }, (_, i) => stream[(from + i) >> 3]! >> ((from + i) & 7) & 1);
  const bits: Bits = [];
  let at = 0;
  for (const [index, { from, rest, to }] of channelBits.entries()) {
    const own = rest === undefined ? undefined : slice(rest, to);
    bits.push(...slice(at, from), ...channel(extraChannels[index]!, slice(from, to), own));
    at = to;
  }
  bits.push(
    ...slice(at, colourBits.from),
    ...colour.isGrey ? GREYS : [1],
    ...slice(colourBits.to, profileAt),
  );
  const header = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [index, bit] of bits.entries()) header[index >> 3]! |= bit << (index & 7);
  return withCodestream(reader, concatenate([header, stream.subarray(framesAt)]));
}

/** The file with this codestream, in one piece, in place of its own. */
function withCodestream(reader: ByteReader, stream: Uint8Array): Uint8Array {
  if (reader.has(0, NAKED)) return stream;
  const rest = [...readBoxes(reader, { start: 0, end: reader.length })]
    .filter(({ type }) => type !== "jxlc" && type !== "jxlp" && type !== "jxli")
    .map(({ at, end }) => reader.bytes.subarray(at, end));
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, stream.length + head.length);
  head.set(new TextEncoder().encode("jxlc"), 4);
  // The signature and the file type come first.
  return concatenate([...rest.slice(0, 2), head, stream, ...rest.slice(2)]);
}

/**
 * Not all default, no profile; grey (1), white of D65 (1), no gamma but the curve of sRGB (13), relative intent (1),
 * each the lowest bit first (ISO 18181-1 annex E.2).
 */
const GREYS = [0, 0, ...[1, 0], ...[1, 0], 0, ...[0, 1, 1, 1, 0, 1], ...[1, 0]];
