// TIFF 6.0 and BigTIFF in both byte orders: the chain of directories, each of which is a page.

import type { ByteReader } from "../reading/byte_reader.ts";
import { type ColorModel, type HeaderFacts, undecodable } from "../reading/image_header.ts";
import type { TiffDirectory } from "./tiff_fields.ts";
import { toOrientation } from "../reading/exif.ts";

/** The tags that bear on size and look, and what is meant where one is absent. */
const TAGS = {
  width: { tag: 256, absent: 0 },
  height: { tag: 257, absent: 0 },
  bitsPerSample: { tag: 258, absent: 1 },
  photometric: { tag: 262, absent: 0 },
  orientation: { tag: 274, absent: 1 },
  samplesPerPixel: { tag: 277, absent: 1 },
  rowsPerStrip: { tag: 278, absent: 0 },
  planarConfiguration: { tag: 284, absent: 1 },
  tileWidth: { tag: 322, absent: 0 },
  tileHeight: { tag: 323, absent: 0 },
  extraSamples: { tag: 338, absent: -1 },
  profile: { tag: 34675, absent: -1 },
} satisfies Record<string, { tag: number; absent: number }>;
type Page = Record<keyof typeof TAGS, number>;
const SEPARATE_PLANES = 2;
/** Strips and tiles that any page may have, and the pixels that one must have where there are more. */
const FREE_PIECES = 65_536, LEAST_PIXELS = 64;
/** What the values of all tags may come to beyond the size of the file: many may stand on the same bytes. */
const FREE_VALUE_BYTES = 64e6;
/** Bytes of one value, by its type. */
const VALUE_BYTES: Readonly<Record<number, number>> = {
  ...{ 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4 },
  ...{ 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8 },
};
/** BYTE, SHORT, LONG and LONG8. */
const UNSIGNED = [1, 3, 4, 16];
const NAME_BY_TAG = new Map(
  Object.entries(TAGS).map(([name, { tag }]) => [tag, name as keyof typeof TAGS]),
);

const COLOR_MODELS: Record<number, ColorModel> = {
  0: "grey",
  1: "grey",
  2: "rgb",
  3: "indexed",
  5: "cmyk",
  6: "rgb",
  8: "lab",
  9: "lab",
};
/** Bytes for each pixel as it is handed out, its samples among them, and copies. */
const PIXEL_BYTES = 9;
/** As many channels as the engine can hold in one pixel. */
const MAX_SAMPLES = 64;

/** The pages in order, each with the place of its directory. */
function* readPages(reader: ByteReader): Generator<{ page: Page; directory: TiffDirectory }> {
  const little = reader.has(0, "II");
  const big = reader.u16(2, little) === 43;
  let isFirst = true, tagBytes = 0;
  const seen = new Set<number>();
  for (let at = big ? reader.u64(8, little) : reader.u32(4, little); at !== 0;) {
    // A chain that bites its tail ends there, for libtiff as for us; so does one that leaves the file.
    if (seen.has(at) || (!isFirst && at + 8 > reader.length)) break;
    seen.add(at);
    reader.need(at + 2, isFirst ? "first page" : "next page");
    const { page, valueBytes, next } = readPage(reader, { at, little, big });
    if (page.width === 0 || page.height === 0) {
      throw undecodable(`The TIFF file has a page of ${page.width}x${page.height} pixels`);
    }
    if (page.samplesPerPixel > MAX_SAMPLES) {
      throw undecodable(
        `The TIFF file has ${page.samplesPerPixel} samples per pixel, where ${MAX_SAMPLES} is the most`,
      );
    }
    checkPieces(page);
    tagBytes += valueBytes;
    // To come to a page libtiff reads the tags of all before it.
    if (tagBytes > reader.length + FREE_VALUE_BYTES) {
      throw undecodable(`The TIFF file of ${reader.length} bytes has tags of ${tagBytes}`);
    }
    yield { page, directory: { at, little, big } };
    isFirst = false;
    at = next;
  }
}

/** Where the directory of the page of this index is. */
export function findPage(reader: ByteReader, index: number): TiffDirectory {
  let at = 0;
  for (const { directory } of readPages(reader)) if (at++ === index) return directory;
  throw undecodable(`The TIFF file has no page ${index}`);
}

/** The header of a TIFF file: of a page, or of the first where there is none of this index, and of all together. */
export function readTiff(reader: ByteReader, index = 0): HeaderFacts {
  let wanted: Page | undefined;
  let frames = 0, totalPixels = 0, stillPixels = 0, heldBytes = 0;
  for (const { page } of readPages(reader)) {
    if (frames === 0 || frames === index) wanted = page;
    frames++;
    const pixels = allocatedPixels(page);
    totalPixels += pixels;
    stillPixels = Math.max(stillPixels, pixels);
    heldBytes = Math.max(heldBytes, pixels * PIXEL_BYTES + unpackedBytes(page));
  }
  if (!wanted) throw undecodable("The TIFF file has no page");
  return {
    width: wanted.width,
    height: wanted.height,
    frames,
    animated: false,
    orientation: toOrientation(wanted.orientation) ?? 1,
    hasAlpha: wanted.extraSamples >= 0,
    bitDepth: wanted.bitsPerSample,
    colorModel: COLOR_MODELS[wanted.photometric] ?? "other",
    hasProfile: wanted.profile >= 0,
    totalPixels,
    stillPixels,
    heldBytes,
  };
}

