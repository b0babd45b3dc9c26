// How much memory a transform will need, judged before it begins, so that a machine is not asked for more
// than it has by pictures that each are within the limits.
import type { DecodePlan } from "../formats/coding/decode_plan.ts";
import type { Size } from "../pixels/geometry.ts";
import type { ImageHeader } from "../formats/read_header.ts";
import { encodingOf, formatOf, type OutputFormat } from "../formats/table.ts";
import type { Cost } from "./job.ts";
import { decodedPixels } from "./limits.ts";

/** Bytes for each decoded pixel of most formats, as measured: samples, the decoder's planes, copies. */
const DECODED_BYTES = 9;
/** For each pixel of the canvas of an animation. */
const CANVAS_BYTES = 9;
/** For each pixel of a frame that the engine keeps, opaque or not. */
const FRAME_BYTES = { opaque: 4, transparent: 6 };
/** Bytes for each coefficient of a JPEG that comes in scans. */
const COEFFICIENT_BYTES = 2;
/** Bytes for each pixel of the result: samples before and after, and the encoder's own. */
const ENCODED_BYTES = 8;
/** The same for each frame that is decoded and given its size before the next, and then written with all others. */
const ENCODED_FRAME_BYTES = 12;

/** Thrown by a transform that needs more than was granted to it. */
export class NeedsGrant extends Error {
  readonly cost: Cost;

  constructor(cost: Cost) {
    super(`The transform needs ${cost.bytes} bytes and ${cost.milliseconds} ms`);
    this.cost = cost;
  }
}

/** Bytes that decoding a file as planned and encoding a result of this size will take. */
export function memoryOf(
  plan: DecodePlan<ImageHeader>,
  { result, format, fileBytes }: { result: Size; format: OutputFormat; fileBytes: number },
): number {
  const { header, frames } = plan;
  const { bytesPerPixel = DECODED_BYTES, bytesPerByte = 0 } = formatOf(header.format).decoding ??
    {};
  const resultPixels = result.width * result.height;
  if (frames === "all" && !plan.keepsWhole) {
    return fileBytes + canvasBytes(header) +
      header.frames * resultPixels * (encodingOf(format).frameBytes ?? ENCODED_FRAME_BYTES);
  }
  const kept = (header.coefficients ?? 0) * COEFFICIENT_BYTES + fileBytes * bytesPerByte;
  const held = frames === "all"
    ? header.totalPixels * bytesPerPixel + (header.heldBytes ?? 0)
    : header.heldBytes ?? heldPixels(plan) * bytesPerPixel;
  return fileBytes + kept + held + resultPixels * ENCODED_BYTES;
}

/** Bytes of what the frames of an animation are decoded to, a few or one after another. */
function canvasBytes(header: ImageHeader): number {
  const { format, width, height, totalPixels, heldBytes = 0, hasAlpha } = header;
  const { canvasBytes = CANVAS_BYTES, wholly, atOnce } = formatOf(format).decoding ?? {};
  if (wholly) return heldBytes;
  return atOnce === undefined
    ? width * height * canvasBytes
    : heldBytes + Math.min(totalPixels, atOnce) * FRAME_BYTES[hasAlpha ? "transparent" : "opaque"];
}

/** Pixels that are there at the same time. */
function heldPixels(plan: DecodePlan<ImageHeader>): number {
  const { header, frames, wantedScale } = plan;
  const { decodedSize, moves } = formatOf(header.format).decoding ?? {};
  if (decodedSize) {
    const size = decodedSize(header, wantedScale);
    return size.width * size.height;
  }
  return moves && frames !== "all" ? header.totalPixels / header.frames : decodedPixels(plan);
}
