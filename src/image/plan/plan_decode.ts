// What is to be decoded of a picture, and in which format and size it leaves, from its header and the
// options alone.
import { ProxyError } from "../../errors.ts";
import type { Options } from "../../options/table.ts";
import type { DecodePlan } from "../formats/coding/decode_plan.ts";
import { DEFAULT_ENCODING } from "../formats/encoding.ts";
import type { ImageHeader } from "../formats/read_header.ts";
import { encodingOf, formatOf, type OutputFormat } from "../formats/table.ts";
import { turnSize, uprightFrom } from "../pixels/dihedral.ts";
import type { Size } from "../pixels/geometry.ts";
import type { ImageLimits, TransformJob } from "./job.ts";
import { outputFormat } from "./output_format.ts";
import { planShape, resultSize } from "./shape.ts";
import type { ShapePlan } from "./shape_plan.ts";

export interface Planned {
  plan: DecodePlan<ImageHeader>;
  format: OutputFormat;
  /** The result's size; with `trim` the most that it can be. */
  result: Size;
  /** How many pixels of the result stand for one of the URL; undefined with `trim`. */
  scale?: number;
}

/** What is decoded, one frame or all and a JPEG no larger than its result needs, and what it becomes. */
export function planDecode(
  job: TransformJob,
  header: ImageHeader,
): Planned {
  const { options, acceptedFormats, encoding = DEFAULT_ENCODING } = job;
  const moving = header.animated && options.frame === undefined &&
    formatOf(header.format).decoding?.moves === true;
  // With trim the size of the result is not known before the pixels are.
  const shape = options.trim
    ? undefined
    : checkedShape(options, turnSize(header, uprightFrom(header.orientation)), job);
  const { width, height } = shape ? resultSize(shape, options) : header;
  const result = { width, height };
  const format = outputFormat(header, {
    named: options.format,
    basic: options.basic,
    accepted: acceptedFormats,
    moving,
    pixels: width * height,
    encoding,
  });
  const plan: DecodePlan<ImageHeader> = {
    header,
    frames: moving && encodingOf(format).moves ? "all" : options.frame ?? 0,
    keepsWhole: options.trim !== undefined || options.smartCrop === true,
  };
  if (!shape) return { plan, format, result };
  const { region, target, scale } = shape;
  const shrunk = Math.max(target.width / region.width, target.height / region.height);
  return { plan: { ...plan, wantedScale: shrunk }, format, result, scale };
}

/** The shape that the options ask for; throws a ProxyError "too_large" where the result may not be so large. */
export function checkedShape(options: Options, picture: Size, job: TransformJob): ShapePlan {
  const shape = planShape(options, picture, job);
  checkOutput(resultSize(shape, options), job.limits);
  return shape;
}

/** Throws a ProxyError "too_large" where a result may not be so large. */
export function checkOutput(
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
