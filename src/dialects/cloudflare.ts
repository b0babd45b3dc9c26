// Cloudflare's image URLs (developers.cloudflare.com/images): `/cdn-cgi/image/{option}={value},…/{source}`, the
// source an absolute URL, not encoded, or a path of the base URL's host.
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
import { gravityToken, type Point, turnedGravity } from "./gravity.ts";
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

interface State {
  width: number;
  height: number;
  fit: Fit;
  gravity: Point | "auto";
  background: string | undefined;
  /** Degrees clockwise. */
  rotate: number;
  /** Before rotating. */
  flipX: boolean;
  flipY: boolean;
  /** Pixels of the region that is kept, before rotating; dpr multiplies them. */
  cut: Partial<Record<keyof typeof CUT_WORDS, number>>;
  dpr: number;
  /** Tokens of the options that need no more than one, by the option's name. */
  tokens: Map<string, string>;
}

const CUT_WORDS = { left: "cx", top: "cy", width: "cw", height: "ch" } as const;

type Fit = keyof typeof FITS;

const FITS = {
  "scale-down": ["fit"],
  contain: ["fit", "scaleUp"],
  cover: ["scaleUp"],
  crop: [],
  "aspect-crop": [],
  pad: ["pad", "scaleUp"],
  squeeze: ["fit:stretch", "scaleUp"],
} as const satisfies Record<string, readonly string[]>;

const SIDES = { left: "w", right: "e", top: "n", bottom: "s", center: "c" } as const;

const FORMATS: Readonly<Record<string, string>> = {
  auto: "auto",
  avif: "avif",
  webp: "webp",
  jpeg: "jpeg",
  "baseline-jpeg": "jpeg",
  png: "png",
  json: "info",
};

/** The words for qualities, on this program's scale. */
const QUALITIES: Readonly<Record<string, number>> = {
  high: 90,
  "medium-high": 80,
  "medium-low": 65,
  low: 50,
};

