// Every option of the URL, one entry each, in the order in which they are applied to an image.
// The `Options` type, the parser, docs/options.md and the error messages derive from this table.
import type { AutoQuality } from "../image/formats/coding/auto_quality.ts";
import type { MetadataChoice } from "../image/formats/coding/metadata.ts";
import {
  encodingOf,
  FORMAT_WORDS,
  formatOf,
  LOSSY_FORMATS,
  OUTPUT_FORMATS,
  type OutputFormat,
} from "../image/formats/table.ts";
import { blur, sharpen } from "../paint/blur.ts";
import { border, round } from "../paint/edge.ts";
import { mask, MASK_SHAPES, type MaskShape } from "../paint/mask.ts";
import { pixelate } from "../paint/pixelate.ts";
import { type Colour, type Raster, underlay } from "../paint/raster.ts";
import { blurHash, dominantColour, palette, thumbHash } from "../paint/summary.ts";
import {
  duotone,
  GRAY,
  hueTurned,
  mapLevels,
  mixChannels,
  type Mixture,
  saturated,
  SEPIA,
  spread,
  tint,
} from "../paint/tone.ts";
import { COLOUR_SYNTAX, formatColour, parseColour } from "./colour.ts";
import { formatNumber, parseDecimal, parseInteger } from "./number.ts";
import { type Group, malformed, type Option, type PaintSettings, type Token } from "./option.ts";
import { overlayOption } from "./overlay.ts";
import { formatQuality, parseQuality, USUAL_SIMILARITY } from "./quality.ts";
import { formatPlacement, GRAVITIES, type Placement, placementOf } from "./placement.ts";
import { FONT, TEXT } from "./text.ts";
import {
  colourOf,
  decimalOf,
  degreesOf,
  integerOf,
  pointOf,
  type Range,
  ratioOf,
} from "./values.ts";

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

/**
 * How a picture and a box of two sides come together, where the box is not filled: `inside`, whole in it;
 * `outside`, whole around it; `stretch`, in its very shape; `auto`, filled where both are upright or both
 * lie, else inside; `turned`, inside of the box or of the box on its side, by the larger result.
 */
export const FIT_MODES = ["inside", "outside", "stretch", "auto", "turned"] as const;
export type FitMode = (typeof FIT_MODES)[number];

/** A crop to a size where the gravity says; a side of 0 is the whole side. */
export interface PlacedCrop extends Size, Placement {}

/** What a box is made no larger than: the picture in its shape, that on its side, or each side for itself. */
export type WithinMode = "lying" | "turned" | "sides";

/** Whose arithmetic decides a side that follows: libvips' own, that of its thumbnails, or a server's on top of it. */
export const RECKONERS = ["libvips", "thumbnail", "imagor", "sharp", "weserv", "imgproxy"] as const;
export type Reckoner = (typeof RECKONERS)[number];

export const RESIZE_TYPES = ["fit", "fill", "fill-down", "force", "auto"] as const;

/** A size that is reckoned by factors: least sides, zooms and dpr come into them one after the other. */
export interface Resize extends Size {
  type: (typeof RESIZE_TYPES)[number];
  zoom: { x: number; y: number };
  dpr: number;
  /** Pixels, before dpr; 0 for none. */
  least: Size;
}

