// A picture as its decoder has it before there is a colour: luma and chroma apart, the latter perhaps with
// fewer samples. What is made smaller anyway is made so plane by plane, half the work of RGB's.
import type { PixelBuffer } from "./pixel_buffer.ts";

/** Luma, blue and red chroma (JFIF: BT.601, full range). */
export interface YccPlanes {
  width: number;
  height: number;
  /** Of one channel each; their width may be more than that of the picture. */
  planes: readonly [luma: PixelBuffer, blue: PixelBuffer, red: PixelBuffer];
  /** How many pixels a sample of chroma spans, in the middle of which it lies. */
  across: 1 | 2;
  down: 1 | 2;
}

/** Pixels in a form that can be resampled. */
export type PixelSource = PixelBuffer | YccPlanes;

export function isPlanar(source: PixelSource): source is YccPlanes {
  return "planes" in source;
}
