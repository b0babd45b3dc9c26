// Which part of a picture the options keep, before it gets its size.
import { ProxyError } from "../../errors.ts";
import type { Placement } from "../../options/placement.ts";
import type { CropRectangle, Options } from "../../options/table.ts";
import { type Rect, regionSize, type Size, wholeOf, wholePixels } from "../pixels/geometry.ts";
import { placed } from "./placement.ts";

/** What is to be resized: the rectangle, and in it the crop that has a gravity. */
export function cropOf({ crop, placedCrop, smartCrop }: Options, picture: Size): Rect {
  const rect = crop && !smartCrop ? cropRect(crop, picture) : wholeOf(picture);
  if (!placedCrop) return rect;
  // Shares are rounded here, where those of a rectangle are cut.
  const side = (wanted: number, length: number) =>
    Math.min(length, (wanted < 1 ? Math.round(wanted * length) : wanted) || length);
  const size = {
    width: side(placedCrop.width, rect.width),
    height: side(placedCrop.height, rect.height),
  };
  const { x, y } = placed(size, rect, placedCrop);
  return { x: rect.x + x, y: rect.y + y, ...size };
}

/** Where the region of a shape lies: around the focus if there is one, else towards the gravity. */
export function regionChooser(
  { focus, point, gravity }: Options,
  picture: Size,
): (crop: Rect, shape: Size) => Rect {
  return (crop, shape) => {
    const size = regionSize(crop, shape);
    // Places in the whole picture, like those of a crop.
    const middle = focus ? { x: focus.x * picture.width, y: focus.y * picture.height } : point;
    if (!middle) {
      // An offset counts pixels of the result, which the region is to become.
      const perPixel = { x: size.width / shape.width, y: size.height / shape.height };
      const { x, y } = placed(size, crop, gravity && scaledPlacement(gravity, perPixel));
      return { x: crop.x + x, y: crop.y + y, ...size };
    }
    const around = (place: number, length: number, [start, free]: [number, number]) =>
      Math.max(start, Math.min(start + free, Math.floor(place - length / 2 + 0.5)));
    return {
      x: around(middle.x, size.width, [crop.x, crop.width - size.width]),
      y: around(middle.y, size.height, [crop.y, crop.height - size.height]),
      ...size,
    };
  };
}

/** The same offset where each of its pixels counts as several; shares stay. */
export function scaledPlacement(
  { gravity, x, y }: Placement,
  pixels: { x: number; y: number },
): Placement {
  const times = (offset: number, by: number) =>
    Math.abs(offset) < 1 ? offset : Math.round(offset * by);
  return { gravity, x: times(x, pixels.x), y: times(y, pixels.y) };
}

/** A crop rectangle in whole pixels, clipped to the picture. */
export function cropRect(crop: CropRectangle, picture: Size): Rect {
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
