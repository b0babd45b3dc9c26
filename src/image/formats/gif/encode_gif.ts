// The engine's frames to our own GIF writer.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import type { Share, WriteHelp, WrittenShare } from "../coding/codec.ts";
import { delegate } from "../coding/help.ts";
import { readPixels } from "../../pixels/pixels.ts";
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
  const [own = [], ...shares] = sharesOf(plan.frames, help);
  const errands = shares.map((share) => ({
    errand: {
      work: { frames: share, style: plan.style } satisfies FrameShare,
      buffers: share.map(({ change }) => change.pixels.buffer as ArrayBuffer),
    },
    cost: pixelsIn(share) * WRITTEN_BYTES,
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

/** The frames in as many contiguous shares of about as many pixels as there are workers. */
function sharesOf(frames: readonly PlannedFrame[], help: WriteHelp | undefined): PlannedFrame[][] {
  const pixels = pixelsIn(frames);
  const count = pixels < WORTH_SHARING ? 1 : 1 + (help?.helpers ?? 0);
  const shares: PlannedFrame[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const frame of frames) {
    shares[Math.floor(before / pixels * count)]!.push(frame);
    before += frame.change.pixels.length;
  }
  return shares.filter((share) => share.length > 0);
}

function pixelsIn(frames: readonly PlannedFrame[]): number {
  return frames.reduce((sum, { change }) => sum + change.pixels.length, 0);
}

/** Alpha below half is transparent, all other is opaque. */
function pixelsOf(frame: IMagickImage): Pixels {
  const { width, height } = frame;
  const { data, channels, hasAlpha } = readPixels(frame) ?? {
    data: frame.getPixels((area) => area.toByteArray(0, 0, width, height, "RGBA"))!,
    channels: 4,
    hasAlpha: true,
  };
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  const alpha = channels - 1;
  const pixels = new Uint32Array(width * height);
  for (let to = 0, from = 0; to < pixels.length; to++, from += channels) {
    if (hasAlpha && data[from + alpha]! < 128) continue;
    pixels[to] = data[from]! | data[from + green]! << 8 | data[from + blue]! << 16 | 0xff000000;
  }
  return pixels;
}
