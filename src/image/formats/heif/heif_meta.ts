// The `meta` box of a HEIF file: its items, what is known of each, and how they refer to each other.

import type { Span } from "../reading/bit_reader.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { type CodedSize, largest, readAv1Size, readHevcConfigSize } from "./coded_size.ts";
import { undecodable } from "../reading/image_header.ts";
import { type Box, readBoxes, readFullBox } from "../reading/isobmff.ts";
import { type Change, readChange } from "./heif_shape.ts";
import { type ColourNotes, readNclx, readPeak } from "./stated_colour.ts";

/** What a decoder configuration (av1C, hvcC) tells. */
export interface CodecConfig {
  bitDepth: number;
  isGrey: boolean;
  /** 1 for greys, 3 for colours at full resolution, less where colours have fewer samples. */
  samplesPerPixel: number;
  size: CodedSize | undefined;
}

export interface HeifItem {
  id: number;
  type: string;
  isHidden: boolean;
  /** Where the byte stands whose lowest bit hides it. */
  hidesAt: number;
  /** The largest `ispe` that is said of it. */
  extents: CodedSize | undefined;
  config: CodecConfig | undefined;
  /** Turns, mirrorings and crops, each of which goes over the whole picture. */
  changes: (Change & { /** Where its box's content is. */ at: number })[];
  hasProfile: boolean;
  colour: ColourNotes;
  /** The items that this one is made of. */
  tiles: number[];
  /** Where the pieces of its data lie, in their order. */
  pieces: Span[];
  /** Pixels to allocate for it, once they have been counted. */
  cost?: number;
}

export interface HeifMeta {
  /** The picture that the file is of. */
  primaryId: number;
  /** Where the file names that, and in how many bytes; undefined where it does not. */
  named: { id: number; at: number; bytes: 2 | 4 } | undefined;
  items: Map<number, HeifItem>;
  /** Thumbnails, alpha and depth maps: pictures that belong to another. */
  auxiliary: Set<number>;
  /** Thumbnail → the pictures of which it claims to be one, and where the claims stand. */
  thumbnailOf: Map<number, { to: number; typeAt: number }[]>;
  /** The contents of the `hvcC` boxes. */
  hevcConfigs: Span[];
  /** Item → the item that holds its alpha. */
  alphaOf: Map<number, number>;
  /** The items whose colours are stored multiplied by their alpha. */
  premultiplied: Set<number>;
}

/** More items than this are a strain that no picture needs: 4,096 tiles of 512² are 32,768². */
const MAX_ITEMS = 4096;

/** More than a crop, a turn and a mirroring has no use. */
const MAX_CHANGES = 8;

/** The content of a `meta` box. */
export function readMeta(reader: ByteReader, box: Box): HeifMeta {
  const parts = new Map<string, Box>();
  for (const part of readBoxes(reader, { start: box.start + 4, end: box.end })) {
    if (!parts.has(part.type)) parts.set(part.type, part);
  }
  const meta: HeifMeta = {
    primaryId: -1,
    named: undefined,
    items: new Map(),
    auxiliary: new Set(),
    thumbnailOf: new Map(),
    hevcConfigs: [],
    alphaOf: new Map(),
    premultiplied: new Set(),
  };
  const [pitm, iinf, iloc, iref, iprp] = ["pitm", "iinf", "iloc", "iref", "iprp"].map((type) =>
    parts.get(type)
  );
  if (pitm) {
    const { version, at } = readFullBox(reader, pitm);
    const id = version === 0 ? reader.u16(at) : reader.u32(at);
    meta.named = { id, at, bytes: version === 0 ? 2 : 4 };
    meta.primaryId = id;
  }
  if (iinf) readItems(reader, { meta, box: iinf });
  if (iloc) readLocations(reader, { meta, box: iloc, idat: parts.get("idat") });
  const alphaProperties = iprp ? readProperties(reader, { meta, box: iprp }) : new Set<number>();
  if (iref) readReferences(reader, { meta, box: iref, isAlpha: (id) => alphaProperties.has(id) });
  return meta;
}

