// When a frame of an animation is shown, as the engine keeps it beside the pixels.
import type { IMagickImage } from "@imagemagick/magick-wasm";

/** What an animated file says of time. */
export interface Timing {
  /** How often the animation plays; 0 is forever. */
  loopCount?: number;
  /** Milliseconds per frame. */
  delays?: readonly number[];
}

/** How long the frame of this index is shown, as the file has it. */
export function setTiming(frame: IMagickImage, { delays, loopCount }: Timing, index: number): void {
  frame.animationTicksPerSecond = 1000;
  frame.animationDelay = delays?.[index] ?? 100;
  frame.animationIterations = loopCount ?? 0;
}
