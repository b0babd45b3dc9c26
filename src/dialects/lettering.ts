// Text that other servers write over pictures, as the one text of this one.
import { Buffer } from "node:buffer";
import { formatColour, parseColour } from "../options/colour.ts";
import { parseDecimal, parseInteger } from "../options/number.ts";
import type { Gravity } from "../options/placement.ts";
import {
  type ForeignEntry,
  malformedOption,
  noCounterpart,
  type WrittenOption,
} from "./dialect.ts";
import { type PathState, unescaped } from "./thumbor_path.ts";
import { colourOf } from "./values.ts";
import { fine, type ImgproxyWatermark, placedBy } from "./watermark.ts";

/** The words of `text:`. */
interface Lettering {
  text: string;
  gravity: Gravity | "tile";
  /** Pixels, or shares below 1. */
  x: number;
  y: number;
  /** Pixels. */
  size: number;
  colour: string;
  /** From 0 to 1. */
  opacity: number;
}

function textToken({ text, gravity, x, y, size, colour, opacity }: Lettering): string {
  const [red, green, blue, alpha] = parseColour(colour)!;
  const paint = formatColour([red, green, blue, Math.round(alpha * opacity)]);
  const encoded = Buffer.from(text).toString("base64url");
  return `text:${[encoded, gravity, fine(x), fine(y), size, paint].join(":")}`;
}

const IMAGOR_SIZE = 20;
const NOTE =
  "one of them; in the server's usual font, over all other filters, and wrapped where the picture ends";

/** imagor's filters: a line of a height, and text of a font's size. */
export const TEXT_FILTERS: readonly ForeignEntry<PathState>[] = [
  {
    names: ["label"],
    syntax: "label(text,x,y,size,colour,alpha)",
    verdict: "nearly",
    ours: "`text:…`",
    note: `${NOTE}; the size is that of the font, there the height of what is seen`,
    read(option, state) {
      const [, , , size = "", colour, alpha, font = ""] = option.args;
      if (!/^(?:sans)?$/i.test(font)) throw noCounterpart(option.text, "the font sans");
      write(option, state, {
        size: size === "" ? IMAGOR_SIZE : sizeOf(option, size),
        colour,
        alpha,
      });
    },
  },
  {
    names: ["text"],
    syntax: "text(text,x,y,font,colour,alpha)",
    verdict: "nearly",
    ours: "`text:…`",
    note: `${NOTE}; of fonts sans and sans-{size} alone`,
    read(option, state) {
      const [, , , font = "", colour, alpha, ...others] = option.args;
      const known = /^(?:sans(?:[-+ ](\d+))?)?$/i.exec(unescaped(font));
      if (!known) throw noCounterpart(option.text, "the fonts sans and sans-{size}");
      const [, size] = known;
      if (others.some((other) => other !== "")) {
        throw noCounterpart(option.text, "text(text,x,y,font,colour,alpha)");
      }
      write(option, state, {
        size: size === undefined ? IMAGOR_SIZE : sizeOf(option, size),
        colour,
        alpha,
      });
    },
  },
];

function sizeOf({ text }: WrittenOption, size: string): number {
  const pixels = parseInteger(size);
  if (pixels !== undefined && pixels >= 1 && pixels <= 65_535) return pixels;
  throw malformedOption(text, "the size of text is whole pixels");
}

function write(
  option: WrittenOption,
  { tokens }: PathState,
  { size, colour = "", alpha = "" }: {
    size: number;
    colour: string | undefined;
    alpha: string | undefined;
  },
): void {
  const [written = "", x = "", y = ""] = option.args;
  const text = wordsOf(written);
  if (text.trim() === "") return;
  if (tokens.has("text")) throw noCounterpart(option.text, "one text");
  const transparency = alpha === "" ? 0 : parseDecimal(alpha) ?? NaN;
  if (!(transparency >= 0 && transparency <= 100)) {
    throw malformedOption(option.text, "alpha is a number from 0 to 100");
  }
  const token = textToken({
    text,
    ...placedBy(option, { x: x || "0", y: y || "0" }),
    size,
    colour: colour === "" ? "000000" : colourOf(option, colour),
    opacity: 1 - transparency / 100,
  });
  tokens.set("text", token);
}

/** As the query of a URL is read, and base64url behind `b64:`. */
function wordsOf(written: string): string {
  const text = unescaped(written);
  const encoded = /^b64:([\w-]+)$/.exec(text)?.[1];
  return encoded === undefined ? text : Buffer.from(encoded, "base64url").toString();
}

/** Pixels of imgproxy's text, unless its markup says another size. */
const IMGPROXY_SIZE = 16;

/** The text of imgproxy's `watermark_text`. */
export function imgproxyText(option: WrittenOption): string {
  const [encoded = ""] = option.args;
  if (!/^[\w-]*=*$/.test(encoded)) {
    throw malformedOption(option.text, "the text of a watermark is in base64url");
  }
  const text = Buffer.from(encoded, "base64url").toString();
  if (/[<&]/.test(text)) throw noCounterpart(option.text, "text without markup");
  return text;
}

/** The token of such a text where the watermark says; throws where that gives it another size. */
export function imgproxyTextToken(text: string, watermark: ImgproxyWatermark): string {
  const { width, ...place } = watermark;
  if (width > 0) throw noCounterpart("watermark_text", "one without a scale");
  return textToken({ text, ...place, size: IMGPROXY_SIZE, colour: "000000" });
}
