// Which frames of an animation other workers may shape: each is decoded, given its size and painted without
// a look at what the others become.
// Who shapes a frame decodes all before it too, so that sharing pays only where frames are painted.
import type { DecodePlan } from "./formats/coding/decode_plan.ts";
import type { Help, PricedErrand, ShapeErrand } from "./errands.ts";
import { paints } from "./finish.ts";
import type { ImageHeader } from "./formats/read_header.ts";
import { formatOf } from "./formats/table.ts";
import type { FrameRange } from "./pixels/frame_pixels.ts";
import type { Size } from "./pixels/geometry.ts";
import type { TransformJob } from "./plan/job.ts";

/** Pixels of all frames below which handing them over gains nothing worth having. */
const WORTH_SHARING = 2e6;
/** Bytes for each pixel of the canvas that frames are laid on, and of their results with what is handed over. */
const CANVAS_BYTES = 13, RESULT_BYTES = 8;
/** The part of a frame's work that is decoding, by which shares are made to take the same time. */
const DECODING = 0.25;

export interface FrameShares {
  /** The frames that the worker with the job shapes itself. */
  own: FrameRange;
  others: readonly PricedErrand<ShapeErrand>[];
}

/** Where shares of so many frames end, after a 0, so that all take the same time. */
function endsOf(frames: number, count: number): number[] {
  const ends = [0];
  for (let share = 0; share < count; share++) ends.push(1 + (1 - DECODING) * ends[share]!);
  return ends.map((end) => Math.round(frames * end / ends[count]!));
}

/** The frames in contiguous shares, the worker's own first; undefined where they are not to be shared. */
export function shareFrames(
  { options }: TransformJob,
  { plan, result, help }: { plan: DecodePlan<ImageHeader>; result: Size; help: Help | undefined },
): FrameShares | undefined {
  const { header, frames } = plan;
  if (!help || frames !== "all") return undefined;
  const { wholly, atOnce } = formatOf(header.format).decoding ?? {};
  // There decoding is most of the work, and would be done by each.
  if (wholly || atOnce !== undefined) return undefined;
  // Those look at all frames, or at the first, before any is done.
  if (plan.keepsWhole || options.normalize || !paints(options)) return undefined;
  if (header.totalPixels < WORTH_SHARING) return undefined;
  const count = Math.min(help.helpers + 1, header.frames);
  if (count < 2) return undefined;
  const ends = endsOf(header.frames, count);
  const [own, ...ranges] = ends.slice(1).map((to, index) => ({ from: ends[index]!, to }));
  const canvas = header.width * header.height * CANVAS_BYTES;
  const perFrame = result.width * result.height * RESULT_BYTES;
  return {
    own: own!,
    others: ranges.map((range) => ({
      errand: { kind: "shape", range },
      cost: canvas + (range.to - range.from) * perFrame,
    })),
  };
}
