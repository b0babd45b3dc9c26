// How much of a JPEG is decoded: its decoders can make a picture of m/8 of the size, for a part of the time.
import type { Size } from "../../pixels/geometry.ts";

/**
 * How many times the samples of the result a JPEG is decoded with where it is not decoded whole. Scaling
 * in the decoder folds fine detail back into what remains, and the resampler's filter can only take it out
 * where there is room. The photo, against a full decode: 33 to 36 dB with 1.4 to 1.7 times, 39 from 1.8 on.
 * Of 200 levels of fine stripes 4 are left at a quarter of the size, and 0.5 after a full decode, which
 * would take twice the time: with 2 here that would be the way for 0.25 to 0.29 of the size.
 */
const OVERSAMPLING = 1.75;

/**
 * The share of the result's samples that chroma of half the size is decoded with at least: it is seen less
 * sharply, most results keep half of it, and to decode twice as much takes a seventh of the time of the photo
 * to 720 pixels, for 39.2 instead of 39.05 dB against a full decode.
 */
const CHROMA_SHARE = 0.9;

/** The number of eighths of the stored size at which a JPEG has enough samples for the scale, 1…8. */
export function wantedEighths(wantedScale: number | undefined): number {
  if (wantedScale === undefined) return 8;
  return Math.min(8, Math.max(1, Math.ceil(wantedScale * OVERSAMPLING * 8)));
}

/**
 * The same for the decoder of scans, which makes means of the samples: where few remain it makes twice as many, since
 * that costs it little, and means soften what the noise of damage leaves.
 */
export function scanEighths(wantedScale: number | undefined): number {
  const eighths = wantedEighths(wantedScale);
  return eighths <= 2 ? eighths * 2 : eighths;
}

/** The eighths at which our own decoder makes a picture of no fewer than so many: 1, 2, 4 or 8. */
export function ownEighths(eighths: number): number {
  return [1, 2, 4].find((side) => side >= eighths) ?? 8;
}

/**
 * The samples per block side at which chroma is decoded where luma has `side`: at half the size it needs no
 * enlarging where its blocks can be decoded at twice the luma's, and who wants no more than the half has that.
 */
export function chromaSide(
  side: number,
  { luma, component, wantedScale = 1 }: {
    luma: Sampling;
    component: Sampling;
    wantedScale?: number | undefined;
  },
): number {
  const isHalf = luma.across === component.across * 2 && luma.down === component.down * 2;
  return isHalf && side < 8 && side / 16 < wantedScale * CHROMA_SHARE ? side * 2 : side;
}

/** Blocks per MCU. */
interface Sampling {
  across: number;
  down: number;
}

/** What remains of a size of so many eighths; decoders round each side up. */
export function eighthsOf({ width, height }: Size, eighths: number): Size {
  return { width: Math.ceil(width * eighths / 8), height: Math.ceil(height * eighths / 8) };
}
