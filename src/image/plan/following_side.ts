// The side of a size that follows from the other one: rounded, cut, or reckoned as another program does.
import type { Options } from "../../options/table.ts";
import { coverOf, fitInside, roundedToEven, scaled, type Size } from "../pixels/geometry.ts";
import { type Loaded, reckonedSize } from "./reckoning.ts";

/** How a side that follows from the other one becomes whole pixels. */
export type Rounding = Pick<Options, "evenHalves" | "roundDown" | "reckon" | "fit"> & {
  original?: Loaded | undefined;
};

/** The size of the picture's own shape that has the one side that the box names. */
export function atSide(picture: Size, { width, height }: Size, rounding: Rounding): Size {
  const { evenHalves = false, roundDown = false, reckon, original, fit } = rounding;
  const isRoundedFirst = evenHalves || roundDown;
  if (reckon && !isRoundedFirst) {
    return reckonedSize(picture, { width, height }, { ...original, reckon });
  }
  const following = (side: number, of: number, by: number) => {
    if (roundDown) return Math.max(1, Math.floor(side * of / by));
    return evenHalves ? Math.max(1, roundedToEven(side * of / by)) : scaled(side, of, by);
  };
  const size = height === 0
    ? { width, height: following(width, picture.height, picture.width) }
    : { width: following(height, picture.width, picture.height), height };
  return isRoundedFirst && fit ? fitted(picture, size, rounding) : size;
}

/** The size of the picture's own shape inside of a whole box, or around it. */
export function fitted(picture: Size, box: Size, { reckon, fit, original }: Rounding): Size {
  if (reckon) return reckonedSize(picture, box, { ...original, reckon, fit });
  return fit === "outside" ? coverOf(picture, box) : fitInside(picture, box);
}
