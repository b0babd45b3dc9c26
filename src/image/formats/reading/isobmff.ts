// The ISO base media file format (ISO 14496-12) as HEIF uses it: boxes within boxes.

import type { Span } from "./bit_reader.ts";
import type { ByteReader } from "./byte_reader.ts";
import { undecodable } from "./image_header.ts";

/** A box: its type and its content, header excluded. */
export interface Box extends Span {
  type: string;
  /** Where its header begins. */
  at: number;
}

/** The boxes of `span`, in order; what reaches beyond it is cut to it. */
export function* readBoxes(reader: ByteReader, span: Span): Generator<Box> {
  const end = Math.min(span.end, reader.length);
  for (let at = span.start; at + 8 <= end;) {
    reader.step();
    let size = reader.u32(at), header = 8;
    if (size === 1) {
      size = reader.u64(at + 8);
      header = 16;
    } else if (size === 0) {
      size = end - at;
    }
    const type = reader.fourCC(at + 4);
    if (size < header) {
      throw undecodable(`The file has a "${printable(type)}" box of ${size} bytes`);
    }
    yield { type, at, start: at + header, end: Math.min(at + size, end) };
    at += size;
  }
}

/** The first box of that type in `span`. */
export function findBox(reader: ByteReader, { span, type }: { span: Span; type: string }) {
  for (const box of readBoxes(reader, span)) if (box.type === type) return box;
  return undefined;
}

/** A full box's version and flags, and where its fields begin. */
export function readFullBox(reader: ByteReader, box: Span) {
  const word = reader.u32(box.start);
  return { version: word >>> 24, flags: word & 0xffffff, at: box.start + 4 };
}

/** A type box of more than 64 brands is not one to believe. */
export const MAX_TYPE_BYTES = 16 + 4 * 64;

/** The brands in the file type box that opens the bytes; none where there is no such box. */
export function readBrands(bytes: Uint8Array): string[] {
  const brands: string[] = [];
  if (bytes.length < 16) return brands;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(4) !== 0x66747970) return brands;
  const end = Math.min(view.getUint32(0), bytes.length, MAX_TYPE_BYTES);
  for (let at = 8; at + 4 <= end; at += 4) {
    if (at !== 12) brands.push(String.fromCharCode(...bytes.subarray(at, at + 4)));
  }
  return brands;
}

export function printable(type: string): string {
  return type.replace(/[^ -~]/g, "?");
}
