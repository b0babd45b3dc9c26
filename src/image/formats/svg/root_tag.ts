// The root element of an SVG: the size that it says, and the same element with another one.
import type { Size } from "../../pixels/geometry.ts";
import { undecodable } from "../reading/image_header.ts";

/** What browsers show where neither a size nor a view box is said (CSS 2.2 section 10.3.2). */
const UNSIZED: Size = { width: 300, height: 150 };
/** No drawing means more, and sizes in pixels stay whole numbers that can be multiplied. */
const MAX_SIDE = 1e6;
/** Pixels of the units of CSS; `em` and `ex` at the usual size of letters. */
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  px: 1,
  pt: 4 / 3,
  pc: 16,
  mm: 96 / 25.4,
  cm: 96 / 2.54,
  in: 96,
  em: 16,
  ex: 8,
};
const NUMBER = /^\+?((?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)\s*([a-z]*)$/;
/** As every pattern here it takes no longer for each character of a longer text. */
const ATTRIBUTE = /\s([^\s=/<>"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

/** The attributes of a tag as written, by their names. */
export function attributesOf(tag: string): Map<string, string> {
  return new Map(
    [...tag.matchAll(ATTRIBUTE)].map(([, name, double, single]) => [name!, double ?? single!]),
  );
}

/** Pixels of the drawing where nothing else is asked for. Throws `undecodable` where it has none. */
export function naturalSize(tag: string): Size {
  const { width, height } = exactSize(tag);
  const whole = (length: number) => Math.max(1, Math.round(length));
  return { width: whole(width), height: whole(height) };
}

function exactSize(tag: string): Size {
  const attributes = attributesOf(tag);
  const width = lengthOf(attributes.get("width")), height = lengthOf(attributes.get("height"));
  const box = boxOf(attributes.get("viewBox"));
  const size = width !== undefined && height !== undefined
    ? { width, height }
    : width !== undefined
    ? { width, height: box ? width * box.height / box.width : UNSIZED.height }
    : height !== undefined
    ? { width: box ? height * box.width / box.height : UNSIZED.width, height }
    : box ?? UNSIZED;
  if (size.width > 0 && size.height > 0 && size.width <= MAX_SIDE && size.height <= MAX_SIDE) {
    return size;
  }
  throw undecodable(`The SVG has a size of ${size.width}x${size.height} pixels`);
}

/** The tag with this size in pixels, to which what is drawn is scaled. */
export function resizedTag(tag: string, { width, height }: Size): string {
  const attributes = attributesOf(tag);
  const natural = exactSize(tag);
  const box = boxOf(attributes.get("viewBox"));
  const kept = tag.replace(
    /\s(?:width|height|viewBox|preserveAspectRatio|x|y)\s*=\s*(?:"[^"]*"|'[^']*')/g,
    "",
  );
  // Of the box' own shape but for rounding: nothing is left free for a fraction of a pixel.
  const isAlike = !box ||
    Math.abs(natural.width * box.height / (natural.height * box.width) - 1) < 0.001;
  const view = box ? attributes.get("viewBox")! : `0 0 ${natural.width} ${natural.height}`;
  const ratio = isAlike ? "none" : attributes.get("preserveAspectRatio") ?? "xMidYMid meet";
  const said =
    `width="${width}" height="${height}" viewBox="${view}" preserveAspectRatio="${ratio}"`;
  const [open, end] = kept.endsWith("/>") ? [kept.slice(0, -2), "/>"] : [kept.slice(0, -1), ">"];
  return `${open.trimEnd()} ${said}${end}`;
}

/** Undefined where it is a share of what the drawing stands in, or makes no sense. */
function lengthOf(text: string | undefined): number | undefined {
  const [, number, unit = ""] = NUMBER.exec((text ?? "").trim()) ?? [];
  const pixels = UNITS[unit];
  return number === undefined || pixels === undefined ? undefined : Number(number) * pixels;
}

function boxOf(text: string | undefined): Size | undefined {
  const [, , width = 0, height = 0] = (text ?? "").trim().split(/[\s,]+/).map(Number);
  return width > 0 && height > 0 ? { width, height } : undefined;
}
