// What the URLs of thumbor and imagor have in common (docs/usage.rst of thumbor, docs/image-endpoint.md of
// imagor): `/{unsafe or HMAC}/trim/AxB:CxD/fit-in/-Wx-H/left/top/smart/filters:name(args):…/{image}`.
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { ProxyError } from "../errors.ts";
import { parseDecimal } from "../options/number.ts";
import {
  type Dialect,
  type ForeignEntry,
  type ForeignOption,
  malformedOption,
  noCounterpart,
  readOptions,
  type WrittenOption,
} from "./dialect.ts";
import { colourOf, decimalOf, decimalText, ownOf, wholeOf } from "./values.ts";

export interface PathState {
  width: number;
  height: number;
  flipX: boolean;
  flipY: boolean;
  fitIn: string | undefined;
  stretch: boolean;
  /** Undefined where the URL names none: the middle. */
  horizontal: string | undefined;
  vertical: string | undefined;
  smart: boolean;
  /** Whether rotate() stands there, be it by nothing. */
  rotates: boolean;
  crop: readonly [number, number, number, number] | undefined;
  /** Whether small pictures are enlarged: as is done but with fit-in, unless told. */
  upscale: boolean | undefined;
  /** Of the sides, up to 1. */
  proportion: number;
  /** The colour around what fit-in leaves free. */
  fill: string | undefined;
  /** Tokens of what needs no more than one, by its name. */
  tokens: Map<string, string>;
}

const HORIZONTAL = { left: "w", center: "", right: "e" } as const;
const VERTICAL = { top: "n", middle: "", bottom: "s" } as const;

const FORMATS: Readonly<Record<string, string>> = {
  jpeg: "jpeg",
  jpg: "jpeg",
  png: "png",
  gif: "gif",
  webp: "webp",
  avif: "avif",
  jxl: "jxl",
  tiff: "tiff",
};

/** The parts of the path before the filters, for docs/dialects.md. */
const PARTS: readonly ForeignOption[] = [
  {
    syntax: "trim trim:{corner}:{tolerance}",
    verdict: "nearly",
    ours: "`trim:{tolerance}`, `trim:{tolerance}:se`",
    note: "a crop beside it is one of what is left, there one of the whole picture",
  },
  { syntax: "{A}x{B}:{C}x{D}", verdict: "same", ours: "`cx… cy… cw… ch…`" },
  {
    syntax: "fit-in full-fit-in adaptive-fit-in adaptive-full-fit-in",
    verdict: "same",
    ours: "`fit`, `fit:outside,scaleUp`, `adapt`",
  },
  {
    syntax: "{W}x{H}",
    verdict: "nearly",
    ours: "`{w}x{h},scaleUp`",
    note:
      "enlarged only where the server allows scaleUp; always upright by EXIF, thumbor only with RESPECT_ORIENTATION",
  },
  { syntax: "-{W}x-{H}", verdict: "same", ours: "`fh`, `fv`" },
  { syntax: "left right top bottom", verdict: "same", ours: "`gravity:…`" },
  { syntax: "smart", verdict: "nearly", ours: "`sc`", note: "finds other regions" },
  { syntax: "meta", verdict: "not" },
];

