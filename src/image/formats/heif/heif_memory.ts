// What libheif and its decoders hold while they decode a picture, measured in the engine at 6 to 49 million
// pixels (8 and 10 bits, with and without subsampling and alpha, whole and in tiles) and fitted from above by
// a few hundredths.
import type { CodecConfig, HeifItem, HeifMeta } from "./heif_meta.ts";

export interface HeldQuestion {
  meta: HeifMeta;
  /** Pixels that an item is decoded to. */
  pixelsOf(item: HeifItem): number;
}

/** Bytes for each pixel: so many, and so many more for each byte of its samples. */
const AV1 = { pixel: 16, sample: 2.5 };
const HEVC = { pixel: 3.5, sample: 4 };
/** What tiles are laid on, once they are decoded, one by one. */
const CANVAS = { pixel: 3.5, sample: 2.8 };
const ALPHA_BYTES = 3;

/** Bytes that decoding the item takes at once. */
export function heldBytes(item: HeifItem, question: HeldQuestion): number {
  const { meta, pixelsOf } = question;
  const config = configOf(item, meta);
  const alpha = meta.alphaOf.has(item.id) ? ALPHA_BYTES * bytesOf(config) : 0;
  const tiles = item.tiles.flatMap((id) => meta.items.get(id) ?? []);
  if (tiles.length === 0) return pixelsOf(item) * (rate(decoderOf(item), config) + alpha);
  // Of tiles that are the same again one tells.
  const largest = Math.max(...[...new Set(tiles)].map((tile) => heldBytes(tile, question)));
  const canvas = pixelsOf(item);
  const planes = canvas * rate({ pixel: 0, sample: 1 }, config);
  return Math.max(planes + largest, canvas * (rate(CANVAS, config) + alpha));
}

/** Bytes for each pixel of a sequence's frames, which are decoded like whole pictures of full resolution. */
export function heldBytesOfFrame(codec: "av01" | "hvc1"): number {
  return rate(decoderOf({ type: codec }), undefined);
}

function decoderOf({ type }: Pick<HeifItem, "type">) {
  return type === "av01" ? AV1 : HEVC;
}

function rate(
  { pixel, sample }: { pixel: number; sample: number },
  config: CodecConfig | undefined,
): number {
  return pixel + sample * (config?.samplesPerPixel ?? 3) * bytesOf(config);
}

function bytesOf(config: CodecConfig | undefined): number {
  return (config?.bitDepth ?? 8) > 8 ? 2 : 1;
}

/** Tiles are all of a kind: the first tells what they are. */
function configOf(item: HeifItem, { items }: HeifMeta): CodecConfig | undefined {
  return item.config ?? items.get(item.tiles[0] ?? -1)?.config;
}
