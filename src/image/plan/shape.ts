// The shape that options ask for, in pixels. All of it is decided here, before any pixel is touched, so
// that the rules of the URL's grammar can be read, and tested, as rules.
import type { CropRectangle, Edges, FitMode, Options } from "../../options/table.ts";
import {
  coverOf,
  fitInside,
  type Rect,
  roundedToEven,
  sameSize,
  scaled,
  type Size,
  sizeOf,
  smallerSides,
  splitAngle,
  turnedSize,
  wholePixels,
} from "../pixels/geometry.ts";
import { factorShape } from "./factor_shape.ts";
import { placed } from "./placement.ts";
import { atSide, fitted, type Rounding } from "./following_side.ts";
import type { Loaded } from "./reckoning.ts";
import { cropOf, cropRect, regionChooser, scaledPlacement } from "./region.ts";
import type { Canvas, Shape, ShapePlan } from "./shape_plan.ts";
import { type Ratio, times, wantedBox } from "./wanted_box.ts";

export interface ShapeSettings {
  /** Whether a side may become larger than that side of the region that a crop left, or of the picture. */
  scaleUp: boolean;
  /** What of the original a side may be reckoned from. */
  original?: Loaded | undefined;
}

/**
 * The region and size that the options ask for, of an upright and trimmed picture. Rotations and
 * flips come afterwards. Throws a ProxyError "malformed" where a crop or a cut leaves nothing.
 *
 * The box comes from the size, the zoom, the aspect ratio and dpr (see `wantedBox`). Then
 * - with `pad` a whole box is the canvas, in which the picture lies whole, not enlarged;
 * - with `fit` the picture lies whole inside the box (or around it, or is stretched to it), and the box is
 *   all that it is for;
 * - else a whole box is filled from the region of its shape, and half a box is a side;
 * - an aspect ratio without any side crops to the largest region of that shape, or with `pad` makes
 *   the smallest canvas of that shape; with `fit` it does nothing;
 * - `min` applies next, and not to a padded picture (see `raised`);
 * - `cut` and `padding` change the canvas at the end.
 */
export function planShape(options: Options, picture: Size, settings: ShapeSettings): ShapePlan {
  const { cut, padding, noScaleUp = false, resize, proportion = 1 } = options;
  const scaleUp = settings.scaleUp && !noScaleUp;
  const original = options.trim
    ? { ...settings.original, format: undefined }
    : settings.original ?? {};
  const plan = resize
    ? factorShape({ ...options, resize }, picture, {
      scaleUp,
      leastScaleUp: settings.scaleUp,
      original,
    })
    : planResize(options, picture, { scaleUp, original });
  const cropped = cut ? { ...plan, canvas: cutCanvas(plan, cut) } : plan;
  const rounded = resize ? roundedToEven : Math.round;
  const whole = padding ? { ...cropped, canvas: paddedCanvas(cropped, padding, rounded) } : cropped;
  return proportion < 1 ? reduced(whole, proportion) : whole;
}

/** The same with a share of its sides, cut to whole pixels. */
function reduced({ target, canvas, ...plan }: ShapePlan, share: number): ShapePlan {
  // A product may lie a hair below the whole number that is meant.
  const part = (length: number) => Math.floor(Number((length * share).toFixed(9)));
  const sides = (size: Size) => ({
    width: Math.max(1, part(size.width)),
    height: Math.max(1, part(size.height)),
  });
  return {
    ...plan,
    target: sides(target),
    ...(canvas && { canvas: { ...sides(canvas), x: part(canvas.x), y: part(canvas.y) } }),
  };
}

function planResize(asked: Options, picture: Size, settings: ShapeSettings): ShapePlan {
  const crop = cropOf(asked, picture);
  const options = shapedLike(zoomed(asked, picture, crop), crop);
  const choose = regionChooser(options, picture);
  const { box, factor } = wantedBox(options, picture, {
    scaleUp: settings.scaleUp,
    source: crop,
    untrimmed: settings.original?.size,
  });
  const scale = factor.of / factor.by;
  const { aspect, min, fit, pad, gravity } = options;
  const rounding = { ...options, original: settings.original };
  if (pad && box.width > 0 && box.height > 0) {
    const room = settings.scaleUp ? box : smallerSides(box, crop);
    const target = fitted(crop, room, { ...rounding, fit: "inside" });
    const placement = gravity && scaledPlacement(gravity, { x: scale, y: scale });
    return { region: crop, target, canvas: { ...box, ...placed(target, box, placement) }, scale };
  }
  if (pad && aspect && box.width === 0 && box.height === 0) {
    const canvas = coverOf(aspect, crop);
    return {
      region: crop,
      target: sizeOf(crop),
      canvas: { ...canvas, ...placed(crop, canvas, gravity) },
      scale,
    };
  }
  const shape = unpadded({ box, crop, choose, aspect, fit, rounding });
  return { ...(min ? raised(shape, { min, box, crop, choose, factor, settings }) : shape), scale };
}

