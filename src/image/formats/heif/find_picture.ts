// Of the pictures that a HEIF file (ISO 23008-12) holds, the one that it is of, by its brands and boxes.

import type { ByteReader } from "../reading/byte_reader.ts";
import { type Box, readBoxes, readBrands } from "../reading/isobmff.ts";
import { type HeifItem, type HeifMeta, readMeta } from "./heif_meta.ts";
import { readSequence } from "./heif_sequence.ts";

const AVIF_BRANDS = ["avif", "avis"];
const HEIC_BRANDS = [
  "heic",
  "heix",
  "heim",
  "heis",
  "hevc",
  "hevx",
  "hevm",
  "hevs",
  "mif1",
  "msf1",
];
/** What the engine's build of libheif decodes; grids and overlays are made of these. */
export const CODED_TYPES = ["av01", "hvc1", "hev1"];
export const DERIVED_TYPES = ["grid", "iden", "iovl"];

/** Whether the bytes open with a file type that HEIC or AVIF files have. */
export function isHeif(bytes: Uint8Array): boolean {
  return brandsOf(bytes).some((b) => AVIF_BRANDS.includes(b) || HEIC_BRANDS.includes(b));
}

/** Whether the file type names AVIF. */
export function isAvif(bytes: Uint8Array): boolean {
  return brandsOf(bytes).some((b) => AVIF_BRANDS.includes(b));
}

/** The brands of the file; one of few words has the other one where all others have a version. */
export function brandsOf(bytes: Uint8Array): string[] {
  const brands = readBrands(bytes);
  if (brands[0] !== "mif3") return brands;
  return [...brands, String.fromCharCode(...bytes.subarray(12, 16))];
}

export type Sequence = NonNullable<ReturnType<typeof readSequence>>;

/** What a file is of: a sequence, or else the primary one of its stills. */
export interface HeifPicture {
  sequence: Sequence | undefined;
  meta: HeifMeta | undefined;
  /** Where the stills and the sequence are told of, the other one too. */
  metaBox: Box | undefined;
  sequenceBox: Box | undefined;
  /** Where a picture of few words is told of; then there is nothing else. */
  miniBox?: Box;
}

/**
 * Of files that have both, an AVIF is what its major brand says, as browsers have it; any other is its primary
 * picture, as photo viewers have it.
 */
export function findPicture(reader: ByteReader): HeifPicture {
  let metaBox: Box | undefined, sequenceBox: Box | undefined;
  for (const box of readBoxes(reader, { start: 0, end: reader.length })) {
    if (box.type === "mini" && readBrands(reader.bytes)[0] === "mif3") {
      return {
        sequence: undefined,
        meta: undefined,
        metaBox: undefined,
        sequenceBox: undefined,
        miniBox: box,
      };
    }
    if (box.type === "meta") metaBox ??= box;
    else if (box.type === "moov") sequenceBox ??= box;
  }
  const sequence = sequenceBox && readSequence(reader, sequenceBox);
  const isMeant = isAvif(reader.bytes) && readBrands(reader.bytes)[0] !== "avif";
  if (sequence && (isMeant || !metaBox)) return { sequence, meta: undefined, metaBox, sequenceBox };
  const meta = metaBox && readMeta(reader, metaBox);
  if (meta && !isAvif(reader.bytes)) meta.primaryId = largerOf(meta) ?? meta.primaryId;
  const primary = meta?.items.get(meta.primaryId);
  const isStill = primary && [...CODED_TYPES, ...DERIVED_TYPES].includes(primary.type);
  if (sequence && !isStill) return { sequence, meta: undefined, metaBox, sequenceBox };
  return { sequence: undefined, meta, metaBox, sequenceBox };
}

/** The picture of which the primary one is but a thumbnail: photo viewers show that, browsers what the file names. */
function largerOf({ primaryId, items, thumbnailOf }: HeifMeta): number | undefined {
  const areaOf = (id: number) => {
    const { width = 0, height = 0 } = items.get(id)?.extents ?? {};
    return width * height;
  };
  return thumbnailOf.get(primaryId)?.find(({ to }) =>
    items.get(to)?.isHidden === false && areaOf(to) > areaOf(primaryId)
  )?.to;
}

export function hasType(meta: HeifMeta | undefined, type: string): boolean {
  for (const item of meta?.items.values() ?? []) if (item.type === type) return true;
  return false;
}

/** The types of items that are no pictures. */
const DATA_TYPES = ["Exif", "mime", "uri "];

/** All that libheif would hand out, or try to, beside the primary picture: not hidden, no thumbnail, no alpha or depth map. */
export function otherPictures({ items, primaryId, auxiliary }: HeifMeta): HeifItem[] {
  return [...items.values()].filter(({ id, type, isHidden }) =>
    id !== primaryId && !isHidden && !auxiliary.has(id) && !DATA_TYPES.includes(type)
  );
}
