// A HEIF file as the engine reads it right. It decodes a sequence where a picture is meant, and other pictures
// on its way; crops run into its limits, alpha is not turned with its picture, and a `meta` box without a size,
// as the last one in a file may be, is none to it.
import { createReader } from "../reading/byte_reader.ts";
import { findPicture, type HeifPicture, otherPictures } from "./find_picture.ts";
import { type Box, readBoxes, readBrands } from "../reading/isobmff.ts";
import type { HeifItem, HeifMeta } from "./heif_meta.ts";
import { endParameterSet, layeredParameterSets } from "./hevc_layers.ts";
import { ORIENTATION_BYTE } from "./mini_meta.ts";
import { unrepeated } from "./unrepeat.ts";

const SEQUENCE_BRAND = "msf1", STILL_BRAND = "mif1";

/** Boxes, items, properties and references that any file may have together. */
export const MAX_STEPS = 50_000;

/**
 * The file with nothing but the picture that it is of, stored as it is: what is to be shown of that, and how it
 * lies, its header tells. Throws "undecodable" as that does.
 */
export function fileForEngine(bytes: Uint8Array): Uint8Array {
  const reader = createReader(bytes, { name: "HEIF", maxSteps: 2 * MAX_STEPS });
  const picture = findPicture(reader);
  const edits = [...editsFor(bytes, picture)];
  const { metaBox } = picture;
  const isTooSame = metaBox && !picture.sequence && unrepeated(reader, metaBox) !== undefined;
  if (edits.length === 0 && !isTooSame) return longEnough(bytes);
  const file = bytes.slice();
  for (const edit of edits) edit(file);
  return longEnough(isTooSame ? withMeta(file, metaBox) : file);
}

/** The engine asks so much of any file. */
const LEAST_BYTES = 128;

/** With an empty box behind it where it is too short. */
function longEnough(file: Uint8Array): Uint8Array {
  if (file.length >= LEAST_BYTES) return file;
  const whole = new Uint8Array(file.length + LEAST_BYTES);
  whole.set(file);
  new DataView(whole.buffer).setUint32(file.length, LEAST_BYTES);
  rename(file.length + 4, "free")(whole);
  return whole;
}

/** The file with a box for its `meta` that names no item twice, at its end: what else it holds stays where it is. */
function withMeta(file: Uint8Array, metaBox: Box): Uint8Array {
  const meta = unrepeated(createReader(file, { name: "HEIF", maxSteps: MAX_STEPS }), metaBox)!;
  const whole = new Uint8Array(file.length + meta.length);
  whole.set(file);
  whole.set(meta, file.length);
  rename(metaBox.at + 4, "free")(whole);
  // What had no size went to the end of the file.
  for (
    const { at, end } of readBoxes(createReader(file, { name: "HEIF", maxSteps: MAX_STEPS }), {
      start: 0,
      end: file.length,
    })
  ) {
    const view = new DataView(whole.buffer);
    if (view.getUint32(at) === 0) view.setUint32(at, end - at);
  }
  return whole;
}

type Edit = (file: Uint8Array) => void;

function* editsFor(
  bytes: Uint8Array,
  { sequence, meta, metaBox, sequenceBox, miniBox }: HeifPicture,
): Generator<Edit> {
  if (miniBox) yield (file) => void (file[miniBox.start + ORIENTATION_BYTE]! &= ~7);
  if (sequence) {
    // Without a primary picture it would not do.
    if (metaBox) yield rename(metaBox.at + 4, "free");
    yield* compatible(bytes, SEQUENCE_BRAND);
    return;
  }
  if (sequenceBox) {
    yield rename(sequenceBox.at + 4, "free");
    yield* compatible(bytes, STILL_BRAND);
  }
  if (metaBox && bytes.subarray(metaBox.at, metaBox.at + 4).every((byte) => byte === 0)) {
    const { at, end } = metaBox;
    yield (file) => new DataView(file.buffer, file.byteOffset).setUint32(at, end - at);
  }
  if (!meta) return;
  const { primaryId, named } = meta;
  if (named && named.id !== primaryId) yield (file) => renumber(file, named, primaryId);
  for (const { hidesAt } of otherPictures(meta)) yield (file) => void (file[hidesAt]! |= 1);
  // What is hidden, or a thumbnail of another, the engine hands out to nobody.
  const shown = meta.items.get(primaryId);
  if (shown?.isHidden) yield (file) => void (file[shown.hidesAt]! &= ~1);
  for (const { typeAt } of meta.thumbnailOf.get(primaryId) ?? []) yield rename(typeAt, "free");
  const reader = createReader(bytes, { name: "HEIF", maxSteps: MAX_STEPS });
  for (const config of meta.hevcConfigs) {
    for (const set of layeredParameterSets(reader, config)) {
      yield (file) => endParameterSet(file, set);
    }
  }
  const primary = meta.items.get(meta.primaryId);
  const alpha = meta.items.get(meta.alphaOf.get(meta.primaryId) ?? -1);
  for (const item of [primary, alpha]) if (item) yield* withoutTurns(item);
}

/** Makes every brand that the file is compatible with this one: libheif believes them, not the boxes. */
function* compatible(bytes: Uint8Array, brand: string): Generator<Edit> {
  // Behind the major one and its version.
  for (let at = 16; at < 12 + 4 * readBrands(bytes).length; at += 4) yield rename(at, brand);
}

function renumber(
  file: Uint8Array,
  { at, bytes }: NonNullable<HeifMeta["named"]>,
  id: number,
): void {
  const view = new DataView(file.buffer, file.byteOffset);
  if (bytes === 2) view.setUint16(at, id);
  else view.setUint32(at, id);
}

/** Makes all that crops, turns or mirrors a turn by nothing: to be essential is allowed to that. */
function* withoutTurns({ changes }: HeifItem): Generator<Edit> {
  for (const { at } of changes) {
    yield rename(at - 4, "irot");
    yield (file) => void (file[at] = 0);
  }
}

/** Sets the type of a box, which stands at `at`. */
function rename(at: number, type: string): Edit {
  return (file) => file.set(new TextEncoder().encode(type), at);
}