interface Part {
  meta: HeifMeta;
  box: Box;
}

function readItems(reader: ByteReader, { meta, box }: Part): void {
  const { version, at } = readFullBox(reader, box);
  const start = at + (version === 0 ? 2 : 4);
  for (const entry of readBoxes(reader, { start, end: box.end })) {
    if (entry.type !== "infe") continue;
    const { version, flags, at } = readFullBox(reader, entry);
    if (version < 2) continue;
    const id = version === 2 ? reader.u16(at) : reader.u32(at);
    meta.items.set(id, {
      id,
      type: reader.fourCC(at + (version === 2 ? 4 : 6)),
      isHidden: (flags & 1) === 1,
      hidesAt: entry.start + 3,
      extents: undefined,
      config: undefined,
      changes: [],
      hasProfile: false,
      colour: {},
      tiles: [],
      pieces: [],
    });
    if (meta.items.size > MAX_ITEMS) {
      throw undecodable(`The HEIF file has more than ${MAX_ITEMS} items`);
    }
  }
}

/** ISO 14496-12 section 8.11.3: fields of sizes that the box itself declares. */
function readLocations(
  reader: ByteReader,
  { meta, box, idat }: Part & { idat: Box | undefined },
): void {
  const { version, at: start } = readFullBox(reader, box);
  const offsetSize = reader.u8(start) >>> 4, lengthSize = reader.u8(start) & 15;
  const baseSize = reader.u8(start + 1) >>> 4;
  const indexSize = version === 0 ? 0 : reader.u8(start + 1) & 15;
  let at = start + 2;
  const count = next(version < 2 ? 2 : 4);
  for (let i = 0; i < count && at < box.end; i++) {
    reader.step();
    const id = next(version < 2 ? 2 : 4);
    // Of one that is told of twice the first counts.
    const item = meta.items.get(id)?.pieces.length === 0 ? meta.items.get(id) : undefined;
    const method = version === 0 ? 0 : next(2) & 15;
    at += 2;
    const base = next(baseSize);
    const extents = next(2);
    for (let j = 0; j < extents && at < box.end; j++) {
      reader.step();
      at += indexSize;
      const offset = base + next(offsetSize), length = next(lengthSize);
      if (!item || method > 1 || (method === 1 && !idat)) continue;
      const start = offset + (method === 1 && idat ? idat.start : 0);
      item.pieces.push({ start, end: length === 0 ? reader.length : start + length });
    }
  }

  function next(size: number): number {
    at += size;
    if (size === 0) return 0;
    if (size === 2) return reader.u16(at - 2);
    if (size === 4) return reader.u32(at - 4);
    if (size === 8) return reader.u64(at - 8);
    throw undecodable("The HEIF file has item locations of an unknown size");
  }
}

/** Applies each property to the items that it is said of; gives the items that are alpha maps. */
function readProperties(reader: ByteReader, { meta, box }: Part): Set<number> {
  const properties: Box[] = [];
  const alphas = new Set<number>();
  for (const part of readBoxes(reader, box)) {
    if (part.type === "ipco") {
      const held = [...readBoxes(reader, part)];
      properties.push(...held);
      meta.hevcConfigs.push(...held.filter(({ type }) => type === "hvcC"));
    }
    if (part.type !== "ipma") continue;
    const { version, flags, at: start } = readFullBox(reader, part);
    const count = reader.u32(start);
    for (let i = 0, at = start + 4; i < count && at < part.end; i++) {
      reader.step();
      const id = version === 0 ? reader.u16(at) : reader.u32(at);
      at += version === 0 ? 2 : 4;
      const associations = reader.u8(at++);
      for (let j = 0; j < associations; j++) {
        reader.step();
        const index = (flags & 1) === 1 ? reader.u16(at) & 0x7fff : reader.u8(at) & 0x7f;
        at += (flags & 1) === 1 ? 2 : 1;
        const item = meta.items.get(id), property = properties[index - 1];
        if (!item || !property) continue;
        if (property.type === "auxC" && isAlphaUrn(reader, property.start + 4)) alphas.add(id);
        else applyProperty(reader, { item, property });
      }
    }
  }
  return alphas;
}

