// Frames of an animation that our own code writes: their pixels and timing, and several workers on them.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import { readAnyPixels } from "../../pixels/pixels.ts";
import type { Share, WriteHelp, WrittenShare } from "./codec.ts";
import { delegate, inShares } from "./help.ts";

/** Size, times and repetitions, as the engine's frames have them; delays in milliseconds. */
export function timingOf(frames: readonly IMagickImage[]) {
  const { width, height, animationIterations } = frames[0]!;
  const delays = frames.map(({ animationDelay, animationTicksPerSecond }) =>
    animationDelay * 1000 / animationTicksPerSecond
  );
  return { width, height, delays, loopCount: animationIterations };
}

/**
 * A frame's pixels as numbers, red the lowest byte, alpha the highest; 0 where nothing is visible. `binary` makes
 * those opaque whose alpha is at least half, and nothing of all others.
 */
export function packedPixels(
  frame: IMagickImage,
  { binary = false }: { binary?: boolean } = {},
): Uint32Array {
  const { data, width, height, channels, hasAlpha } = readAnyPixels(frame);
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  const alpha = channels - 1;
  const least = binary ? 128 : 1;
  const pixels = new Uint32Array(width * height);
  for (let to = 0, from = 0; to < pixels.length; to++, from += channels) {
    const opacity = hasAlpha ? data[from + alpha]! : 255;
    if (opacity < least) continue;
    pixels[to] = data[from]! | data[from + green]! << 8 | data[from + blue]! << 16 |
      (binary ? 255 : opacity) << 24;
  }
  return pixels;
}

/** What another worker needs to compress some frames. */
export interface FrameShare<Frame, Style> {
  frames: readonly Frame[];
  style: Style;
}

export interface FrameWriting<Frame, Style> {
  /** Pixels of a frame that are written. */
  weightOf(frame: Frame): number;
  /** Those below which handing frames over gains nothing worth having. */
  least: number;
  /** Bytes of memory that each of them takes. */
  bytes: number;
  /** The buffer of a frame that need not be copied on its way. */
  bufferOf(frame: Frame): ArrayBuffer;
  write(frames: readonly Frame[], style: Style): WrittenShare;
}

/** Compresses planned frames, by all workers that stand idle where that is worth it; pieces in their order. */
export async function writeInShares<Frame, Style>(
  { frames, style }: FrameShare<Frame, Style>,
  { weightOf, least, bytes, bufferOf, write }: FrameWriting<Frame, Style>,
  help: WriteHelp | undefined,
): Promise<WrittenShare> {
  const [own = [], ...shares] = inShares(frames, { weightOf, least, help });
  const errands = shares.map((share) => ({
    errand: {
      work: { frames: share, style } satisfies FrameShare<Frame, Style>,
      buffers: share.map(bufferOf),
    },
    cost: share.reduce((sum, frame) => sum + weightOf(frame), 0) * bytes,
  }));
  const others = delegate<Share, WrittenShare>(errands, {
    help,
    work: ({ work }) => {
      const { frames, style } = work as FrameShare<Frame, Style>;
      return write(frames, style);
    },
  });
  const written = write(own, style);
  for await (const share of others) written.push(...share);
  return written;
}
