// The kinds of values that named options take: numbers of a range, colours, pairs.
import type { Colour } from "../paint/raster.ts";
import { COLOUR_SYNTAX, parseColour } from "./colour.ts";
import { parseDecimal, parseInteger } from "./number.ts";
import { malformed, type Token } from "./option.ts";

export interface Range {
  min: number;
  max: number;
}

/** A decimal of the range; throws a ProxyError that gives it, with `unit` behind the word number. */
export function decimalOf(
  token: Token,
  { min, max, unit = "" }: Range & { unit?: string },
): number {
  const value = parseDecimal(token.value);
  if (value !== undefined && value >= min && value <= max) return value;
  const what = unit ? `a number of ${unit}` : "a number";
  throw malformed(token, `${token.key} takes ${what} from ${min} to ${max}`);
}

/** A whole number of the range; throws a ProxyError that gives it. */
export function integerOf(
  token: Token,
  { min, max, unit = "" }: Range & { unit?: string },
): number {
  const value = parseInteger(token.value);
  if (value !== undefined && value >= min && value <= max) return value;
  const what = unit ? `a whole number of ${unit}` : "a whole number";
  throw malformed(token, `${token.key} takes ${what} from ${min} to ${max}`);
}

export function colourOf(token: Token): Colour {
  const colour = parseColour(token.value);
  if (colour) return colour;
  throw malformed(token, `${token.key} takes ${COLOUR_SYNTAX}`);
}

/** Degrees from -360 to 360, as the same turn from 0 up to 360. */
export function degreesOf(token: Token): number {
  const degrees = decimalOf(token, { min: -360, max: 360, unit: "degrees" });
  return degrees < 0 ? degrees + 360 : degrees % 360;
}

/** A point as shares of width and height, `0.3:0.7`. */
export function pointOf(token: Token): { x: number; y: number } {
  const [x, y, ...more] = token.value.split(":").map(parseDecimal);
  if (isShare(x) && isShare(y) && more.length === 0) return { x, y };
  throw malformed(token, `${token.key} takes {x}:{y}, each from 0 to 1`);
}

function isShare(value: number | undefined): value is number {
  return value !== undefined && value >= 0 && value <= 1;
}

/** A ratio such as `16:9` or `1.91:1`, in its smallest whole numbers. */
export function ratioOf(token: Token): { width: number; height: number } {
  const sides = token.value.split(":");
  const [width = 0, height = 0] = sides.map((side) =>
    /^\d{1,5}(\.\d{1,4})?$/.test(side) ? Math.round(Number(side) * 10_000) : 0
  );
  if (
    sides.length !== 2 || width < 1 || height < 1 || width > 100 * height || height > 100 * width
  ) {
    throw malformed(token, `${token.key} takes {width}:{height}, from 1:100 to 100:1`);
  }
  const divisor = greatestCommonDivisor(width, height);
  return { width: width / divisor, height: height / divisor };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
