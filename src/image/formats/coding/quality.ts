// One scale of quality for all formats. Each encoder has its own, so that the same number looks very
// different: here a user's number is JPEG's, and stands in other formats for what looks like that JPEG.

/** Qualities of JPEG at which the others were matched, as scripts/calibrate_quality.ts found them. */
export const SCALE = [1, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95, 100] as const;

/** The encoder's own quality for a user's of 1…100, a whole number; `native` are those at the steps of SCALE. */
export function nativeQuality(quality: number, native: readonly number[] | undefined): number {
  if (!native) return quality;
  const above = Math.max(1, SCALE.findIndex((step) => step >= quality));
  const low = SCALE[above - 1]!, high = SCALE[above]!;
  const share = (quality - low) / (high - low);
  return Math.round(native[above - 1]! + (native[above]! - native[above - 1]!) * share);
}

/** Whether colours keep their full resolution: below this the eye no longer misses it. */
export function keepsChroma(quality: number): boolean {
  return quality >= 90;
}
