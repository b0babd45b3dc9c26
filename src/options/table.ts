// Every option of the URL, one entry each, in the order in which they are applied to an image.
// The `Options` type, the parser, docs/options.md and the error messages derive from this table.
import { malformed, type Option, type Token } from "./option.ts";
import { formatNumber, parseDecimal, parseInteger } from "./number.ts";

/** Wanted width and height: pixels (integers ≥ 1), a share of the original (0 < f < 1), 0 keeps the ratio. */
export interface Size {
  width: number;
  height: number;
}

/** A crop rectangle as written: pixels or shares; negative x and y count from the far edge. */
export interface CropRectangle {
  x?: number;
  y?: number;
  width?: number;
  height?: number;
}

export type RotateAngle = 90 | 180 | 270;

/** Formats by their names in a URL, with what an answer calls them. */
export const OUTPUT_FORMATS = ["jpeg", "png", "gif", "webp", "avif", "jxl", "tiff"] as const;
export type OutputFormat = (typeof OUTPUT_FORMATS)[number];

const FORMAT_WORDS: ReadonlyMap<string, OutputFormat | "auto"> = new Map([
  ...OUTPUT_FORMATS.map((format) => [format, format] as const),
  ["jpg", "jpeg"],
  ["auto", "auto"],
]);

const CROP_SIDES = { cx: "x", cy: "y", cw: "width", ch: "height" } as const;

export const OPTIONS = {
  trim: flag(
    "trim",
    "Remove the edges that have the colour of the top left pixel, before all else.",
  ),
  crop: option<CropRectangle>({
    syntax: "cx{x} cy{y} cw{width} ch{height}",
    summary:
      "Crop to a rectangle before resizing: pixels, or shares of the image between 0 and 1. " +
      "Negative `cx` and `cy` count from the right and bottom edge; what lies outside is clipped.",
    examples: ["cw100,ch100", "cx10,cy20,cw100,ch200", "cx0.15,cy0.3,cw0.5,ch0.5", "cx-100,cy-80"],
    tokens: { prefixes: Object.keys(CROP_SIDES) },
    transforms: true,
    parse: parseCropSide,
    format: (crop) =>
      Object.entries(CROP_SIDES).flatMap(([prefix, side]) =>
        crop[side] ? [prefix + formatNumber(crop[side])] : []
      ),
  }),
  smartCrop: flag(
    "sc",
    "With a width and a height: fill the box from the most interesting region instead of the centre.",
  ),
  size: option<Size>({
    syntax: "{width}x{height} {width}x x{height} {n}",
    summary:
      "Resize: integers are pixels, numbers between 0 and 1 a share of the original, 0 or nothing keeps the " +
      "ratio, `{n}` means `{n}x{n}`. With both sides the picture fills the box and is cropped to it.",
    examples: ["100x150", "200x", "x0.15", "100"],
    tokens: { size: true },
    transforms: true,
    parse: parseSize,
    format: ({ width, height }) => [`${formatNumber(width)}x${formatNumber(height)}`],
  }),
  fit: flag("fit", "Fit inside the box of the size instead of filling it; nothing is cropped."),
  scaleUp: flag(
    "scaleUp",
    "Allow the picture to become larger than the original. Only where the server allows it.",
  ),
  rotate: option<RotateAngle>({
    syntax: "r{90|180|270}",
    summary: "Rotate counter-clockwise, after resizing.",
    examples: ["r90", "r180", "r270"],
    tokens: { prefixes: ["r"] },
    transforms: true,
    parse(token) {
      const angle = parseInteger(token.value);
      if (angle === 90 || angle === 180 || angle === 270) return angle;
      throw malformed(token, "rotate takes 90, 180 or 270");
    },
    format: (angle) => [`r${angle}`],
  }),
  flipVertical: flag("fv", "Flip vertically, after rotating."),
  flipHorizontal: flag("fh", "Flip horizontally, after rotating."),
  quality: option<number>({
    syntax: "q{1…100}",
    summary: "Quality of a lossy format.",
    examples: ["q60", "q85"],
    tokens: { prefixes: ["q"] },
    transforms: true,
    parse(token) {
      const quality = parseInteger(token.value);
      if (quality !== undefined && quality >= 1 && quality <= 100) return quality;
      throw malformed(token, "quality takes a whole number from 1 to 100");
    },
    format: (quality) => [`q${quality}`],
  }),
  format: option<OutputFormat | "auto">({
    syntax: [...FORMAT_WORDS.keys()].join(" "),
    summary:
      "The format of the result (`jpg` is `jpeg`). `auto` takes the best format that the request's Accept header names.",
    examples: ["png", "jpeg", "webp", "avif", "auto"],
    tokens: { words: [...FORMAT_WORDS.keys()] },
    transforms: true,
    parse: (token) => FORMAT_WORDS.get(token.key) ?? "auto",
    format: (format) => [format],
  }),
  preset: option<string>({
    syntax: "preset:{name}",
    summary:
      "The options that the server's `presets` setting gives this name; what the URL says besides wins over them.",
    examples: ["preset:avatar"],
    tokens: { name: "preset" },
    transforms: false,
    parse(token) {
      if (/^[\w.-]+$/.test(token.value)) return token.value;
      throw malformed(token, "a preset's name is made of letters, digits, dots, - and _");
    },
    format: (name) => [`preset:${name}`],
  }),
  validUntil: option<number>({
    syntax: "vu{unix time}",
    summary:
      "The URL is valid until this time, in seconds since 1970; from then on it answers 410.",
    examples: ["vu1800000000"],
    tokens: { prefixes: ["vu"] },
    transforms: false,
    parse(token) {
      const seconds = parseInteger(token.value);
      if (seconds) return seconds;
      throw malformed(token, "vu takes a time in whole seconds since 1970");
    },
    format: (seconds) => [`vu${seconds}`],
  }),
  signature: option<string>({
    syntax: "s{signature}",
    summary:
      "The HMAC-SHA256 of the remote URL, or of `{remote URL}#{canonical options}`, in base64url; padding may be left out.",
    examples: ["s0sR2kjyfiF1RQRj4Jm2fFa3_6SDFqdAaDEmy1oD2U-4"],
    tokens: { prefixes: ["s"] },
    transforms: false,
    parse(token) {
      if (/^[A-Za-z0-9_-]{43}=?$/.test(token.value)) return token.value.slice(0, 43);
      throw malformed(token, "a signature is s and the 43 base64url characters of an HMAC-SHA256");
    },
    format: () => [],
  }),
  // deno-lint-ignore no-explicit-any -- the one place where the values of all options meet
} as const satisfies Record<string, Option<any>>;

