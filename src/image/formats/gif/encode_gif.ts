// The engine's frames to our own GIF writer.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import type { Share, WriteHelp, WrittenShare } from "../coding/codec.ts";
import { delegate, inShares } from "../coding/help.ts";
import { readAnyPixels } from "../../pixels/pixels.ts";
import type { Pixels } from "./frame_changes.ts";
import { type FrameStyle, joinGif, planGif, type PlannedFrame, writeFrames } from "./write_gif.ts";

/** Changed pixels below which handing a frame over gains nothing worth having. */
const WORTH_SHARING = 300_000;
/** Bytes for each changed pixel: itself, its index and its part of the file. */
const WRITTEN_BYTES = 7;

/** What another worker needs to compress some frames. */
interface FrameShare {
  frames: readonly PlannedFrame[];
  style: FrameStyle;
}

/** A GIF of the frames, with their own timing. */
export async function encodeGif(
  frames: readonly IMagickImage[],
  help: WriteHelp | undefined,
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, animationIterations } = frames[0]!;
  const plan = planGif({
    width,
    height,
    frames: frames.map(pixelsOf),
    delays: frames.map(({ animationDelay, animationTicksPerSecond }) =>
      animationDelay * 1000 / animationTicksPerSecond
    ),
    loopCount: animationIterations,
  });
  const weightOf = ({ change }: PlannedFrame) => change.pixels.length;
  const [own = [], ...shares] = inShares(plan.frames, { weightOf, least: WORTH_SHARING, help });
  const errands = shares.map((share) => ({
    errand: {
      work: { frames: share, style: plan.style } satisfies FrameShare,
      buffers: share.map(({ change }) => change.pixels.buffer as ArrayBuffer),
    },
    cost: share.reduce((sum, frame) => sum + weightOf(frame), 0) * WRITTEN_BYTES,
  }));
  const others = delegate<Share, WrittenShare>(errands, { help, work: writeShare });
  const written = writeFrames(own, plan.style);
  for await (const share of others) written.push(...share);
  return joinGif(plan, written);
}

/** Compresses the frames of a share. */
export function writeShare({ work }: Share): WrittenShare {
  const { frames, style } = work as FrameShare;
  return writeFrames(frames, style);
}

/** Alpha below half is transparent, all other is opaque. */
function pixelsOf(frame: IMagickImage): Pixels {
  const { data, width, height, channels, hasAlpha } = readAnyPixels(frame);
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  const alpha = channels - 1;
  const pixels = new Uint32Array(width * height);
  for (let to = 0, from = 0; to < pixels.length; to++, from += channels) {
    if (hasAlpha && data[from + alpha]! < 128) continue;
    pixels[to] = data[from]! | data[from + green]! << 8 | data[from + blue]! << 16 | 0xff000000;
  }
  return pixels;
}