/** The filters that both have, with the same meaning. */
export const SHARED_FILTERS: readonly ForeignEntry<PathState>[] = [
  {
    names: ["background_color"],
    syntax: "background_color(colour)",
    verdict: "same",
    ours: "`bg:{colour}`",
    read: (option, { tokens }) =>
      void tokens.set("bg", `bg:${colourOf(option, option.args[0] ?? "")}`),
  },
  {
    names: ["fill"],
    syntax: "fill(colour)",
    verdict: "nearly",
    ours: "`pad,bg:{colour}`",
    note: "auto and blur are refused",
    read(option, state) {
      const [colour = ""] = option.args;
      if (colour === "auto" || colour === "blur") throw noCounterpart(option.text, "fill(colour)");
      state.fill = /^(?:none|transparent)$/.test(colour) ? "00000000" : colourOf(option, colour);
    },
  },
  ...(["brightness", "contrast"] as const).map((name): ForeignEntry<PathState> => ({
    names: [name],
    syntax: `${name}(-100…100)`,
    verdict: "same",
    ours: `\`${name}:{-100…100}\``,
    read(option, { tokens }) {
      tokens.set(name, `${name}:${decimalText(decimalOf(option, { min: -100, max: 100 }))}`);
    },
  })),
  {
    names: ["grayscale"],
    syntax: "grayscale()",
    verdict: "same",
    ours: "`gray`",
    read: (_option, { tokens }) => void tokens.set("gray", "gray"),
  },
  {
    names: ["quality"],
    syntax: "quality(0…100)",
    verdict: "nearly",
    ours: "`q{1…100}`",
    note: "on one scale for all formats",
    read(option, { tokens }) {
      tokens.set("q", `q${Math.max(1, wholeOf(option, { max: 100 }))}`);
    },
  },
  {
    names: ["format"],
    syntax: "format(name)",
    verdict: "nearly",
    ours: "`jpeg`, `png` …",
    note: "heif and jp2 are refused",
    read({ text, args: [name = ""] }, { tokens }) {
      const format = ownOf(FORMATS, name);
      if (!format) throw noCounterpart(text, `one of ${Object.keys(FORMATS).join(", ")}`);
      tokens.set("format", format);
    },
  },
  {
    names: ["max_bytes"],
    syntax: "max_bytes(bytes)",
    verdict: "nearly",
    ours: "`maxbytes:{bytes}`",
    note: "413 where no quality is low enough",
    read(option, { tokens }) {
      tokens.set("maxbytes", `maxbytes:${wholeOf(option, { min: 1 })}`);
    },
  },
  {
    names: ["no_upscale"],
    syntax: "no_upscale()",
    verdict: "same",
    ours: "nothing",
    read: (_option, state) => void (state.upscale = false),
  },
  {
    names: ["upscale"],
    syntax: "upscale()",
    verdict: "nearly",
    ours: "`scaleUp`",
    note: "only where the server allows scaleUp",
    read: (_option, state) => void (state.upscale = true),
  },
  {
    names: ["stretch"],
    syntax: "stretch()",
    verdict: "same",
    ours: "`fit:stretch`",
    read: (_option, state) => void (state.stretch = true),
  },
  {
    names: ["proportion"],
    syntax: "proportion(0…1)",
    verdict: "same",
    ours: "`proportion:{share}`",
    read(option, state) {
      const share = decimalOf(option, { min: 0, max: 100 });
      const factor = share > 1 ? share / 100 : share;
      if (factor >= 0.001) state.proportion = factor;
    },
  },
  {
    names: ["focal"],
    syntax: "focal({l}x{t}:{r}x{b}) focal({x},{y})",
    verdict: "nearly",
    ours: "`focus:{x}:{y}`, `point:{x}:{y}`",
    note: "of several the last",
    read(option, { tokens }) {
      const numbers = option.args.join(":").split(/[x:]/).map(parseDecimal);
      const [left, top, right = left, bottom = top] = numbers;
      const sides = [left, top, right, bottom];
      if (!sides.every((side) => side !== undefined && side >= 0 && side <= 65535)) {
        throw malformedOption(option.text, "focal() takes {l}x{t}:{r}x{b} in pixels or shares");
      }
      const [l = 0, t = 0, r = 0, b = 0] = sides;
      const isShare = sides.every((side) => side! <= 1);
      const middle = [(l + r) / 2, (t + b) / 2].map(decimalText).join(":");
      tokens.set("focus", isShare ? `focus:${middle}` : `point:${middle}`);
    },
  },
  ...["strip_exif", "strip_icc", "max_age"].map((name): ForeignEntry<PathState> => ({
    names: [name],
    syntax: `${name}()`,
    verdict: "nearly",
    note:
      "left out: metadata and profiles go anyway, and how long an answer may be kept is the server's to say",
    read() {},
  })),
];

