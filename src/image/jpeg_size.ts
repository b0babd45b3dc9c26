// How much of a JPEG is decoded: its decoder can make a picture of m/8 of the size, for a part of the time.
import type { Size } from "./geometry.ts";

/**
 * The smallest size of m/8 (m = 1…7) of the stored one at which the decoder can make the JPEG and the
 * wanted scale is still met; undefined where it takes the full size. The decoder rounds each side up.
 */
export function jpegSize(stored: Size, wantedScale: number | undefined): Size | undefined {
  if (wantedScale === undefined) return undefined;
  const eighths = Math.max(1, Math.ceil(wantedScale * 8));
  if (eighths >= 8) return undefined;
  return {
    width: Math.ceil((stored.width * eighths) / 8),
    height: Math.ceil((stored.height * eighths) / 8),
  };
}
