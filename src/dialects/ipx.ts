// ipx's URLs (README.md and src/server.ts of unjs/ipx 4): `/{modifier}_{value},…/{id}`, `_` for no modifier.
import { ProxyError } from "../errors.ts";
import { parseDecimal } from "../options/number.ts";
import { GRAVITIES, type Gravity } from "../options/placement.ts";
import type { Edges, Reckoner } from "../options/table.ts";
import {
  type Dialect,
  type ForeignEntry,
  malformedOption,
  noCounterpart,
  readOptions,
  type WrittenOption,
} from "./dialect.ts";
import { gravityToken, paddingToken, turnedEdges, turnedGravity } from "./gravity.ts";
import {
  absentOptions,
  clamped,
  colourOf,
  decimalOf,
  decimalText,
  decoded,
  ownOf,
  wholeOf,
} from "./values.ts";

/** In pixels. */
interface Region {
  left: number;
  top: number;
  width: number;
  height: number;
}

interface State {
  /** Sizes by the names that they are written with: the last of these in their order is the one that counts. */
  sizes: Map<string, Size>;
  fit: Fit;
  position: string;
  enlarge: boolean;
  moves: boolean;
  /** As the picture's EXIF says. */
  turns: boolean;
  /** Degrees. */
  clockwise: number;
  extract: Region | undefined;
  /** Upside down, and left for right, both before turning. */
  flips: boolean;
  flops: boolean;
  background: string | undefined;
  flattens: boolean;
  edges: Edges | undefined;
  /** Tokens of the options that need no more than one, by the option's name. */
  tokens: Map<string, string>;
}

/** 0 for a side that the other decides. */
interface Size {
  width: number;
  height: number;
}

/** The names of sizes as ipx has one after the other, each outdoing those before; turning comes between. */
const SIZE_NAMES = ["h", "height", "resize", "s", "w", "width"];
const BEFORE_TURNING = ["h", "height", "resize"];

type Fit = (typeof FITS)[number];
const FITS = ["contain", "cover", "fill", "inside", "outside"] as const;

const POSITIONS: Readonly<Record<string, string>> = {
  top: "gravity:n",
  "right top": "gravity:ne",
  right: "gravity:e",
  "right bottom": "gravity:se",
  bottom: "gravity:s",
  "left bottom": "gravity:sw",
  left: "gravity:w",
  "left top": "gravity:nw",
  north: "gravity:n",
  northeast: "gravity:ne",
  east: "gravity:e",
  southeast: "gravity:se",
  south: "gravity:s",
  southwest: "gravity:sw",
  west: "gravity:w",
  northwest: "gravity:nw",
  center: "gravity:c",
  centre: "gravity:c",
  entropy: "sc",
  attention: "sc",
};

const FORMATS: Readonly<Record<string, string>> = {
  jpg: "jpeg",
  jpeg: "jpeg",
  png: "png",
  webp: "webp",
  avif: "avif",
  gif: "gif",
  tiff: "tiff",
  auto: "auto",
};

