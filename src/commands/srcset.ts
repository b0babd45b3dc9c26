// One picture of a page as HTML: an img with several widths, within a picture where there are several formats.
import type { CommandInput } from "./terminal/command_line.ts";
import { FORMAT_WORDS, formatOf, type OutputFormat } from "../image/formats/table.ts";
import { closest } from "../options/nearest.ts";
import { optionOf, parseOptions } from "../options/parse.ts";
import { type OptionName, OPTIONS } from "../options/table.ts";

export interface PictureElement {
  /** Pixels, each once, ascending. */
  widths: readonly number[];
  /** For a `<source>` each, the browser's first choice first; none for an img alone. */
  formats: readonly OutputFormat[];
  /** How wide the picture will be, as HTML has it. */
  sizes: string;
}

/** The most widths of one picture: each is a picture to make and to keep. */
const MOST_WIDTHS = 20;

/** What -srcset and its like ask for; undefined where it is URLs. Throws a RangeError of one sentence. */
export function elementOf(
  { srcset, formats, sizes, signature }: CommandInput["flags"],
): PictureElement | undefined {
  if (srcset === undefined) {
    const stray = formats !== undefined ? "-formats" : sizes !== undefined ? "-sizes" : undefined;
    if (stray) throw new RangeError(`${stray} belongs to -srcset, which names the widths`);
    return undefined;
  }
  if (signature === "true") throw new RangeError("-srcset prints URLs, and not -signature alone");
  const parsed = parseWidths(srcset);
  const widest = parsed.at(-1)!;
  return {
    widths: parsed,
    formats: parseFormats(formats ?? ""),
    // As wide as the window, but never wider than there is a picture for.
    sizes: sizes ?? `(min-width: ${widest}px) ${widest}px, 100vw`,
  };
}

/** Reads `320,640,1280`. */
function parseWidths(text: string): number[] {
  const widths = text.split(",").map((word) => word.trim()).filter((word) => word !== "");
  const wrong = widths.find((word) => !/^[1-9]\d{0,4}$/.test(word));
  if (wrong !== undefined || widths.length === 0 || widths.length > MOST_WIDTHS) {
    throw new RangeError(
      `-srcset takes up to ${MOST_WIDTHS} widths in pixels, 320,640,1280, not "${wrong ?? text}"`,
    );
  }
  return [...new Set(widths.map(Number))].sort((a, b) => a - b);
}

/** Reads `avif,webp`. */
function parseFormats(text: string): OutputFormat[] {
  const words = text.split(",").map((word) => word.trim()).filter((word) => word !== "");
  return [
    ...new Set(words.map((word) => {
      const format = FORMAT_WORDS.get(word);
      if (format) return format;
      const known = [...FORMAT_WORDS.keys()];
      const near = closest(word, known);
      throw new RangeError(
        `-formats takes any of ${known.join(", ")}, not "${word}"${
          near === undefined ? "" : `; did you mean ${near}?`
        }`,
      );
    })),
  ];
}

/** Options by which a picture is not as wide as its size says, so that the browser would be told a wrong width. */
const WIDENING: readonly OptionName[] = [
  ...["dpr", "zoom", "resize", "proportion", "min", "rotate", "angle", "padding", "cut"] as const,
  ...["adapt", "within", "extend", "extendRatio"] as const,
];

/**
 * The option tokens of the same picture so many pixels wide, and of another format where one is named; a
 * height keeps its proportion to the width. Throws a RangeError of one sentence where the result would be
 * of another width.
 */
export function tokensAt(
  tokens: readonly string[],
  { width, format }: { width: number; format?: OutputFormat | undefined },
): string[] {
  const options = parseOptions(tokens.join(","));
  const { size = { width: 0, height: 0 } } = options;
  const isBoxed = size.height !== 0 && options.fit !== undefined && options.fit !== "stretch";
  const wider = isBoxed ? "fit" : WIDENING.find((name) => options[name] !== undefined);
  if (wider) {
    throw new RangeError(
      `with -srcset the size alone says how wide the picture is: leave out ${
        OPTIONS[wider].syntax.split(" ")[0]
      }`,
    );
  }
  const teller = (Object.keys(options) as OptionName[]).find((name) =>
    OPTIONS[name].group === "facts"
  );
  if (teller) throw new RangeError(`${teller} answers no picture, so it has no place in -srcset`);
  const { width: across, height: up } = size;
  const inPixels = across >= 1 && up >= 1;
  if (up !== 0 && !inPixels) {
    throw new RangeError(
      "-srcset sets the width: name no height, or a width and a height in pixels for the shape",
    );
  }
  const height = inPixels ? Math.max(1, Math.round(width * up / across)) : "";
  const kept = tokens.filter((token) => {
    const name = optionOf(token);
    return name !== "size" && !(format && name === "format");
  });
  return [`${width}x${height}`, ...kept, ...(format ? [format] : [])];
}

/** The element, with the URLs that `urlAt` gives for a width and a format (undefined: that of the img itself). */
export function pictureElement(
  { widths, formats, sizes }: PictureElement,
  urlAt: (width: number, format: OutputFormat | undefined) => string,
): string {
  const set = (format: OutputFormat | undefined, indent: string) => {
    const lines = widths.map((width) => `${indent}  ${attribute(urlAt(width, format))} ${width}w`);
    return `srcset="\n${lines.join(",\n")}\n${indent}"`;
  };
  // For browsers that know no srcset, and for everyone who copies the picture.
  const middle = widths[Math.floor((widths.length - 1) / 2)]!;
  const img = (indent: string) =>
    [
      `${indent}<img`,
      `${indent}  src="${attribute(urlAt(middle, undefined))}"`,
      `${indent}  ${set(undefined, `${indent}  `)}`,
      `${indent}  sizes="${attribute(sizes)}"`,
      `${indent}  alt=""`,
      `${indent}>`,
    ].join("\n");
  if (formats.length === 0) return img("");
  const sources = formats.map((format) =>
    [
      "  <source",
      `    type="${formatOf(format).mediaType}"`,
      `    ${set(format, "    ")}`,
      `    sizes="${attribute(sizes)}"`,
      "  >",
    ].join("\n")
  );
  return ["<picture>", ...sources, img("  "), "</picture>"].join("\n");
}

function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}
