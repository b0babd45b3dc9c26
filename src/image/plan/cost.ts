// How much memory a transform will need, judged before it begins, so that a machine is not asked for more
// than it has by pictures that each are within the limits.
import type { DecodePlan } from "../formats/coding/decode_plan.ts";
import type { Size } from "../pixels/geometry.ts";
import type { ImageFormat } from "../formats/reading/image_header.ts";
import { eighthsOf, ownEighths, wantedEighths } from "../formats/jpeg/jpeg_size.ts";

/** Bytes for each decoded pixel, measured over all formats: samples, the decoder's planes, copies. */
const DECODED_BYTES = 9;
/** libheif holds planes and their conversions to RGB beside the samples. */
const DECODED_BYTES_BY_FORMAT: Partial<Record<ImageFormat, number>> = { avif: 18, heic: 18 };
/** For each pixel of the canvas of an animation; libwebp holds the frame twice beside it. */
const CANVAS_BYTES = 9, WEBP_CANVAS_BYTES = 18;
/** Bytes for each pixel of the result: samples before and after, and the encoder's own. */
const ENCODED_BYTES = 8;
/** The same for each frame that is decoded and given its size before the next, and then written with all others. */
const ENCODED_FRAME_BYTES = 12;

/** Thrown by a transform that needs more memory than was granted to it. */
export class NeedsMemory extends Error {
  /** Bytes. */
  readonly cost: number;

  constructor(cost: number) {
    super(`The transform needs ${cost} bytes`);
    this.cost = cost;
  }
}

/** Bytes that decoding as planned and encoding a result of this size will take. */
export function costOf(plan: DecodePlan, result: Size): number {
  const { header } = plan;
  if (plan.frames === "all" && !plan.keepsWhole) {
    const canvas = header.width * header.height;
    return canvas * (header.format === "webp" ? WEBP_CANVAS_BYTES : CANVAS_BYTES) +
      header.frames * result.width * result.height * ENCODED_FRAME_BYTES;
  }
  const perPixel = DECODED_BYTES_BY_FORMAT[header.format] ?? DECODED_BYTES;
  return decodedPixels(plan) * perPixel + result.width * result.height * ENCODED_BYTES;
}

function decodedPixels({ header, frames, wantedScale }: DecodePlan): number {
  const { width, height, totalPixels } = header;
  if (header.format === "jpeg") {
    const shrunk = eighthsOf(header, ownEighths(wantedEighths(wantedScale)));
    return shrunk.width * shrunk.height;
  }
  const whole = frames === "all" || header.frames === 1;
  return whole ? totalPixels : width * height;
}