const ENTRIES: readonly ForeignEntry<State>[] = [
  {
    names: ["width", "w"],
    syntax: "w_{width}",
    verdict: "same",
    ours: "`{w}x,reckon:sharp`",
    note: "the other side as sharp reckons it",
    read: (option, { sizes }) =>
      void sizes.set(option.name, { width: wholeOf(option, { min: 1 }), height: 0 }),
  },
  {
    names: ["height", "h"],
    syntax: "h_{height}",
    verdict: "same",
    ours: "`x{h}`",
    note: "a width or a size outdoes it",
    read: (option, { sizes }) =>
      void sizes.set(option.name, { width: 0, height: wholeOf(option, { min: 1 }) }),
  },
  {
    names: ["resize", "s"],
    syntax: "s_{width}x{height}",
    verdict: "same",
    ours: "`{w}x{h},scaleUp`, without enlarge `within`",
    read(option, { sizes }) {
      const [, width = "", height = width] =
        /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(option.args[0] ?? "") ??
          [];
      if (!(Number(width) > 0 && Number(height) > 0)) {
        throw malformedOption(option.text, "resize takes {width}x{height}");
      }
      sizes.set(option.name, { width: Number(width), height: Number(height) });
    },
  },
  {
    names: ["fit"],
    syntax: "fit_{contain|cover|fill|inside|outside}",
    verdict: "same",
    ours: "`pad`, nothing, `fit:stretch`, `fit`, `fit:outside`",
    read({ text, args: [value] }, state) {
      const fit = FITS.find((each) => each === value);
      if (!fit) throw malformedOption(text, `fit is one of ${FITS.join(", ")}`);
      state.fit = fit;
    },
  },
  {
    names: ["position", "pos"],
    syntax: "pos_{position}",
    verdict: "nearly",
    ours: "`gravity:…`, `sc`",
    note: "entropy and attention find other regions than libvips does; numbers are refused",
    read(option, state) {
      const position = ownOf(POSITIONS, option.args.join(" ").replaceAll("-", " "));
      if (!position) {
        throw malformedOption(
          option.text,
          `the position is one of ${Object.keys(POSITIONS).join(", ")}`,
        );
      }
      state.position = position;
    },
  },
  {
    names: ["enlarge"],
    syntax: "enlarge",
    verdict: "nearly",
    ours: "`scaleUp`",
    note: "only where the server allows scaleUp",
    read: (_option, state) => void (state.enlarge = true),
  },
  {
    names: ["extract", "crop"],
    syntax: "extract_{left}_{top}_{width}_{height}",
    verdict: "same",
    ours: "`cx… cy… cw… ch…`",
    note: "clipped where ipx refuses what reaches beyond the picture",
    read(option, state) {
      const sides = option.args.map((arg) => wholeOf({ ...option, args: [arg] }));
      const [left, top, width, height] = sides;
      if (sides.length !== 4 || !width || !height) {
        throw malformedOption(option.text, "extract takes {left}_{top}_{width}_{height}");
      }
      state.extract = { left: left!, top: top!, width, height };
    },
  },
  {
    names: ["trim"],
    syntax: "trim_{threshold}",
    verdict: "same",
    ours: "`trim:{tolerance}`",
    read(option, { tokens }) {
      const tolerance = option.args[0] ? decimalOf(option, { min: 0, max: 255 }) : 10;
      tokens.set("trim", `trim:${Math.round(tolerance)}`);
    },
  },
  {
    names: ["extend"],
    syntax: "extend_{top}_{right}_{bottom}_{left}",
    verdict: "nearly",
    ours: "`padding:…`",
    note: "of one colour, up to 1000 pixels an edge; copy, repeat and mirror are refused",
    read(option, state) {
      const [top = "0", right = "0", bottom = "0", left = "0", how = "background"] = option.args;
      if (how !== "background") throw noCounterpart(option.text, "extend_…_background");
      const pixels = (edge: string) => wholeOf({ ...option, args: [edge] }, { max: 1000 });
      state.edges = {
        top: pixels(top),
        right: pixels(right),
        bottom: pixels(bottom),
        left: pixels(left),
      };
    },
  },
  {
    names: ["background", "b"],
    syntax: "b_{colour}",
    verdict: "nearly",
    ours: "`bg:{colour}`",
    note: "with contain, extend and flatten; beneath transparent pixels too",
    read: (option, state) => void (state.background = colourOf(option, option.args[0] ?? "")),
  },
  {
    names: ["flatten"],
    syntax: "flatten",
    verdict: "same",
    ours: "`bg:{colour}`",
    read: (_option, state) => void (state.flattens = true),
  },
  {
    names: ["rotate"],
    syntax: "rotate_{degrees}",
    verdict: "same",
    ours: "`r{90|180|270}`, `rotate:{degrees}`, the other way round",
    note:
      "by other than right angles after resizing, not before; of a height alone ipx crops what it turned",
    read(option, state) {
      if (!option.args[0]) return void (state.turns = true);
      state.clockwise = (3600 + decimalOf(option, { min: -3600, max: 3600 })) % 360;
    },
  },
  {
    names: ["autoorient"],
    syntax: "autoorient",
    verdict: "same",
    ours: "nothing, or `noTurn`",
    read: (_option, state) => void (state.turns = true),
  },
  {
    names: ["flip"],
    syntax: "flip",
    verdict: "nearly",
    ours: "`fv`",
    note: "before turning; ipx mirrors the column of an animation's frames as one picture",
    read: (_option, state) => void (state.flips = true),
  },
  {
    names: ["flop"],
    syntax: "flop",
    verdict: "same",
    ours: "`fh`",
    note: "before turning",
    read: (_option, state) => void (state.flops = true),
  },
  {
    names: ["grayscale"],
    syntax: "grayscale",
    verdict: "same",
    ours: "`gray`",
    read: word("gray"),
  },
  {
    names: ["negate"],
    syntax: "negate_{alpha}",
    verdict: "nearly",
    ours: "`invert`",
    note: "transparency stays",
    read: word("invert"),
  },
  {
    names: ["normalize"],
    syntax: "normalize_{lower}_{upper}",
    verdict: "nearly",
    ours: "`normalize`",
    note: "from the first to the last hundredth",
    read: word("normalize"),
  },
  {
    names: ["tint"],
    syntax: "tint_{colour}",
    verdict: "same",
    ours: "`tint:{colour}`",
    read: (option, { tokens }) =>
      void tokens.set("tint", `tint:${colourOf(option, option.args[0] ?? "")}`),
  },
  {
    names: ["blur"],
    syntax: "blur_{sigma}",
    verdict: "same",
    ours: "`blur:{sigma}`",
    read(option, { tokens }) {
      const sigma = option.args[0] ? decimalOf(option, { min: 0.3, max: 1000 }) : 0.8;
      tokens.set("blur", `blur:${decimalText(sigma)}`);
    },
  },
  {
    names: ["sharpen"],
    syntax: "sharpen_{sigma}",
    verdict: "nearly",
    ours: "`sharpen:{sigma}`",
    note: "flat and jagged areas are treated alike",
    read(option, { tokens }) {
      const sigma = option.args[0] ? decimalOf(option, { min: 0, max: 10 }) : 0.5;
      if (sigma >= 0.1) tokens.set("sharpen", `sharpen:${decimalText(sigma)}`);
    },
  },
  {
    names: ["gamma"],
    syntax: "gamma_{1…3}",
    verdict: "nearly",
    ours: "`gamma:{g}`",
    note: "after resizing",
    read(option, { tokens }) {
      const gamma = option.args[0] ? decimalOf(option, { min: 1, max: 3 }) : 2.2;
      tokens.set("gamma", `gamma:${decimalText(gamma)}`);
    },
  },
  {
    names: ["modulate"],
    syntax: "modulate_{brightness}_{saturation}_{hue}",
    verdict: "nearly",
    ours: "`brightness:…`, `saturation:…`, `hue:…`",
    note: "brightness is added, not multiplied; lightness is refused",
    read(option, state) {
      const [brightness, saturation, hue, lightness] = option.args;
      if (lightness) throw noCounterpart(option.text, "modulate_{brightness}_{saturation}_{hue}");
      if (brightness) brighten({ ...option, args: [brightness] }, state);
      if (saturation) saturate({ ...option, args: [saturation] }, state);
      if (hue) turnHue({ ...option, args: [hue] }, state);
    },
  },
  {
    names: ["brightness"],
    syntax: "brightness_{factor}",
    verdict: "nearly",
    ours: "`brightness:{-100…100}`",
    note: "added, not multiplied",
    read: brighten,
  },
  {
    names: ["saturation"],
    syntax: "saturation_{factor}",
    verdict: "same",
    ours: "`saturation:{-100…100}`",
    read: saturate,
  },
  {
    names: ["hue"],
    syntax: "hue_{degrees}",
    verdict: "same",
    ours: "`hue:{degrees}`",
    read: turnHue,
  },
  {
    names: ["quality", "q"],
    syntax: "q_{1…100}",
    verdict: "nearly",
    ours: "`q{1…100}`",
    note: "80 unless told, on one scale for all formats",
    read: (option, { tokens }) => void tokens.set("q", `q${wholeOf(option, { min: 1, max: 100 })}`),
  },
  {
    names: ["format", "f"],
    syntax: "f_{format}",
    verdict: "nearly",
    ours: "`jpeg`, `png` …, `auto`",
    note:
      "heif and svg are refused; AVIF and TIFF of a picture that EXIF turns are shown turned by ipx alone",
    read({ text, args: [value = ""] }, { tokens }) {
      const format = ownOf(FORMATS, value);
      if (!format) throw noCounterpart(text, `one of ${Object.keys(FORMATS).join(", ")}`);
      tokens.set("format", format);
    },
  },
  {
    names: ["animated", "a"],
    syntax: "a",
    verdict: "same",
    ours: "nothing, or `frame:0`",
    note:
      "a GIF into a GIF moves by itself; AVIF and other stills show the first frame, not all in one",
    read: (_option, state) => void (state.moves = true),
  },
  ...absentOptions<State>([
    ...["kernel", "unflatten", "opacity", "threshold", "median", "dilate", "erode"],
    ...["clahe", "linear", "lightness"],
  ], {
    linear: "contrast:{-100…100} of this server's own URLs",
    lightness: "brightness:{-100…100} of this server's own URLs",
  }),
];

