// How much memory a transform will need, judged before it begins, so that a machine is not asked for more
// than it has by pictures that each are within the limits.
import type { DecodePlan } from "../formats/coding/decode_plan.ts";
import type { Size } from "../pixels/geometry.ts";
import type { ImageHeader } from "../formats/read_header.ts";
import { formatOf } from "../formats/table.ts";

/** Bytes for each decoded pixel of most formats, as measured: samples, the decoder's planes, copies. */
const DECODED_BYTES = 9;
/** For each pixel of the canvas of an animation. */
const CANVAS_BYTES = 9;
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
export function costOf(plan: DecodePlan<ImageHeader>, result: Size): number {
  const { header } = plan;
  const { bytesPerPixel = DECODED_BYTES, canvasBytes = CANVAS_BYTES } =
    formatOf(header.format).decoding ?? {};
  if (plan.frames === "all" && !plan.keepsWhole) {
    return header.width * header.height * canvasBytes +
      header.frames * result.width * result.height * ENCODED_FRAME_BYTES;
  }
  return decodedPixels(plan) * bytesPerPixel + result.width * result.height * ENCODED_BYTES;
}

function decodedPixels({ header, frames, wantedScale }: DecodePlan<ImageHeader>): number {
  const { format, width, height, totalPixels } = header;
  const { decodedSize } = formatOf(format).decoding ?? {};
  if (decodedSize) {
    const size = decodedSize(header, wantedScale);
    return size.width * size.height;
  }
  const whole = frames === "all" || header.frames === 1;
  return whole ? totalPixels : width * height;
}
