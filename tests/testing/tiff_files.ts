// TIFF files made field by field, for what no encoder at hand writes.

export interface TiffRecipe {
  /** Values of each tag; of one of these types: SHORT unless they need LONG. */
  fields: Readonly<Record<number, readonly number[]>>;
  /** Strips or tiles, in order. */
  segments: readonly (readonly number[] | Uint8Array)[];
  little?: boolean;
  /** Where the page begins, where it is to follow those of another file. */
  at?: number;
}

const WIDTH = 256, STRIP_OFFSETS = 273, STRIP_BYTES = 279;
const TILE_WIDTH = 322, TILE_OFFSETS = 324, TILE_BYTES = 325;

/** A TIFF of one page; where its strips or tiles are and how long is filled in. */
export function tiffFile(
  { fields, segments, little = true, at: before = 8 }: TiffRecipe,
): Uint8Array<ArrayBuffer> {
  const isTiled = TILE_WIDTH in fields;
  let at = before;
  const offsets = segments.map((segment) => {
    const start = at;
    at += segment.length + (segment.length & 1);
    return start;
  });
  const all: Record<number, readonly number[]> = {
    ...fields,
    [isTiled ? TILE_OFFSETS : STRIP_OFFSETS]: offsets,
    [isTiled ? TILE_BYTES : STRIP_BYTES]: segments.map(({ length }) => length),
  };
  const entries = Object.entries(all).map(([tag, values]) => ({ tag: Number(tag), values }));
  const directory = at;
  let free = directory + 2 + entries.length * 12 + 4;
  const sizeOf = (values: readonly number[]) => values.length * (isLong(values) ? 4 : 2);
  const outside = entries.reduce(
    (sum, { values }) => sum + (sizeOf(values) > 4 ? sizeOf(values) : 0),
    0,
  );
  const file = new Uint8Array(free + outside);
  const view = new DataView(file.buffer);
  file.set(little ? [0x49, 0x49] : [0x4d, 0x4d]);
  view.setUint16(2, 42, little);
  view.setUint32(4, directory, little);
  segments.forEach((segment, index) => file.set(segment, offsets[index]!));
  view.setUint16(directory, entries.length, little);
  entries.sort((a, b) => a.tag - b.tag).forEach(({ tag, values }, index) => {
    const entry = directory + 2 + index * 12;
    view.setUint16(entry, tag, little);
    view.setUint16(entry + 2, isLong(values) ? 4 : 3, little);
    view.setUint32(entry + 4, values.length, little);
    let to = entry + 8;
    if (sizeOf(values) > 4) {
      view.setUint32(to, free, little);
      to = free;
      free += sizeOf(values);
    }
    const long = isLong(values);
    values.forEach((value, place) => {
      if (long) view.setUint32(to + place * 4, value, little);
      else view.setUint16(to + place * 2, value, little);
    });
  });
  return file;
}

function isLong(values: readonly number[]): boolean {
  return values.some((value) => value > 0xffff);
}

/** The fields of a page of this size, with so many samples of so many bits. */
export function page(
  width: number,
  height: number,
  { bits, photometric, samples = bits.length, compression = 1 }: {
    bits: readonly number[];
    photometric: number;
    samples?: number;
    compression?: number;
  },
): Record<number, readonly number[]> {
  return {
    [WIDTH]: [width],
    257: [height],
    258: bits,
    259: [compression],
    262: [photometric],
    277: [samples],
  };
}

/** A number of 32 bits. */
const LONG = 4;

export interface TiffTag {
  tag: number;
  value: number;
  type?: number;
  count?: number;
}

/** A little-endian TIFF of nothing but tags, a directory of them for each page, with `spare` bytes behind the last. */
export function tiffOfTags(
  tags: readonly TiffTag[],
  { pages = 1, spare = 0 }: { pages?: number; spare?: number } = {},
): Uint8Array {
  const size = 2 + tags.length * 12 + 4;
  const file = new Uint8Array(8 + pages * size + spare);
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0, 8]);
  for (let page = 0; page < pages; page++) {
    const at = 8 + page * size;
    view.setUint16(at, tags.length, true);
    for (const [index, { tag, value, type = LONG, count = 1 }] of tags.entries()) {
      const entry = at + 2 + index * 12;
      view.setUint16(entry, tag, true);
      view.setUint16(entry + 2, type, true);
      view.setUint32(entry + 4, count, true);
      view.setUint32(entry + 8, value, true);
    }
    view.setUint32(at + size - 4, page === pages - 1 ? 0 : at + size, true);
  }
  return file;
}
