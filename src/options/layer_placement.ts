// Where something lies on a picture, as the options write it that lay something over it: `se:10:0.1`, or `tile`.
import type { LayerPlace } from "../paint/layer.ts";
import { formatNumber } from "./number.ts";
import { GRAVITIES, type Gravity } from "./placement.ts";

export interface LayerPlacement {
  gravity: Gravity | "tile";
  /** How far inward from there, or how far apart tiles are: pixels before dpr, or shares of the result. */
  x: number;
  y: number;
}

/** Pixels: no picture is wider. */
export const MOST = 65_535;
export const FINE = " of at most four decimals";

/** What layers are laid by. */
export function sideOf(gravity: Gravity | "tile"): LayerPlace["gravity"] {
  return gravity === "tile" ? gravity : GRAVITIES[gravity];
}

/** What is wrong with it, as the end of a sentence; undefined for nothing. */
export function problemWithPlacement({ gravity, x, y }: LayerPlacement): string | undefined {
  if (gravity !== "tile" && !Object.hasOwn(GRAVITIES, gravity)) {
    return `the gravity is one of ${Object.keys(GRAVITIES).join(", ")}, or tile`;
  }
  const least = gravity === "tile" ? 0 : -Infinity;
  if ([x, y].every((length) => isLength(length) && length >= least)) return undefined;
  return gravity === "tile"
    ? `x and y, between tiles, are whole pixels up to ${MOST} or shares between 0 and 1${FINE}`
    : `x and y are whole pixels up to ${MOST} or shares between -1 and 1${FINE}`;
}

/** Whether it is whole pixels, or a share. */
export function isLength(value: number): boolean {
  const isPixels = Number.isInteger(value) && Math.abs(value) <= MOST;
  return isPixels || (Math.abs(value) < 1 && isFine(value));
}

export function isFine(value: number): boolean {
  return Number(value.toFixed(4)) === value;
}

/** A first part and others, without those of the last that are as usual. */
export function formatParts(
  [first, ...parts]: readonly (string | number)[],
  usual: readonly (string | number)[],
): string {
  const last = parts.findLastIndex((part, at) => part !== usual[at]);
  const written = parts.slice(0, last + 1).map((part) =>
    typeof part === "number" ? formatNumber(part) : part
  );
  return [first, ...written].join(":");
}