const ENTRIES: readonly ForeignEntry<State>[] = [
  {
    names: ["width", "w"],
    syntax: "width={pixels}",
    verdict: "nearly",
    ours: "`{w}x`",
    note: "auto is refused",
    read(option, state) {
      if (option.args[0] === "auto") throw noCounterpart(option.text, "width={pixels}");
      state.width = wholeOf(option, { min: 1, max: 65535 });
    },
  },
  {
    names: ["height", "h"],
    syntax: "height={pixels}",
    verdict: "same",
    ours: "`x{h}`",
    read: (option, state) => void (state.height = wholeOf(option, { min: 1, max: 65535 })),
  },
  {
    names: ["fit"],
    syntax: "fit={scale-down|contain|cover|crop|aspect-crop|pad|squeeze}",
    verdict: "nearly",
    ours: "`fit`, `fit,scaleUp`, `scaleUp`, nothing, `{w}x,ar:{w}:{h}`, `pad`, `fit:stretch`",
    note: "contain, cover, pad and squeeze enlarge only where the server allows scaleUp",
    read({ text, args: [value = ""] }, state) {
      if (!Object.hasOwn(FITS, value)) {
        throw malformedOption(text, `fit is one of ${Object.keys(FITS).join(", ")}`);
      }
      state.fit = value as Fit;
    },
  },
  {
    names: ["gravity", "g"],
    syntax: "gravity={auto|left|right|top|bottom|{x}x{y}}",
    verdict: "nearly",
    ours: "`sc`, `gravity:…`, `focus:{x}:{y}`",
    note: "auto finds other regions; face is refused",
    read: readGravity,
  },
  {
    names: ["dpr"],
    syntax: "dpr={factor}",
    verdict: "same",
    ours: "`dpr:{1…8}`",
    read(option, state) {
      state.dpr = Number(decimalOf(option, { min: 1, max: 8 }).toFixed(2));
      state.tokens.set("dpr", `dpr:${state.dpr}`);
    },
  },
  {
    names: ["quality", "q"],
    syntax: "quality={1…100|high|medium-high|medium-low|low}",
    verdict: "nearly",
    ours: "`q{1…100}`",
    note: "85 unless told, on one scale for all formats",
    read(option, { tokens }) {
      const quality = ownOf(QUALITIES, option.args[0] ?? "") ??
        wholeOf(option, { min: 1, max: 100 });
      tokens.set("quality", `q${quality}`);
    },
  },
  {
    names: ["format", "f"],
    syntax: "format={auto|avif|webp|jpeg|baseline-jpeg|png|json}",
    verdict: "nearly",
    ours: "`auto`, `avif`, `webp`, `jpeg`, `png`, `info`",
    note: "json has this server's members, and tells of the original alone",
    read({ text, args: [value = ""] }, { tokens }) {
      const format = ownOf(FORMATS, value);
      if (!format) throw noCounterpart(text, `one of ${Object.keys(FORMATS).join(", ")}`);
      tokens.set("format", format);
    },
  },
  {
    names: ["anim"],
    syntax: "anim={true|false}",
    verdict: "same",
    ours: "nothing, or `frame:0`",
    read({ args: [value] }, { tokens }) {
      if (value === "false") tokens.set("anim", "frame:0");
      else tokens.delete("anim");
    },
  },
  {
    names: ["background"],
    syntax: "background={colour}",
    verdict: "same",
    ours: "`bg:{colour}`",
    read: (option, state) => void (state.background = colourOf(option, option.args[0] ?? "")),
  },
  {
    names: ["blur"],
    syntax: "blur={1…250}",
    verdict: "nearly",
    ours: "`blur:{sigma}`",
    note: "a radius is taken for two sigmas",
    read(option, { tokens }) {
      tokens.set("blur", `blur:${decimalText(decimalOf(option, { min: 1, max: 250 }) / 2)}`);
    },
  },
  {
    names: ["sharpen"],
    syntax: "sharpen={0…10}",
    verdict: "nearly",
    ours: "`sharpen:{sigma}`",
    note: "the strength is taken for the sigma",
    read(option, { tokens }) {
      const sigma = decimalOf(option, { min: 0, max: 10 });
      if (sigma < 0.1) tokens.delete("sharpen");
      else tokens.set("sharpen", `sharpen:${decimalText(sigma)}`);
    },
  },
  {
    names: ["brightness"],
    syntax: "brightness={factor}",
    verdict: "nearly",
    ours: "`brightness:{-100…100}`",
    note: "added, not multiplied: half of what the factor adds to middle grey",
    read: (option, state) => factor(option, state, 50),
  },
  {
    names: ["contrast"],
    syntax: "contrast={factor}",
    verdict: "same",
    ours: "`contrast:{-100…100}`",
    read: (option, state) => factor(option, state, 100),
  },
  {
    names: ["saturation"],
    syntax: "saturation={factor}",
    verdict: "same",
    ours: "`saturation:{-100…100}`",
    read: (option, state) => factor(option, state, 100),
  },
  {
    names: ["gamma"],
    syntax: "gamma={factor}",
    verdict: "same",
    ours: "`gamma:{g}`",
    read(option, { tokens }) {
      const gamma = decimalOf(option, { min: 0, max: 10 });
      if (gamma >= 0.1) tokens.set("gamma", `gamma:${decimalText(gamma)}`);
    },
  },
  {
    names: ["rotate"],
    syntax: "rotate={90|180|270}",
    verdict: "same",
    ours: "`r{90|180|270}`, the other way round",
    read(option, state) {
      const degrees = wholeOf(option, { max: 360 });
      if (degrees % 90 !== 0) throw malformedOption(option.text, "rotate takes 90, 180 or 270");
      state.rotate = degrees % 360;
    },
  },
  {
    names: ["flip"],
    syntax: "flip={h|v|hv}",
    verdict: "same",
    ours: "`fh`, `fv`",
    read({ text, args: [value = ""] }, state) {
      if (!/^(?:h|v|hv)$/.test(value)) throw malformedOption(text, "flip takes h, v or hv");
      state.flipX = value.includes("h");
      state.flipY = value.includes("v");
    },
  },
  {
    names: ["trim"],
    syntax: "trim=border trim={top};{right};{bottom};{left}",
    verdict: "nearly",
    ours: "`trim`, `cx… cy…`",
    note: "border, or pixels at the top and the left alone",
    read(option, { tokens, cut }) {
      if (option.args[0] === "border") return void tokens.set("trim", "trim:10");
      const edges = option.args[0]?.split(";") ?? [];
      const [top, right, bottom, left] = edges.map((edge) => wholeOf({ ...option, args: [edge] }));
      if (edges.length !== 4) {
        throw malformedOption(option.text, "trim takes border, or {top};{right};{bottom};{left}");
      }
      if (right || bottom) throw noCounterpart(option.text, "trim.width={pixels} and trim.height");
      Object.assign(cut, { left, top });
    },
  },
  ...(["left", "top", "width", "height"] as const).map((side): ForeignEntry<State> => ({
    names: [`trim.${side}`],
    syntax: `trim.${side}={pixels}`,
    verdict: "same",
    ours: `\`${CUT_WORDS[side]}{pixels}\``,
    read: (option, { cut }) => void (cut[side] = wholeOf(option)),
  })),
  {
    names: ["metadata"],
    syntax: "metadata={copyright|keep|none}",
    verdict: "same",
    ours: "`meta:copyright`, `meta:keep`, nothing",
    note: "copyright unless told",
    read({ text, args: [value = ""] }, { tokens }) {
      if (value === "none") tokens.set("metadata", "");
      else if (value === "keep" || value === "copyright") tokens.set("metadata", `meta:${value}`);
      else throw malformedOption(text, "metadata takes copyright, keep or none");
    },
  },
  ...["compression", "onerror", "slow-connection-quality|scq"].map((
    names,
  ): ForeignEntry<State> => ({
    names: names.split("|"),
    syntax: names.split("|")[0]!,
    verdict: "nearly",
    note: "left out",
    read() {},
  })),
  ...absentOptions<State>(["border", "draw", "segment", "zoom", "upscale"], {
    border: "border:{width}:{colour} of this server's own URLs",
  }),
];

