// HEIC and AVIF (ISO 23008-12): which pictures the engine makes of a file, and how large each is.

import { readAv1Colour } from "./av1_sequence.ts";
import { largest } from "./coded_size.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { heldBytes, heldBytesOfFrame } from "./heif_memory.ts";
import {
  brandsOf,
  CODED_TYPES,
  DERIVED_TYPES,
  findPicture,
  hasType,
  isAvif,
  otherPictures,
  type Sequence,
} from "./find_picture.ts";
import { contentOf, statedSize } from "./item_content.ts";
import type { HeifItem, HeifMeta } from "./heif_meta.ts";
import { type ColorModel, type HeaderFacts, undecodable } from "../reading/image_header.ts";
import { type ColourNotes, colourOfHeif } from "./stated_colour.ts";
import { type Rect, type Size, sizeOf } from "../../pixels/geometry.ts";
import { type Mini, readMini } from "./mini_meta.ts";
import { shapeOf } from "./heif_shape.ts";
import { printable } from "../reading/isobmff.ts";

/** Deeper than a grid of rotated tiles nothing in use goes. */
const MAX_DEPTH = 4;
const MAX_BLOCK = 64;

type Facts = HeaderFacts & { format: "avif" | "heic" };

/** The header of a HEIC or AVIF file: of its sequence or its primary picture, whichever it is of. */
export function readHeif(reader: ByteReader): Facts {
  const { meta, sequence, miniBox } = findPicture(reader);
  if (miniBox) return factsOfMini(reader, readMini(reader, miniBox));
  const isAv1 = isAvif(reader.bytes) ||
    (!brandsOf(reader.bytes).some((b) => b.startsWith("he")) && hasType(meta, "av01"));
  const format = isAv1 ? "avif" : "heic";
  return sequence
    ? { format, ...factsOfSequence(sequence, isAv1) }
    : { format, ...factsOfStill(reader, meta) };
}

function factsOfSequence(
  { width, height, frames, colour: notes, timing, ...facts }: Sequence,
  isAv1: boolean,
): HeaderFacts {
  const colour = colourOfHeif(notes, { isGrey: false });
  return {
    ...facts,
    orientation: 1,
    width,
    height,
    frames,
    animated: frames > 1,
    ...(frames > 1 && timing),
    colorModel: "rgb",
    ...(colour && { colour }),
    totalPixels: width * height * frames,
    stillPixels: width * height,
    // Alpha is a track of its own, with a decoder of its own.
    heldBytes: Math.ceil(width * height * heldBytesOfFrame(isAv1 ? "av01" : "hvc1")) *
      (facts.hasAlpha ? 2 : 1),
  };
}

function factsOfStill(reader: ByteReader, meta: HeifMeta | undefined): HeaderFacts {
  const primary = meta?.items.get(meta.primaryId);
  if (!meta || !primary) throw undecodable("The HEIF file ends before its primary picture");
  const pixelsOf = (item: HeifItem) => decodedPixels(reader, { meta, item, depth: 0 });
  const others = otherPictures(meta);
  // They are not decoded: one that could not be keeps nobody from the primary one.
  const pixelsIfKnown = (item: HeifItem) => {
    try {
      return pixelsOf(item);
    } catch {
      return 0;
    }
  };
  const { region, orientation } = shapeOf(
    codedSize(reader, { meta, item: primary, depth: 0 }),
    primary.changes,
  );
  const tile = firstTile(meta, primary);
  const config = primary.config ?? tile?.config;
  const isGrey = config?.isGrey === true;
  const coded = tile ?? primary;
  const stream = coded.colour.points ? {} : streamColour(reader, coded);
  const notes = { ...stream, ...tile?.colour, ...primary.colour };
  const colour = colourOfHeif(notes, { isGrey });
  return {
    orientation,
    ...sizeOf(region),
    frames: 1 + others.length,
    animated: false,
    hasAlpha: [primary.id, ...primary.tiles].some((id) => meta.alphaOf.has(id)),
    bitDepth: config?.bitDepth ?? 8,
    ...(meta.premultiplied.has(primary.id) && { isPremultiplied: true }),
    ...(hasNarrowAlpha(reader, { meta, primary }) && { isAlphaNarrow: true }),
    colorModel: (isGrey ? "grey" : "rgb") satisfies ColorModel,
    hasProfile: primary.hasProfile || tile?.hasProfile === true,
    ...(colour && { colour }),
    totalPixels: others.reduce((sum, item) => sum + pixelsIfKnown(item), pixelsOf(primary)),
    stillPixels: pixelsOf(primary),
    heldBytes: Math.ceil(heldBytes(primary, { meta, pixelsOf })),
  };
}

