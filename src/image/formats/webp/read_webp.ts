// An animated WebP to whole frames, one by one: the engine decodes each stored rectangle by itself, and
// what a viewer sees of the canvas is worked out here.
import type { Engine } from "../../pixels/engine.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { createCanvas, isOpaque, type Patch } from "../coding/canvas.ts";
import { decodeCutWebp, decodePatch, isCutStill } from "./cut_webp.ts";
import { stillOf, type WebpFrame } from "./webp_frames.ts";

/** The canvas as a viewer sees it while this frame is shown. */
export interface WebpCanvas {
  /** The whole canvas, overwritten when the next frame is asked for; with alpha where it is not opaque. */
  pixels: PixelBuffer;
  /** Index of the frame in the file. */
  index: number;
}

/**
 * The frames in order, on a canvas of this size. A file that is damaged gives what comes before; throws the
 * engine's error where that is not even one frame.
 */
export function* composeWebp(
  frames: readonly WebpFrame[],
  { width, height, engine }: { width: number; height: number; engine: Engine },
): Generator<WebpCanvas> {
  const canvas = createCanvas({ width, height });
  for (const [index, frame] of frames.entries()) {
    const still = stillOf(frame);
    const patch = index === 0 && still && isCutStill(still)
      ? decodeCutWebp(still, { width, height, engine })
      : decodeStill(still, { engine, isFirst: index === 0 });
    if (!patch) return;
    const data = canvas.lay(patch, frame);
    yield { pixels: { data, width, height, channels: 4, hasAlpha: !isOpaque(data) }, index };
  }
}

function decodeStill(
  still: Uint8Array | undefined,
  { engine, isFirst }: { engine: Engine; isFirst: boolean },
): Patch | undefined {
  if (!still) return undefined;
  try {
    return decodePatch(still, engine);
  } catch (error) {
    if (isFirst || !(error instanceof engine.MagickError)) throw error;
    return undefined;
  }
}