/** Throws `undecodable` where the pixels lie in so many strips or tiles that finding each costs more than it. */
function checkPieces({ width, height, ...page }: Page): void {
  const isTiled = page.tileWidth > 0 && page.tileHeight > 0;
  const pieces = isTiled
    ? Math.ceil(width / page.tileWidth) * Math.ceil(height / page.tileHeight)
    : Math.ceil(height / (page.rowsPerStrip || height));
  const planes = page.planarConfiguration === SEPARATE_PLANES ? page.samplesPerPixel : 1;
  if (pieces * planes > FREE_PIECES + width * height / LEAST_PIXELS) {
    throw undecodable(`The TIFF file has ${width}x${height} pixels in ${pieces * planes} pieces`);
  }
}

/** Whole tiles, since a tile may be far larger than the picture, and four samples to a pixel. */
function allocatedPixels(page: Page): number {
  const { width, height, tileWidth, tileHeight } = page;
  const across = Math.ceil(width / (tileWidth || 1)) * (tileWidth || 1);
  const down = Math.ceil(height / (tileHeight || 1)) * (tileHeight || 1);
  return across * down * Math.max(1, Math.ceil(page.samplesPerPixel / 5));
}

/** Bytes of the largest piece of a page as it is unpacked, where that is more than its pixels take in the end. */
function unpackedBytes(page: Page): number {
  const { width, height, tileWidth, tileHeight, rowsPerStrip, bitsPerSample } = page;
  if (bitsPerSample <= 8) return 0;
  const isTiled = tileWidth > 0 && tileHeight > 0;
  const samples = page.planarConfiguration === SEPARATE_PLANES ? 1 : page.samplesPerPixel;
  const pixels = isTiled
    ? tileWidth * tileHeight
    : width * Math.min(rowsPerStrip || height, height);
  return pixels * samples * bitsPerSample / 8;
}

function readPage(
  reader: ByteReader,
  { at, little, big }: { at: number; little: boolean; big: boolean },
) {
  const page = Object.fromEntries(
    Object.entries(TAGS).map(([name, { absent }]) => [name, absent]),
  ) as Page;
  const count = big ? reader.u64(at, little) : reader.u16(at, little);
  const entrySize = big ? 20 : 12, entries = at + (big ? 8 : 2);
  reader.need(entries + count * entrySize, "directory");
  let valueBytes = 0;
  for (let i = 0; i < count; i++) {
    reader.step();
    const entry = entries + i * entrySize;
    const tag = reader.u16(entry, little);
    const list = locateValues(reader, { entry, little, big });
    valueBytes += list.count * list.size;
    const name = NAME_BY_TAG.get(tag);
    if (name === undefined) continue;
    const value = firstValue(reader, { list, little });
    if (value === undefined) continue;
    // Where a size is given twice, the larger one counts.
    page[name] = Math.max(value, page[name] === TAGS[name].absent ? value : page[name]);
  }
  const end = entries + count * entrySize;
  const hasNext = end + (big ? 8 : 4) <= reader.length;
  const next = !hasNext ? 0 : big ? reader.u64(end, little) : reader.u32(end, little);
  return { page, valueBytes, next };
}

/** The numbers of a tag, not read yet. */
interface Values {
  at: number;
  count: number;
  /** Bytes of each. */
  size: number;
  isUnsigned: boolean;
}

/** Where an entry's values stand: in itself, where they have room there. */
function locateValues(
  reader: ByteReader,
  { entry, little, big }: { entry: number; little: boolean; big: boolean },
): Values {
  const type = reader.u16(entry + 2, little);
  const size = VALUE_BYTES[type] ?? 0;
  const count = big ? reader.u64(entry + 4, little) : reader.u32(entry + 4, little);
  const room = big ? 8 : 4, slot = entry + (big ? 12 : 8);
  const isHere = count * size <= room;
  const at = isHere ? slot : big ? reader.u64(slot, little) : reader.u32(slot, little);
  return { at, count, size, isUnsigned: UNSIGNED.includes(type) };
}

/** The first value, where it is an unsigned integer; any other counts as present: 0. */
function firstValue(
  reader: ByteReader,
  { list: { at, count, size, isUnsigned }, little }: {
    list: Values;
    little: boolean;
  },
): number | undefined {
  if (!isUnsigned) return 0;
  if (count === 0 || at + size > reader.length) return undefined;
  if (size === 1) return reader.u8(at);
  if (size === 2) return reader.u16(at, little);
  return size === 4 ? reader.u32(at, little) : reader.u64(at, little);
}
