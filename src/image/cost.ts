// How much memory a transform will need, judged before it begins, so that a machine is not asked for more
// than it has by pictures that each are within the limits.
import type { Size } from "./geometry.ts";
import type { ImageFormat } from "./header/image_header.ts";

/** Bytes for each decoded pixel, measured over all formats: samples, the decoder's planes, copies. */
const DECODED_BYTES = 9;
/** libheif holds planes and their conversions to RGB beside the samples. */
const DECODED_BYTES_BY_FORMAT: Partial<Record<ImageFormat, number>> = { avif: 18, heic: 18 };
/** Bytes for each pixel of the result: samples before and after, and the encoder's own. */
const ENCODED_BYTES = 8;

/** What need not be asked for: some six million pixels of a still. */
export const SMALL_JOB_BYTES = 60e6;

/** Thrown by a transform that needs more memory than was granted to it. */
export class NeedsMemory extends Error {
  /** Bytes. */
  readonly cost: number;

  constructor(cost: number) {
    super(`The transform needs ${cost} bytes`);
    this.cost = cost;
  }
}

/** Bytes that decoding so many pixels and encoding a result of this size will take. */
export function costOf(
  { format, decodedPixels, result }: { format: ImageFormat; decodedPixels: number; result: Size },
): number {
  const perPixel = DECODED_BYTES_BY_FORMAT[format] ?? DECODED_BYTES;
  return decodedPixels * perPixel + result.width * result.height * ENCODED_BYTES;
}