export interface PathDialectOptions {
  title: string;
  path: string;
  before: RegExp;
  example: string;
  filters: readonly ForeignEntry<PathState>[];
  /** What differs from PARTS, by their syntax. */
  partNotes?: Readonly<Record<string, Partial<ForeignOption>>>;
  /** The options that round the sides of a size that the URL names as that server does. */
  rounding(state: PathState): string[];
  /** The options that keep a picture from being enlarged where the URL says so; none unless told. */
  noUpscale?(state: PathState): string[];
  /** Which part of the picture is kept: by each alignment along its own axis, unless told. */
  gravity?(state: PathState): string;
  /** Whether upscale() enlarges what fits along one side, and not a whole box only. */
  enlargesAlongOneSide: boolean;
  /** The quality where the URL names none. */
  quality: number;
  /** Digests of HMACs that its signatures may be, the usual first; a text may hold the beginning of one. */
  digests: readonly string[];
}

/** The characters of an HMAC-SHA1, 160 bits: more than can be guessed. */
const SHORTEST_SIGNATURE = 27;

export function createPathDialect(
  { title, path, before, example, filters, digests, partNotes = {}, ...ways }: PathDialectOptions,
): Dialect {
  return {
    title,
    path,
    before,
    example,
    options: [...PARTS.map((part) => ({ ...part, ...partNotes[part.syntax] })), ...filters],
    keySyntax: "{secret}",
    checkKey(key) {
      if (key.trim() === "") throw new Error("must not be empty");
    },
    read({ path }, { ignoreUnknown }) {
      const { signature, rest } = taken(path, title);
      const { state, filters: written, image } = readPath(rest);
      readOptions(written, filters, { state, ignoreUnknown });
      return {
        tokens: tokensOf(state, ways),
        remote: remoteOf(image),
        signature: signature === "unsafe" ? undefined : {
          given: signature,
          bytes: Buffer.from(signature),
          expected: (key) =>
            digests.map((digest) =>
              Buffer.from(signed(rest, { key, digest }).slice(0, signature.length))
            ),
        },
      };
    },
    sign({ path }, key) {
      const { rest } = taken(path, title);
      return `${
        createHmac(digests[0]!, key).update(rest).digest("base64").replaceAll("+", "-")
          .replaceAll("/", "_")
      }/${rest}`;
    },
  };
}

function signed(rest: string, { key, digest }: { key: string; digest: string }): string {
  return createHmac(digest, key).update(rest).digest("base64url");
}

/** The word for unsigned, or a signature without its padding, and what it covers. */
function taken(path: string, title: string): { signature: string; rest: string } {
  const [, word = "", rest = ""] = /^([^/]*)\/(.*)$/s.exec(path) ?? [];
  const signature = word.replace(/(?<!=|%3D)(?:=|%3D)+$/i, "");
  const isSignature = signature.length >= SHORTEST_SIGNATURE && /^[\w-]+$/.test(signature);
  if (rest === "" || (word !== "unsafe" && !isSignature)) {
    throw new ProxyError(
      "malformed",
      `URLs of ${title} are /{unsafe or signature}/{options}/{image}`,
    );
  }
  return { signature, rest };
}

/** Each number is read in one way only: of four that could be parted anywhere, a URL of 300 digits took seconds. */
const NUMBER = String.raw`(\d+(?:\.\d+)?|\.\d+)`;
const CROP = new RegExp(`^${NUMBER}x${NUMBER}:${NUMBER}x${NUMBER}/`);