function applyProperty(
  reader: ByteReader,
  { item, property }: { item: HeifItem; property: Box },
): void {
  const { type, start } = property;
  const change = readChange(reader, property);
  if (change && item.changes.push({ ...change, at: start }) > MAX_CHANGES) {
    throw undecodable(
      `The HEIF file turns, mirrors and crops a picture more than ${MAX_CHANGES} times`,
    );
  }
  if (type === "ispe") {
    item.extents = largest(item.extents, {
      width: reader.u32(start + 4),
      height: reader.u32(start + 8),
    });
  } else if (type === "colr") {
    if (reader.has(start, "prof") || reader.has(start, "rICC")) item.hasProfile = true;
    item.colour.points ??= readNclx(reader, property);
  } else if (type === "clli" || type === "mdcv") {
    item.colour.peak ??= readPeak(reader, property);
  } else if (type === "av1C" || type === "hvcC") {
    item.config = readConfig(reader, property);
  }
}

/** A decoder configuration: the property of an item, or a box of a track's sample entry. */
export function readConfig(reader: ByteReader, { type, start, end }: Box): CodecConfig {
  if (type === "av1C") {
    const flags = reader.u8(start + 2);
    const bitDepth = (flags & 0x40) === 0 ? 8 : (flags & 0x20) === 0 ? 10 : 12;
    const size = readAv1Size(reader, { start: start + 4, end });
    const isGrey = (flags & 0x10) !== 0;
    const chroma = 2 / ((flags & 0x08 ? 2 : 1) * (flags & 0x04 ? 2 : 1));
    return { bitDepth, isGrey, samplesPerPixel: isGrey ? 1 : 1 + chroma, size };
  }
  const chroma = reader.u8(start + 16) & 3;
  return {
    bitDepth: (reader.u8(start + 17) & 7) + 8,
    isGrey: chroma === 0,
    samplesPerPixel: [1, 1.5, 2, 3][chroma]!,
    size: readHevcConfigSize(reader, { start, end }),
  };
}

/** The two names that alpha maps go by: MPEG-B CICP's, and HEVC's own. */
export function isAlphaUrn(reader: ByteReader, at: number): boolean {
  return reader.has(at, "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha") ||
    reader.has(at, "urn:mpeg:hevc:2015:auxid:1");
}

function readReferences(
  reader: ByteReader,
  { meta, box, isAlpha }: Part & { isAlpha: (id: number) => boolean },
): void {
  const { version, at } = readFullBox(reader, box);
  const idSize = version === 0 ? 2 : 4;
  for (const reference of readBoxes(reader, { start: at, end: box.end })) {
    const from = readId(reference.start);
    const count = reader.u16(reference.start + idSize);
    for (let i = 0; i < count; i++) {
      reader.step();
      const to = readId(reference.start + idSize + 2 + i * idSize);
      if (reference.type === "dimg") meta.items.get(from)?.tiles.push(to);
      if (reference.type === "thmb" || reference.type === "auxl") meta.auxiliary.add(from);
      if (reference.type === "thmb") {
        const claims = meta.thumbnailOf.get(from) ?? [];
        meta.thumbnailOf.set(from, [...claims, { to, typeAt: reference.at + 4 }]);
      }
      if (reference.type === "auxl" && isAlpha(from)) meta.alphaOf.set(to, from);
      if (reference.type === "prem") meta.premultiplied.add(from);
    }
  }

  function readId(at: number): number {
    return idSize === 2 ? reader.u16(at) : reader.u32(at);
  }
}