function factsOfMini(reader: ByteReader, mini: Mini): Facts {
  const { points, isGrey, width, height, ...facts } = mini;
  const isAv1 = isAvif(reader.bytes);
  const colour = points && colourOfHeif({ points }, { isGrey });
  return {
    ...facts,
    format: isAv1 ? "avif" : "heic",
    width,
    height,
    frames: 1,
    animated: false,
    colorModel: isGrey ? "grey" : "rgb",
    ...(colour && { colour }),
    totalPixels: width * height,
    heldBytes: Math.ceil(width * height * heldBytesOfFrame(isAv1 ? "av01" : "hvc1")),
  };
}

/** The part of the primary picture, as it is stored, that is shown; undefined for a sequence. */
export function regionShown(reader: ByteReader): Rect | undefined {
  const { meta } = findPicture(reader);
  const item = meta?.items.get(meta.primaryId);
  if (!meta || !item) return undefined;
  return shapeOf(codedSize(reader, { meta, item, depth: 0 }), item.changes).region;
}

interface ItemQuestion {
  meta: HeifMeta;
  item: HeifItem;
  depth: number;
}

/** What the stream itself says, which counts where no box says anything. One that is cut short says nothing. */
function streamColour(file: ByteReader, item: HeifItem): ColourNotes {
  if (item.type !== "av01" || item.pieces.length === 0) return {};
  try {
    const { reader, span } = contentOf(file, item)!;
    return { points: readAv1Colour(reader, span) };
  } catch {
    return {};
  }
}

/** Whether the stream of its alpha, or of the first piece of that, is of video's range; only AV1's says so. */
function hasNarrowAlpha(
  reader: ByteReader,
  { meta, primary }: { meta: HeifMeta; primary: HeifItem },
): boolean {
  const id = [primary.id, ...primary.tiles].find((id) => meta.alphaOf.has(id));
  const alpha = id === undefined ? undefined : meta.items.get(meta.alphaOf.get(id)!);
  const coded = alpha && (firstTile(meta, alpha) ?? alpha);
  return coded !== undefined && streamColour(reader, coded).points?.isNarrow === true;
}

function firstTile(meta: HeifMeta, item: HeifItem): HeifItem | undefined {
  return meta.items.get(item.tiles[0] ?? -1);
}

/** The size before rotation, the largest of all that claim to know it. */
function storedSize(file: ByteReader, { meta, item, depth }: ItemQuestion) {
  if (depth > MAX_DEPTH) throw undecodable("The HEIF file nests its pictures too deeply");
  if (![...CODED_TYPES, ...DERIVED_TYPES].includes(item.type)) {
    throw undecodable(
      `The HEIF file holds a "${printable(item.type)}" picture, which is not decoded`,
    );
  }
  const source = item.type === "iden" ? firstTile(meta, item) : undefined;
  const stated = source
    ? storedSize(file, { meta, item: source, depth: depth + 1 })
    : statedSize(file, item);
  const size = largest(largest(item.extents, stated), item.config?.size);
  if (!size || size.width === 0 || size.height === 0) {
    throw undecodable("The HEIF file does not tell the size of its picture");
  }
  return size;
}

/** Pixels allocated for an item: its own, or those of all its tiles or of its alpha, if more. */
function decodedPixels(reader: ByteReader, { meta, item, depth }: ItemQuestion): number {
  item.cost ??= cost();
  return item.cost;

  function cost(): number {
    const { width, height } = storedSize(reader, { meta, item, depth });
    let tiles = 0;
    for (const id of item.tiles) {
      reader.step();
      const tile = meta.items.get(id);
      if (tile) tiles += decodedPixels(reader, { meta, item: tile, depth: depth + 1 });
    }
    const alpha = meta.items.get(meta.alphaOf.get(item.id) ?? -1);
    const alphaPixels = alpha ? decodedPixels(reader, { meta, item: alpha, depth: depth + 1 }) : 0;
    return Math.max(width * height, tiles, alphaPixels);
  }
}

/** The size as the engine hands it out, where it neither crops nor turns. */
function codedSize(reader: ByteReader, question: ItemQuestion): Size {
  const { extents } = question.item;
  const { width, height } = storedSize(reader, question);
  // HEVC codes whole blocks of up to 64 pixels, of which the engine shows what `ispe` says; a stream
  // that is larger than this explains is taken at its word.
  if (extents && width - extents.width < MAX_BLOCK && height - extents.height < MAX_BLOCK) {
    return extents;
  }
  return { width, height };
}
