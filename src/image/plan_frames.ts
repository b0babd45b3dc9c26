// What becomes of frames: where in them the result lies, and how it is turned. Only trimming and the search
// for a crop look at the frames.
import type { IMagickImageCollection } from "@imagemagick/magick-wasm";
import type { Options } from "../options/table.ts";
import type { Finish } from "./finish.ts";
import type { ImageHeader } from "./formats/read_header.ts";
import { type Reshaper, smallCopy, trimmed } from "./frames.ts";
import {
  compose,
  type Dihedral,
  inverse,
  rotation,
  turnRect,
  turnSize,
  uprightFrom,
} from "./pixels/dihedral.ts";
import { isWhole, type Rect, type Size, sizeOf, splitAngle, wholeOf } from "./pixels/geometry.ts";
import { findRegion } from "./pixels/smart_crop.ts";
import type { TransformJob } from "./plan/job.ts";
import { checkedShape, shapeSettings } from "./plan/plan_decode.ts";
import type { Shape } from "./plan/shape_plan.ts";

/** Where in the decoded frames the result lies, and how it is turned after it got its size. */
export async function planFrames(
  job: TransformJob,
  { header, frames, size, reshaper }: {
    header: ImageHeader;
    frames: IMagickImageCollection;
    /** Of the frames as they are decoded. */
    size: Size;
    reshaper: Reshaper;
  },
): Promise<{ shape: Shape & { turn: Dihedral }; finish: Omit<Finish, "opaque" | "layers"> }> {
  const { options } = job;
  const upright = uprightFrom(header.orientation);
  // Without trim the rules speak of the full size, though a JPEG may have been decoded smaller.
  const stored = options.trim ? size : sizeOf(header);
  const whole = turnSize(stored, upright);
  const picture = options.trim
    ? turnRect(trimmed(frames, upright, options.trim), stored, upright)
    : wholeOf(whole);
  const inFrame = (rect: Rect) => {
    const placed = { ...rect, x: rect.x + picture.x, y: rect.y + picture.y };
    return scaleRect(turnRect(placed, whole, inverse(upright)), stored, size);
  };
  const { region: chosen, target, canvas, scale } = checkedShape(
    options,
    picture,
    shapeSettings(job, header),
  );
  let region = chosen;
  if (options.smartCrop && !isWhole(chosen, picture)) {
    const small = smallCopy(frames[0]!, { region: inFrame(wholeOf(picture)), upright, reshaper });
    region = await findRegion(small, picture, chosen);
  }
  const { turn, degrees } = turnAfter(options);
  return {
    shape: {
      region: inFrame(region),
      target: turnSize(target, inverse(upright)),
      turn: compose(upright, turn),
    },
    finish: {
      options,
      canvas: canvas &&
        {
          ...turnRect({ ...target, x: canvas.x, y: canvas.y }, canvas, turn),
          ...turnSize(canvas, turn),
        },
      degrees,
      scale,
    },
  };
}

/**
 * Rotating and flipping as one change, and the degrees that are left to turn after it: a flip in one
 * direction turns around what was turned before it.
 */
function turnAfter({ rotate, angle, flipVertical, flipHorizontal }: Options) {
  const { quarters, rest } = splitAngle((rotate ?? 0) + (angle ?? 0));
  const flips = { transpose: false, flipX: flipHorizontal === true, flipY: flipVertical === true };
  return {
    turn: compose(rotation(quarters * 90), flips),
    degrees: flips.flipX === flips.flipY ? rest : -rest,
  };
}

/** The same part of a picture that was decoded at another size. */
function scaleRect(rect: Rect, from: Size, to: Size): Rect {
  const x = Math.min(to.width - 1, Math.round((rect.x * to.width) / from.width));
  const y = Math.min(to.height - 1, Math.round((rect.y * to.height) / from.height));
  const right = Math.round(((rect.x + rect.width) * to.width) / from.width);
  const bottom = Math.round(((rect.y + rect.height) * to.height) / from.height);
  return { x, y, width: Math.max(1, right - x), height: Math.max(1, bottom - y) };
}
