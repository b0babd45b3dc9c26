// The URLs of weserv's images (wsrv.nl; docs/*.md of weserv/docs): `/?url={URL}&{option}={value}`.
import { Buffer } from "node:buffer";
import { ProxyError } from "../errors.ts";
import { parseDecimal, parseInteger } from "../options/number.ts";
import type { Reckoner } from "../options/table.ts";
import { MASK_SHAPES } from "../paint/mask.ts";
import {
  type Dialect,
  type ForeignEntry,
  malformedOption,
  noCounterpart,
  readOptions,
} from "./dialect.ts";
import type { WrittenOption } from "./dialect.ts";
import {
  absentOptions,
  clamped,
  colourOf,
  decimalOf,
  decimalText,
  ownOf,
  wholeOf,
} from "./values.ts";

interface State {
  width: string;
  height: string;
  fit: Fit;
  without: boolean;
  align: string;
  focus: { x: number; y: number };
  crop: { x: string; y: string; width: string; height: string };
  precrop: boolean;
  containColour: string | undefined;
  frame: number | undefined;
  moves: boolean;
  /** The colours of a duotone. */
  tones: { start: string; stop: string };
  /** Tokens of the options that need no more than one, by the option's name. */
  tokens: Map<string, string>;
}

type Fit = keyof typeof FITS;

/** The token of each fit, and whether it takes a gravity. */
const FITS = {
  inside: "fit",
  outside: "fit:outside",
  cover: "",
  fill: "fit:stretch",
  contain: "pad",
} as const;

const FIT_SYNONYMS: Readonly<Record<string, Fit>> = {
  fit: "inside",
  fitup: "inside",
  square: "cover",
  squaredown: "cover",
  absolute: "fill",
  letterbox: "contain",
};

const ALIGNMENTS: Readonly<Record<string, string>> = {
  center: "c",
  centre: "c",
  top: "n",
  t: "n",
  right: "e",
  r: "e",
  bottom: "s",
  b: "s",
  left: "w",
  l: "w",
  "top-left": "nw",
  "top-right": "ne",
  "bottom-left": "sw",
  "bottom-right": "se",
};

const FORMATS: Readonly<Record<string, string>> = {
  jpg: "jpeg",
  jpeg: "jpeg",
  png: "png",
  gif: "gif",
  tiff: "tiff",
  webp: "webp",
  avif: "avif",
  av1: "avif",
  jxl: "jxl",
  json: "info",
};

const FILTERS = {
  greyscale: "gray",
  sepia: "sepia",
  duotone: "duotone",
  negate: "invert",
} as const;

