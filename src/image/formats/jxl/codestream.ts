// Where the codestream of a JPEG XL file lies: the whole of a naked one, or boxes of a container (ISO 18181-2).

import { type BitReader, createBitReader, type Span } from "../reading/bit_reader.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { undecodable } from "../reading/image_header.ts";
import { readBoxes } from "../reading/isobmff.ts";

export const NAKED = "\xff\x0a";

/** The pieces of the codestream, in their order. */
export function codestreamOf(reader: ByteReader): Span[] {
  if (reader.has(0, NAKED)) return [{ start: 0, end: reader.length }];
  const spans: Span[] = [];
  for (const { type, start, end } of readBoxes(reader, { start: 0, end: reader.length })) {
    if (type === "jxlc") spans.push({ start, end });
    else if (type === "jxlp") spans.push({ start: start + 4, end });
  }
  return spans;
}

/** A reader of its bits that stands behind the signature. */
export function openCodestream(reader: ByteReader, spans: readonly Span[]): BitReader {
  const stream = createBitReader(reader, spans, { name: "JPEG XL file", lowestFirst: true });
  if (stream.bits(16) !== 0x0aff) throw undecodable("The JPEG XL file has no codestream");
  return stream;
}
