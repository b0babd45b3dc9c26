// Letters over a picture, as the options write them: `text:SGVsbG8:se:10:10:24:white`, `font:NotoSansHebrew`.
import { ProxyError } from "../errors.ts";
import { BUILT_IN_FONTS } from "../image/fonts/built_in.ts";
import { layOver } from "../paint/layer.ts";
import type { Colour } from "../paint/raster.ts";
import { COLOUR_SYNTAX, formatColour, parseColour } from "./colour.ts";
import {
  FINE,
  formatParts,
  isLength,
  type LayerPlacement,
  MOST,
  problemWithPlacement,
  sideOf,
} from "./layer_placement.ts";
import { parseDecimal } from "./number.ts";
import { nearest } from "./nearest.ts";
import { malformed, type Option, quote, type Token } from "./option.ts";

/** The value of `text:`. */
export interface Lettering extends LayerPlacement {
  /** At most 200 characters, in lines. */
  text: string;
  /** Of the letters: pixels before dpr, or a share of the result's shorter side; 0 for the usual one. */
  size: number;
  colour: Colour;
}

/** Characters of one text. */
const LONGEST = 200;
const USUAL = { gravity: "c", x: 0, y: 0, size: 0 } as const;
const USUAL_COLOUR = "black";
/** How syntax says what people are better not asked to write themselves. */
export const ENCODED_WORDS = "base64url of UTF-8";
const FORM = `{${ENCODED_WORDS}}[:{gravity}[:{x}[:{y}[:{size}[:{colour}]]]]]`;

export const TEXT: Option<Lettering> = {
  group: "over",
  syntax: `text:${FORM}`,
  summary:
    `Write over the picture: at most ${LONGEST} characters in base64url, with line breaks, wrapped at the picture's ` +
    "width. Gravity (the middle unless told, and `tile`), `x` and `y` are those of `overlay`; the lines lie as the " +
    "gravity says. The size of the letters is pixels or a share of the result's shorter side, 0.08 unless told, the " +
    "colour black unless told, or half transparent as `00000080`. Right-to-left scripts run that way. What the picture " +
    "is too low for is left out, from the last line on. It lies over overlays, on every frame of an animation.",
  examples: [
    "text:wqkgSi4gRG9lLCAyMDI2:se:8:8:0.12:white",
    "text:U2FsZQ:tile:0.1:0.1:24:ffffff80",
    "text:16nXnNeV150:n:0:0.05:0.2:gold",
  ],
  tokens: { name: "text" },
  transforms: true,
  parse: parseLettering,
  format: (lettering) => [`text:${formatLettering(lettering)}`],
  paint(picture, { gravity, x, y }, { layer, scale }) {
    const shown = layer?.("text", picture);
    if (shown) layOver(picture, shown, { gravity: sideOf(gravity), x, y, opacity: 1, scale });
  },
};

export const FONT: Option<string> = {
  group: "over",
  syntax: "font:{name}",
  summary:
    "The font of `text`: the name of a file in the server's setting `fontDir`, without its extension, or one of those " +
    `that are built in: ${
      BUILT_IN_FONTS.join(", ")
    }, the first unless told. Characters that it does not have are ` +
    "taken from one of the others.",
  examples: ["font:DejaVuSans", "font:NotoNaskhArabic"],
  tokens: { name: "font" },
  transforms: true,
  parse(token) {
    if (FONT_NAME.test(token.value)) return token.value;
    throw malformed(token, "a font's name is made of letters, digits, dots, - and _");
  },
  format: (name) => [`font:${name}`],
};

/** The refusal of a font that is none of these. */
export function unknownFont(font: string, known: readonly string[]): ProxyError {
  return new ProxyError(
    "malformed",
    `There is no font ${quote(font)}: this server has ${known.join(", ")}${nearest(font, known)}`,
  );
}

const FONT_NAME = /^[\p{L}\p{M}\p{N}_.-]{1,100}$/u;

function parseLettering(token: Token): Lettering {
  const [encoded = "", gravity = "", x, y, size, colour, ...more] = token.value.split(":");
  const number = (part: string | undefined, usual: number) =>
    part === undefined || part === "" ? usual : parseDecimal(part) ?? NaN;
  const placement = {
    gravity: (gravity || USUAL.gravity) as Lettering["gravity"],
    x: number(x, USUAL.x),
    y: number(y, USUAL.y),
  };
  const lettering = { text: textOf(encoded, token), ...placement, size: number(size, USUAL.size) };
  const problem = more.length > 0 ? `it takes ${FORM}` : problemWith(lettering);
  if (problem) throw malformed(token, problem);
  const parsed = parseColour(colour || USUAL_COLOUR);
  if (!parsed) throw malformed(token, `the colour is ${COLOUR_SYNTAX}`);
  return { ...lettering, colour: parsed };
}

function textOf(encoded: string, token: Token): string {
  let bytes: Uint8Array;
  try {
    if (!/^[\w-]*={0,2}$/.test(encoded)) throw new SyntaxError("Not of its alphabet");
    bytes = Uint8Array.fromBase64(encoded, { alphabet: "base64url" });
  } catch {
    throw malformed(token, "the text is not base64url");
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw malformed(token, "the text is not UTF-8");
  }
  return text.replaceAll(/\r\n?|[\u2028\u2029]/g, "\n");
}

function problemWith({ text, size, ...placement }: Omit<Lettering, "colour">): string | undefined {
  if (text === "") return "the text is empty";
  if ([...text].length > LONGEST) return `the text has more than ${LONGEST} characters`;
  // Of no use to what draws, or none that XML can hold.
  if (/(?!\n)\p{Cc}/u.test(text)) return "the text holds control characters";
  if (!isLength(size) || size < 0) {
    return `the size is whole pixels up to ${MOST}, a share between 0 and 1${FINE}, or 0 for the usual one`;
  }
  return problemWithPlacement(placement);
}

function formatLettering({ text, gravity, x, y, size, colour }: Lettering): string {
  const encoded = new TextEncoder().encode(text).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
  return formatParts([encoded, gravity, x, y, size, formatColour(colour)], [
    ...Object.values(USUAL),
    formatColour(parseColour(USUAL_COLOUR)!),
  ]);
}
