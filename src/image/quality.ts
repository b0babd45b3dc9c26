// One scale of quality for all formats. Each encoder has its own, so that the same number looks very
// different: here a user's number is JPEG's, and stands in other formats for what looks like that JPEG.

/** Qualities of JPEG at which the others were matched. */
export const SCALE = [1, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 95, 100] as const;

// deno-fmt-ignore
const NATIVE = {
  webp: [1, 5, 15, 28, 40, 50, 60, 70, 75, 80, 85, 91, 96, 100],
  avif: [1, 15, 25, 32, 40, 46, 51, 56, 60, 64, 70, 77, 86, 99],
  jxl: [5, 15, 30, 40, 48, 55, 62, 70, 75, 80, 85, 90, 95, 99],
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
