// The data of a HEIF item, wherever the file has the pieces of it, and the size that they state: a stream its own,
// a derived picture that of its canvas (ISO 23008-12 section 6.6.2).

import { concatenate } from "../coding/concatenate.ts";
import type { Span } from "../reading/bit_reader.ts";
import { type ByteReader, createReader } from "../reading/byte_reader.ts";
import { type CodedSize, readAv1Size, readHevcSize } from "./coded_size.ts";
import type { HeifItem } from "./heif_meta.ts";

/** What is looked at of an item that is stored in several pieces. */
const MAX_HEAD_BYTES = 4096;

interface Content {
  reader: ByteReader;
  span: Span;
}

/** The data of an item in one piece, or the first of them; undefined where it has none. */
export function contentOf(reader: ByteReader, { pieces }: HeifItem): Content | undefined {
  if (pieces.length < 2) return pieces[0] && { reader, span: pieces[0] };
  const parts: Uint8Array[] = [];
  let length = 0;
  for (const { start, end } of pieces) {
    if (length >= MAX_HEAD_BYTES) break;
    const part = reader.bytes.subarray(start, Math.min(end, start + MAX_HEAD_BYTES - length));
    parts.push(part);
    length += part.length;
  }
  const head = createReader(concatenate(parts), { name: "HEIF", maxSteps: MAX_HEAD_BYTES });
  return { reader: head, span: { start: 0, end: length } };
}

/** Where the size of a derived picture's canvas stands: behind its version, flags, and either rows and columns or a colour. */
const CANVAS_AT: Readonly<Record<string, number>> = { grid: 4, iovl: 10 };

/** The size that an item's data state; undefined where they state none. */
export function statedSize(file: ByteReader, item: HeifItem): CodedSize | undefined {
  const content = contentOf(file, item);
  if (!content) return undefined;
  const { reader, span } = content;
  const canvasAt = CANVAS_AT[item.type];
  if (canvasAt !== undefined) {
    const isWide = (reader.u8(span.start + 1) & 1) !== 0, at = span.start + canvasAt;
    return isWide
      ? { width: reader.u32(at), height: reader.u32(at + 4) }
      : { width: reader.u16(at), height: reader.u16(at + 2) };
  }
  if (item.type === "av01") return readAv1Size(reader, span);
  return item.type === "hvc1" || item.type === "hev1" ? readHevcSize(reader, span) : undefined;
}
