// Where the interesting part of a picture lies: smartcrop's saliency measure (edges, saturation, skin)
// on a small copy, moved back to the full picture.
import smartcropModule from "smartcrop";
import { centredRegion, type Rect, regionSize, type Size, wholeOf } from "./geometry.ts";

/** A picture small enough to be looked at whole, as RGBA. */
export interface SmallPicture extends Size {
  data: Uint8Array;
}

/** The part of the package that is used; its own types speak of a browser's canvas and leave the rest out. */
const smartcrop = smartcropModule as unknown as {
  crop(picture: SmallPicture, options: {
    width: number;
    height: number;
    minScale: number;
    prescale: boolean;
    imageOperations: typeof IMAGE_OPERATIONS;
  }): Promise<{ topCrop?: Rect }>;
};

/** Longest side, in pixels, of the copy that is analysed. */
export const ANALYSED_SIDE = 256;

/** The most interesting region of the wanted shape inside `picture`, in the picture's own pixels. */
export async function findRegion(small: SmallPicture, picture: Size, shape: Size): Promise<Rect> {
  const region = regionSize(picture, shape);
  const scale = { x: small.width / picture.width, y: small.height / picture.height };
  const { topCrop } = await smartcrop.crop(small, {
    width: Math.max(1, Math.round(region.width * scale.x)),
    height: Math.max(1, Math.round(region.height * scale.y)),
    minScale: 1,
    prescale: false,
    imageOperations: IMAGE_OPERATIONS,
  });
  if (!topCrop) return centredRegion(wholeOf(picture), shape);
  return {
    x: clamp(Math.round(topCrop.x / scale.x), picture.width - region.width),
    y: clamp(Math.round(topCrop.y / scale.y), picture.height - region.height),
    ...region,
  };
}

function clamp(value: number, highest: number): number {
  return Math.max(0, Math.min(highest, value));
}

/** What smartcrop asks of a canvas, on plain samples; the picture is small already, so nothing resamples it. */
const IMAGE_OPERATIONS = {
  open: (picture: SmallPicture) => Promise.resolve(picture),
  getData: (picture: SmallPicture) => Promise.resolve(picture),
};
