// What is to be decoded of a picture, and what becomes of its frames, worked out from its header and the
// options; only trimming and the search for a crop look at the frames.
import type { IMagickImageCollection } from "@imagemagick/magick-wasm";
import { ProxyError } from "../../errors.ts";
import type { Options, OutputFormat } from "../../options/table.ts";
import type { DecodePlan } from "../formats/decode.ts";
import {
  compose,
  type Dihedral,
  inverse,
  rotation,
  turnRect,
  turnSize,
  uprightFrom,
} from "../pixels/dihedral.ts";
import { canAnimate } from "../formats/encode.ts";
import { DEFAULT_ENCODING } from "../formats/encoding.ts";
import type { Finish } from "../finish.ts";
import { type Reshaper, smallCopy, trimmed } from "../frames.ts";
import { isWhole, type Rect, type Size, sizeOf, splitAngle, wholeOf } from "./geometry.ts";
import type { ImageHeader } from "../formats/image_header.ts";
import type { ImageLimits, TransformJob } from "../engine/job.ts";
import { outputFormat } from "./output_format.ts";
import { planShape, resultSize, type Shape, type ShapePlan } from "./shape.ts";
import { findRegion } from "../pixels/smart_crop.ts";

export interface Planned {
  plan: DecodePlan;
  format: OutputFormat;
  /** The result's size; with `trim` the most that it can be. */
  result: Size;
}

/** What is decoded, one frame or all and a JPEG no larger than its result needs, and what it becomes. */
export function planDecode(
  job: TransformJob,
  header: ImageHeader,
): Planned {
  const { options, acceptedFormats, encoding = DEFAULT_ENCODING } = job;
  const moving = header.animated && options.frame === undefined &&
    (header.format === "gif" || header.format === "webp");
  // With trim the size of the result is not known before the pixels are.
  const shape = options.trim
    ? undefined
    : checkedShape(options, turnSize(header, uprightFrom(header.orientation)), job);
  const { width, height } = shape ? resultSize(shape, options) : header;
  const result = { width, height };
  const format = outputFormat(header, {
    named: options.format,
    accepted: acceptedFormats,
    moving,
    pixels: width * height,
    avifMaxPixels: encoding.avifMaxPixels,
  });
  const plan: DecodePlan = {
    header,
    frames: moving && canAnimate(format) ? "all" : options.frame ?? 0,
    keepsWhole: options.trim !== undefined || options.smartCrop === true,
  };
  if (!shape) return { plan, format, result };
  const { region, target } = shape;
  const shrunk = Math.max(target.width / region.width, target.height / region.height);
  return { plan: { ...plan, wantedScale: shrunk }, format, result };
}

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
): Promise<{ shape: Shape & { turn: Dihedral }; finish: Omit<Finish, "opaque"> }> {
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
  const { region: chosen, target, canvas, scale } = checkedShape(options, picture, job);
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

function checkedShape(options: Options, picture: Size, job: TransformJob): ShapePlan {
  const shape = planShape(options, picture, job);
  checkOutput(resultSize(shape, options), job.limits);
  return shape;
}

function checkOutput(
  { width, height }: Size,
  { maxOutputPixels, maxOutputSide = Infinity }: ImageLimits,
): void {
  const allowed = width * height > maxOutputPixels
    ? `the ${maxOutputPixels} pixels`
    : Math.max(width, height) > maxOutputSide
    ? `the ${maxOutputSide} pixels a side`
    : undefined;
  if (allowed === undefined) return;
  throw new ProxyError(
    "too_large",
    `The result of ${width}x${height} pixels is larger than ${allowed} allowed`,
  );
}
