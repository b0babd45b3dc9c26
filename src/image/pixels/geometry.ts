// Sizes and rectangles of whole pixels: what fits into what, and where it lies.

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
  return {
    x: crop.x + Math.floor((crop.width - size.width) / 2),
    y: crop.y + Math.floor((crop.height - size.height) / 2),
    ...size,
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

/** The smallest size of this shape that no side of `inner` exceeds. */
export function coverOf(shape: Size, inner: Size): Size {
  return inner.width * shape.height >= inner.height * shape.width
    ? { width: inner.width, height: scaled(inner.width, shape.height, shape.width) }
    : { width: scaled(inner.height, shape.width, shape.height), height: inner.height };
}

/** The smaller width and the smaller height of two. */
export function smallerSides(a: Size, b: Size): Size {
  return { width: Math.min(a.width, b.width), height: Math.min(a.height, b.height) };
}

/** What an option wants of a length: whole pixels, or a share of it, cut to whole pixels and at least one. */
export function wholePixels(wanted: number, length: number): number {
  return wanted > 0 && wanted < 1 ? Math.max(1, Math.floor(wanted * length)) : wanted;
}

/** `length × of / by`, rounded half up and at least 1. */
export function scaled(length: number, of: number, by: number): number {
  return Math.max(1, Math.floor((2 * length * of + by) / (2 * by)));
}

/** Halves to the even number, as IEEE 754 has it. */
export function roundedToEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}
