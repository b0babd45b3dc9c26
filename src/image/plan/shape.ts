// The shape that options ask for, in pixels. All of it is decided here, before any pixel is touched, so
// that the rules of the URL's grammar can be read, and tested, as rules.
import { ProxyError } from "../../errors.ts";
import type { CropRectangle, Options } from "../../options/table.ts";
import {
  coverOf,
  fitInside,
  placed,
  type Rect,
  regionSize,
  sameSize,
  scaled,
  type Size,
  sizeOf,
  smallerSides,
  splitAngle,
  turnedSize,
  wholeOf,
  wholePixels,
} from "../pixels/geometry.ts";
import { type Ratio, times, wantedBox } from "./wanted_box.ts";

/** What happens to the shape of a picture: this region of it becomes that size. */
export interface Shape {
  region: Rect;
  target: Size;
}

/** A canvas larger than the picture on it, whose top left corner lies at x and y. */
export interface Canvas extends Size {
  x: number;
  y: number;
}

export interface ShapePlan extends Shape {
  /** Where the target lies, with `pad`. */
  canvas?: Canvas;
  /** How many pixels of the result stand for one of the URL: `dpr`, as far as the picture allows. */
  scale: number;
}

export interface ShapeSettings {
  /** Whether a side may become larger than that side of the region that a crop left, or of the picture. */
  scaleUp: boolean;
}

/**
 * The region and size that the options ask for, of an upright and trimmed picture. Rotations and
 * flips come afterwards. Throws a ProxyError "malformed" where the crop leaves nothing.
 *
 * The box comes from the size, the aspect ratio and dpr (see `wantedBox`). Then
 * - with `pad` a whole box is the canvas, in which the picture lies whole, not enlarged;
 * - with `fit` the picture lies whole inside the box, and the box is all that it is for;
 * - else a whole box is filled from the region of its shape, and half a box is a side;
 * - an aspect ratio without any side crops to the largest region of that shape, or with `pad` makes
 *   the smallest canvas of that shape; with `fit` it does nothing;
 * - `min` applies last, and not to a padded picture (see `raised`).
 */
export function planShape(options: Options, picture: Size, settings: ShapeSettings): ShapePlan {
  const crop = options.crop && !options.smartCrop
    ? cropRect(options.crop, picture)
    : wholeOf(picture);
  const choose = regionChooser(options, picture);
  const { box, factor } = wantedBox(options, picture, { ...settings, source: crop });
  const scale = factor.of / factor.by;
  const { aspect, min, fit, pad, gravity = "c" } = options;
  if (pad && box.width > 0 && box.height > 0) {
    const room = settings.scaleUp ? box : smallerSides(box, crop);
    const target = fitInside(crop, room);
    return { region: crop, target, canvas: { ...box, ...placed(target, box, gravity) }, scale };
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
  const shape = unpadded({ box, crop, choose, aspect, fit });
  return { ...(min ? raised(shape, { min, box, crop, choose, factor, settings }) : shape), scale };
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

function unpadded({ box, crop, choose, aspect, fit }: {
  box: Size;
  crop: Rect;
  choose: (crop: Rect, shape: Size) => Rect;
  aspect: Size | undefined;
  fit: boolean | undefined;
}): Shape {
  if (box.width === 0 && box.height === 0) {
    const region = aspect && !fit ? choose(crop, aspect) : crop;
    return { region, target: sizeOf(region) };
  }
  if (box.width > 0 && box.height > 0) {
    return fit
      ? { region: crop, target: fitInside(crop, box) }
      : { region: choose(crop, box), target: box };
  }
  return { region: crop, target: atSide(crop, box) };
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

/** Where the region of a shape lies: around the focus if there is one, else towards the gravity. */
function regionChooser(
  { focus, gravity = "c" }: Options,
  picture: Size,
): (crop: Rect, shape: Size) => Rect {
  return (crop, shape) => {
    const size = regionSize(crop, shape);
    if (!focus) {
      const { x, y } = placed(size, crop, gravity);
      return { x: crop.x + x, y: crop.y + y, ...size };
    }
    // The focus is a share of the whole picture, like those of a crop.
    const around = (point: number, length: number, [start, free]: [number, number]) =>
      Math.max(start, Math.min(start + free, Math.floor(point - length / 2 + 0.5)));
    return {
      x: around(focus.x * picture.width, size.width, [crop.x, crop.width - size.width]),
      y: around(focus.y * picture.height, size.height, [crop.y, crop.height - size.height]),
      ...size,
    };
  };
}

/** The size of the picture's own shape that has the one side that the box names. */
function atSide(picture: Size, { width, height }: Size): Size {
  return height === 0
    ? { width, height: scaled(width, picture.height, picture.width) }
    : { width: scaled(height, picture.width, picture.height), height };
}

/** A crop rectangle in whole pixels, clipped to the picture. */
function cropRect(crop: CropRectangle, picture: Size): Rect {
  const start = (value: number, length: number) =>
    value < 0 ? length - wholePixels(-value, length) : wholePixels(value, length);
  const left = start(crop.x ?? 0, picture.width);
  const top = start(crop.y ?? 0, picture.height);
  const right = left + (crop.width ? wholePixels(crop.width, picture.width) : picture.width);
  const bottom = top + (crop.height ? wholePixels(crop.height, picture.height) : picture.height);
  const x = Math.max(0, left);
  const y = Math.max(0, top);
  const width = Math.min(right, picture.width) - x;
  const height = Math.min(bottom, picture.height) - y;
  if (width < 1 || height < 1) {
    throw new ProxyError(
      "malformed",
      `The crop rectangle lies outside the picture of ${picture.width}x${picture.height} pixels`,
    );
  }
  return { x, y, width, height };
}
