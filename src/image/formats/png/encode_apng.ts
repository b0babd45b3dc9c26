// The engine's frames to our own writer of animated PNGs.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import type { EncodeJob, Share, WrittenShare } from "../coding/codec.ts";
import {
  type FrameShare,
  type FrameWriting,
  packedPixels,
  timingOf,
  writeInShares,
} from "../coding/animation_writing.ts";
import { levelOf } from "./compress_rows.ts";
import { createPngFilters } from "./rows/filters.ts";
import { saidByFrame } from "./said_by_frame.ts";
import {
  type FrameStyle,
  joinApng,
  planApng,
  type PlannedFrame,
  writeFrames,
} from "./write_apng.ts";

export interface ApngEncoder {
  /** An animated PNG of the frames, with their own timing. */
  encode(frames: readonly IMagickImage[], job: EncodeJob): Promise<Uint8Array<ArrayBuffer>>;
  /** Compresses the frames of a share. */
  writeShare(share: Share): WrittenShare;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

/** An encoder with a kernel and memory of its own. */
export function createApngEncoder(): ApngEncoder {
  const filters = createPngFilters();

  const writing: FrameWriting<PlannedFrame, FrameStyle> = {
    weightOf: ({ width, height }) => width * height,
    least: 300_000,
    // Its samples twice, filtered, and its part of the file.
    bytes: 16,
    bufferOf: ({ samples }) => samples.buffer,
    write: (frames, style) => writeFrames(frames, style, filters),
  };

  function writeShare({ work }: Share): WrittenShare {
    const { frames, style } = work as FrameShare<PlannedFrame, FrameStyle>;
    return writing.write(frames, style);
  }

  async function encode(
    frames: readonly IMagickImage[],
    { effort, help }: EncodeJob,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const plan = planApng({
      ...timingOf(frames),
      frames: frames.map((frame) => packedPixels(frame)),
      said: saidByFrame(frames[0]!),
    }, { level: levelOf(effort), triesBoth: effort > 1 });
    return joinApng(plan, await writeInShares(plan, writing, help));
  }

  return { encode, writeShare, memoryUsed: filters.memoryUsed };
}
