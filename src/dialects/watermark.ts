// Watermarks of other servers as overlays of this one.
import { Buffer } from "node:buffer";
import { parseDecimal } from "../options/number.ts";
import { OVERLAY_NAMES } from "../options/overlay.ts";
import type { Gravity } from "../options/placement.ts";
import {
  type ForeignEntry,
  malformedOption,
  noCounterpart,
  type WrittenOption,
} from "./dialect.ts";
import { type PathState, remoteOf } from "./thumbor_path.ts";
import { ownOf } from "./values.ts";

/** One picture over another, in the words of `overlay:`. */
export interface Watermark {
  /** A name of the setting `overlay`, or the base64url of a URL. */
  picture: string;
  gravity: Gravity | "tile";
  /** Pixels, or shares below 1. */
  x: number;
  y: number;
  /** A share of the result's width; 0 for its own. */
  width: number;
  /** From 0 to 1. */
  opacity: number;
}

/** The token of the first, second … watermark. */
export function watermarkToken(watermark: Watermark, at = 0): string {
  const { picture, gravity, x, y, width, opacity } = watermark;
  // A share of 1 would be one pixel.
  const numbers = [x, y, width === 1 ? 0.9999 : width, opacity].map(fine);
  return `${OVERLAY_NAMES[at]}:${[picture, gravity, ...numbers].join(":")}`;
}

/** Whole pixels, or a share, as finely as an overlay takes it. */
export function fine(value: number): string {
  return String(Math.abs(value) < 1 ? Number(value.toFixed(4)) : Math.round(value));
}

const HORIZONTAL: Readonly<Record<string, string>> = { left: "w", center: "", right: "e" };
const VERTICAL: Readonly<Record<string, string>> = { top: "n", center: "", bottom: "s" };

/** The filter of thumbor and imagor; each that is named lies over those before it. */
export const WATERMARK_FILTER: ForeignEntry<PathState> = {
  names: ["watermark"],
  syntax: "watermark(image,x,y,alpha,w_ratio)",
  verdict: "nearly",
  ours: "`overlay:…`",
  note:
    "over all other filters; no height ratio, and of repeat only both ways, from the middle on; at most four",
  read(option, { tokens }) {
    const { text, args } = option;
    const [image = "", x = "0", y = "0", alpha = "0", ...ratios] = args;
    const at = OVERLAY_NAMES.findIndex((name) => !tokens.has(name));
    if (at < 0) throw noCounterpart(text, `${OVERLAY_NAMES.length} of them`);
    if (image === "") throw malformedOption(text, "watermark takes an image first");
    const transparency = parseDecimal(alpha) ?? NaN;
    if (!(transparency >= 0 && transparency <= 100)) {
      throw malformedOption(text, "alpha is a number from 0 to 100");
    }
    const watermark = {
      picture: Buffer.from(remoteOf(image)).toString("base64url"),
      ...placedBy(option, { x, y }),
      width: widthOf(option, ratios),
      opacity: 1 - transparency / 100,
    };
    tokens.set(OVERLAY_NAMES[at]!, watermarkToken(watermark, at));
  },
};

/** Where thumbor's x and y put something. */
export function placedBy(
  option: WrittenOption,
  { x, y }: { x: string; y: string },
): { gravity: Gravity | "tile"; x: number; y: number } {
  const repeated = [x, y].filter((place) => place === "repeat").length;
  if (repeated === 1) throw noCounterpart(option.text, "repeat in both directions");
  if (repeated === 2) return { gravity: "tile", x: 0, y: 0 };
  const across = placeOf(option, x, { words: HORIZONTAL, near: "w", far: "e" });
  const down = placeOf(option, y, { words: VERTICAL, near: "n", far: "s" });
  return {
    gravity: (down.side + across.side || "c") as Gravity,
    x: across.offset,
    y: down.offset,
  };
}

interface Along {
  /** The side that it is counted from; empty for the middle. */
  side: string;
  /** Inward from there: pixels, or a share. */
  offset: number;
}

/** `10`, `-10` from the far side, `10p` of a hundred, `0.1`, or a word. */
function placeOf(
  { text }: WrittenOption,
  place: string,
  { words, near, far }: { words: Readonly<Record<string, string>>; near: string; far: string },
): Along {
  const side = ownOf(words, place);
  if (side !== undefined) return { side, offset: 0 };
  const [, minus, number, percent] = /^(-?)(\d+(?:\.\d+)?|\.\d+)(p?)$/.exec(place) ?? [];
  const offset = Number(number) / (percent ? 100 : 1);
  if (!(offset <= 65535)) {
    throw malformedOption(text, "x and y are pixels, percents such as 10p, center or repeat");
  }
  return { side: minus ? far : near, offset };
}

/** The share of the picture's width; 0 where none is named. */
function widthOf(
  { text }: WrittenOption,
  [width = "none", height = "none"]: readonly string[],
): number {
  if (height !== "none") throw noCounterpart(text, "the ratio of the width alone");
  if (width === "none") return 0;
  const percent = parseDecimal(width) ?? NaN;
  if (percent > 0 && percent <= 100) return percent / 100;
  throw malformedOption(text, "the ratio of the width is a percentage from 1 to 100");
}

/** What imgproxy's `watermark` says; which picture that shows is said elsewhere. */
export type ImgproxyWatermark = Omit<Watermark, "picture">;

/** The gravities of imgproxy, by its names of them. */
export const IMGPROXY_GRAVITIES = {
  ce: "c",
  no: "n",
  noea: "ne",
  ea: "e",
  soea: "se",
  so: "s",
  sowe: "sw",
  we: "w",
  nowe: "nw",
} as const;

const IMGPROXY_POSITIONS: Readonly<Record<string, Gravity | "tile">> = {
  ...IMGPROXY_GRAVITIES,
  re: "tile",
};

/** `watermark:{opacity}:{position}:{x}:{y}:{scale}`; undefined where its opacity is 0. */
export function imgproxyWatermark(option: WrittenOption): ImgproxyWatermark | undefined {
  const { text, args: [opacity = "", position = "", ...numbers] } = option;
  const share = parseDecimal(opacity) ?? NaN;
  if (!(share >= 0 && share <= 1)) {
    throw malformedOption(text, "the opacity of a watermark is a number from 0 to 1");
  }
  const gravity = ownOf(IMGPROXY_POSITIONS, position || "ce");
  if (gravity === undefined) {
    const known = Object.keys(IMGPROXY_POSITIONS).join(", ");
    throw malformedOption(text, `the position of a watermark is one of ${known}`);
  }
  const [x = 0, y = 0, scale = 0] = numbers.map((number) =>
    number === "" ? 0 : parseDecimal(number) ?? NaN
  );
  if (![x, y, scale].every(Number.isFinite) || scale < 0) {
    throw malformedOption(text, "offsets and scale of a watermark are numbers");
  }
  if (scale > 1) throw noCounterpart(text, "a scale of at most 1");
  return share === 0 ? undefined : { gravity, x, y, width: scale, opacity: share };
}