const ENTRIES: readonly ForeignEntry<State>[] = [
  {
    names: ["w", "width"],
    syntax: "w={pixels or percent}",
    verdict: "same",
    ours: "`{w}x`",
    read: (option, state) => void (state.width = sideOf(option)),
  },
  {
    names: ["h", "height"],
    syntax: "h={pixels or percent}",
    verdict: "same",
    ours: "`x{h}`",
    read: (option, state) => void (state.height = sideOf(option)),
  },
  {
    names: ["dpr"],
    syntax: "dpr={1…8}",
    verdict: "same",
    ours: "`dpr:{1…8}`",
    read(option, { tokens }) {
      tokens.set("dpr", `dpr:${Number(decimalOf(option, { min: 1, max: 8 }).toFixed(2))}`);
    },
  },
  {
    names: ["fit"],
    syntax: "fit={inside|outside|cover|fill|contain}",
    verdict: "same",
    ours: "`fit`, `fit:outside`, nothing, `fit:stretch`, `pad`",
    note: "`inside` unless told",
    read({ text, args: [value = ""] }, state) {
      const fit = Object.hasOwn(FITS, value) ? value as Fit : ownOf(FIT_SYNONYMS, value);
      if (!fit) throw malformedOption(text, `fit is one of ${Object.keys(FITS).join(", ")}`);
      state.fit = fit;
      if (value === "fit" || value === "squaredown") state.without = true;
    },
  },
  {
    names: ["cbg"],
    syntax: "cbg={colour}",
    verdict: "same",
    ours: "`bg:{colour}`",
    read: (option, state) => void (state.containColour = argb(option)),
  },
  {
    names: ["we"],
    syntax: "we",
    verdict: "same",
    ours: "nothing: nothing is enlarged without `scaleUp`",
    read: (option, state) => void (state.without = isOn(option)),
  },
  {
    names: ["a", "align"],
    syntax: "a={position|focal|entropy|attention}",
    verdict: "nearly",
    ours: "`gravity:…`, `focus:…`, `sc`",
    note: "entropy and attention find other regions than libvips does",
    read: readAlignment,
  },
  {
    names: ["fpx"],
    syntax: "fpx={0…1}",
    verdict: "same",
    ours: "`focus:{x}:{y}`",
    read: (option, state) => void (state.focus.x = decimalOf(option, { min: 0, max: 1 })),
  },
  {
    names: ["fpy"],
    syntax: "fpy={0…1}",
    verdict: "same",
    ours: "`focus:{x}:{y}`",
    read: (option, state) => void (state.focus.y = decimalOf(option, { min: 0, max: 1 })),
  },
  ...(["cx", "cy", "cw", "ch"] as const).map((name): ForeignEntry<State> => ({
    names: [name],
    syntax: `${name}={pixels or percent}`,
    verdict: "same",
    ours: "`cut:…`, with precrop `cx… cy… cw… ch…`",
    read: (option, { crop }) => void (crop[CROP_SIDES[name]] = sideOf(option)),
  })),
  {
    names: ["crop"],
    syntax: "crop={width},{height},{x},{y}",
    verdict: "same",
    ours: "`cut:…`",
    read(option, { crop }) {
      const sides = (option.args[0] ?? "").split(",");
      if (sides.length !== 4) throw malformedOption(option.text, "crop takes {w},{h},{x},{y}");
      const [width = "", height = "", x = "", y = ""] = sides.map((side) =>
        sideOf({ ...option, args: [side] })
      );
      Object.assign(crop, { width, height, x, y });
    },
  },
  {
    names: ["precrop"],
    syntax: "precrop",
    verdict: "same",
    ours: "`cx… cy… cw… ch…`",
    read: (option, state) => void (state.precrop = isOn(option)),
  },
  {
    names: ["trim", "strim"],
    syntax: "trim={1…254}",
    verdict: "same",
    ours: "`trim:{tolerance}`",
    note: "10 unless told",
    read(option, { tokens }) {
      const tolerance = option.args[0] ? wholeOf(option, { min: 0, max: 254 }) : 10;
      tokens.set("trim", `trim:${tolerance}`);
    },
  },
  {
    names: ["mask", "shape"],
    syntax: "mask={shape}",
    verdict: "nearly",
    ours: "`circle`, `mask:{shape}`",
    note: "mtrim and mbg are refused",
    read(option, { tokens }) {
      const shape = MASK_SHAPES.find((each) => each === option.args[0]);
      if (shape) tokens.set("mask", `mask:${shape}`);
      else if (option.args[0] === "circle") tokens.set("mask", "circle");
      else throw malformedOption(option.text, `mask is circle, ${MASK_SHAPES.join(", ")}`);
    },
  },
  {
    names: ["flip"],
    syntax: "flip",
    verdict: "same",
    ours: "`fv`",
    read: (option, { tokens }) => flag(option, tokens, "fv"),
  },
  {
    names: ["flop"],
    syntax: "flop",
    verdict: "same",
    ours: "`fh`",
    read: (option, { tokens }) => flag(option, tokens, "fh"),
  },
  {
    names: ["ro", "or"],
    syntax: "ro={degrees}",
    verdict: "same",
    ours: "`r{90|180|270}`, `rotate:{degrees}`, the other way round",
    read(option, { tokens }) {
      const degrees = ((decimalOf(option, { min: -36000, max: 36000 }) % 360) + 360) % 360;
      const counter = (360 - degrees) % 360;
      if (counter === 0) tokens.delete("rotate");
      else {tokens.set(
          "rotate",
          counter % 90 === 0 ? `r${counter}` : `rotate:${decimalText(counter)}`,
        );}
    },
  },
  {
    names: ["rbg", "bg"],
    syntax: "bg={colour} rbg={colour}",
    verdict: "same",
    ours: "`bg:{colour}`",
    read: (option, { tokens }) => void tokens.set("bg", `bg:${argb(option)}`),
  },
  {
    names: ["blur"],
    syntax: "blur={0.3…1000}",
    verdict: "same",
    ours: "`blur:{sigma}`",
    read(option, { tokens }) {
      const sigma = option.args[0] ? decimalOf(option, { min: 0.3, max: 1000 }) : 0.8;
      tokens.set("blur", `blur:${decimalText(sigma)}`);
    },
  },
  {
    names: ["con"],
    syntax: "con={-100…100}",
    verdict: "same",
    ours: "`contrast:{-100…100}`",
    read(option, { tokens }) {
      tokens.set("con", `contrast:${decimalText(decimalOf(option, { min: -100, max: 100 }))}`);
    },
  },
  {
    names: ["filt"],
    syntax: "filt={greyscale|sepia|duotone|negate}",
    verdict: "nearly",
    ours: "`gray`, `sepia`, `duotone:…`, `invert`",
    note: "duotone mixes its colours in sRGB, weserv in Lab",
    read({ text, args: [value = ""] }, { tokens }) {
      if (!Object.hasOwn(FILTERS, value)) {
        throw malformedOption(text, `filt is ${Object.keys(FILTERS).join(", ")}`);
      }
      tokens.set("filt", FILTERS[value as keyof typeof FILTERS]);
    },
  },
  ...(["start", "stop"] as const).map((name): ForeignEntry<State> => ({
    names: [name],
    syntax: `${name}={colour}`,
    verdict: "same",
    ours: "`duotone:…`",
    note: "with filt=duotone",
    read: (option, { tones }) => void (tones[name] = argb(option).slice(0, 6)),
  })),
  {
    names: ["gam"],
    syntax: "gam={1…3}",
    verdict: "same",
    ours: "`gamma:{g}`",
    read(option, { tokens }) {
      const given = parseDecimal(option.args[0] ?? "") ?? 2.2;
      tokens.set("gam", `gamma:${given >= 1 && given <= 3 ? decimalText(given) : 2.2}`);
    },
  },
  {
    names: ["mod"],
    syntax: "mod={brightness},{saturation},{hue}",
    verdict: "nearly",
    ours: "`brightness:…`, `saturation:…`, `hue:…`",
    note: "brightness is added, not multiplied",
    read(option, state) {
      const [brightness, saturation, hue] = (option.args[0] ?? "").split(",");
      if (brightness) brighten({ ...option, args: [brightness] }, state);
      if (saturation) saturate({ ...option, args: [saturation] }, state);
      if (hue) turnHue({ ...option, args: [hue] }, state);
    },
  },
  {
    names: ["sat"],
    syntax: "sat={factor}",
    verdict: "same",
    ours: "`saturation:…`",
    read: saturate,
  },
  { names: ["hue"], syntax: "hue={degrees}", verdict: "same", ours: "`hue:…`", read: turnHue },
  {
    names: ["sharp"],
    syntax: "sharp={sigma}",
    verdict: "nearly",
    ours: "`sharpen:{sigma}`",
    note: "flat and jagged areas are treated alike",
    read(option, { tokens }) {
      const [sigma = ""] = (option.args[0] ?? "").split(",").slice(-1);
      const value = sigma === ""
        ? 0.5
        : decimalOf({ ...option, args: [sigma] }, { min: 0, max: 10 });
      if (value >= 0.1) tokens.set("sharp", `sharpen:${decimalText(value)}`);
    },
  },
  {
    names: ["tint"],
    syntax: "tint={colour}",
    verdict: "same",
    ours: "`tint:{colour}`",
    read: (option, { tokens }) => void tokens.set("tint", `tint:${argb(option)}`),
  },
  {
    names: ["output"],
    syntax: "output={format}",
    verdict: "nearly",
    ours: "`jpeg`, `png` …, `info`",
    note: "json has this server's members",
    read({ text, args: [value = ""] }, { tokens }) {
      const format = ownOf(FORMATS, value);
      if (!format) throw noCounterpart(text, `one of ${Object.keys(FORMATS).join(", ")}`);
      tokens.set("format", format);
    },
  },
  {
    names: ["q", "quality"],
    syntax: "q={1…100}",
    verdict: "nearly",
    ours: "`q{1…100}`",
    note: "80 unless told, on one scale for all formats",
    read: (option, { tokens }) => void tokens.set("q", `q${wholeOf(option, { min: 1, max: 100 })}`),
  },
  {
    names: ["ll", "lossless"],
    syntax: "ll",
    verdict: "same",
    ours: "`lossless`",
    read: (option, { tokens }) => flag(option, tokens, "lossless"),
  },
  {
    names: ["il"],
    syntax: "il",
    verdict: "same",
    ours: "`progressive`",
    read: (option, { tokens }) => flag(option, tokens, "progressive"),
  },
  {
    names: ["n", "pages"],
    syntax: "n={pages}",
    verdict: "nearly",
    ours: "nothing, or `frame:0`",
    note: "1, or -1 for all; no other number",
    read({ text, args: [value = ""] }, state) {
      if (value !== "1" && value !== "-1") throw noCounterpart(text, "n=1 and n=-1");
      state.moves = value === "-1";
    },
  },
  {
    names: ["filename"],
    syntax: "filename={name}",
    verdict: "same",
    ours: "`filename:{name}`",
    read(option, { tokens }) {
      const [name = ""] = option.args;
      if (!/^[a-z\d]+$/i.test(name)) {
        throw malformedOption(option.text, "filename takes letters and digits");
      }
      tokens.set("filename", `filename:${name}`);
    },
  },
  {
    names: ["loop"],
    syntax: "loop={times}",
    verdict: "same",
    ours: "`loop:{n}`",
    read: (option, { tokens }) =>
      void tokens.set("loop", `loop:${wholeOf(option, { max: 65535 })}`),
  },
  {
    names: ["page"],
    syntax: "page={index}",
    verdict: "nearly",
    ours: "`frame:{n}`",
    note: "-1 and -2 are refused",
    read: (option, state) => void (state.frame = wholeOf(option, { max: 65535 })),
  },
  {
    names: ["default"],
    syntax: "default={URL}",
    verdict: "nearly",
    ours: "`fallback:{base64url}`",
    note: "its host is allowed, or the URL is signed; shown with the status of the failure; not 1",
    read({ text, args: [value = ""] }, { tokens }) {
      if (value === "" || value === "1") throw noCounterpart(text, "fallback:{base64url of a URL}");
      tokens.set("fallback", `fallback:${Buffer.from(withScheme(value)).toString("base64url")}`);
    },
  },
  ...["l|level", "af", "maxage"].map((names): ForeignEntry<State> => ({
    names: names.split("|"),
    syntax: names.split("|")[0]!,
    verdict: "nearly",
    note:
      "left out: how hard PNG is packed and how long an answer may be kept is the server's to say",
    read() {},
  })),
  ...absentOptions<State>(
    [
      "tbg",
      "mtrim",
      "mbg",
      "sharpf",
      "sharpj",
      "bri",
      "encoding",
      "delay",
    ],
    {
      bri: "brightness:{-100…100} of this server's own URLs",
    },
  ),
];