export const cloudflare: Dialect = {
  title: "Cloudflare",
  path: "/cdn-cgi/image/",
  before: /^[^/]+\/cdn-cgi\/image\//,
  example:
    "/cdn-cgi/image/width=300,height=200,fit=crop,gravity=0.5x0.2,format=auto/https://images.example.com/a.jpg",
  options: ENTRIES,
  read({ path, query }, { ignoreUnknown }) {
    const slash = path.indexOf("/");
    const source = path.slice(slash + 1);
    if (slash < 1 || source === "") {
      throw new ProxyError("malformed", "A Cloudflare URL is /cdn-cgi/image/{options}/{source}");
    }
    const options = decoded(path.slice(0, slash)).split(/,(?![^(]*\))/).filter((text) =>
      text !== ""
    )
      .map((text): WrittenOption => {
        const [name = "", value = ""] = text.split(/=(.*)/s);
        return { text, name, args: [value] };
      });
    const state = readOptions(options, ENTRIES, { state: initial(), ignoreUnknown });
    const remote = source.replace(/^(https?):\/(?=[^/])/i, "$1://");
    return { tokens: tokensOf(state), remote: remote + query };
  },
};

function initial(): State {
  return {
    width: 0,
    height: 0,
    fit: "scale-down",
    gravity: { gravity: "c", x: 0, y: 0 },
    background: undefined,
    rotate: 0,
    flipX: false,
    flipY: false,
    cut: {},
    dpr: 1,
    tokens: new Map([["metadata", "meta:copyright"]]),
  };
}

/** Sides and gravity are those of the picture as it is turned in the end. */
function tokensOf(state: State): string[] {
  const { fit, gravity, background, rotate, flipX, flipY, tokens } = state;
  const lies = rotate % 180 !== 0;
  // Mirrored before it is turned by a right angle is mirrored along the other axis after it.
  const flips = lies ? { flipX: flipY, flipY: flipX } : { flipX, flipY };
  const [width, height] = lies ? [state.height, state.width] : [state.width, state.height];
  const result = [...tokens.values()].filter((token) => token !== "");
  for (const [side, word] of Object.entries(CUT_WORDS)) {
    const pixels = state.cut[side as keyof typeof CUT_WORDS] ?? 0;
    if (pixels > 0) result.push(`${word}${Math.round(pixels * state.dpr)}`);
  }
  // WebP is without loss at the highest quality.
  if (tokens.get("format") === "webp" && tokens.get("quality") === "q100") result.push("lossless");
  if (!tokens.has("quality")) result.push("q85");
  if (rotate > 0) result.push(`r${360 - rotate}`);
  if (flips.flipX) result.push("fh");
  if (flips.flipY) result.push("fv");
  const colour = background ?? (fit === "pad" ? "ffffff" : undefined);
  if (colour) result.push(`bg:${colour}`);
  if (width === 0 && height === 0) return result;
  const fits: readonly string[] = FITS[fit];
  const where = gravity === "auto"
    ? "sc"
    : gravityToken(turnedGravity(gravity, { clockwise: rotate, ...flips }));
  // As large as the picture is, in the shape of the box.
  if (fit === "aspect-crop" && width > 0 && height > 0) {
    return [...result, `${width}x`, `ar:${width}:${height}`, where];
  }
  result.push(`${width || ""}x${height || ""}`);
  if (width === 0 || height === 0) {
    return fits.includes("scaleUp") ? [...result, "scaleUp"] : result;
  }
  return [...result, ...fits, where];
}

function readGravity({ text, args: [value = ""] }: WrittenOption, state: State): void {
  const [x, y, ...more] = value.split("x").map(parseDecimal);
  if (value === "auto") {
    state.gravity = "auto";
  } else if (Object.hasOwn(SIDES, value)) {
    state.gravity = { gravity: SIDES[value as keyof typeof SIDES], x: 0, y: 0 };
  } else if (x !== undefined && y !== undefined && more.length === 0) {
    state.gravity = { focus: true, x: clamped(x, 0, 1), y: clamped(y, 0, 1) };
  } else if (value === "face") {
    throw noCounterpart(text, "gravity=auto");
  } else {
    throw malformedOption(text, `gravity is auto, ${Object.keys(SIDES).join(", ")}, or {x}x{y}`);
  }
}

/** A factor as so many hundredths more or less; 1 says nothing. */
function factor(option: WrittenOption, { tokens }: State, hundredths: number): void {
  const value = (decimalOf(option, { min: 0, max: 1000 }) - 1) * hundredths;
  if (value === 0) tokens.delete(option.name);
  else tokens.set(option.name, `${option.name}:${decimalText(clamped(value, -100, 100))}`);
}
