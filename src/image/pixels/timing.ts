// When a frame of an animation is shown, as the engine keeps it beside the pixels.
import type { IMagickImage } from "@imagemagick/magick-wasm";

/** What an animated file says of time. */
export interface Timing {
  /** How often the animation plays; 0 is forever. */
  loopCount?: number;
  /** Milliseconds per frame. */
  delays?: readonly number[];
}

/** Milliseconds up to which browsers show a frame for 100 instead. */
const SHORTEST = 10;

/** How long the frame of this index is shown, as browsers play it. */
export function setTiming(frame: IMagickImage, { delays, loopCount }: Timing, index: number): void {
  const delay = delays?.[index] ?? 0;
  frame.animationTicksPerSecond = 1000;
  frame.animationDelay = delay > SHORTEST ? delay : 100;
  frame.animationIterations = loopCount ?? 0;
}
