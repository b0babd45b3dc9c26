// The format of a result where nobody names one: the best of those that the client takes, or what the
// original is where browsers show that, or what they can show instead: something that moves for what moves.
import type { SizeSettings } from "../formats/encoding.ts";
import type { ImageHeader } from "../formats/read_header.ts";
import {
  encodingOf,
  type FormatName,
  OUTPUT_FORMATS,
  type OutputFormat,
  SLOW_FORMATS,
} from "../formats/table.ts";
import type { Size } from "../pixels/geometry.ts";

export interface FormatWishes {
  /** The format that the URL names. */
  named?: OutputFormat | undefined;
  /** What the client takes besides the original's own format, best first. */
  accepted?: readonly OutputFormat[] | undefined;
  /** Nothing but JPEG, PNG and GIF is wanted; of the others becomes what is named, or what transparency needs. */
  basic?: "" | "jpeg" | "png" | undefined;
  /** Whether the picture moves and shall go on doing so. */
  moving: boolean;
  /** The size of the result. */
  result: Size;
  /** The most that slow formats are worth their time for. */
  encoding: SizeSettings;
}

export function outputFormat(header: ImageHeader, wishes: FormatWishes): OutputFormat {
  const { named, basic, accepted = [], moving, result: { width, height }, encoding } = wishes;
  const suits = (format: OutputFormat) => {
    const { moves = false, maxSide = Infinity } = encodingOf(format);
    return (!moving || moves) && Math.max(width, height) <= maxSide;
  };
  if (named) return moving ? named : stillOf(named);
  const own = basic === undefined
    ? shown(header.format)
    : BASIC.find((format) => format === header.format);
  const negotiated = accepted.find((format) => {
    const { negotiated, still } = encodingOf(format);
    if (negotiated?.isRescue && own && suits(own)) return false;
    return suits(format) && (moving || still === undefined) &&
      width * height <= mostPixels(format, encoding);
  });
  if (negotiated) return negotiated;
  if (own && suits(own)) return moving ? own : stillOf(own);
  if (basic) return basic;
  if (moving) return header.hasAlpha ? "apng" : "gif";
  return header.hasAlpha ? "png" : "jpeg";
}

function stillOf(format: OutputFormat): OutputFormat {
  return encodingOf(format).still as OutputFormat | undefined ?? format;
}

const BASIC = ["jpeg", "png", "apng", "gif"] as const;

function mostPixels(format: OutputFormat, encoding: SizeSettings): number {
  const slow = SLOW_FORMATS.find((name) => name === format);
  return slow ? encoding[`${slow}MaxPixels`] : Infinity;
}

/** The format itself, where browsers show what is written in it. */
function shown(format: FormatName): OutputFormat | undefined {
  return OUTPUT_FORMATS.find((name) => name === format && encodingOf(name).shown);
}