export type OptionName = keyof typeof OPTIONS;

/** What a URL asks for: each option's value where the URL gives one. */
export type Options = {
  [Name in OptionName]?: (typeof OPTIONS)[Name] extends Option<infer Value> ? Value : never;
};

function option<T>(entry: Option<T>): Option<T> {
  return entry;
}

function flag(word: string, summary: string): Option<true> {
  return {
    syntax: word,
    summary,
    examples: [word],
    tokens: { words: [word] },
    transforms: true,
    parse: () => true,
    format: () => [word],
  };
}

function parseSize(token: Token, earlier: Size = { width: 0, height: 0 }): Size {
  const accepted =
    "a size is {width}x{height}, {width}x, x{height} or {n}, each a whole number of pixels " +
    "or a share between 0 and 1";
  const [, width = "", delimiter, height = ""] = /^([^x]*)(x?)(.*)$/s.exec(token.text) ?? [];
  const side = (text: string) => {
    const value = parseDecimal(text);
    if (value === undefined || value < 0 || (value > 1 && !Number.isInteger(value))) {
      throw malformed(token, accepted);
    }
    return value;
  };
  if (!delimiter) return { width: side(width), height: side(width) };
  return {
    width: width ? side(width) : earlier.width,
    height: height ? side(height) : earlier.height,
  };
}

function parseCropSide(token: Token, earlier: CropRectangle = {}): CropRectangle {
  const side = CROP_SIDES[token.key as keyof typeof CROP_SIDES];
  const value = parseDecimal(token.value);
  const fromFarEdge = side === "x" || side === "y";
  if (
    value === undefined || (value < 0 && !fromFarEdge) ||
    (Math.abs(value) > 1 && !Number.isInteger(value))
  ) {
    const range = fromFarEdge ? "; a negative one counts from the far edge" : ", not below 0";
    throw malformed(token, `${token.key} takes whole pixels or a share between 0 and 1${range}`);
  }
  return { ...earlier, [side]: value };
}
