// Directories written anew: for the head of a picture that we decode ourselves, and for pages that the engine
// decodes, whose own directory it would misread.

import type { ByteReader } from "../reading/byte_reader.ts";
import { entryLayout, readFields, type TiffDirectory } from "./tiff_fields.ts";

const SHORT = 3, LONG = 4;
const HEIGHT = 257, ORIENTATION = 274, ROWS_PER_STRIP = 278, TILE_WIDTH = 322;
/** Photoshop's layers, which would be frames that no header counts. */
const LAYERS = 37724;

/**
 * The file with one page, that of the directory, and that one upright: the engine turns some kinds of pages
 * itself and others not. Where there is no height of strips it would take the page for RGBA.
 */
export function onlyPage(reader: ByteReader, directory: TiffDirectory): Uint8Array {
  const { little, big } = directory;
  const { size, start } = entryLayout(big);
  const fields = readFields(reader, directory);
  const entries = [...fields.values()].filter(({ tag }) => tag !== ORIENTATION && tag !== LAYERS)
    .map(({ tag, entry }) => ({ tag, bytes: reader.bytes.subarray(entry, entry + size) }));
  const height = fields.get(HEIGHT);
  const add = (tag: number, type: number, value: number) => {
    const bytes = new Uint8Array(size);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, tag, little);
    view.setUint16(2, type, little);
    view.setUint32(little || !big ? 4 : 8, 1, little);
    if (type === SHORT) view.setUint16(big ? 12 : 8, value, little);
    else view.setUint32(big ? 12 : 8, value, little);
    entries.push({ tag, bytes });
  };
  add(ORIENTATION, SHORT, 1);
  if (height && !fields.has(ROWS_PER_STRIP) && !fields.has(TILE_WIDTH)) {
    const value = height.type === SHORT
      ? reader.u16(height.at, little)
      : reader.u32(height.at, little);
    add(ROWS_PER_STRIP, LONG, value);
  }
  entries.sort((a, b) => a.tag - b.tag);
  const at = Math.ceil(reader.length / 8) * 8;
  const file = new Uint8Array(at + start + entries.length * size + 8);
  file.set(reader.bytes);
  const view = new DataView(file.buffer);
  const pointer = (place: number) => {
    if (big) view.setBigUint64(place, BigInt(at), little);
    else view.setUint32(place, at, little);
  };
  pointer(big ? 8 : 4);
  if (big) view.setBigUint64(at, BigInt(entries.length), little);
  else view.setUint16(at, entries.length, little);
  entries.forEach(({ bytes }, index) => file.set(bytes, at + start + index * size));
  return file;
}

/** What the engine is told of a picture beside its pixels. */
export interface TiffHead {
  /** Samples of a pixel and what they are. */
  photometric: 1 | 2 | 5;
  samples: number;
  hasAlpha: boolean;
  /** Fields that are kept as they are, by tag: profile, XMP, IPTC. */
  kept: ReadonlyMap<number, Uint8Array>;
}

const UNDEFINED = 7;

/** A TIFF of one pixel. */
export function headOf({ photometric, samples, hasAlpha, kept }: TiffHead): Uint8Array {
  const fields: { tag: number; type: number; count: number; value: number | Uint8Array }[] = [
    { tag: 256, type: LONG, count: 1, value: 1 },
    { tag: 257, type: LONG, count: 1, value: 1 },
    { tag: 258, type: SHORT, count: samples, value: shorts(Array(samples).fill(8)) },
    { tag: 259, type: SHORT, count: 1, value: 1 },
    { tag: 262, type: SHORT, count: 1, value: photometric },
    { tag: 273, type: LONG, count: 1, value: 0 },
    { tag: 277, type: SHORT, count: 1, value: samples },
    { tag: ROWS_PER_STRIP, type: LONG, count: 1, value: 1 },
    { tag: 279, type: LONG, count: 1, value: samples },
    ...(hasAlpha ? [{ tag: 338, type: SHORT, count: 1, value: 2 }] : []),
    ...[...kept].map(([tag, value]) => ({ tag, type: UNDEFINED, count: value.length, value })),
  ];
  fields.sort((a, b) => a.tag - b.tag);
  const pixelAt = 8, directory = 16, valuesAt = directory + 2 + fields.length * 12 + 4;
  const sizes = fields.map(({ value }) =>
    typeof value === "number" || value.length <= 4 ? 0 : value.length + (value.length & 1)
  );
  const file = new Uint8Array(sizes.reduce((sum, size) => sum + size, valuesAt));
  const view = new DataView(file.buffer);
  file.set([0x49, 0x49, 42, 0]);
  view.setUint32(4, directory, true);
  // Neither grey nor opaque, where there is a choice.
  file.set([200, 100, 50, 128, 0].slice(0, samples), pixelAt);
  view.setUint16(directory, fields.length, true);
  let free = valuesAt;
  fields.forEach(({ tag, type, count, value }, index) => {
    const at = directory + 2 + index * 12;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, count, true);
    if (typeof value === "number") view.setUint32(at + 8, tag === 273 ? pixelAt : value, true);
    else if (value.length <= 4) file.set(value, at + 8);
    else {
      view.setUint32(at + 8, free, true);
      file.set(value, free);
      free += sizes[index]!;
    }
  });
  return file;
}

function shorts(values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value & 255, value >> 8]));
}
