// The one picture of an icon or cursor that is shown: of several sizes and depths the best.

import { type BitmapInfo, isBitmapHeader, readBitmapInfo } from "../reading/bitmap_info.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { undecodable } from "../reading/image_header.ts";

const PNG_SIGNATURE = "\x89PNG\r\n\x1a\n";
const DIRECTORY = 6, ENTRY = 16;
/** What every icon in use stays far below. */
const MAX_ENTRIES = 1024;
/** What a PNG counts where depths are compared. */
const PNG_BITS = 32;

export interface IcoEntry {
  width: number;
  height: number;
  bits: number;
  /** Where its bytes begin; how many there are the directory is not to be believed. */
  start: number;
  /** The bitmap's header, its height that of the picture; undefined for a PNG. */
  bitmap: BitmapInfo | undefined;
}

/** The largest picture, and of those the one with the most bits per pixel; all sizes are the pictures' own. */
export function bestEntry(reader: ByteReader): IcoEntry {
  const count = reader.u16(4, true);
  if (count > MAX_ENTRIES) {
    throw undecodable(`The ICO file has ${count} entries, where ${MAX_ENTRIES} is plenty`);
  }
  reader.need(DIRECTORY + ENTRY * count, "last directory entry");
  let best: IcoEntry | undefined;
  for (let index = 0; index < count; index++) {
    reader.step();
    const entry = readEntry(reader, DIRECTORY + ENTRY * index);
    if (entry && (!best || isBetter(entry, best))) best = entry;
  }
  if (!best) throw undecodable("The ICO file has no entry with a picture");
  return best;
}

function isBetter(a: IcoEntry, b: IcoEntry): boolean {
  const larger = a.width * a.height - b.width * b.height;
  return larger > 0 || (larger === 0 && a.bits > b.bits);
}

/** Undefined where the directory points at nothing. */
function readEntry(reader: ByteReader, at: number): IcoEntry | undefined {
  const start = reader.u32(at + 12, true);
  if (reader.has(start, PNG_SIGNATURE) && reader.has(start + 12, "IHDR")) {
    const width = reader.u32(start + 16), height = reader.u32(start + 20);
    return { width, height, bits: PNG_BITS, start, bitmap: undefined };
  }
  if (start + 12 > reader.length || !isBitmapHeader(reader, start)) return undefined;
  const stored = readBitmapInfo(reader, start);
  // The bitmap's height counts the mask below it too.
  const bitmap = { ...stored, height: Math.floor(stored.height / 2) };
  const { width, height, bitsPerPixel: bits } = bitmap;
  return width > 0 && height > 0 ? { width, height, bits, start, bitmap } : undefined;
}
