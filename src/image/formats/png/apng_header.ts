// The header of a PNG that moves: that of its still, and what the chunks between say of its frames.
import type { ByteReader } from "../reading/byte_reader.ts";
import type { HeaderFacts } from "../reading/image_header.ts";
import { readPng } from "./header.ts";
import { isAll, readAnimation } from "./apng_frames.ts";

/** The facts of the animation, or those of the still where nothing that moves can be shown. */
export function readApng(reader: ByteReader): HeaderFacts & { format?: "png" } {
  const still = readPng(reader);
  const animation = readAnimation(reader, still);
  if (!animation) return { ...still, format: "png" };
  const { frames, loopCount } = animation;
  const { width, height, heldBytes: _ofStill, ...facts } = still;
  const animated = frames.length > 1;
  // Before the first frame, and where one is taken away, the canvas is transparent.
  const isOpen = !isAll(frames[0]!, still) ||
    frames.slice(0, -1).some(({ clears }, index) => clears || (index === 0 && frames[0]!.restores));
  return {
    ...facts,
    width,
    height,
    frames: frames.length,
    animated,
    hasAlpha: facts.hasAlpha || isOpen,
    ...(animated && { loopCount, delays: frames.map(({ delay }) => delay) }),
    totalPixels: width * height * frames.length,
  };
}