export const ipx: Dialect = {
  title: "ipx",
  path: "/ipx/",
  before: /^[^/]+\/_?ipx\//,
  example: "/ipx/s_300x200,f_webp,q_70/https://images.example.com/a.jpg",
  options: ENTRIES,
  read({ path }, { ignoreUnknown }) {
    const slash = path.indexOf("/");
    const modifiers = path.slice(0, Math.max(slash, 0));
    const id = decoded(path.slice(slash + 1));
    if (modifiers === "" || id === "") {
      throw new ProxyError("malformed", "An ipx URL is /{modifiers}/{id}, with _ for no modifiers");
    }
    const options = modifiers === "_" ? [] : modifiers.split(/[&,]/).map((text): WrittenOption => {
      const [name = "", ...args] = text.split(/[:=_]/).map(decoded);
      return { text, name, args };
    });
    const state = readOptions(options, ENTRIES, { state: initial(), ignoreUnknown });
    const remote = id.replace(/^(https?):\/(?=[^/])/i, "$1://");
    return { tokens: tokensOf(state), remote };
  },
};

function initial(): State {
  return {
    sizes: new Map(),
    fit: "cover",
    position: "gravity:c",
    enlarge: false,
    moves: false,
    turns: false,
    clockwise: 0,
    extract: undefined,
    flips: false,
    flops: false,
    background: undefined,
    flattens: false,
    edges: undefined,
    tokens: new Map(),
  };
}

