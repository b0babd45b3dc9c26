// A lossy JPEG XL is stored in colours of its own (XYB), and its ICC profile says no more than what it was made
// of. With one the engine hands out 8 bits of light, too few for shadows; without one, sRGB. So it goes.

import { concatenate } from "../coding/concatenate.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { createReader } from "../reading/byte_reader.ts";
import { readBoxes } from "../reading/isobmff.ts";
import { codestreamOf, NAKED, openCodestream } from "./codestream.ts";
import { type JxlMetadata, readMetadata, skipToProfile } from "./jxl_metadata.ts";
import { skipProfile } from "./skip_profile.ts";

const STEPS = { name: "JPEG XL file", maxSteps: 50_000 };

interface Cut {
  metadata: JxlMetadata;
  /** Bits before the profile. */
  from: number;
  /** Whole bytes before the frames. */
  framesAt: number;
}

/** Whether `withoutProfile` takes a profile out of the file. */
export function isProfileCut(reader: ByteReader): boolean {
  return findCut(reader) !== undefined;
}

function findCut(reader: ByteReader): Cut | undefined {
  try {
    const stream = openCodestream(reader, codestreamOf(reader));
    const metadata = readMetadata(stream);
    if (!metadata.isXyb || !metadata.colour.hasIcc) return undefined;
    skipToProfile(stream, metadata);
    const from = stream.position();
    skipProfile(stream);
    stream.align();
    return { metadata, from, framesAt: stream.position() / 8 };
  } catch {
    // One that cannot be passed over stays.
    return undefined;
  }
}

/** The file without its profile where it is lossy and has one; else the same bytes. */
export function withoutProfile(bytes: Uint8Array): Uint8Array {
  const reader = createReader(bytes, STEPS);
  const cut = findCut(reader);
  if (!cut) return bytes;
  const pieces = codestreamOf(reader).map(({ start, end }) => bytes.subarray(start, end));
  const stream = withPlainColours(concatenate(pieces), cut);
  if (reader.has(0, NAKED)) return stream;
  const rest = [...readBoxes(reader, { start: 0, end: reader.length })]
    .filter(({ type }) => type !== "jxlc" && type !== "jxlp" && type !== "jxli")
    .map(({ at, end }) => bytes.subarray(at, end));
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, stream.length + head.length);
  head.set(new TextEncoder().encode("jxlc"), 4);
  // The signature and the file type come first.
  return concatenate([...rest.slice(0, 2), head, stream, ...rest.slice(2)]);
}

/** The codestream as one of sRGB, or of greys with its curve. */
function withPlainColours(
  stream: Uint8Array,
  { metadata: { colour, colourBits }, from, framesAt }: Cut,
): Uint8Array<ArrayBuffer> {
  const bits: number[] = [];
  const copy = (start: number, end: number) => {
    for (let bit = start; bit < end; bit++) bits.push(stream[bit >> 3]! >> (bit & 7) & 1);
  };
  copy(0, colourBits.from);
  bits.push(...colour.isGrey ? GREYS : [1]);
  copy(colourBits.to, from);
  const header = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [at, bit] of bits.entries()) header[at >> 3]! |= bit << (at & 7);
  return concatenate([header, stream.subarray(framesAt)]);
}

/**
 * Not all default, no profile; grey (1), white of D65 (1), no gamma but the curve of sRGB (13), relative intent (1),
 * each the lowest bit first (ISO 18181-1 annex E.2).
 */
const GREYS = [0, 0, ...[1, 0], ...[1, 0], 0, ...[0, 1, 1, 1, 0, 1], ...[1, 0]];