const CROP_SIDES = { cx: "x", cy: "y", cw: "width", ch: "height" } as const;

export const weserv: Dialect = {
  title: "weserv",
  path: "/weserv/",
  inQuery: true,
  before: /^(?:images\.weserv\.nl\/|wsrv\.nl\/|[^/]+\/weserv\/)(?=\?)/,
  example: "/weserv/?url=https://images.example.com/a.jpg&w=300&h=200&fit=cover&a=top&output=webp",
  options: ENTRIES,
  read({ query }, { ignoreUnknown }) {
    // The first of several wins, and a name alone means that the option is on.
    const fields = new Map<string, string>();
    for (const [name, value] of new URLSearchParams(query)) {
      if (!fields.has(name)) fields.set(name, value);
    }
    const url = fields.get("url") ?? "";
    fields.delete("url");
    if (url === "") {
      throw new ProxyError("malformed", "A weserv URL is ?url={URL}&{option}={value}");
    }
    const options = [...fields].map(([name, value]): WrittenOption => ({
      text: value === "" ? name : `${name}=${value}`,
      name,
      args: [value],
    }));
    const state = readOptions(options, ENTRIES, { state: initial(), ignoreUnknown });
    return {
      tokens: tokensOf(state),
      remote: withScheme(url),
    };
  },
};

