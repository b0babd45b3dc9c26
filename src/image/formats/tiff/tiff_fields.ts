// The directories of a TIFF (TIFF 6.0 section 2, BigTIFF): which there are, and what their fields hold.

import type { ByteReader } from "../reading/byte_reader.ts";

/** Where a directory is, and how its file is written. */
export interface TiffDirectory {
  at: number;
  little: boolean;
  /** BigTIFF, which has 64 bits where TIFF has 32. */
  big: boolean;
}

/** A field as it stands in the file. */
export interface TiffField {
  tag: number;
  type: number;
  count: number;
  /** Where the entry of the directory is. */
  entry: number;
  /** Where its values are, inside the entry or anywhere. */
  at: number;
}

/** Bytes of each type of unsigned integers: BYTE, SHORT, LONG, IFD, LONG8. */
const INTEGER_BYTES: Readonly<Record<number, number>> = { 1: 1, 3: 2, 4: 4, 13: 4, 16: 8 };
/** ASCII, SBYTE and UNDEFINED, SSHORT, SLONG and FLOAT, those of eight. */
const OTHER_BYTES: Readonly<Record<number, number>> = {
  2: 1,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  11: 4,
  5: 8,
  10: 8,
  12: 8,
  17: 8,
  18: 8,
};

/** Bytes of an entry, and where those begin behind the start of a directory. */
export function entryLayout(big: boolean): { size: number; start: number } {
  return big ? { size: 20, start: 8 } : { size: 12, start: 2 };
}

/** The fields of a directory, the last of each tag; those whose values lie outside the file are left out. */
export function readFields(
  reader: ByteReader,
  { at, little, big }: TiffDirectory,
): Map<number, TiffField> {
  const fields = new Map<number, TiffField>();
  const { size, start } = entryLayout(big);
  const count = big ? reader.u64(at, little) : reader.u16(at, little);
  reader.need(at + start + count * size, "directory");
  for (let index = 0; index < count; index++) {
    reader.step();
    const entry = at + start + index * size;
    const tag = reader.u16(entry, little), type = reader.u16(entry + 2, little);
    const values = big ? reader.u64(entry + 4, little) : reader.u32(entry + 4, little);
    const bytes = (INTEGER_BYTES[type] ?? OTHER_BYTES[type] ?? 0) * values;
    const slot = entry + (big ? 12 : 8);
    const place = bytes <= (big ? 8 : 4)
      ? slot
      : big
      ? reader.u64(slot, little)
      : reader.u32(slot, little);
    if (bytes === 0 || place + bytes > reader.length) continue;
    fields.set(tag, { tag, type, count: values, entry, at: place });
  }
  return fields;
}

/** All values of a field of unsigned integers; none of any other. */
export function numbersOf(
  reader: ByteReader,
  field: TiffField | undefined,
  { little }: Pick<TiffDirectory, "little">,
): number[] {
  const size = field && INTEGER_BYTES[field.type];
  if (!size) return [];
  return Array.from({ length: field.count }, (_, index) => {
    const at = field.at + index * size;
    if (size === 1) return reader.u8(at);
    if (size === 2) return reader.u16(at, little);
    return size === 4 ? reader.u32(at, little) : reader.u64(at, little);
  });
}

/** The bytes that a field holds. */
export function bytesOf(reader: ByteReader, field: TiffField): Uint8Array {
  const size = INTEGER_BYTES[field.type] ?? OTHER_BYTES[field.type] ?? 0;
  return reader.bytes.subarray(field.at, field.at + size * field.count);
}