function tokensOf(state: State): string[] {
  const { sizes, fit, moves, turns, clockwise, flips, flops, edges, extract, tokens } = state;
  const result = [...tokens.values()];
  const format = tokens.get("format");
  // ipx lets a GIF move that stays one; which it is nobody knows before it is fetched.
  const isStill = !moves && format !== undefined && format !== "gif" && format !== "auto";
  if (isStill) result.push("frame:0");
  if (!tokens.has("q")) result.push("q80");
  if (!turns) result.push("noTurn");
  if (clockwise > 0) {
    const counter = 360 - clockwise;
    result.push(counter % 90 === 0 ? `r${counter}` : `rotate:${decimalText(counter)}`);
  }
  const lies = clockwise % 180 === 90;
  if (lies ? flops : flips) result.push("fv");
  if (lies ? flips : flops) result.push("fh");
  const turn = { clockwise: clockwise % 90 === 0 ? clockwise : 0, flipX: false, flipY: false };
  if (edges) result.push(paddingToken(turnedEdges(edges, turn)));
  const name = SIZE_NAMES.findLast((each) => sizes.has(each));
  // Room is black unless told, and so is what is transparent where the format knows no transparency.
  const hasRoom = edges !== undefined || (fit === "contain" && name !== undefined) ||
    clockwise % 90 !== 0;
  if (hasRoom || state.flattens) result.push(`bg:${state.background ?? "000000"}`);
  else if (format === "jpeg") result.push("bg:000000");
  // With a size the picture is turned by right angles before the region is taken, else after it.
  if (extract) result.push(...extractTokens(extract, name === undefined ? 0 : turn.clockwise));
  return name === undefined
    ? result
    : [...result, ...sizeTokens(state, name), ...reckonTokens(state, name)];
}