/** The parts before the filters stand in one order, each at most once. */
function readPath(
  rest: string,
): { state: PathState; filters: WrittenOption[]; image: string } {
  const state = initial();
  let left = rest;
  const next = (pattern: RegExp): RegExpExecArray | undefined => {
    const match = pattern.exec(left);
    if (!match) return undefined;
    left = left.slice(match[0].length);
    return match;
  };
  if (next(/^(?:meta|params)\//)) throw noCounterpart("meta");
  const trim = next(/^trim(?::(top-left|bottom-right))?(?::(\d{1,3}))?\//);
  if (trim) {
    const corner = trim[1] === "bottom-right" ? ":se" : "";
    state.tokens.set("trim", `trim:${Math.min(255, Number(trim[2] ?? 0))}${corner}`);
  }
  const crop = next(CROP);
  if (crop) {
    const [a = 0, b = 0, c = 0, d = 0] = crop.slice(1).map(Number);
    state.crop = [a, b, c, d];
  }
  state.fitIn = next(/^((?:adaptive-)?(?:full-)?fit-in)\//)?.[1];
  if (next(/^stretch\//)) state.stretch = true;
  const size = next(/^(-?)(\d*|orig)x(-?)(\d*|orig)\//);
  if (size) {
    const side = (text = "") => text === "orig" ? 0 : Number(text);
    Object.assign(state, {
      flipX: size[1] === "-",
      width: side(size[2]),
      flipY: size[3] === "-",
      height: side(size[4]),
    });
  }
  const padding = size && next(/^(\d+)x(\d+)(?::(\d+)x(\d+))?\//);
  if (padding) {
    const [left = "0", top = "0", right = left, bottom = top] = padding.slice(1);
    state.tokens.set("padding", `padding:${top}:${right}:${bottom}:${left}`);
  }
  state.horizontal = next(/^(left|center|right)\//)?.[1];
  state.vertical = next(/^(top|middle|bottom)\//)?.[1];
  state.smart = next(/^smart\//) !== undefined;
  const { filters, image } = filtersOf(left);
  return { state, filters, image };
}

/** `filters:name(args):name(args)/{image}`: a slash outside of parentheses ends the list. */
function filtersOf(text: string): { filters: WrittenOption[]; image: string } {
  if (!text.startsWith("filters:")) return { filters: [], image: text };
  const filters: WrittenOption[] = [];
  let depth = 0;
  let start = "filters:".length;
  for (let at = start; at <= text.length; at++) {
    const character = text[at];
    if (character === "(") depth++;
    if (character === ")") depth--;
    if (depth > 0 || (character !== ":" && character !== "/" && at < text.length)) continue;
    const written = text.slice(start, at);
    if (written !== "") filters.push(filterOf(written));
    start = at + 1;
    if (character === "/") return { filters, image: text.slice(at + 1) };
  }
  throw new ProxyError("malformed", "There is no image behind the filters");
}

function filterOf(text: string): WrittenOption {
  const [, name, list = ""] = /^([a-z_]+)\((.*)\)$/s.exec(text) ?? [];
  if (name === undefined) throw malformedOption(text, "a filter is name(arguments)");
  return {
    text,
    name,
    args: list === "" ? [] : argumentsIn(list),
  };
}

/** What stands between commas, but for those within parentheses. */
function argumentsIn(list: string): string[] {
  const args: string[] = [];
  let depth = 0, start = 0;
  for (let at = 0; at <= list.length; at++) {
    const character = list[at];
    if (character === "(") depth++;
    else if (character === ")") depth--;
    else if (at === list.length || (character === "," && depth <= 0)) {
      args.push(list.slice(start, at).trim());
      start = at + 1;
    }
  }
  return args;
}

function initial(): PathState {
  return {
    width: 0,
    height: 0,
    flipX: false,
    flipY: false,
    fitIn: undefined,
    stretch: false,
    horizontal: undefined,
    vertical: undefined,
    smart: false,
    rotates: false,
    crop: undefined,
    upscale: undefined,
    proportion: 1,
    fill: undefined,
    tokens: new Map(),
  };
}

function tokensOf(
  state: PathState,
  { quality, rounding, enlargesAlongOneSide, gravity = alignedTo, noUpscale = () => [] }: Pick<
    PathDialectOptions,
    "quality" | "rounding" | "enlargesAlongOneSide" | "gravity" | "noUpscale"
  >,
): string[] {
  const { width, height, fitIn, stretch, smart, crop, fill, proportion, tokens } = state;
  const result = [...tokens.values()];
  if (!tokens.has("q")) result.push(`q${quality}`);
  if (crop) {
    const [left, top, right, bottom] = crop;
    const sides = { cx: left, cy: top, cw: right - left, ch: bottom - top };
    if (sides.cw > 0 && sides.ch > 0) {
      // The far corner at 1 is the whole side, which nothing named says.
      for (const [side, value] of Object.entries(sides)) {
        if (value !== 1 || left > 1 || right > 1) result.push(side + decimalText(value));
      }
    }
  }
  // Mirrored before it is turned by a right angle is mirrored along the other axis after it.
  const lies = /^r(?:90|270)$/.test(tokens.get("rotate") ?? "");
  if (lies ? state.flipY : state.flipX) result.push("fh");
  if (lies ? state.flipX : state.flipY) result.push("fv");
  if (!tokens.has("bg")) {
    if (fill !== undefined) result.push(`bg:${fill}`);
    // What is transparent becomes black where the format knows no transparency.
    else if (tokens.get("format") === "jpeg") result.push("bg:000000");
  }
  const whole = width > 0 && height > 0;
  if (proportion < 1) result.push(`proportion:${decimalText(proportion)}`);
  if (width === 0 && height === 0) return result;
  const roundings = rounding(state);
  const limits = state.upscale === false ? noUpscale(state) : [];
  // Along the one side there is room around a picture that is smaller, unless the side is limited to that.
  if (
    fill !== undefined && fitIn?.includes("full") === false && !whole && limits.length === 0
  ) {
    return [...result, `resize:fit:${width}:${height}`, "extend:c", ...roundings];
  }
  result.push(`${width || ""}x${height || ""}`, ...roundings);
  const enlarges = fitIn === undefined || fitIn.includes("full") ||
    (state.upscale && (whole || enlargesAlongOneSide));
  if (state.upscale === false) result.push(...limits);
  else if (enlarges) result.push("scaleUp");
  if (!whole) return result;
  if (fitIn !== undefined) {
    if (fitIn.startsWith("adaptive")) result.push("adapt");
    // Around a picture that covers the box there is no room.
    if (fitIn.includes("full")) return [...result, "fit:outside"];
    return [...result, fill === undefined ? "fit" : "pad"];
  }
  if (stretch) return [...result, "fit:stretch"];
  if (tokens.has("focus")) return result;
  return [...result, smart ? "sc" : `gravity:${gravity(state)}`];
}

/** The part of the picture that the alignments name, each along its own axis. */
export function alignedTo({ horizontal = "center", vertical = "middle" }: PathState): string {
  return VERTICAL[vertical as keyof typeof VERTICAL] +
      HORIZONTAL[horizontal as keyof typeof HORIZONTAL] || "c";
}

/** The image as a remote URL: without a scheme it is one of https, where it begins with a host. */
export function remoteOf(image: string): string {
  const text = unescaped(image);
  const encoded = /^b64:([\w-]+)$/.exec(text)?.[1];
  const url = encoded === undefined ? text : Buffer.from(encoded, "base64url").toString();
  const repaired = url.replace(/^(https?):\/(?=[^/])/i, "$1://");
  if (/^[a-z][a-z\d+.-]*:/i.test(repaired)) return repaired;
  return /^[a-z\d-]+(?:\.[a-z\d-]+)+(?::\d+)?\//i.test(repaired) ? `https://${repaired}` : repaired;
}

/** As the query of a URL is read, plus signs for blanks; what is no escape stays. */
export function unescaped(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    return text;
  }
}
