// Finished frames out of the engine of one worker and into that of another.
import type { IMagickImageCollection } from "@imagemagick/magick-wasm";
import type { Engine } from "./engine.ts";
import { createPixel } from "./one_pixel.ts";
import { readPixels, replacePixels } from "./pixels.ts";
import { setTiming, type Timing } from "./timing.ts";

/** Frames by their index in the file. */
export interface FrameRange {
  from: number;
  /** Exclusive. */
  to: number;
}

/** One finished frame, as it passes between workers. */
export interface FramePixels {
  /** Rows without gaps; its buffer is its own. */
  data: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
  hasAlpha: boolean;
}

/** Copies of the frames' pixels, which outlive the engine's. */
export function takeFrames(frames: IMagickImageCollection): FramePixels[] {
  return frames.map((frame) => {
    const { width, height } = frame;
    const pixels = readPixels(frame);
    if (!pixels || pixels.channels < 3) {
      throw new TypeError("A frame of an animation has three or four channels");
    }
    return { data: pixels.data.slice(), width, height, hasAlpha: pixels.hasAlpha };
  });
}

/** Appends the frames that follow, as another worker shaped them. */
export function addFrames(
  frames: IMagickImageCollection,
  share: readonly FramePixels[],
  { timing, engine }: { timing: Timing; engine: Engine },
): void {
  for (const pixels of share) {
    const image = createPixel(engine);
    frames.push(image);
    image.hasAlpha = pixels.hasAlpha;
    replacePixels(image, pixels);
    setTiming(image, timing, frames.length - 1);
  }
}