/** Whose arithmetic decides a side that follows from the other one; two sides that are filled are what they are. */
function reckonTokens(state: State, name: string): string[] {
  const { width, height } = state.sizes.get(name)!;
  const isFilled = width > 0 && height > 0 && (state.fit === "cover" || state.fit === "fill");
  return isFilled ? [] : [`reckon:${reckoner(state, name)}`];
}

/** sharp leaves a picture whole on loading that it has to turn, to cut or to lighten before it resizes it. */
function reckoner({ extract, clockwise, tokens }: State, name: string): Reckoner {
  const isTurnedFirst = clockwise > 0 && !BEFORE_TURNING.includes(name);
  const isWhole = extract !== undefined || isTurnedFirst || tokens.has("trim") ||
    tokens.has("gamma");
  return isWhole ? "libvips" : "sharp";
}

/** A region of the turned picture as one of the picture that is still to turn: far edges are counted from there. */
function extractTokens({ left, top, width, height }: Region, clockwise: number): string[] {
  const [x, y, w, h] = {
    90: [top, -(left + width), height, width],
    180: [-(left + width), -(top + height), width, height],
    270: [-(top + height), left, height, width],
  }[clockwise] ?? [left, top, width, height];
  return [`cx${x}`, `cy${y}`, `cw${w}`, `ch${h}`];
}

/** A size of the picture as it will be turned, or as it was before, by the name. */
function sizeTokens(state: State, name: string): string[] {
  const { sizes, fit, position, enlarge, clockwise } = state;
  const isTurned = clockwise % 180 === 90 && !BEFORE_TURNING.includes(name);
  const size = sizes.get(name)!;
  const { width, height } = isTurned ? { width: size.height, height: size.width } : size;
  const result = [`${width || ""}x${height || ""}`];
  if (width === 0 || height === 0) return enlarge ? [...result, "scaleUp"] : result;
  // The box is no larger than the picture, but what was cut out of that is enlarged to it.
  if (!enlarge) result.push(isTurned ? "within:turned" : "within");
  result.push("scaleUp");
  const fits = {
    contain: "pad",
    cover: "",
    fill: "fit:stretch",
    inside: "fit",
    outside: "fit:outside",
  };
  if (fits[fit] !== "") result.push(fits[fit]);
  if (fit !== "cover" && fit !== "contain") return result;
  const gravity = GRAVITY_NAMES.find((name) => position === `gravity:${name}`);
  if (!gravity) return [...result, position];
  const turn = {
    clockwise: isTurned || clockwise === 180 ? clockwise : 0,
    flipX: false,
    flipY: false,
  };
  return [...result, gravityToken(turnedGravity({ gravity, x: 0, y: 0 }, turn))];
}

const GRAVITY_NAMES = Object.keys(GRAVITIES) as Gravity[];

function word(token: string): (option: WrittenOption, state: State) => void {
  return (_option, { tokens }) => void tokens.set(token, token);
}

function brighten(option: WrittenOption, { tokens }: State): void {
  const value = (decimalOf(option, { min: 0, max: 10_000 }) - 1) * 50;
  tokens.set("brightness", `brightness:${decimalText(clamped(value, -100, 100))}`);
}

function saturate(option: WrittenOption, { tokens }: State): void {
  const value = (decimalOf(option, { min: 0, max: 10_000 }) - 1) * 100;
  tokens.set("saturation", `saturation:${decimalText(clamped(value, -100, 100))}`);
}

function turnHue(option: WrittenOption, { tokens }: State): void {
  const degrees = parseDecimal(option.args[0] ?? "");
  if (degrees === undefined) throw malformedOption(option.text, "hue takes degrees");
  tokens.set("hue", `hue:${decimalText(degrees % 360)}`);
}
