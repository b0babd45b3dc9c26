// The engine's frames to our own writer of animated PNGs.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import { readAnyPixels } from "../../pixels/pixels.ts";
import type { EncodeJob, Share, WrittenShare } from "../coding/codec.ts";
import { delegate, inShares } from "../coding/help.ts";
import type { Pixels } from "./apng_changes.ts";
import { levelOf } from "./encode_png.ts";
import { createPngFilters } from "./filters.ts";
import { saidByFrame } from "./said_by_frame.ts";
import {
  type FrameStyle,
  joinApng,
  planApng,
  type PlannedFrame,
  writeFrames,
} from "./write_apng.ts";

/** Changed pixels below which handing a frame over gains nothing worth having. */
const WORTH_SHARING = 300_000;
/** Bytes for each changed pixel: its samples twice, filtered, and its part of the file. */
const WRITTEN_BYTES = 16;

export interface ApngEncoder {
  /** An animated PNG of the frames, with their own timing. */
  encode(frames: readonly IMagickImage[], job: EncodeJob): Promise<Uint8Array<ArrayBuffer>>;
  /** Compresses the frames of a share. */
  writeShare(share: Share): WrittenShare;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

/** What another worker needs to compress some frames. */
interface FrameShare {
  frames: readonly PlannedFrame[];
  style: FrameStyle;
}

/** An encoder with a kernel and memory of its own. */
export function createApngEncoder(): ApngEncoder {
  const filters = createPngFilters();

  function writeShare({ work }: Share): WrittenShare {
    const { frames, style } = work as FrameShare;
    return writeFrames(frames, style, filters);
  }

  async function encode(
    frames: readonly IMagickImage[],
    { effort, help }: EncodeJob,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { width, height, animationIterations } = frames[0]!;
    const plan = planApng({
      width,
      height,
      frames: frames.map(pixelsOf),
      delays: frames.map(({ animationDelay, animationTicksPerSecond }) =>
        animationDelay * 1000 / animationTicksPerSecond
      ),
      loopCount: animationIterations,
      said: saidByFrame(frames[0]!),
    }, { level: levelOf(effort), triesBoth: effort > 1 });
    const weightOf = ({ width, height }: PlannedFrame) => width * height;
    const [own = [], ...shares] = inShares(plan.frames, { weightOf, least: WORTH_SHARING, help });
    const errands = shares.map((share) => ({
      errand: {
        work: { frames: share, style: plan.style } satisfies FrameShare,
        buffers: share.map(({ samples }) => samples.buffer),
      },
      cost: share.reduce((sum, frame) => sum + weightOf(frame), 0) * WRITTEN_BYTES,
    }));
    const others = delegate<Share, WrittenShare>(errands, { help, work: writeShare });
    const written = writeFrames(own, plan.style, filters);
    for await (const share of others) written.push(...share);
    return joinApng(plan, written);
  }

  return { encode, writeShare, memoryUsed: filters.memoryUsed };
}

function pixelsOf(frame: IMagickImage): Pixels {
  const { data, width, height, channels, hasAlpha } = readAnyPixels(frame);
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  const alpha = channels - 1;
  const pixels = new Uint32Array(width * height);
  for (let to = 0, from = 0; to < pixels.length; to++, from += channels) {
    const opacity = hasAlpha ? data[from + alpha]! : 255;
    if (opacity === 0) continue;
    pixels[to] = data[from]! | data[from + green]! << 8 | data[from + blue]! << 16 |
      opacity << 24;
  }
  return pixels;
}
