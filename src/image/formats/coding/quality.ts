// One scale of quality for all formats. Each encoder has its own, so that the same number looks very
// different: here a user's number is JPEG's, and stands in other formats for what looks like that JPEG.

/** Qualities of JPEG at which the others were matched. */
export const SCALE = [1, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95, 100] as const;

/** Native qualities of the same structural similarity, as scripts/calibrate_quality.ts found them. */
// deno-fmt-ignore
const NATIVE = {
  webp: [2, 2, 13, 24, 33, 40, 48, 61, 69, 77, 82, 89, 97, 99],
  avif: [2, 16, 34, 44, 45, 49, 54, 58, 60, 64, 67, 78, 90, 99],
  jxl: [2, 2, 23, 38, 50, 58, 63, 70, 74, 79, 84, 87, 95, 99],
} as const;

export type LossyFormat = "jpeg" | keyof typeof NATIVE;

/** The encoder's own quality for a user's of 1…100, a whole number. */
export function nativeQuality(format: LossyFormat, quality: number): number {
  if (format === "jpeg") return quality;
  const native = NATIVE[format];
  const above = Math.max(1, SCALE.findIndex((step) => step >= quality));
  const low = SCALE[above - 1]!, high = SCALE[above]!;
  const share = (quality - low) / (high - low);
  return Math.round(native[above - 1]! + (native[above]! - native[above - 1]!) * share);
}

/** Whether colours keep their full resolution: below this the eye no longer misses it. */
export function keepsChroma(quality: number): boolean {
  return quality >= 90;
}
