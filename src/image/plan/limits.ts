// What a picture may cost, judged from its header alone: a decompression bomb is refused before the
// decoder sees a byte of it.

import { ProxyError } from "../../errors.ts";
import type { ImageHeader } from "../formats/read_header.ts";

/** The most that one picture may cost; each is inclusive. */
export interface HeaderLimits {
  /** Pixels of one frame, on the canvas. */
  maxPixels: number;
  /** Images in the file: frames, pages, entries. */
  maxFrames: number;
  /** Pixels of all frames together. */
  maxTotalPixels: number;
}

/** Throws `too_large`, quoting the figure and the limit, unless the picture is within `limits`. */
export function checkHeader(header: ImageHeader, limits: HeaderLimits): void {
  const { width, height, frames, totalPixels } = header;
  const pixels = width * height;
  if (pixels > limits.maxPixels) {
    throw new ProxyError(
      "too_large",
      `The image has ${pixels} pixels (${width}x${height}), where ${limits.maxPixels} is the limit`,
    );
  }
  if (frames > limits.maxFrames) {
    throw new ProxyError(
      "too_large",
      `The image has ${frames} frames, where ${limits.maxFrames} is the limit`,
    );
  }
  if (totalPixels > limits.maxTotalPixels) {
    throw new ProxyError(
      "too_large",
      `The image has ${totalPixels} pixels in all its frames, where ${limits.maxTotalPixels} is the limit`,
    );
  }
}