/** The sides that a zoom multiplies as sides of a size: those that are named, or those of the picture. */
function zoomed({ zoom, ...options }: Options, picture: Size, crop: Size): Options {
  if (zoom === undefined) return options;
  const named = {
    width: wholePixels(options.size?.width ?? 0, picture.width),
    height: wholePixels(options.size?.height ?? 0, picture.height),
  };
  const thousandths = Math.round(zoom * 1000);
  const times = (length: number) => length === 0 ? 0 : scaled(length, thousandths, 1000);
  if (named.width > 0 || named.height > 0) {
    return { ...options, size: { width: times(named.width), height: times(named.height) } };
  }
  // Both sides are those of the picture's own shape but for rounding, for which nothing is cropped.
  const size = { width: times(crop.width), height: times(crop.height) };
  return { ...options, size, fit: "stretch" };
}

/** `adapt`, `fit:auto` and `fit:turned` as what they come to for a picture of these sides. */
function shapedLike({ fit, adapt, ...asked }: Options, picture: Size): Options {
  const options = adapt ? adapted(asked, picture) : asked;
  const { width = 0, height = 0 } = options.size ?? {};
  if (fit === undefined) return options;
  if (fit === "auto") {
    const isAlike = (width >= height) === (picture.width >= picture.height);
    return isAlike && width > 0 && height > 0 ? options : { ...options, fit: "inside" };
  }
  if (fit === "turned") {
    const size = { width: height, height: width };
    const whole = width > 0 && height > 0;
    const isLarger = whole &&
      fitInside(picture, size).width > fitInside(picture, { width, height }).width;
    return { ...options, fit: "inside", ...(isLarger ? { size } : {}) };
  }
  return { ...options, fit };
}

/** The box lies where the picture does, and stands where it does; one of equal sides does either. */
function adapted(options: Options, picture: Size): Options {
  const { width, height } = options.size ?? { width: 0, height: 0 };
  const isCrossed = (width - height) * (picture.width - picture.height) < 0;
  if (width === 0 || height === 0 || !isCrossed) return options;
  return { ...options, size: { width: height, height: width } };
}

/** The canvas of a picture of which only a rectangle is left; throws a ProxyError where that is empty. */
function cutCanvas(plan: ShapePlan, cut: Required<CropRectangle>): Canvas {
  const { x: left, y: top, ...size } = plan.canvas ?? { x: 0, y: 0, ...plan.target };
  const { x, y, width, height } = cropRect(cut, size);
  return { x: left - x, y: top - y, width, height };
}

/** The canvas with room along its edges. */
function paddedCanvas(
  { canvas, target, scale }: ShapePlan,
  padding: Edges,
  rounded: (length: number) => number,
): Canvas {
  const { x, y, width, height } = canvas ?? { x: 0, y: 0, ...target };
  const pixels = (edge: keyof Edges) => rounded(padding[edge] * scale);
  return {
    x: x + pixels("left"),
    y: y + pixels("top"),
    width: width + pixels("left") + pixels("right"),
    height: height + pixels("top") + pixels("bottom"),
  };
}

/** The size of the result: of the canvas or the target, turned by all that turns it. */
export function resultSize(
  { target, canvas }: ShapePlan,
  { rotate, angle }: Pick<Options, "rotate" | "angle">,
): Size {
  const { quarters, rest } = splitAngle((rotate ?? 0) + (angle ?? 0));
  const { width, height } = canvas ?? target;
  return turnedSize(quarters % 2 ? { width: height, height: width } : { width, height }, rest);
}

function unpadded({ box, crop, choose, aspect, fit, rounding }: {
  box: Size;
  crop: Rect;
  choose: (crop: Rect, shape: Size) => Rect;
  aspect: Size | undefined;
  fit: FitMode | undefined;
  rounding: Rounding;
}): Shape {
  if (box.width === 0 && box.height === 0) {
    const region = aspect && !fit ? choose(crop, aspect) : crop;
    return { region, target: sizeOf(region) };
  }
  if (box.width === 0 || box.height === 0) {
    return { region: crop, target: atSide(crop, box, rounding) };
  }
  if (fit === "stretch") return { region: crop, target: box };
  return fit
    ? { region: crop, target: fitted(crop, box, { ...rounding, fit }) }
    : { region: choose(crop, box), target: box };
}

/**
 * Makes no side smaller than `min`: the region is scaled up, as a whole, until none is, and what then
 * exceeds a wanted side is cropped. The least sides, times dpr, are lowered to those of the crop
 * (to those of the region, where no side is wanted) unless scaleUp allows more.
 */
function raised(
  shape: Shape,
  { min, box, crop, choose, factor, settings }: {
    min: Size;
    box: Size;
    crop: Rect;
    choose: (crop: Rect, shape: Size) => Rect;
    factor: Ratio;
    settings: ShapeSettings;
  },
): Shape {
  const wanted = { width: times(min.width, factor), height: times(min.height, factor) };
  const { target, region } = shape;
  const least = settings.scaleUp
    ? wanted
    : smallerSides(wanted, box.width || box.height ? crop : region);
  if (target.width >= least.width && target.height >= least.height) return shape;
  // A side of 0 asks for nothing: the other one decides.
  const cover = coverOf(region, least);
  const cut = (side: "width" | "height") =>
    box[side] > 0 ? Math.min(cover[side], Math.max(box[side], least[side])) : cover[side];
  const cropped = { width: cut("width"), height: cut("height") };
  return sameSize(cropped, cover)
    ? { region, target: cover }
    : { region: choose(crop, cropped), target: cropped };
}