/** Lengths along the four edges, in pixels. */
export interface Edges {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** A border along the inside of the edge. */
export interface Border {
  /** Pixels, before dpr. */
  width: number;
  colour: Colour;
}

const CROP_SIDES = { cx: "x", cy: "y", cw: "width", ch: "height" } as const;

export const OPTIONS = {
  trim: option<{ tolerance: number; corner?: "se" }>({
    group: "crop",
    syntax: "trim trim:{0…255}[:se]",
    summary:
      "Remove the edges that have the colour of the top left pixel (with `se`, of the bottom right one), before all else. " +
      "A tolerance says by how many of 255 levels each of red, green, blue and alpha may differ from it; `trim` alone " +
      "takes exactly that colour.",
    examples: ["trim", "trim:10", "trim:0:se"],
    tokens: { words: ["trim"], name: "trim" },
    transforms: true,
    parse(token) {
      if (token.text === "trim") return { tolerance: 0 };
      const [value = "", corner, ...more] = token.value.split(":");
      if (more.length > 0 || (corner !== undefined && corner !== "se")) {
        throw malformed(
          token,
          "trim takes a tolerance from 0 to 255, and se for the bottom right pixel",
        );
      }
      const tolerance = integerOf({ ...token, value }, { min: 0, max: 255 });
      return corner ? { tolerance, corner } : { tolerance };
    },
    format: ({ tolerance, corner }) => [
      corner ? `trim:${tolerance}:${corner}` : tolerance === 0 ? "trim" : `trim:${tolerance}`,
    ],
  }),
  noTurn: flag(
    "noTurn",
    "turn",
    "Take the picture as it is stored, whichever way up its EXIF orientation says that it is.",
  ),
  crop: option<CropRectangle>({
    group: "crop",
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
  placedCrop: option<PlacedCrop>({
    group: "crop",
    syntax: "crop:{width}x{height}[:{gravity}[:{x}[:{y}]]]",
    summary:
      "Crop to this size before resizing, where the gravity says (the middle unless told) and `x`, `y` inward from " +
      "there: pixels, or shares of the image between 0 and 1; 0 or nothing is the whole side.",
    examples: ["crop:200x200", "crop:0.5x0.5:se", "crop:300x:n:0:20"],
    tokens: { name: "crop" },
    transforms: true,
    parse: parsePlacedCrop,
    format: ({ width, height, ...placement }) => [
      `crop:${formatNumber(width)}x${formatNumber(height)}:${formatPlacement(placement)}`,
    ],
  }),
  smartCrop: flag(
    "sc",
    "crop",
    "With a width and a height: fill the box from the most interesting region instead of the centre.",
  ),
  size: option<Size>({
    group: "size",
    syntax: "{width}x{height} {width}x x{height} {n}",
    summary:
      "Resize: integers are pixels, numbers between 0 and 1 a share of the original, 0 or nothing keeps the " +
      "ratio, `{n}` means `{n}x{n}`. With both sides the picture fills the box and is cropped to it. Nothing is " +
      "enlarged, a cropped region neither.",
    examples: ["100x150", "200x", "x0.15", "100"],
    tokens: { size: true },
    transforms: true,
    parse: parseSize,
    format: ({ width, height }) => [`${formatNumber(width)}x${formatNumber(height)}`],
  }),
  fit: option<FitMode>({
    group: "size",
    syntax: "fit fit:{outside|stretch|auto|turned}",
    summary:
      "Fit inside the box of the size instead of filling it; nothing is cropped. `outside`: as small as covers the box, " +
      "not cropped. `stretch`: the sides of the box, whatever becomes of the shape. `auto`: fill where picture and box " +
      "are both upright or both lie, else fit. `turned`: fit inside the box or the box on its side, by what is larger.",
    examples: ["fit", "fit:outside", "fit:stretch", "fit:auto", "fit:turned"],
    tokens: { words: ["fit"], name: "fit" },
    transforms: true,
    parse: parseFit,
    format: (mode) => [mode === "inside" ? "fit" : `fit:${mode}`],
  }),
  zoom: option<number>({
    group: "size",
    syntax: "zoom:{0.001…1000}",
    summary:
      "Multiplies the sides of the size, or those of the picture where no size is named. At most three decimals.",
    examples: ["zoom:0.5", "zoom:1.5"],
    tokens: { name: "zoom" },
    transforms: true,
    parse(token) {
      const value = decimalOf(token, { min: 0.001, max: 1000 });
      if (Number(value.toFixed(3)) === value) return value;
      throw malformed(token, "zoom takes a number from 0.001 to 1000 with at most three decimals");
    },
    format: (zoom) => [`zoom:${formatNumber(zoom)}`],
  }),
  scaleUp: flag(
    "scaleUp",
    "size",
    "Allow the picture, or what a crop left of it, to be enlarged. Only where the server allows it.",
  ),
  adapt: flag(
    "adapt",
    "size",
    "Swap the sides of the size where the picture is upright and the box lies, or the other way round.",
  ),
  noScaleUp: flag(
    "noScaleUp",
    "size",
    "Enlarge nothing, where the server's setting scaleUp has pictures enlarged.",
  ),
  evenHalves: flag(
    "evenhalves",
    "size",
    "Round half a pixel of a side that follows from the other one to the even number, not up.",
  ),
  roundDown: flag(
    "rounddown",
    "size",
    "Cut a side that follows from the other one to whole pixels, instead of rounding it; with `fit`, fit inside those.",
  ),
  reckon: option<Reckoner>({
    group: "size",
    syntax: `reckon:{${RECKONERS.join("|")}}`,
    summary:
      "Reckon a side that follows from the other one as programs on libvips do, to the pixel: `thumbnail`, `imagor`, `sharp`, " +
      "`weserv` and `imgproxy` from the whole pixels to which each of them shrinks a JPEG or a WebP on loading, `libvips` without that.",
    examples: ["reckon:sharp", "reckon:thumbnail"],
    tokens: { name: "reckon" },
    transforms: true,
    parse(token) {
      const reckoner = RECKONERS.find((each) => each === token.value);
      if (reckoner) return reckoner;
      throw malformed(token, `reckon takes ${RECKONERS.join(", ")}`);
    },
    format: (reckoner) => [`reckon:${reckoner}`],
  }),
  resize: option<Resize>({
    group: "size",
    syntax: "resize:{type}:{width}:{height}[:{zoom x}:{zoom y}:{dpr}:{least width}:{least height}]",
    summary:
      "A size as imgproxy reckons it, in the place of the size, `zoom`, `min` and `dpr`: the type is " +
      `${
        RESIZE_TYPES.join(", ")
      }; 0 or nothing is a side that is not wanted, the least sides come after the zooms and ` +
      "before dpr, which may lie below 1. The result is cropped to the wanted sides by `gravity` or `focus`.",
    examples: ["resize:fill:300:200", "resize:fit:300:0:1:1:2", "resize:fit:300:200:1:1:1:150:150"],
    tokens: { name: "resize" },
    transforms: true,
    parse: parseResize,
    format: formatResize,
  }),
  extend: option<Placement>({
    group: "room",
    syntax: "extend:{gravity}[:{x}[:{y}]]",
    summary:
      "With `resize:`, room around a picture that is smaller than the box, where the gravity puts the picture.",
    examples: ["extend:c", "extend:ne:5:5"],
    tokens: { name: "extend" },
    transforms: true,
    parse: (token) => placementOf(token, token.value.split(":")),
    format: (placement) => [`extend:${formatPlacement(placement)}`],
  }),
  extendRatio: option<Placement>({
    group: "room",
    syntax: "extendratio:{gravity}[:{x}[:{y}]]",
    summary: "With `resize:`, room around the picture that gives it the shape of the box.",
    examples: ["extendratio:c", "extendratio:s"],
    tokens: { name: "extendratio" },
    transforms: true,
    parse: (token) => placementOf(token, token.value.split(":")),
    format: (placement) => [`extendratio:${formatPlacement(placement)}`],
  }),
  within: option<WithinMode>({
    group: "size",
    syntax: "within within:{turned|sides}",
    summary:
      "Make the box of a size with two sides smaller, in its shape, until no side exceeds that of the picture before " +
      "it is trimmed (of that on its side, with `turned`); then fill it, or fit, stretch or pad to it. `sides`: make " +
      "each side of a size that exceeds that of the picture as long as that.",
    examples: ["within", "within:turned", "within:sides"],
    tokens: { words: ["within"], name: "within" },
    transforms: true,
    parse(token) {
      if (token.text === "within") return "lying";
      if (token.value === "turned" || token.value === "sides") return token.value;
      throw malformed(token, "within takes nothing, turned, or sides");
    },
    format: (mode) => [mode === "lying" ? "within" : `within:${mode}`],
  }),
  proportion: option<number>({
    group: "size",
    syntax: "proportion:{0.001…1}",
    summary: "This share of the sides that all the other options lead to, cut to whole pixels.",
    examples: ["proportion:0.5"],
    tokens: { name: "proportion" },
    transforms: true,
    parse: (token) => decimalOf(token, { min: 0.001, max: 1 }),
    format: (share) => [`proportion:${formatNumber(share)}`],
  }),
  // Options of the shape.
  aspect: option<{ width: number; height: number }>({
    group: "crop",
    syntax: "ar:{width}:{height}",
    summary:
      "The aspect ratio. With one side of a size the other one follows from it; without a size the picture is cropped " +
      "to the largest region of that shape, or with `pad` padded to it. A size of two sides has its own shape.",
    examples: ["ar:16:9", "ar:1:1", "ar:1.91:1"],
    tokens: { name: "ar" },
    transforms: true,
    parse: ratioOf,
    format: ({ width, height }) => [`ar:${width}:${height}`],
  }),
  min: option<Size>({
    group: "crop",
    syntax: "min:{width}x{height} min:{width}x min:x{height} min:{n}",
    summary:
      "The smallest sides, in pixels, that `fit` or a size of one side may lead to. The picture is then made larger " +
      "than the size asks, up to its own size, and cropped where it exceeds a wanted side. Not with `pad`.",
    examples: ["min:200x200", "min:x100", "min:150x", "min:300"],
    tokens: { name: "min" },
    transforms: true,
    parse: parseLeast,
    format: ({ width, height }) => [`min:${formatNumber(width)}x${formatNumber(height)}`],
  }),
  gravity: option<Placement>({
    group: "crop",
    syntax: `gravity:{${Object.keys(GRAVITIES).join("|")}}[:{x}[:{y}]]`,
    summary:
      "Which part of the picture a crop to a shape keeps, by compass (`n` is the top), or where `pad` puts it, and how " +
      "far inward from there: pixels of the result, or shares of what it lies in. The middle, `c`, unless told.",
    examples: ["gravity:ne", "gravity:s", "gravity:c", "gravity:nw:10:0.1"],
    tokens: { name: "gravity" },
    transforms: true,
    parse: (token) => placementOf(token, token.value.split(":")),
    format: (placement) => [`gravity:${formatPlacement(placement)}`],
  }),
  focus: option<{ x: number; y: number }>({
    group: "crop",
    syntax: "focus:{x}:{y}",
    summary:
      "The point that a crop to a shape keeps nearest to its middle, as shares of the whole picture's width and height. " +
      "It comes before gravity; `sc` comes before both.",
    examples: ["focus:0.3:0.7", "focus:1:0"],
    tokens: { name: "focus" },
    transforms: true,
    parse: pointOf,
    format: ({ x, y }) => [`focus:${formatNumber(x)}:${formatNumber(y)}`],
  }),
  point: option<{ x: number; y: number }>({
    group: "crop",
    syntax: "point:{x}:{y}",
    summary: "The same in pixels of the whole picture. `focus` comes before it.",
    examples: ["point:120:80", "point:0.5:1000"],
    tokens: { name: "point" },
    transforms: true,
    parse(token) {
      const [x = NaN, y = NaN, ...more] = token.value.split(":").map((part) =>
        parseDecimal(part) ?? NaN
      );
      const isPixel = (place: number) => place >= 0 && place <= 65535;
      if (isPixel(x) && isPixel(y) && more.length === 0) return { x, y };
      throw malformed(token, "point takes {x}:{y}, in pixels from 0 to 65535");
    },
    format: ({ x, y }) => [`point:${formatNumber(x)}:${formatNumber(y)}`],
  }),
  pad: flag(
    "pad",
    "room",
    "Answer exactly the box of the size: the picture lies in it whole, not enlarged, with transparent room around it, " +
      "or room of the colour of `bg`. The box may be larger than the picture.",
  ),
  cut: option<Required<CropRectangle>>({
    group: "crop",
    syntax: "cut:{x}:{y}:{width}:{height}",
    summary:
      "Crop to a rectangle after resizing: pixels of the result, or shares of it between 0 and 1; 0 as width or height " +
      "is all that is left. Negative `x` and `y` count from the right and bottom edge; what lies outside is clipped.",
    examples: ["cut:10:10:100:50", "cut:0.25:0.25:0.5:0.5"],
    tokens: { name: "cut" },
    transforms: true,
    parse: parseCut,
    format: ({ x, y, width, height }) => [
      `cut:${[x, y, width, height].map(formatNumber).join(":")}`,
    ],
  }),
  padding: option<Edges>({
    group: "room",
    syntax: "padding:{top}[:{right}[:{bottom}[:{left}]]]",
    summary:
      "Room outside the resized picture, in pixels, up to 1000 an edge; an edge that is not named is as its opposite, or " +
      "as the top. Transparent, or of the colour of `bg`.",
    examples: ["padding:20", "padding:10:40", "padding:0:0:30:0"],
    tokens: { name: "padding" },
    transforms: true,
    parse: parsePadding,
    format: ({ top, right, bottom, left }) => [`padding:${top}:${right}:${bottom}:${left}`],
  }),
  dpr: option<number>({
    group: "size",
    syntax: "dpr:{1…8}",
    summary:
      "Pixels of the screen per pixel of the page: multiplies the sides of size and `min`, and the lengths of effects. " +
      "It is lowered as far as the picture would have to be enlarged. At most two decimals.",
    examples: ["dpr:2", "dpr:1.5"],
    tokens: { name: "dpr" },
    transforms: true,
    parse(token) {
      const value = decimalOf(token, { min: 1, max: 8 });
      if (Number(value.toFixed(2)) === value) return value;
      throw malformed(token, "dpr takes a number from 1 to 8 with at most two decimals");
    },
    format: (dpr) => [`dpr:${formatNumber(dpr)}`],
  }),
  rotate: option<RotateAngle>({
    group: "turn",
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
  angle: option<number>({
    group: "turn",
    syntax: "rotate:{-360…360}",
    summary:
      "Rotate counter-clockwise by any number of degrees, after resizing and after `r`; the result is as large as the " +
      "turned picture needs. Its corners are transparent, or have the colour of `bg`.",
    examples: ["rotate:12.5", "rotate:-30", "rotate:90"],
    tokens: { name: "rotate" },
    transforms: true,
    parse: degreesOf,
    format: (degrees) => [`rotate:${formatNumber(degrees)}`],
  }),
  flipVertical: flag("fv", "turn", "Flip vertically, after rotating."),
  flipHorizontal: flag("fh", "turn", "Flip horizontally, after rotating."),
  // Effects, on the shaped picture; every length is multiplied by dpr.
  normalize: effect("normalize", {
    summary:
      "Spread the brightness over the whole range; of an animation, over all frames alike. The darkest and lightest " +
      "hundredth of the pixels do not count.",
    paint: (picture, { histogram }) => mapLevels(picture, spread(histogram())),
  }),
  brightness: amount("brightness", {
    range: { min: -100, max: 100 },
    summary: "Add brightness, in hundredths of the whole range.",
    examples: ["brightness:20", "brightness:-35"],
    paint: (picture, value) => mapLevels(picture, (level) => level + 2.55 * value),
  }),
  contrast: amount("contrast", {
    range: { min: -100, max: 100 },
    summary: "Change the distance from middle grey: -100 makes all grey, 100 doubles it.",
    examples: ["contrast:30", "contrast:-30"],
    paint: (picture, value) =>
      mapLevels(picture, (level) => 127.5 + (level - 127.5) * (1 + value / 100)),
  }),
  gamma: amount("gamma", {
    range: { min: 0.1, max: 10 },
    summary: "Brighten the middle tones (above 1) or darken them (below 1); black and white stay.",
    examples: ["gamma:1.5", "gamma:0.6"],
    paint: (picture, value) =>
      mapLevels(picture, (level) => 255 * Math.pow(level / 255, 1 / value)),
  }),
  saturation: amount("saturation", {
    range: { min: -100, max: 100 },
    summary:
      "Change the distance of every colour from its grey: -100 makes all grey, 100 doubles it.",
    examples: ["saturation:40", "saturation:-50"],
    paint: (picture, value) => mixChannels(picture, saturated(1 + value / 100)),
  }),
  hue: option<number>({
    group: "effects",
    syntax: "hue:{-360…360}",
    summary: "Turn every hue by these degrees around the circle of colours; brightness stays.",
    examples: ["hue:90", "hue:-30"],
    tokens: { name: "hue" },
    transforms: true,
    parse: degreesOf,
    format: (degrees) => [`hue:${formatNumber(degrees)}`],
    paint: (picture, degrees) => mixChannels(picture, hueTurned(degrees)),
  }),
  gray: mixture("gray", {
    words: ["gray", "grey"],
    summary: "Shades of grey, by how bright the colours look.",
    mixture: GRAY,
  }),
  sepia: mixture("sepia", { summary: "The browns of an old photograph.", mixture: SEPIA }),
  tint: option<Colour>({
    group: "effects",
    syntax: "tint:{colour}",
    summary:
      "Give everything the hue and saturation of a colour and keep the brightness; the alpha of the colour is the strength.",
    examples: ["tint:steelblue", "tint:f80", "tint:ff000080"],
    tokens: { name: "tint" },
    transforms: true,
    parse: colourOf,
    format: (colour) => [`tint:${formatColour(colour)}`],
    paint: tint,
  }),
  duotone: option<{ dark: Colour; light: Colour }>({
    group: "effects",
    syntax: "duotone:{colour}:{colour}",
    summary:
      "Two colours and what lies between them: the first for what is dark, the second for what is light.",
    examples: ["duotone:001a66:ffd24d", "duotone:c83658:d8e74f"],
    tokens: { name: "duotone" },
    transforms: true,
    parse(token) {
      const colours = token.value.split(":");
      if (colours.length !== 2) throw malformed(token, "duotone takes two colours");
      const [dark, light] = colours.map((value) => colourOf({ ...token, value }));
      return { dark: dark!, light: light! };
    },
    format: ({ dark, light }) => [`duotone:${formatColour(dark)}:${formatColour(light)}`],
    paint: duotone,
  }),
  invert: effect("invert", {
    summary: "The negative; transparency stays.",
    paint: (picture) => mapLevels(picture, (level) => 255 - level),
  }),
  sharpen: amount("sharpen", {
    range: { min: 0.1, max: 10 },
    summary:
      "Sharpen by an unsharp mask of this standard deviation in pixels. Nothing is sharpened unless asked.",
    examples: ["sharpen:1", "sharpen:0.5"],
    paint: (picture, sigma, { scale }) => sharpen(picture, sigma * scale),
  }),
  blur: amount("blur", {
    range: { min: 0.1, max: 1000 },
    summary:
      "Blur by a Gaussian of this standard deviation in pixels. Transparency is blurred too, and colours do not bleed out of it.",
    examples: ["blur:4", "blur:0.8"],
    paint: (picture, sigma, { scale }) => blur(picture, sigma * scale),
  }),
  pixelate: option<number>({
    group: "effects",
    syntax: "pixelate:{2…1000}",
    summary: "Squares of this many pixels, from the top left corner.",
    examples: ["pixelate:10", "pixelate:24"],
    tokens: { name: "pixelate" },
    transforms: true,
    parse: (token) => integerOf(token, { min: 2, max: 1000, unit: "pixels" }),
    format: (side) => [`pixelate:${side}`],
    paint: (picture, side, { scale }) => pixelate(picture, Math.round(side * scale)),
  }),
  background: option<Colour>({
    group: "room",
    syntax: "bg:{colour}",
    summary:
      "The colour beneath the picture: of its transparent parts, of the room that `pad` makes and of the corners of `rotate:`, " +
      `in every format. ${
        sentence(COLOUR_SYNTAX)
      }. In formats without transparency it also lies outside of rounded corners, ` +
      "and what remains transparent becomes white.",
    examples: ["bg:ffffff", "bg:tomato", "bg:08f", "bg:00000080"],
    tokens: { name: "bg" },
    transforms: true,
    parse: colourOf,
    format: (colour) => [`bg:${formatColour(colour)}`],
    paint: underlay,
  }),
  overlay: overlayOption("overlay", {
    summary:
      "Lay another picture over this one: one to which the server's setting `overlay` gives a name, or one whose URL " +
      "stands here in base64url, from a host that is allowed unless the signature covers the options. The gravity says " +
      "where (the middle unless told), `x` and `y` how far inward from there: pixels, or shares of the result. `tile` lays " +
      "it over and over, so far apart. The width is pixels or a share of the result's, 0 its own. The opacity goes from 0 " +
      "to 1. It lies on every frame of an animation, and inside of `border` and `radius`.",
    examples: ["overlay:logo:se:10:10", "overlay:logo:tile:0.05:0.05:0.2:0.4"],
  }),
  overlay2: overlayOption("overlay2", {
    summary: "Another one over it.",
    examples: ["overlay2:logo:nw", "overlay2:aHR0cHM6Ly9leGFtcGxlLmNvbS9hLnBuZw:n:0:8:0.5"],
  }),
  overlay3: overlayOption("overlay3", {
    summary: "A third one over these.",
    examples: ["overlay3:logo:ne:0.02:0.02:64"],
  }),
  overlay4: overlayOption("overlay4", {
    summary: "A fourth one over these.",
    examples: ["overlay4:logo:sw:-8:-8:0:0.7"],
  }),
  text: TEXT,
  font: FONT,
  border: option<Border>({
    group: "room",
    syntax: "border:{1…1000} border:{1…1000}:{colour}",
    summary:
      "A line along the inside of the edge, so that the size stays; it follows rounded corners. Black unless told.",
    examples: ["border:8", "border:4:gold", "border:10:ffffff80"],
    tokens: { name: "border" },
    transforms: true,
    parse: parseBorder,
    format: ({ width, colour }) => [`border:${width}:${formatColour(colour)}`],
    paint: (picture, { width, colour }, { scale, rounding }) =>
      border(picture, {
        width: width * scale,
        colour,
        rounding: roundingOf(picture, rounding, scale),
      }),
  }),
  radius: option<number | "circle">({
    group: "room",
    syntax: "radius:{pixels or share} circle",
    summary:
      "Round the corners, by a radius in whole pixels up to 10000 or a share (between 0 and 1) of the shorter side; half of that side " +
      "at most. `circle` leaves the largest circle in the middle. The corners become transparent, or where the format cannot, " +
      "the colour of `bg`, white unless told.",
    examples: ["radius:24", "radius:0.25", "circle"],
    tokens: { words: ["circle"], name: "radius" },
    transforms: true,
    parse: parseRadius,
    format: (radius) => [radius === "circle" ? "circle" : `radius:${formatNumber(radius)}`],
    paint: (picture, radius, { scale, outside }) =>
      round(picture, roundingOf(picture, radius, scale), outside),
  }),
  mask: option<MaskShape>({
    group: "room",
    syntax: `mask:{${MASK_SHAPES.join("|")}}`,
    summary:
      "Leave of the picture what lies within a shape, as large as the picture holds it, in its middle; an ellipse touches all " +
      "four sides, and a square stands on a corner. The rest becomes transparent, or where the format cannot, the colour of `bg`, " +
      "white unless told.",
    examples: ["mask:heart", "mask:ellipse"],
    tokens: { name: "mask" },
    transforms: true,
    parse(token) {
      const shape = MASK_SHAPES.find((each) => each === token.value);
      if (shape) return shape;
      throw malformed(token, `mask takes ${MASK_SHAPES.join(", ")}`);
    },
    format: (shape) => [`mask:${shape}`],
    paint: (picture, shape, { outside }) => mask(picture, shape, outside),
  }),
  quality: option<number | AutoQuality>({
    group: "size",
    syntax: "q{1…100} quality:{auto|auto:0.98}",
    summary:
      "Quality, on one scale for all lossy formats: that of JPEG. The same number looks alike in each. `quality:auto` takes " +
      "the lowest from 60 on at which the picture still looks like what is written: the structural similarity of the two " +
      `is ${USUAL_SIMILARITY}, or what is written behind it, from 0.8 to 0.999. It is found in at most four tries; of an ` +
      "animation, on the frame in its middle.",
    examples: ["q60", "q85", "quality:auto", "quality:auto:0.985"],
    tokens: { prefixes: ["q"], name: "quality" },
    transforms: true,
    parse: parseQuality,
    format: formatQuality,
  }),
  format: option<OutputFormat | "auto">({
    group: "size",
    syntax: [...FORMAT_WORDS.keys(), "auto"].join(" "),
    summary:
      "The format of the result (`jpg` is `jpeg`). GIF, WebP and `apng` move; of what moves the others show the first " +
      "frame, `png` too, and a still is no `apng` but a PNG. `auto` takes the best format that the request's Accept header names.",
    examples: ["png", "jpeg", "webp", "avif", "apng", "auto"],
    tokens: { words: [...FORMAT_WORDS.keys(), "auto"] },
    transforms: true,
    parse: (token) => FORMAT_WORDS.get(token.key) ?? "auto",
    format: (format) => [format],
  }),
  basic: option<"" | "jpeg" | "png">({
    group: "answer",
    syntax: "basic basic:{jpeg|png}",
    summary:
      "Where no format is named and none is negotiated: JPEG, PNG and GIF stay what they are, all else becomes PNG where " +
      "it has transparency and JPEG where it has none, or what is named behind `basic:`.",
    examples: ["basic", "basic:png"],
    tokens: { words: ["basic"], name: "basic" },
    transforms: true,
    parse(token) {
      if (token.text === "basic") return "";
      if (token.value === "jpeg" || token.value === "png") return token.value;
      throw malformed(token, "basic takes nothing, jpeg or png");
    },
    format: (other) => [other === "" ? "basic" : `basic:${other}`],
  }),
  lossless: flag(
    "lossless",
    "answer",
    `Write ${
      named(LOSSY_FORMATS.filter((format) => encodingOf(format).quality?.native), "and")
    } without loss. A JPEG gets quality 100, the best that it has.`,
  ),
  progressive: flag(
    "progressive",
    "answer",
    `Write a ${
      named(OUTPUT_FORMATS.filter((format) => encodingOf(format).progressive), "or")
    } that shows a coarse picture before all of it has arrived.`,
  ),
  maxBytes: option<number>({
    group: "answer",
    syntax: "maxbytes:{bytes}",
    summary:
      "The best quality at which the result has at most this many bytes, never more than `q` or the default. " +
      "Answers 413 where no quality is low enough.",
    examples: ["maxbytes:20000"],
    tokens: { name: "maxbytes" },
    transforms: true,
    parse(token) {
      const bytes = parseInteger(token.value);
      if (bytes) return bytes;
      throw malformed(token, "maxbytes takes a whole number of bytes of at least 1");
    },
    format: (bytes) => [`maxbytes:${bytes}`],
  }),
  profile: option<"keep">({
    group: "answer",
    syntax: "icc:keep",
    summary:
      "Keep the colour profile and the values that it explains, where the format can hold both. Otherwise all " +
      "colours are converted to sRGB.",
    examples: ["icc:keep"],
    tokens: { name: "icc" },
    transforms: true,
    parse(token) {
      if (token.value === "keep") return "keep";
      throw malformed(token, "icc takes keep");
    },
    format: (value) => [`icc:${value}`],
  }),
  metadata: option<MetadataChoice>({
    group: "answer",
    syntax: "meta:{keep|copyright}",
    summary:
      "Keep EXIF, XMP and IPTC, or of them the artist and the copyright. Otherwise all metadata is dropped, the " +
      "location too.",
    examples: ["meta:copyright", "meta:keep"],
    tokens: { name: "meta" },
    transforms: true,
    parse(token) {
      if (token.value === "keep" || token.value === "copyright") return token.value;
      throw malformed(token, "meta takes keep or copyright");
    },
    format: (value) => [`meta:${value}`],
  }),
  info: fact("info", {
    summary:
      "Answers JSON instead of the picture: format, media type, width and height as seen, frames, duration, loops, " +
      "orientation, transparency, bits, colour model and bytes of the original, from its header alone. With other " +
      "facts named they are members of it.",
    tellsOf: "header",
  }),
  blurhash: fact("blurhash", {
    summary:
      "Answers the BlurHash of the picture that the other options make, over white, instead of the picture.",
    tell: blurHash,
  }),
  thumbhash: fact("thumbhash", {
    summary:
      "Answers the ThumbHash of the picture that the other options make, in base64, instead of the picture.",
    tell: thumbHash,
  }),
  lqip: fact("lqip", {
    summary:
      "Answers a data URL of a tiny WebP of the picture that the other options make, at most 500 bytes long, instead of " +
      "the picture: a placeholder for a page.",
    tellsOf: "tiny picture",
  }),
  color: fact("color", {
    words: ["color", "colour"],
    summary:
      "Answers the dominant colour of the picture that the other options make, as `#rrggbb`.",
    tell: (small) => `#${formatColour(dominantColour(small))}`,
  }),
  palette: option<number>({
    group: "facts",
    syntax: "palette:{1…16}",
    summary:
      "Answers so many colours of the picture that the other options make, each as `#rrggbb` on a line, those of most " +
      "pixels first.",
    examples: ["palette:5"],
    tokens: { name: "palette" },
    transforms: true,
    parse: (token) => integerOf(token, { min: 1, max: 16 }),
    format: (count) => [`palette:${count}`],
    tell: (small, count) => palette(small, count).map((colour) => `#${formatColour(colour)}`),
  }),
  frame: option<number>({
    group: "answer",
    syntax: "frame:{n}",
    summary:
      "One frame of an animation, or one page of a TIFF, as a still picture; the first is 0.",
    examples: ["frame:0", "frame:3"],
    tokens: { name: "frame" },
    transforms: true,
    parse(token) {
      const frame = parseInteger(token.value);
      if (frame !== undefined && frame < 65536) return frame;
      throw malformed(token, "frame takes a whole number from 0 to 65535");
    },
    format: (frame) => [`frame:${frame}`],
  }),
  loop: option<number>({
    group: "answer",
    syntax: "loop:{0…65535}",
    summary: "How often an animation plays; 0 is forever. As the original says unless told.",
    examples: ["loop:0", "loop:1", "loop:3"],
    tokens: { name: "loop" },
    transforms: true,
    parse: (token) => integerOf(token, { min: 0, max: 65_535 }),
    format: (times) => [`loop:${times}`],
  }),
  download: {
    ...flag(
      "download",
      "answer",
      "Have browsers save the picture instead of showing it (`Content-Disposition: attachment`).",
    ),
    transforms: false,
  },
  filename: option<string>({
    group: "answer",
    syntax: "filename:{name}",
    summary:
      "The name under which browsers save the picture, without its extension; that of the remote URL unless told.",
    examples: ["filename:holiday", "filename:summer 2026"],
    tokens: { name: "filename" },
    transforms: false,
    parse(token) {
      if (/^[\p{L}\p{M}\p{N} ._()+=@~-]{1,100}$/u.test(token.value)) return token.value;
      throw malformed(
        token,
        "filename takes up to 100 letters, digits, blanks and any of ._()+=@~-",
      );
    },
    format: (name) => [`filename:${name}`],
  }),
  fallback: option<string>({
    group: "answer",
    syntax: "fallback:{base64url of a URL}",
    summary:
      "The picture to show, with the same options, where this one cannot be had: before the server's " +
      "`fallbackImage`, and with the status of the failure like that. Its host must be allowed, or the signature " +
      "cover the options.",
    examples: ["fallback:aHR0cHM6Ly9leGFtcGxlLmNvbS9ub25lLnBuZw"],
    tokens: { name: "fallback" },
    transforms: false,
    parse(token) {
      if (/^[\w-]+$/.test(token.value)) return token.value;
      throw malformed(token, "fallback takes the base64url of a URL");
    },
    format: (url) => [`fallback:${url}`],
  }),
  preset: option<string>({
    group: "access",
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
  cacheBuster: option<string>({
    group: "access",
    syntax: "v:{text}",
    summary:
      "Another version of the picture: a new text has it fetched and made anew, and changes nothing else.",
    examples: ["v:2"],
    tokens: { name: "v" },
    transforms: false,
    parse(token) {
      if (/^[\w.~-]{1,64}$/.test(token.value)) return token.value;
      throw malformed(token, "v takes up to 64 letters, digits, dots, -, ~ and _");
    },
    format: (text) => [`v:${text}`],
  }),
  validUntil: option<number>({
    group: "access",
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
    group: "access",
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

function flag(word: string, group: Group, summary: string): Option<true> {
  return {
    group,
    syntax: word,
    summary,
    examples: [word],
    tokens: { words: [word] },
    transforms: true,
    parse: () => true,
    format: () => [word],
  };
}

/** A fact without a value. */
function fact(
  word: string,
  { words = [word], summary, ...telling }:
    & { words?: readonly string[]; summary: string }
    & Pick<Option<true>, "tell" | "tellsOf">,
): Option<true> {
  return {
    ...flag(word, "facts", summary),
    syntax: words.join(" "),
    tokens: { words },
    ...telling,
  };
}

/** An effect without a value. */
function effect(
  word: string,
  { words = [word], summary, paint }: {
    words?: readonly string[];
    summary: string;
    paint(picture: Raster, settings: PaintSettings): void;
  },
): Option<true> {
  return {
    ...flag(word, "effects", summary),
    syntax: words.join(" "),
    tokens: { words },
    paint: (picture, _, settings) => paint(picture, settings),
  };
}

function mixture(
  word: string,
  { mixture, ...rest }: { words?: readonly string[]; summary: string; mixture: Mixture },
): Option<true> {
  return effect(word, { ...rest, paint: (picture) => mixChannels(picture, mixture) });
}

/** An effect whose value is a decimal of a range. */
function amount(
  name: string,
  { range, ...rest }: Pick<Option<number>, "summary" | "examples" | "paint"> & { range: Range },
): Option<number> {
  return {
    group: "effects",
    syntax: `${name}:{${range.min}…${range.max}}`,
    tokens: { name },
    transforms: true,
    parse: (token) => decimalOf(token, range),
    format: (value) => [`${name}:${formatNumber(value)}`],
    ...rest,
  };
}

/** The radius in pixels of a picture; 0 where it is not rounded. */
function roundingOf(
  { width, height }: Raster,
  radius: number | "circle" | undefined,
  scale: number,
): number | "circle" {
  if (radius === undefined || radius === "circle") return radius ?? 0;
  return radius < 1 ? radius * Math.min(width, height) : radius * scale;
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function parseResize(token: Token): Resize {
  const [word, ...sides] = token.value.split(":");
  const type = RESIZE_TYPES.find((each) => each === word);
  const [width = 0, height = 0, x = 1, y = 1, dpr = 1, leastWidth = 0, leastHeight = 0, ...more] =
    sides.map((side) => side === "" ? undefined : parseDecimal(side) ?? NaN);
  const pixels = [width, height, leastWidth, leastHeight];
  if (
    !type || more.length > 0 ||
    !pixels.every((side) => Number.isInteger(side) && side >= 0 && side <= 65535) ||
    ![x, y, dpr].every((factor) => factor >= 0.001 && factor <= 1000)
  ) {
    throw malformed(
      token,
      `resize takes one of ${
        RESIZE_TYPES.join(", ")
      }, sides in whole pixels, zooms and dpr from 0.001 to 1000`,
    );
  }
  const least = { width: leastWidth, height: leastHeight };
  return { type, width, height, zoom: { x, y }, dpr, least };
}

/** Without what is last and says nothing. */
function formatResize({ type, width, height, zoom, dpr, least }: Resize): string[] {
  const numbers = [width, height, zoom.x, zoom.y, dpr, least.width, least.height];
  const usual = [undefined, undefined, 1, 1, 1, 0, 0];
  const last = numbers.findLastIndex((number, at) => number !== usual[at]);
  return [`resize:${type}:${numbers.slice(0, last + 1).map(formatNumber).join(":")}`];
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

function parseFit(token: Token): FitMode {
  if (token.text === "fit") return "inside";
  const mode = FIT_MODES.find((mode) => mode === token.value);
  if (mode) return mode;
  throw malformed(token, `fit takes ${FIT_MODES.join(", ")}`);
}

function parsePlacedCrop(token: Token): PlacedCrop {
  const [size = "", ...placement] = token.value.split(":");
  const { width, height } = parseSize({ ...token, text: size }, undefined);
  if (width + height === 0) {
    throw malformed(token, "crop takes {width}x{height}, one of them at least");
  }
  return { width, height, ...placementOf(token, placement.length > 0 ? placement : ["c"]) };
}

function parseCut(token: Token): Required<CropRectangle> {
  const sides = token.value.split(":").map(parseDecimal);
  const [x, y, width, height] = sides;
  const isLength = (value: number | undefined) =>
    value !== undefined && (Number.isInteger(value) || Math.abs(value) < 1);
  if (sides.length !== 4 || !sides.every(isLength) || width! < 0 || height! < 0) {
    throw malformed(
      token,
      "cut takes {x}:{y}:{width}:{height}, each whole pixels or a share between 0 and 1",
    );
  }
  return { x: x!, y: y!, width: width!, height: height! };
}

function parsePadding(token: Token): Edges {
  const lengths = token.value.split(":").map((value) =>
    integerOf({ ...token, value }, { min: 0, max: 1000, unit: "pixels" })
  );
  if (lengths.length > 4) throw malformed(token, "padding takes at most four edges");
  const [top = 0, right = top, bottom = top, left = right] = lengths;
  return { top, right, bottom, left };
}

function parseLeast(token: Token): Size {
  const sides = /^(\d*)(x?)(\d*)$/.exec(token.value);
  const [, first = "", delimiter = "", second = ""] = sides ?? [];
  const width = first === "" ? 0 : parseInteger(first);
  const height = delimiter === "" ? width : second === "" ? 0 : parseInteger(second);
  if (sides && width !== undefined && height !== undefined && width + height > 0) {
    return { width, height };
  }
  throw malformed(token, "min takes {width}x{height}, {width}x, x{height} or {n} in whole pixels");
}

function parseBorder(token: Token): Border {
  const [width = "", colour = "black", ...more] = token.value.split(":");
  const parsed = parseColour(colour);
  if (!parsed || more.length > 0) {
    throw malformed(token, `border takes {width}:{colour}, the colour as ${COLOUR_SYNTAX}`);
  }
  return {
    width: integerOf({ ...token, value: width }, { min: 1, max: 1000, unit: "pixels" }),
    colour: parsed,
  };
}

function parseRadius(token: Token): number | "circle" {
  if (token.text === "circle") return "circle";
  const radius = parseDecimal(token.value);
  if (
    radius !== undefined && radius > 0 && radius <= 10_000 &&
    (radius < 1 || Number.isInteger(radius))
  ) {
    return radius;
  }
  throw malformed(
    token,
    "radius takes whole pixels from 1 to 10000, or a share of the shorter side between 0 and 1",
  );
}

/** Formats as people list them. */
function named(formats: readonly OutputFormat[], last: "and" | "or"): string {
  const names = formats.map((format) => formatOf(format).name);
  return [names.slice(0, -1).join(", "), ...names.slice(-1)].filter(Boolean).join(` ${last} `);
}
