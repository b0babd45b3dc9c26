// TIFF 6.0 and BigTIFF in both byte orders: the chain of directories, each of which is a page.

import type { ByteReader } from "../reading/byte_reader.ts";
import { type ColorModel, type HeaderFacts, undecodable } from "../reading/image_header.ts";
import { toOrientation } from "../reading/exif.ts";

/** The tags that bear on size and look, and what is meant where one is absent. */
const TAGS = {
  width: { tag: 256, absent: 0 },
  height: { tag: 257, absent: 0 },
  bitsPerSample: { tag: 258, absent: 1 },
  photometric: { tag: 262, absent: 0 },
  orientation: { tag: 274, absent: 1 },
  samplesPerPixel: { tag: 277, absent: 1 },
  tileWidth: { tag: 322, absent: 1 },
  tileHeight: { tag: 323, absent: 1 },
  extraSamples: { tag: 338, absent: -1 },
  profile: { tag: 34675, absent: -1 },
} satisfies Record<string, { tag: number; absent: number }>;
type Page = Record<keyof typeof TAGS, number>;
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
/** As many channels as the engine can hold in one pixel. */
const MAX_SAMPLES = 64;

/** The header of a TIFF file: its first page, and the sum of all pages' pixels. */
export function readTiff(reader: ByteReader): HeaderFacts {
  const little = reader.has(0, "II");
  const big = reader.u16(2, little) === 43;
  let first: Page | undefined;
  let frames = 0, totalPixels = 0, width = 0, height = 0;
  const seen = new Set<number>();
  for (let at = big ? reader.u64(8, little) : reader.u32(4, little); at !== 0;) {
    // A chain that bites its tail ends there, for libtiff as for us; so does one that leaves the file.
    if (seen.has(at) || (first && at + 8 > reader.length)) break;
    seen.add(at);
    reader.need(at + 2, first ? "next page" : "first page");
    const { page, next } = readPage(reader, { at, little, big });
    if (page.width === 0 || page.height === 0) {
      throw undecodable(`The TIFF file has a page of ${page.width}x${page.height} pixels`);
    }
    if (page.samplesPerPixel > MAX_SAMPLES) {
      throw undecodable(
        `The TIFF file has ${page.samplesPerPixel} samples per pixel, where ${MAX_SAMPLES} is the most`,
      );
    }
    first ??= page;
    frames++;
    totalPixels += allocatedPixels(page);
    width = Math.max(width, page.width);
    height = Math.max(height, page.height);
    at = next;
  }
  if (!first) throw undecodable("The TIFF file has no page");
  return {
    width: first.width,
    height: first.height,
    frames,
    animated: false,
    orientation: toOrientation(first.orientation) ?? 1,
    hasAlpha: first.extraSamples >= 0,
    bitDepth: first.bitsPerSample,
    colorModel: COLOR_MODELS[first.photometric] ?? "other",
    hasProfile: first.profile >= 0,
    totalPixels,
  };
}

/** Whole tiles, since a tile may be far larger than the picture, and four samples to a pixel. */
function allocatedPixels(page: Page): number {
  const across = Math.ceil(page.width / page.tileWidth) * page.tileWidth;
  const down = Math.ceil(page.height / page.tileHeight) * page.tileHeight;
  return across * down * Math.max(1, Math.ceil(page.samplesPerPixel / 5));
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
  for (let i = 0; i < count; i++) {
    reader.step();
    const entry = entries + i * entrySize;
    const name = NAME_BY_TAG.get(reader.u16(entry, little));
    if (name === undefined) continue;
    const value = readValue(reader, { entry, little, big });
    if (value === undefined) continue;
    // Where a size is given twice, the larger one counts.
    page[name] = Math.max(value, page[name] === TAGS[name].absent ? value : page[name]);
  }
  page.tileWidth ||= 1;
  page.tileHeight ||= 1;
  const end = entries + count * entrySize;
  const hasNext = end + (big ? 8 : 4) <= reader.length;
  return { page, next: !hasNext ? 0 : big ? reader.u64(end, little) : reader.u32(end, little) };
}

/** An entry's first value, where it is an unsigned integer; any other counts as present: 0. */
function readValue(
  reader: ByteReader,
  { entry, little, big }: { entry: number; little: boolean; big: boolean },
): number | undefined {
  const type = reader.u16(entry + 2, little);
  const size = { 1: 1, 3: 2, 4: 4, 16: 8 }[type];
  if (size === undefined) return 0;
  const count = big ? reader.u64(entry + 4, little) : reader.u32(entry + 4, little);
  const room = big ? 8 : 4, slot = entry + (big ? 12 : 8);
  if (count === 0) return undefined;
  const at = count * size <= room
    ? slot
    : big
    ? reader.u64(slot, little)
    : reader.u32(slot, little);
  if (at + size > reader.length) return undefined;
  if (size === 1) return reader.u8(at);
  if (size === 2) return reader.u16(at, little);
  return size === 4 ? reader.u32(at, little) : reader.u64(at, little);
}
