// Boxes to pixels. All arithmetic of sizes and crops is here, before any pixel is touched, so that the
// rules of the URL's grammar can be read, and tested, as rules.
import { ProxyError } from "../errors.ts";
import { type CropRectangle, GRAVITIES, type Gravity, type Options } from "../options/table.ts";

/** Pixels, both at least 1. */
export interface Size {
  width: number;
  height: number;
}

/** A rectangle of whole pixels inside a picture, from its top left corner. */
export interface Rect extends Size {
  x: number;
  y: number;
}

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
  /** Whether a side may become larger than that side of the picture. */
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
  const { box, factor } = wantedBox(options, picture, settings);
  const scale = factor.of / factor.by;
  const { aspect, min, fit, pad, gravity = "c" } = options;
  if (pad && box.width > 0 && box.height > 0) {
    const room = settings.scaleUp ? box : smallerSides(box, picture);
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

/** Degrees as right angles, which lose nothing, and the rest, from -45 up to 45. */
export function splitAngle(degrees: number): { quarters: number; rest: number } {
  const quarters = Math.round(degrees / 90);
  return { quarters: quarters % 4, rest: degrees - quarters * 90 };
}

/** The smallest canvas that a picture fits on when it is turned by these degrees, each side rounded up. */
export function turnedSize({ width, height }: Size, degrees: number): Size {
  const cos = Math.abs(Math.cos((degrees * Math.PI) / 180));
  const sin = Math.abs(Math.sin((degrees * Math.PI) / 180));
  // Less than a thousandth of a pixel is the arithmetic's doing.
  return {
    width: Math.max(1, Math.ceil(width * cos + height * sin - 0.001)),
    height: Math.max(1, Math.ceil(width * sin + height * cos - 0.001)),
  };
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

/** Where something of a size lies inside of something larger. */
function placed(size: Size, within: Size, gravity: Gravity): { x: number; y: number } {
  const { x, y } = GRAVITIES[gravity];
  return {
    x: Math.floor(((within.width - size.width) * x) / 2),
    y: Math.floor(((within.height - size.height) * y) / 2),
  };
}

/** The largest size of the picture's own shape inside the box. */
export function fitInside(picture: Size, box: Size): Size {
  return box.width * picture.height <= box.height * picture.width
    ? { width: box.width, height: scaled(box.width, picture.height, picture.width) }
    : { width: scaled(box.height, picture.width, picture.height), height: box.height };
}

/** The size of the largest region of this shape inside a picture, each side at least 1. */
export function regionSize(picture: Size, shape: Size): Size {
  const { width, height } = fitInside(shape, picture);
  return { width: Math.min(width, picture.width), height: Math.min(height, picture.height) };
}

/** The largest region of this shape in the middle of the crop. */
export function centredRegion(crop: Rect, shape: Size): Rect {
  const size = regionSize(crop, shape);
  const { x, y } = placed(size, crop, "c");
  return { x: crop.x + x, y: crop.y + y, ...size };
}

export function wholeOf({ width, height }: Size): Rect {
  return { x: 0, y: 0, width, height };
}

export function sizeOf({ width, height }: Size): Size {
  return { width, height };
}

/** Whether the region is the whole picture. */
export function isWhole(region: Rect, picture: Size): boolean {
  return region.width === picture.width && region.height === picture.height;
}

export function sameSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

/** A factor as a fraction, so that no product is rounded the wrong way. */
interface Ratio {
  of: number;
  by: number;
}

/**
 * The box in pixels, with 0 for a side that the picture's ratio decides, and the factor by which its
 * sides were multiplied.
 *
 * A share is cut to whole pixels; then a side is multiplied by dpr and rounded half up. Unless scaleUp
 * allows it or the box is one to pad, no side may exceed that side of the picture: dpr is lowered, to 1
 * at least, until none does; sides that still do are lowered one by one. With one side and an aspect
 * ratio the other side follows from the ratio, and both are lowered together.
 */
function wantedBox(
  { size, dpr = 1, aspect, pad }: Options,
  picture: Size,
  { scaleUp }: ShapeSettings,
): { box: Size; factor: Ratio } {
  const width = wholePixels(size?.width ?? 0, picture.width);
  const height = wholePixels(size?.height ?? 0, picture.height);
  const full = { of: Math.round(dpr * 100), by: 100 };
  if (width === 0 && height === 0) return { box: { width, height }, factor: full };
  if (aspect && (width === 0 || height === 0)) {
    const side = width > 0
      ? {
        width: times(width, full),
        height: scaled(width * full.of, aspect.height, aspect.width * full.by),
      }
      : {
        width: scaled(height * full.of, aspect.width, aspect.height * full.by),
        height: times(height, full),
      };
    const box = scaleUp || pad ? side : loweredTogether(side, { aspect, picture });
    const lowered = width > 0 ? { of: box.width, by: width } : { of: box.height, by: height };
    return { box, factor: sameSize(box, side) ? full : atLeastOne(lowered) };
  }
  const limited = !scaleUp && !(pad && width > 0 && height > 0);
  const factor = limited ? loweredFactor(full, { width, height }, picture) : full;
  const box = { width: times(width, factor), height: times(height, factor) };
  return { box: limited ? smallerSides(box, picture) : box, factor };
}

function wholePixels(wanted: number, length: number): number {
  return wanted > 0 && wanted < 1 ? Math.max(1, Math.floor(wanted * length)) : wanted;
}

/** The factor at which no side exceeds the picture's, or 1 where one does anyway. */
function loweredFactor(factor: Ratio, box: Size, picture: Size): Ratio {
  const limits = [factor];
  if (box.width > 0) limits.push({ of: picture.width, by: box.width });
  if (box.height > 0) limits.push({ of: picture.height, by: box.height });
  return atLeastOne(limits.reduce((a, b) => a.of * b.by <= b.of * a.by ? a : b));
}

function atLeastOne(ratio: Ratio): Ratio {
  return ratio.of < ratio.by ? { of: 1, by: 1 } : ratio;
}

/** The largest box of the ratio that exceeds neither the wanted one nor the picture. */
function loweredTogether(
  box: Size,
  { aspect, picture }: { aspect: Size; picture: Size },
): Size {
  if (box.width <= picture.width && box.height <= picture.height) return box;
  return regionSize(picture, aspect);
}

/** The smallest size of this shape that no side of `inner` exceeds. */
function coverOf(shape: Size, inner: Size): Size {
  return inner.width * shape.height >= inner.height * shape.width
    ? { width: inner.width, height: scaled(inner.width, shape.height, shape.width) }
    : { width: scaled(inner.height, shape.width, shape.height), height: inner.height };
}

/** The size of the picture's own shape that has the one side that the box names. */
function atSide(picture: Size, { width, height }: Size): Size {
  return height === 0
    ? { width, height: scaled(width, picture.height, picture.width) }
    : { width: scaled(height, picture.width, picture.height), height };
}

function smallerSides(a: Size, b: Size): Size {
  return { width: Math.min(a.width, b.width), height: Math.min(a.height, b.height) };
}

/** A side times a factor; nothing stays nothing. */
function times(length: number, { of, by }: Ratio): number {
  return length === 0 ? 0 : scaled(length, of, by);
}

/** `length × of / by`, rounded half up and at least 1. */
function scaled(length: number, of: number, by: number): number {
  return Math.max(1, Math.floor((2 * length * of + by) / (2 * by)));
}

/** A crop rectangle in whole pixels, clipped to the picture. */
function cropRect(crop: CropRectangle, picture: Size): Rect {
  const pixels = (value: number, length: number) =>
    Math.abs(value) < 1 ? Math.trunc(value * length) : value;
  const start = (value: number, length: number) => {
    const offset = pixels(value, length);
    return value < 0 ? length + offset : offset;
  };
  const left = start(crop.x ?? 0, picture.width);
  const top = start(crop.y ?? 0, picture.height);
  const right = left + (crop.width ? pixels(crop.width, picture.width) : picture.width);
  const bottom = top + (crop.height ? pixels(crop.height, picture.height) : picture.height);
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
