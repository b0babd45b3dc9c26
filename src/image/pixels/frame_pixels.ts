// Finished frames out of the engine of one worker and into that of another.
import type { IMagickImageCollection } from "@imagemagick/magick-wasm";
import type { Engine } from "../../options/option.ts";
import { setTiming } from "../formats/decode.ts";
import type { FramePixels } from "../engine/frame_shares.ts";
import type { ImageHeader } from "../formats/image_header.ts";
import { createPixel } from "./one_pixel.ts";
import { readPixels, replacePixels } from "./pixels.ts";

/** Copies of the frames' pixels, which outlive the engine's. */
export function takeFrames(frames: IMagickImageCollection): FramePixels[] {
  return frames.map((frame) => {
    const { width, height } = frame;
    const pixels = readPixels(frame);
    if (!pixels || pixels.channels < 3) {
      throw new TypeError("A frame of a GIF has three or four channels");
    }
    return { data: pixels.data.slice(), width, height, hasAlpha: pixels.hasAlpha };
  });
}

/** Appends the frames that follow, as another worker shaped them. */
export function addFrames(
  frames: IMagickImageCollection,
  share: readonly FramePixels[],
  { header, engine }: { header: ImageHeader; engine: Engine },
): void {
  for (const pixels of share) {
    const image = createPixel(engine);
    frames.push(image);
    image.hasAlpha = pixels.hasAlpha;
    replacePixels(image, pixels);
    setTiming(image, header, frames.length - 1);
  }
}
