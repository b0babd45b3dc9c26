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
import { planShape, resultSize, type ShapeSettings } from "./shape.ts";
import type { ShapePlan } from "./shape_plan.ts";

export interface Planned {
  plan: DecodePlan<ImageHeader>;
  format: OutputFormat;
  /** The result's size; with `trim` the most that it can be. */
  result: Size;
  /** How many pixels of the result stand for one of the URL; undefined with `trim`. */
  scale?: number;
}

interface CheckedShapeSettings extends ShapeSettings {
  limits: ImageLimits;
}

/** What is decoded, one frame or all and a JPEG no larger than its result needs, and what it becomes. */
export function planDecode(
  job: TransformJob,
  header: ImageHeader,
): Planned {
  const { options, acceptedFormats, encoding = DEFAULT_ENCODING } = job;
  const isDrawn = formatOf(header.format).decoding?.isDrawn === true;
  const moving = header.animated && options.frame === undefined &&
    formatOf(header.format).decoding?.moves === true;
  // With trim the size of the result is not known before the pixels are.
  const shape = options.trim ? undefined : checkedShape(
    options,
    turnSize(header, uprightFrom(header.orientation)),
    shapeSettings(job, header),
  );
  const { width, height } = shape ? resultSize(shape, options) : header;
  const result = { width, height };
  const format = outputFormat(header, {
    named: options.format,
    basic: options.basic,
    accepted: acceptedFormats,
    moving,
    result,
    encoding,
  });
  if (shape) checkFormat(format, result);
  const plan: DecodePlan<ImageHeader> = {
    header,
    frames: moving && encodingOf(format).moves ? "all" : options.frame ?? 0,
    keepsWhole: options.trim !== undefined || options.smartCrop === true,
  };
  if (!shape) return { plan: isDrawn ? drawnPlan(plan, header, job.limits) : plan, format, result };
  const { region, target, scale } = shape;
  const shrunk = Math.max(target.width / region.width, target.height / region.height);
  if (isDrawn) {
    const wanted = {
      width: header.width * target.width / region.width,
      height: header.height * target.height / region.height,
    };
    return { plan: drawnPlan(plan, wanted, job.limits), format, result, scale };
  }
  return { plan: { ...plan, wantedScale: shrunk }, format, result, scale };
}

/** What the shape of this picture goes by. A drawing is had in any size: no pixel of it is enlarged. */
export function shapeSettings(
  { scaleUp, limits, options }: TransformJob,
  header: ImageHeader,
): CheckedShapeSettings {
  const { format, animated, orientation } = header;
  const isDrawn = formatOf(format).decoding?.isDrawn === true;
  const moves = animated && options.frame === undefined &&
    (options.format === undefined || encodingOf(options.format).moves === true);
  const size = turnSize(header, uprightFrom(orientation));
  const { maxOutputSide = Infinity } = limits;
  // What is no longer than the original costs no more than that.
  const longest = isDrawn ? maxOutputSide : Math.max(maxOutputSide, size.width, size.height);
  return {
    scaleUp: scaleUp || isDrawn,
    limits: { ...limits, maxOutputSide: longest },
    original: { size, format, moves },
  };
}

/** The plan to draw all of it in this size, or as near to that as the limit of pixels allows: a drawing has no others. */
function drawnPlan(
  plan: DecodePlan<ImageHeader>,
  { width, height }: Size,
  { maxPixels }: ImageLimits,
): DecodePlan<ImageHeader> {
  const share = Math.min(1, Math.sqrt(maxPixels / (width * height)));
  const whole = (length: number) => Math.max(1, Math.round(Number((length * share).toFixed(6))));
  const drawnSize = { width: whole(width), height: whole(height) };
  const totalPixels = drawnSize.width * drawnSize.height;
  return { ...plan, header: { ...plan.header, totalPixels }, drawnSize };
}

/** The shape that the options ask for; throws a ProxyError "too_large" where the result may not be so large. */
export function checkedShape(
  options: Options,
  picture: Size,
  settings: CheckedShapeSettings,
): ShapePlan {
  const shape = planShape(options, picture, settings);
  checkOutput(resultSize(shape, options), settings.limits);
  return shape;
}

/** Throws a ProxyError "too_large" where the format holds no picture of that size. */
function checkFormat(format: OutputFormat, { width, height }: Size): void {
  const { maxSide = Infinity } = encodingOf(format);
  if (Math.max(width, height) <= maxSide) return;
  throw new ProxyError(
    "too_large",
    `The result of ${width}x${height} pixels is larger than the ${maxSide} pixels a side that ` +
      `${formatOf(format).name} holds`,
  );
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