/** The scheme may be left out. */
function withScheme(url: string): string {
  return /^[a-z][a-z\d+.-]*:/i.test(url) ? url : `https://${url.replace(/^\/\//, "")}`;
}

function initial(): State {
  return {
    width: "",
    height: "",
    fit: "inside",
    without: false,
    align: "gravity:c",
    focus: { x: 0.5, y: 0.5 },
    crop: { x: "", y: "", width: "", height: "" },
    precrop: false,
    containColour: undefined,
    frame: undefined,
    moves: false,
    tones: { start: "c83658", stop: "d8e74f" },
    tokens: new Map(),
  };
}

function tokensOf(state: State): string[] {
  const { width, height, fit, without, align, focus, crop, precrop, tokens } = state;
  const result = [...tokens.values()].map((token) =>
    token === "duotone" ? `duotone:${state.tones.start}:${state.tones.stop}` : token
  );
  if (state.frame !== undefined || !state.moves) result.push(`frame:${state.frame ?? 0}`);
  if (!tokens.has("q")) result.push("q80");
  if (Object.values(crop).some((side) => side !== "")) {
    const sides = [crop.x, crop.y, crop.width, crop.height].map((side) => side || "0");
    if (precrop) result.push(...["cx", "cy", "cw", "ch"].map((side, at) => side + sides[at]));
    else result.push(`cut:${sides.join(":")}`);
  }
  if (width === "" && height === "") return result;
  result.push(`${width}x${height}`);
  if (!without) result.push("scaleUp");
  const isFilled = width !== "" && height !== "" && (fit === "cover" || fit === "fill");
  if (!isFilled) result.push(`reckon:${reckoner(state)}`);
  if (width === "" || height === "") return result;
  if (FITS[fit] !== "") result.push(FITS[fit]);
  if (fit === "contain" && state.containColour && !tokens.has("bg")) {
    result.push(`bg:${state.containColour}`);
  }
  if (fit === "cover" || fit === "contain") {
    result.push(align === "focal" ? `focus:${focus.x}:${focus.y}` : align);
  }
  return result;
}

