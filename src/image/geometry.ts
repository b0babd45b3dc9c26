// Boxes to pixels. All arithmetic of sizes and crops is here, before any pixel is touched, so that the
// rules of the URL's grammar can be read, and tested, as rules.
import { ProxyError } from "../errors.ts";
import type { CropRectangle, Options } from "../options/table.ts";

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

export interface ShapeSettings {
  /** Whether a side may become larger than that side of the picture. */
  scaleUp: boolean;
  /** Chooses the part of `crop` that has the wanted shape; the centre unless told. */
  chooseRegion?: ((crop: Rect, shape: Size) => Rect) | undefined;
}

/**
 * The region and size that the options ask for, of an upright and trimmed picture. Rotations and
 * flips come afterwards. Throws a ProxyError "malformed" where the crop leaves nothing.
 */
export function planShape(options: Options, picture: Size, settings: ShapeSettings): Shape {
  const smart = options.smartCrop === true;
  const crop = !smart && options.crop ? cropRect(options.crop, picture) : wholeOf(picture);
  const wanted = wantedSides(options, picture, settings.scaleUp);
  if (wanted.width === 0 && wanted.height === 0) return { region: crop, target: sizeOf(crop) };
  if (wanted.height === 0) {
    return {
      region: crop,
      target: { width: wanted.width, height: otherSide(crop.height, wanted.width, crop.width) },
    };
  }
  if (wanted.width === 0) {
    return {
      region: crop,
      target: { width: otherSide(crop.width, wanted.height, crop.height), height: wanted.height },
    };
  }
  if (options.fit) return { region: crop, target: fitInside(crop, wanted) };
  const choose = settings.chooseRegion ?? centredRegion;
  return { region: choose(crop, wanted), target: wanted };
}

/** The largest size of the picture's own shape inside the box. */
export function fitInside(picture: Size, box: Size): Size {
  return box.width * picture.height <= box.height * picture.width
    ? { width: box.width, height: otherSide(picture.height, box.width, picture.width) }
    : { width: otherSide(picture.width, box.height, picture.height), height: box.height };
}

/** The size of the largest region of this shape inside a picture, each side at least 1. */
export function regionSize(picture: Size, shape: Size): Size {
  const { width, height } = fitInside(shape, picture);
  return { width: Math.min(width, picture.width), height: Math.min(height, picture.height) };
}

/** The largest region of this shape in the middle of the crop. */
export function centredRegion(crop: Rect, shape: Size): Rect {
  const { width, height } = regionSize(crop, shape);
  return {
    x: crop.x + Math.floor((crop.width - width) / 2),
    y: crop.y + Math.floor((crop.height - height) / 2),
    width,
    height,
  };
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

/** The wanted sides in pixels, 0 where the ratio decides. */
function wantedSides({ size }: Options, picture: Size, scaleUp: boolean): Size {
  const side = (wanted: number, length: number) => {
    if (wanted === 0) return 0;
    const pixels = wanted < 1 ? Math.max(1, Math.floor(wanted * length)) : wanted;
    return scaleUp ? pixels : Math.min(pixels, length);
  };
  return {
    width: side(size?.width ?? 0, picture.width),
    height: side(size?.height ?? 0, picture.height),
  };
}

/** The side that keeps the ratio `from : scaledFrom` of the other one, rounded half up and at least 1. */
function otherSide(length: number, scaled: number, from: number): number {
  return Math.max(1, Math.floor((2 * length * scaled + from) / (2 * from)));
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
