// HEVC in layers (H.265 annex F): what a decoder of one layer shows is the lowest, but the engine's refuses to
// begin where a parameter set of that layer has extensions for those above it.

import { type BitReader, createBitReader, exponential, type Span } from "../reading/bit_reader.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { parameterSetsIn } from "./coded_size.ts";

const PPS = 34;

/** Where a picture parameter set ends that goes without its extensions: the bit that announces them, in its byte. */
export interface ParameterSetEnd {
  /** Bits before it in the file. */
  bit: number;
  /** Where the bytes of the parameter set end. */
  end: number;
}

/** The picture parameter sets of an `hvcC` box's content that have extensions for layers. */
export function* layeredParameterSets(
  reader: ByteReader,
  config: Span,
): Generator<ParameterSetEnd> {
  for (const unit of parameterSetsIn(reader, config)) {
    if (unit.end - unit.start < 3 || (reader.u8(unit.start) >>> 1 & 63) !== PPS) continue;
    const content = { start: unit.start + 2, end: unit.end };
    const stream = createBitReader(reader, [content], { name: "HEIC picture", unescape: true });
    try {
      skipToExtensions(stream);
      const bit = content.start * 8 + stream.position();
      if (!stream.flag()) continue;
      const isOfRange = stream.flag(), isOfLayers = stream.flag();
      if (isOfLayers && !isOfRange) yield { bit, end: unit.end };
    } catch {
      // One that is cut short is the decoder's to judge.
    }
  }
}

/** Ends the parameter set before its extensions: a clear bit, the one that stops, and nothing behind that. */
export function endParameterSet(file: Uint8Array, { bit, end }: ParameterSetEnd): void {
  const clear = (at: number) => void (file[at >> 3]! &= ~(0x80 >> (at & 7)));
  clear(bit);
  file[(bit + 1) >> 3]! |= 0x80 >> ((bit + 1) & 7);
  for (let at = bit + 2; at < end * 8; at++) clear(at);
}

/** H.265 section 7.3.2.3.1, up to the flag that announces extensions. */
function skipToExtensions(stream: BitReader): void {
  const { bits, flag } = stream;
  const skip = (count: number) => {
    for (let i = 0; i < count; i++) exponential(stream);
  };
  skip(2); // its own number, the sequence's
  bits(1 + 1 + 3 + 1 + 1);
  skip(3); // reference pictures, quality
  bits(2);
  if (flag()) skip(1); // depth at which quality changes
  skip(2); // quality of chroma
  bits(4);
  const hasTiles = flag();
  bits(1);
  if (hasTiles) {
    const columns = exponential(stream), rows = exponential(stream);
    if (!flag()) skip(columns + rows);
    bits(1);
  }
  bits(1);
  if (flag()) { // deblocking
    bits(1);
    if (!flag()) skip(2);
  }
  if (flag()) skipScalingLists(stream);
  bits(1);
  skip(1); // parallel merging
  bits(1);
}

/** H.265 section 7.3.4. */
function skipScalingLists(stream: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      const coefficients = Math.min(64, 16 << (size * 2)) + (size > 1 ? 1 : 0);
      const count = stream.flag() ? coefficients : 1;
      for (let i = 0; i < count; i++) exponential(stream);
    }
  }
}