/** weserv decodes the whole of what it is to trim, to lighten, or to cut first. */
function reckoner({ precrop, tokens }: State): Reckoner {
  return precrop || tokens.has("trim") || tokens.has("gam") ? "libvips" : "weserv";
}

/** Pixels, or a share of 100 %; a percentage of 100 and more is the whole side. */
function sideOf({ text, name, args: [value = ""] }: WrittenOption): string {
  const percent = value.endsWith("%") ? parseDecimal(value.slice(0, -1)) : undefined;
  if (percent !== undefined && percent > 0) return percent < 100 ? decimalText(percent / 100) : "";
  const pixels = parseInteger(value);
  if (pixels !== undefined) return pixels === 0 ? "" : String(pixels);
  throw malformedOption(text, `${name} takes whole pixels, or a percentage with a % behind it`);
}

function readAlignment({ text, args: [value = ""] }: WrittenOption, state: State): void {
  const [, kind, x, y] = /^(focal|crop)(?:-(\d{1,3})-(\d{1,3}))?$/.exec(value) ?? [];
  if (kind !== undefined) {
    state.align = "focal";
    if (x !== undefined) state.focus = { x: clamped(+x / 100, 0, 1), y: clamped(+y! / 100, 0, 1) };
  } else if (value === "entropy" || value === "attention") {
    state.align = "sc";
  } else if (Object.hasOwn(ALIGNMENTS, value)) {
    state.align = `gravity:${ALIGNMENTS[value]}`;
  } else {
    throw malformedOption(text, "a is a position such as top-left, focal, entropy or attention");
  }
}

/** weserv writes alpha first. */
function argb(option: WrittenOption): string {
  const [value = ""] = option.args;
  const [, alpha, rest] = /^#?(?:([\da-f]{2})([\da-f]{6}))$/i.exec(value) ??
    /^#?(?:([\da-f])([\da-f]{3}))$/i.exec(value) ?? [];
  return colourOf(option, alpha === undefined ? value : rest! + alpha);
}

function brighten(option: WrittenOption, { tokens }: State): void {
  const factor = decimalOf(option, { min: 0, max: 10_000 });
  tokens.set("brightness", `brightness:${decimalText(clamped((factor - 1) * 50, -100, 100))}`);
}

function saturate(option: WrittenOption, { tokens }: State): void {
  const factor = decimalOf(option, { min: 0, max: 10_000 });
  tokens.set("saturation", `saturation:${decimalText(clamped((factor - 1) * 100, -100, 100))}`);
}

function turnHue(option: WrittenOption, { tokens }: State): void {
  const degrees = decimalOf(option, { min: -36000, max: 36000 }) % 360;
  tokens.set("hue", `hue:${decimalText(degrees)}`);
}

/** A name alone, or anything but a false word, means on. */
function isOn({ args: [value = ""] }: WrittenOption): boolean {
  return !/^(?:0|false)$/i.test(value);
}

function flag(option: WrittenOption, tokens: Map<string, string>, token: string): void {
  if (isOn(option)) tokens.set(token, token);
}
