// ipx's URLs (README.md and src/server.ts of unjs/ipx 4): `/{modifier}_{value},…/{id}`, `_` for no modifier.
import { ProxyError } from "../errors.ts";
import { parseDecimal } from "../options/number.ts";
import {
  type Dialect,
  type ForeignEntry,
  malformedOption,
  noCounterpart,
  readOptions,
  type WrittenOption,
} from "./dialect.ts";
import {
  absentOptions,
  clamped,
  colourOf,
  decimalOf,
  decimalText,
  decoded,
  wholeOf,
} from "./values.ts";

interface State {
  width: number;
  height: number;
  size: { width: number; height: number } | undefined;
  fit: Fit;
  position: string;
  enlarge: boolean;
  moves: boolean;
  /** Tokens of the options that need no more than one, by the option's name. */
  tokens: Map<string, string>;
}

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
    ours: "`{w}x`",
    read: (option, state) => void (state.width = wholeOf(option, { min: 1 })),
  },
  {
    names: ["height", "h"],
    syntax: "h_{height}",
    verdict: "same",
    ours: "`x{h}`",
    note: "with a width too, both sides",
    read: (option, state) => void (state.height = wholeOf(option, { min: 1 })),
  },
  {
    names: ["resize", "s"],
    syntax: "s_{width}x{height}",
    verdict: "same",
    ours: "`{w}x,ar:{w}:{h}`, with enlarge `{w}x{h},scaleUp`",
    read(option, state) {
      const [, width = "", height = width] =
        /^(\d{1,5})(?:x(\d{1,5}))?$/.exec(option.args[0] ?? "") ??
          [];
      if (!(Number(width) > 0 && Number(height) > 0)) {
        throw malformedOption(option.text, "resize takes {width}x{height}");
      }
      state.size = { width: Number(width), height: Number(height) };
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
      const position = POSITIONS[option.args.join(" ").replaceAll("-", " ")];
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
    read(option, { tokens }) {
      const sides = option.args.map((arg) => wholeOf({ ...option, args: [arg] }));
      if (sides.length !== 4 || sides[2] === 0 || sides[3] === 0) {
        throw malformedOption(option.text, "extract takes {left}_{top}_{width}_{height}");
      }
      tokens.set("extract", ["cx", "cy", "cw", "ch"].map((side, at) => side + sides[at]).join());
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
    note: "of one colour; copy, repeat and mirror are refused",
    read(option, { tokens }) {
      const [top = "0", right = "0", bottom = "0", left = "0", how = "background"] = option.args;
      if (how !== "background") throw noCounterpart(option.text, "extend_…_background");
      const edges = [top, right, bottom, left].map((edge) =>
        wholeOf({ ...option, args: [edge] }, { max: 1000 })
      );
      tokens.set("extend", `padding:${edges.join(":")}`);
    },
  },
  {
    names: ["background", "b"],
    syntax: "b_{colour}",
    verdict: "nearly",
    ours: "`bg:{colour}`",
    note: "beneath transparent pixels too, without flatten",
    read: (option, { tokens }) =>
      void tokens.set("bg", `bg:${colourOf(option, option.args[0] ?? "")}`),
  },
  {
    names: ["rotate"],
    syntax: "rotate_{degrees}",
    verdict: "same",
    ours: "`r{90|180|270}`, `rotate:{degrees}`, the other way round",
    read(option, { tokens }) {
      if (!option.args[0]) return;
      const counter = (720 - decimalOf(option, { min: -3600, max: 3600 }) % 360) % 360;
      if (counter === 0) tokens.delete("rotate");
      else {tokens.set(
          "rotate",
          counter % 90 === 0 ? `r${counter}` : `rotate:${decimalText(counter)}`,
        );}
    },
  },
  {
    names: ["autoorient"],
    syntax: "autoorient",
    verdict: "nearly",
    note: "pictures are always turned as their EXIF says",
    read() {},
  },
  { names: ["flip"], syntax: "flip", verdict: "same", ours: "`fv`", read: word("fv") },
  { names: ["flop"], syntax: "flop", verdict: "same", ours: "`fh`", read: word("fh") },
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
    note: "heif and svg are refused",
    read({ text, args: [value = ""] }, { tokens }) {
      const format = FORMATS[value];
      if (!format) throw noCounterpart(text, `one of ${Object.keys(FORMATS).join(", ")}`);
      tokens.set("format", format);
    },
  },
  {
    names: ["animated", "a"],
    syntax: "a",
    verdict: "same",
    ours: "nothing, or `frame:0`",
    note: "a GIF into a GIF moves by itself",
    read: (_option, state) => void (state.moves = true),
  },
  ...absentOptions<State>([
    ...["kernel", "flatten", "unflatten", "opacity", "threshold", "median", "dilate", "erode"],
    ...["clahe", "linear", "lightness"],
  ], {
    flatten: "bg:{colour} of this server's own URLs",
    linear: "contrast:{-100…100} of this server's own URLs",
    lightness: "brightness:{-100…100} of this server's own URLs",
  }),
];

export const ipx: Dialect = {
  title: "ipx",
  path: "/ipx/",
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
    return { tokens: modifiers === "_" ? [] : tokensOf(state), remote };
  },
};

function initial(): State {
  return {
    width: 0,
    height: 0,
    size: undefined,
    fit: "cover",
    position: "gravity:c",
    enlarge: false,
    moves: false,
    tokens: new Map(),
  };
}

function tokensOf(state: State): string[] {
  const { fit, position, enlarge, tokens } = state;
  const result = [...tokens.values()];
  const format = tokens.get("format");
  // ipx lets a GIF move that stays one; which it is nobody knows before it is fetched.
  if (!state.moves && format !== undefined && format !== "gif" && format !== "auto") {
    result.push("frame:0");
  }
  if (!tokens.has("q")) result.push("q80");
  if (enlarge) result.push("scaleUp");
  const whole = state.size ??
    (state.width > 0 && state.height > 0
      ? { width: state.width, height: state.height }
      : undefined);
  if (!whole) {
    if (state.width > 0 || state.height > 0) {
      result.push(`${state.width || ""}x${state.height || ""}`);
    }
    return result;
  }
  const { width, height } = whole;
  // The box keeps its shape where the picture is too small for it.
  if (fit === "cover" && !enlarge) result.push(`${width}x`, `ar:${width}:${height}`);
  else result.push(`${width}x${height}`);
  const fits = {
    contain: "pad",
    cover: "",
    fill: "fit:stretch",
    inside: "fit",
    outside: "fit:outside",
  };
  if (fits[fit] !== "") result.push(fits[fit]);
  if (fit === "contain" && !tokens.has("bg")) result.push("bg:000000");
  if (fit === "cover" || fit === "contain") result.push(position);
  return result;
}

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
