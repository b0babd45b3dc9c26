// The one EXIF field that changes what a picture looks like: its orientation.

import type { ByteReader } from "./byte_reader.ts";
import type { Orientation } from "./image_header.ts";

const ORIENTATION_TAG = 274;
const SHORT = 3;
const MAX_ENTRIES = 1024;

/**
 * The orientation in the EXIF block (a TIFF file) at `start`…`end`, or undefined. Metadata never
 * makes a picture undecodable, so what is damaged here reads as absent.
 */
export function readExifOrientation(
  reader: ByteReader,
  { start, end }: { start: number; end: number },
): Orientation | undefined {
  const limit = Math.min(end, reader.length);
  if (start + 8 > limit) return undefined;
  const little = reader.has(start, "II*\0");
  if (!little && !reader.has(start, "MM\0*")) return undefined;
  const directory = start + reader.u32(start + 4, little);
  if (directory + 2 > limit) return undefined;
  const entries = Math.min(reader.u16(directory, little), MAX_ENTRIES);
  for (let i = 0; i < entries; i++) {
    const entry = directory + 2 + 12 * i;
    if (entry + 12 > limit) return undefined;
    if (reader.u16(entry, little) !== ORIENTATION_TAG) continue;
    if (reader.u16(entry + 2, little) !== SHORT) return undefined;
    return toOrientation(reader.u16(entry + 8, little));
  }
  return undefined;
}

/** The number as an orientation, or undefined if it is none. */
export function toOrientation(value: number): Orientation | undefined {
  return value >= 1 && value <= 8 ? value as Orientation : undefined;
}
