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

export function isPlanar(source: object): source is YccPlanes {
  return "planes" in source;
}

/** What was decoded, or as colours what has planes whose means would show other ones. */
export function inTrueColours<T>(
  decoded: PixelSource | undefined,
  decodeColours: () => T,
): PixelSource | T | undefined {
  return decoded && isPlanar(decoded) && !isWithinRgb(decoded) ? decodeColours() : decoded;
}

/** Samples of a picture that are looked at along each side. */
const LOOKED_AT = 64;
/** Levels beyond black and white that rounding and JPEG's own ringing bring about. */
const SLACK = 16;
/** The share of them that may be beyond. */
const FEW = 0.02;

/**
 * Whether nearly all of the picture has colours within RGB. What lies beyond is cut off where colours are made: of
 * much of it, as in noise, a mean of colours is another one than the colour of a mean.
 */
export function isWithinRgb({ width, height, planes, across, down }: YccPlanes): boolean {
  const [luma, blue, red] = planes;
  let beyond = 0, looked = 0;
  for (let row = 0; row < LOOKED_AT; row++) {
    const y = Math.floor((row + 0.5) * height / LOOKED_AT);
    for (let column = 0; column < LOOKED_AT; column++, looked++) {
      const x = Math.floor((column + 0.5) * width / LOOKED_AT);
      const at = Math.floor(y / down) * blue.width + Math.floor(x / across);
      const light = luma.data[y * luma.width + x]!;
      const b = blue.data[at]! - 128, r = red.data[at]! - 128;
      const isBeyond = isFarOff(light + 1.402 * r) || isFarOff(light + 1.772 * b) ||
        isFarOff(light - 0.344 * b - 0.714 * r);
      if (isBeyond) beyond++;
    }
  }
  return beyond <= looked * FEW;
}

function isFarOff(level: number): boolean {
  return level < -SLACK || level > 255 + SLACK;
}
