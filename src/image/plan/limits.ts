// What a picture may cost, judged from its header alone: a decompression bomb is refused before the
// decoder sees a byte of it.

import { ProxyError } from "../../errors.ts";
import type { DecodePlan } from "../formats/coding/decode_plan.ts";
import type { ImageHeader } from "../formats/read_header.ts";
import { formatOf } from "../formats/table.ts";

/** The most that one picture may cost; each is inclusive. */
export interface HeaderLimits {
  /** Pixels of one frame, on the canvas. */
  maxPixels: number;
  /** Frames of an animation that moves in the result too. */
  maxFrames: number;
  /** Pixels of all that is decoded together: frames, layers, tiles. */
  maxTotalPixels: number;
  /** Scans of a JPEG; no limit of its own unless told. */
  maxScans?: number;
}

/** Throws `too_large`, quoting the figure and the limit, unless a frame of the picture is within `limits`. */
export function checkHeader(
  { format, width, height, scans = 1 }: ImageHeader,
  { maxPixels, maxScans = Infinity }: Pick<HeaderLimits, "maxPixels" | "maxScans">,
): void {
  const pixels = width * height;
  if (pixels > maxPixels && !formatOf(format).decoding?.isDrawn) {
    throw new ProxyError(
      "too_large",
      `The image has ${pixels} pixels (${width}x${height}), where ${maxPixels} is the limit`,
    );
  }
  if (scans > maxScans) {
    throw new ProxyError(
      "too_large",
      `The image comes in ${scans} scans, where ${maxScans} is the limit`,
    );
  }
}

/** The same for all that is decoded: of an animation the frames that are asked for, and those before them. */
export function checkFrames(
  plan: Pick<DecodePlan<ImageHeader>, "header" | "frames">,
  { maxFrames, maxTotalPixels }: Pick<HeaderLimits, "maxFrames" | "maxTotalPixels">,
): void {
  const { header, frames } = plan;
  if (header.frames > maxFrames && (frames === "all" || !hasStills(header))) {
    throw new ProxyError(
      "too_large",
      `The image has ${header.frames} frames, where ${maxFrames} is the limit`,
    );
  }
  const pixels = decodedPixels(plan);
  if (pixels <= maxTotalPixels) return;
  const where = frames === "all"
    ? "in all its frames"
    : frames > 0
    ? `down to frame ${frames}`
    : "in all that it is made of";
  throw new ProxyError(
    "too_large",
    `The image has ${pixels} pixels ${where}, where ${maxTotalPixels} is the limit`,
  );
}

/** Whether a frame can be had without those that follow it. */
function hasStills(header: ImageHeader): boolean {
  return header.stillPixels !== undefined || movesOn(header);
}

/** Pixels that are decoded one after another to get at the frames that are asked for. */
export function decodedPixels(
  { header, frames }: Pick<DecodePlan<ImageHeader>, "header" | "frames">,
): number {
  const { totalPixels, stillPixels = totalPixels } = header;
  if (frames === "all") return totalPixels;
  // What a viewer sees of a frame lies on those before it.
  return movesOn(header) ? totalPixels / header.frames * (frames + 1) : stillPixels;
}

/** Whether frames are decoded one after another, from the first to the last that is asked for. */
function movesOn({ format, frames, animated }: ImageHeader): boolean {
  const { moves = false, wholly = false } = formatOf(format).decoding ?? {};
  return moves && !wholly && (animated || frames === 1);
}
