// How wide runs of text are, as what draws says: it underlines each from its start to its end.
import type { Drawer } from "../formats/coding/codec.ts";
import type { Font } from "../fonts/font_set.ts";
import type { Run } from "./runs.ts";

const MANY = 1000;

/** Widths as shares of the size of letters. */
export function measure(
  runs: readonly Pick<Run, "text" | "font" | "rightToLeft">[],
  drawer: Drawer,
): number[] {
  const widths = runs.map(() => 0);
  // A line of a colour of its own for each, the letters in none.
  const texts = runs.map((run, index) =>
    `<text y="0" font-size="${MANY}" fill="${numbered(index)}" text-decoration="underline">` +
    `<tspan fill="none" ${fontOf(run)}>${lettersOf(run)}</tspan></text>`
  );
  const paths = drawer.asPaths(svgOf(texts, { width: 1, height: 1 }), fontsOf(runs));
  for (const [, colour, width] of paths.matchAll(UNDERLINE)) {
    widths[parseInt(colour!, 16) - 1] = Number(width) / MANY;
  }
  return widths;
}

const UNDERLINE = /<path fill="#([\da-f]{6})"[^>]* d="M 0 \S+ L (\S+) /g;

function numbered(index: number): string {
  return `#${(index + 1).toString(16).padStart(6, "0")}`;
}

export function fontsOf(runs: readonly Pick<Run, "font">[]): Font[] {
  return [...new Set(runs.map(({ font }) => font))];
}

export function svgOf(
  inner: readonly string[],
  { width, height }: { width: number; height: number },
): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" width="${width}" height="${height}">` +
    `${inner.join("")}</svg>`;
}

export function fontOf({ font: { family, weight, isItalic } }: Pick<Run, "font">): string {
  const style = isItalic ? ' font-style="italic"' : "";
  return `font-family="'${escaped(family)}'" font-weight="${weight}"${style}`;
}

const LEFT_TO_RIGHT = "\u202d", RIGHT_TO_LEFT = "\u202e", POP = "\u202c";

/** Its characters for an SVG, made to run in its direction whatever they are. */
export function lettersOf({ text, rightToLeft }: Pick<Run, "text" | "rightToLeft">): string {
  return (rightToLeft ? RIGHT_TO_LEFT : LEFT_TO_RIGHT) + escaped(text) + POP;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
