// The engine's frames to our own GIF writer.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import type { Share, WriteHelp, WrittenShare } from "../coding/codec.ts";
import {
  type FrameShare,
  type FrameWriting,
  packedPixels,
  timingOf,
  writeInShares,
} from "../coding/animation_writing.ts";
import { type FrameStyle, joinGif, planGif, type PlannedFrame, writeFrames } from "./write_gif.ts";

const WRITING: FrameWriting<PlannedFrame, FrameStyle> = {
  weightOf: ({ change }) => change.pixels.length,
  least: 300_000,
  // Itself, its index and its part of the file.
  bytes: 7,
  bufferOf: ({ change }) => change.pixels.buffer as ArrayBuffer,
  write: writeFrames,
};

/** A GIF of the frames, with their own timing: alpha below half is transparent, all other is opaque. */
export async function encodeGif(
  frames: readonly IMagickImage[],
  help: WriteHelp | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const plan = planGif({
    ...timingOf(frames),
    frames: frames.map((frame) => packedPixels(frame, { binary: true })),
  });
  return joinGif(plan, await writeInShares(plan, WRITING, help));
}

/** Compresses the frames of a share. */
export function writeShare({ work }: Share): WrittenShare {
  const { frames, style } = work as FrameShare<PlannedFrame, FrameStyle>;
  return writeFrames(frames, style);
}
