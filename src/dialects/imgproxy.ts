// imgproxy's URLs (docs/usage/processing.mdx and signing_url.mdx of imgproxy 4):
// `/{signature}/{option}:{argument}…/…/plain/{URL}@{extension}`, or the URL in base64url with `.{extension}`.
import { Buffer } from "node:buffer";
import { createHash, createHmac } from "node:crypto";
import { ProxyError } from "../errors.ts";
import { parseDecimal, parseInteger } from "../options/number.ts";
import { quote } from "../options/option.ts";
import type { Edges } from "../options/table.ts";
import {
  type Dialect,
  type ForeignEntry,
  malformedOption,
  noCounterpart,
  readOptions,
  type WrittenOption,
} from "./dialect.ts";
import { absentOptions, decimalText, decoded, isFalse, isTrue, ownOf, wholeOf } from "./values.ts";
import {
  gravityText,
  gravityToken,
  paddingToken,
  type Point,
  turnedEdges,
  turnedGravity,
} from "./gravity.ts";
import {
  IMGPROXY_GRAVITIES,
  type ImgproxyWatermark,
  imgproxyWatermark,
  watermarkToken,
} from "./watermark.ts";
import { imgproxyText, imgproxyTextToken } from "./lettering.ts";

/** What the options say, under imgproxy's defaults. */
interface State {
  type: "fit" | "fill" | "fill-down" | "force" | "auto";
  width: number;
  height: number;
  minWidth: number;
  minHeight: number;
  zoom: { x: number; y: number };
  dpr: number;
  enlarge: boolean;
  extend: Point | undefined;
  extendRatio: Point | undefined;
  gravity: Point | "smart";
  crop: { width: number; height: number; gravity: Point | "smart" | undefined } | undefined;
  /** Degrees clockwise. */
  rotate: number;
  flipX: boolean;
  flipY: boolean;
  keepCopyright: boolean;
  stripMetadata: boolean;
  edges: Edges | undefined;
  formatQuality: ReadonlyMap<string, number>;
  watermark: ImgproxyWatermark | undefined;
  /** The base64url of its picture's URL; empty for the operator's. */
  watermarkUrl: string;
  /** What is written in its place. */
  watermarkText: string;
  /** Tokens of the options that need no more than one, by the option's name. */
  tokens: Map<string, string>;
}

const FORMATS: Readonly<Record<string, string>> = {
  jpg: "jpeg",
  jpeg: "jpeg",
  png: "png",
  gif: "gif",
  webp: "webp",
  avif: "avif",
  jxl: "jxl",
  tiff: "tiff",
};

/** What comes nearest to options that have no counterpart, where anything does. */
const NEAREST: Readonly<Record<string, string>> = {
  max_src_resolution: "the setting maxPixels",
  max_src_file_size: "the setting maxSourceBytes",
  max_animation_frames: "the limits among the settings",
  max_animation_frame_resolution: "the limits among the settings",
  max_result_dimension: "the setting maxOutputPixels",
  brightness: "brightness:{-100…100} of this server's own URLs",
  contrast: "contrast:{-100…100} of this server's own URLs",
  saturation: "saturation:{-100…100} of this server's own URLs",
  page: "frame:{n} of this server's own URLs",
  crop_aspect_ratio: "ar:{w}:{h} of this server's own URLs",
};

const ENTRIES: readonly ForeignEntry<State>[] = [
  {
    names: ["resize", "rs"],
    syntax: "resize:{type}:{width}:{height}:{enlarge}:{extend}",
    verdict: "same",
    ours: "`{w}x{h}`, `fit`, `ar:…`, `resize:…`",
    read({ text, args: [type = "", ...size] }, state) {
      if (type !== "") readType({ text, name: "resize", args: [type] }, state);
      readSize({ text, name: "resize", args: size }, state);
    },
  },
  {
    names: ["size", "s"],
    syntax: "size:{width}:{height}:{enlarge}:{extend}",
    verdict: "same",
    ours: "`{w}x{h}`",
    read: readSize,
  },
  {
    names: ["resizing_type", "rt"],
    syntax: "resizing_type:{fit|fill|fill-down|force|auto}",
    verdict: "same",
    ours: "`fit`, nothing, `ar:…`, `resize:…`",
    read: readType,
  },
  {
    names: ["width", "w"],
    syntax: "width:{width}",
    verdict: "same",
    ours: "`{w}x`",
    read: (option, state) => void (state.width = wholeOf(option)),
  },
  {
    names: ["height", "h"],
    syntax: "height:{height}",
    verdict: "same",
    ours: "`x{h}`",
    read: (option, state) => void (state.height = wholeOf(option)),
  },
  {
    names: ["min-width", "min_width", "mw"],
    syntax: "min-width:{width}",
    verdict: "nearly",
    ours: "`resize:…`",
    note: "nothing is enlarged for it unless the server allows scaleUp",
    read: (option, state) => void (state.minWidth = wholeOf(option)),
  },
  {
    names: ["min-height", "min_height", "mh"],
    syntax: "min-height:{height}",
    verdict: "nearly",
    ours: "`resize:…`",
    note: "nothing is enlarged for it unless the server allows scaleUp",
    read: (option, state) => void (state.minHeight = wholeOf(option)),
  },
  {
    names: ["zoom", "z"],
    syntax: "zoom:{factor} zoom:{x}:{y}",
    verdict: "same",
    ours: "`resize:…`",
    read(option, state) {
      const [x, y = x] = option.args.map(parseDecimal);
      const isFactor = (zoom: number | undefined): zoom is number =>
        zoom !== undefined && zoom >= 0.001 && zoom <= 1000;
      if (!isFactor(x) || !isFactor(y) || option.args.length > 2) {
        throw malformedOption(option.text, "zoom takes one factor, or two, from 0.001 to 1000");
      }
      state.zoom = { x, y };
    },
  },
  {
    names: ["dpr"],
    syntax: "dpr:{factor}",
    verdict: "same",
    ours: "`resize:…`",
    read(option, state) {
      const dpr = parseDecimal(option.args[0] ?? "");
      if (dpr === undefined || dpr <= 0 || dpr > 8) {
        throw malformedOption(option.text, "dpr takes a factor above 0 and up to 8");
      }
      state.dpr = dpr;
    },
  },
  {
    names: ["enlarge", "el"],
    syntax: "enlarge:{boolean}",
    verdict: "nearly",
    ours: "`scaleUp`",
    note: "only where the server allows scaleUp",
    read: (option, state) => void (state.enlarge = isTrue(option.args[0])),
  },
  {
    names: ["extend", "ex"],
    syntax: "extend:{boolean}:{gravity}",
    verdict: "same",
    ours: "`resize:…,extend:…`",
    read: (option, state) => void (state.extend = extension(option)),
  },
  {
    names: ["extend_aspect_ratio", "extend_ar", "exar"],
    syntax: "extend_aspect_ratio:{boolean}:{gravity}",
    verdict: "same",
    ours: "`resize:…,extendratio:…`",
    read: (option, state) => void (state.extendRatio = extension(option)),
  },
  {
    names: ["gravity", "g"],
    syntax: "gravity:{type}:{x}:{y} gravity:fp:{x}:{y} gravity:sm",
    verdict: "same",
    ours: "`gravity:…`, `focus:…`, `sc`",
    note: "`sm` finds other regions than libvips does",
    read: (option, state) => void (state.gravity = gravityOf(option, option.args)),
  },
  {
    names: ["crop", "c"],
    syntax: "crop:{width}:{height}:{gravity}",
    verdict: "same",
    ours: "`crop:{w}x{h}:…`",
    note: "`sm` takes the middle",
    read(option, state) {
      const [width = 0, height = 0] = option.args.slice(0, 2).map((side) => length(option, side));
      const gravity = option.args.length > 2 ? gravityOf(option, option.args.slice(2)) : undefined;
      state.crop = { width, height, gravity };
    },
  },
  {
    names: ["trim", "t"],
    syntax: "trim:{threshold}:{colour}:{equal_hor}:{equal_ver}",
    verdict: "nearly",
    ours: "`trim:{tolerance}`",
    note: "the colour is that of the top left pixel; a colour and equal sides are refused",
    read(option, { tokens }) {
      const [threshold = "", ...others] = option.args;
      if (others.some((other) => other !== "" && !isFalse(other))) {
        throw noCounterpart(option.text, "trim:{threshold}");
      }
      const tolerance = threshold === "" ? 10 : parseDecimal(threshold);
      if (tolerance === undefined || tolerance < 0 || tolerance > 255) {
        throw malformedOption(option.text, "trim takes a threshold from 0 to 255");
      }
      tokens.set("trim", `trim:${Math.round(tolerance)}`);
    },
  },
  {
    names: ["padding", "pd"],
    syntax: "padding:{top}:{right}:{bottom}:{left}",
    verdict: "same",
    ours: "`padding:…`",
    read(option, state) {
      const edges = option.args.map((arg) =>
        arg === "" ? undefined : wholeOf({ ...option, args: [arg] })
      );
      const [top = 0, right = top, bottom = top, left = right] = edges;
      if (edges.length > 4) throw malformedOption(option.text, "padding takes at most four edges");
      state.edges = { top, right, bottom, left };
    },
  },
  {
    names: ["auto_rotate", "ar"],
    syntax: "auto_rotate:{boolean}",
    verdict: "same",
    ours: "nothing, or `noTurn`",
    read({ args: [value] }, { tokens }) {
      if (isFalse(value)) tokens.set("noTurn", "noTurn");
      else tokens.delete("noTurn");
    },
  },
  {
    names: ["rotate", "rot"],
    syntax: "rotate:{angle}",
    verdict: "same",
    ours: "`r{90|180|270}`, the other way round",
    read(option, state) {
      const degrees = /^-?\d+$/.test(option.args[0] ?? "") ? Number(option.args[0]) : NaN;
      if (degrees % 90 !== 0) {
        throw malformedOption(option.text, "rotate takes a multiple of 90 degrees");
      }
      state.rotate = ((degrees % 360) + 360) % 360;
    },
  },
  {
    names: ["flip", "fl"],
    syntax: "flip:{horizontal}:{vertical}",
    verdict: "same",
    ours: "`fh`, `fv`",
    read({ args: [horizontal, vertical] }, state) {
      state.flipX = isTrue(horizontal);
      state.flipY = isTrue(vertical);
    },
  },
  {
    names: ["background", "bg"],
    syntax: "background:{R}:{G}:{B} background:{hex}",
    verdict: "same",
    ours: "`bg:{colour}`",
    read(option, { tokens }) {
      const { args } = option;
      if (args.length === 1 && args[0] === "") return void tokens.delete("bg");
      const channels = args.map((channel) => parseInteger(channel));
      const isRgb = args.length === 3 &&
        channels.every((value) => value !== undefined && value < 256);
      const hex = isRgb
        ? channels.map((value) => value!.toString(16).padStart(2, "0")).join("")
        : args[0]!;
      if (!/^(?:[\da-f]{3}|[\da-f]{6})$/i.test(hex) || (!isRgb && args.length > 1)) {
        throw malformedOption(
          option.text,
          "background takes {R}:{G}:{B} from 0 to 255, or hex digits",
        );
      }
      tokens.set("bg", `bg:${hex.toLowerCase()}`);
    },
  },
  {
    names: ["blur", "bl"],
    syntax: "blur:{sigma}",
    verdict: "same",
    ours: "`blur:{sigma}`",
    read: (option, state) => amount(option, state, { name: "blur", max: 1000 }),
  },
  {
    names: ["sharpen", "sh"],
    syntax: "sharpen:{sigma}",
    verdict: "nearly",
    ours: "`sharpen:{sigma}`",
    note: "libvips sharpens flat areas less",
    read: (option, state) => amount(option, state, { name: "sharpen", max: 10 }),
  },
  {
    names: ["pixelate", "pix"],
    syntax: "pixelate:{size}",
    verdict: "same",
    ours: "`pixelate:{size}`",
    read(option, { tokens }) {
      const size = wholeOf(option);
      if (size < 2) tokens.delete("pixelate");
      else tokens.set("pixelate", `pixelate:${Math.min(size, 1000)}`);
    },
  },
  {
    names: ["strip_metadata", "sm"],
    syntax: "strip_metadata:{boolean}",
    verdict: "same",
    ours: "nothing, or `meta:keep`",
    read: (option, state) => void (state.stripMetadata = isTrue(option.args[0])),
  },
  {
    names: ["keep_copyright", "kcr"],
    syntax: "keep_copyright:{boolean}",
    verdict: "same",
    ours: "`meta:copyright`",
    read: (option, state) => void (state.keepCopyright = isTrue(option.args[0])),
  },
  {
    names: ["strip_color_profile", "scp"],
    syntax: "strip_color_profile:{boolean}",
    verdict: "same",
    ours: "nothing, or `icc:keep`",
    read(option, { tokens }) {
      if (isTrue(option.args[0])) tokens.delete("icc");
      else tokens.set("icc", "icc:keep");
    },
  },
  {
    names: ["quality", "q"],
    syntax: "quality:{percent}",
    verdict: "nearly",
    ours: "`q{1…100}`",
    note: "80 unless told, on one scale for all formats",
    read(option, { tokens }) {
      const quality = wholeOf(option);
      if (quality > 100) {
        throw malformedOption(option.text, "quality is a percentage from 0 to 100");
      }
      if (quality === 0) tokens.delete("q");
      else tokens.set("q", `q${quality}`);
    },
  },
  {
    names: ["format_quality", "fq"],
    syntax: "format_quality:{format}:{percent}:…",
    verdict: "nearly",
    ours: "`q{1…100}`",
    note: "for the format that the URL names",
    read(option, state) {
      const { args } = option;
      const pairs = new Map(state.formatQuality);
      for (let at = 0; at < args.length; at += 2) {
        const format = ownOf(FORMATS, args[at]!);
        const quality = parseInteger(args[at + 1] ?? "");
        if (quality === undefined || quality > 100) {
          throw malformedOption(option.text, "format_quality takes {format}:{percent} pairs");
        }
        if (format !== undefined) pairs.set(format, quality);
      }
      state.formatQuality = pairs;
    },
  },
  {
    names: ["watermark", "wm"],
    syntax: "watermark:{opacity}:{position}:{x}:{y}:{scale}",
    verdict: "nearly",
    ours: "`overlay:watermark:…`",
    note:
      "the picture that the setting overlay calls watermark; the scale is of the width alone, up to 1, and dpr enlarges it",
    read: (option, state) => void (state.watermark = imgproxyWatermark(option)),
  },
  {
    names: ["watermark_url", "wmu"],
    syntax: "watermark_url:{base64url}",
    verdict: "nearly",
    ours: "`overlay:{base64url}:…`",
    note: "its host is allowed, or the URL is signed",
    read(option, state) {
      const [url = ""] = option.args;
      if (!/^[\w-]*=*$/.test(url)) {
        throw malformedOption(option.text, "the URL of a watermark is in base64url");
      }
      state.watermarkUrl = url.replace(/=+$/, "");
    },
  },
  {
    names: ["fallback_image_url", "fiu"],
    syntax: "fallback_image_url:{base64url}",
    verdict: "nearly",
    ours: "`fallback:{base64url}`",
    note: "its host is allowed, or the URL is signed; shown with the status of the failure",
    read(option, { tokens }) {
      const [url = ""] = option.args;
      if (!/^[\w-]*=*$/.test(url)) {
        throw malformedOption(option.text, "the URL of a fallback image is in base64url");
      }
      const encoded = url.replace(/=+$/, "");
      if (encoded === "") tokens.delete("fallback");
      else tokens.set("fallback", `fallback:${encoded}`);
    },
  },
  {
    names: ["watermark_text", "wmt"],
    syntax: "watermark_text:{base64url}",
    verdict: "nearly",
    ours: "`text:{base64url}:…`",
    note:
      "in place of the picture of `watermark`, where that says; no markup, no scale, and in the server's usual font",
    read: (option, state) => void (state.watermarkText = imgproxyText(option)),
  },
  {
    names: ["max_bytes", "mb"],
    syntax: "max_bytes:{bytes}",
    verdict: "nearly",
    ours: "`maxbytes:{bytes}`",
    note: "413 where no quality is low enough; imgproxy answers what came out",
    read(option, { tokens }) {
      const bytes = wholeOf(option);
      if (bytes === 0) tokens.delete("maxbytes");
      else tokens.set("maxbytes", `maxbytes:${bytes}`);
    },
  },
  {
    names: ["format", "f", "ext"],
    syntax: "format:{extension}",
    verdict: "nearly",
    ours: "`jpeg`, `png` …",
    note: "without it `basic`; ico, bmp, svg and heic cannot be written",
    read: (option, { tokens }) => void tokens.set("format", formatOf(option, option.args[0] ?? "")),
  },
  {
    names: ["cachebuster", "cb"],
    syntax: "cachebuster:{text}",
    verdict: "same",
    ours: "`v:{text}`",
    read({ args: [text = ""] }, { tokens }) {
      if (text === "") tokens.delete("v");
      else tokens.set("v", `v:${versionOf(text)}`);
    },
  },
  {
    names: ["expires", "exp"],
    syntax: "expires:{unix time}",
    verdict: "nearly",
    ours: "`vu{unix time}`",
    note: "410 from then on; imgproxy answers 404",
    read(option, { tokens }) {
      const time = wholeOf(option);
      if (time > 0) tokens.set("vu", `vu${time}`);
    },
  },
  {
    names: ["filename", "fn"],
    syntax: "filename:{name}:{encoded}",
    verdict: "same",
    ours: "`filename:{name}`",
    read(option, { tokens }) {
      const [name = "", encoded] = option.args;
      const text = isTrue(encoded) ? Buffer.from(name, "base64url").toString() : decoded(name);
      if (text === "") tokens.delete("filename");
      else tokens.set("filename", `filename:${text.replace(/\.[^.]*$/, "")}`);
    },
  },
  {
    names: ["return_attachment", "att"],
    syntax: "return_attachment:{boolean}",
    verdict: "same",
    ours: "`download`",
    read({ args: [value] }, { tokens }) {
      if (isTrue(value)) tokens.set("download", "download");
      else tokens.delete("download");
    },
  },
  {
    names: ["preset", "pr"],
    syntax: "preset:{name}:…",
    verdict: "nearly",
    ours: "`preset:{name}`",
    note: "one, of this server's presets; it is written in this server's options",
    read(option, { tokens }) {
      if (option.args.length !== 1) {
        throw noCounterpart(option.text, "preset:{name}, one at a time");
      }
      tokens.set("preset", `preset:${option.args[0]}`);
    },
  },
  {
    names: ["skip_processing", "skp"],
    syntax: "skip_processing:{extension}:…",
    verdict: "not",
    note: "a URL without options, which passes the original through",
  },
  {
    names: ["raw"],
    syntax: "raw:{boolean}",
    verdict: "not",
    note: "a URL without options, which passes the original through",
  },
  ...absentOptions<State>([
    "enforce_thumbnail|eth",
    "preserve_hdr|ph",
    "max_src_resolution|msr",
    "max_src_file_size|msfs",
    "max_animation_frames|maf",
    "max_animation_frame_resolution|mafr",
    "max_result_dimension|mrd",
    "resizing_algorithm|ra",
    "objects_position|obj_pos|op",
    "crop_aspect_ratio|crop_ar|car",
    "background_alpha|bga",
    "adjust|a",
    "brightness|br",
    "contrast|co",
    "saturation|sa",
    "monochrome|mc",
    "duotone|dt",
    "unsharp_masking|ush",
    "blur_areas|ba",
    "progressive_blur|pbl",
    "blur_detections|bd",
    "draw_detections|dd",
    "crop_objects",
    "colorize|col",
    "gradient|gr",
    "watermark_size|wms",
    "watermark_rotate|wm_rot|wmr",
    "watermark_shadow|wmsh",
    "style|st",
    "dpi",
    "color_profile|cp|icc",
    "autoquality|aq",
    "jpeg_options|jpgo",
    "png_options|pngo",
    "webp_options|webpo",
    "avif_options|avifo",
    "page|pg",
    "pages|pgs",
    "disable_animation|da",
    "video_thumbnail_second|vts",
    "video_thumbnail_keyframes|vtk",
    "video_thumbnail_tile|vtt",
    "video_thumbnail_animation|vta",
  ], NEAREST),
];

export const imgproxy: Dialect = {
  title: "imgproxy",
  path: "/imgproxy/",
  before:
    /^[^/]+(?:\/imgproxy)?\/(?=[\w-]+\/(?:(?!https?:)[a-z_]+:[^/]*\/)*(?:plain\/|(?:(?!https?:)[a-z_]+:[^/]*\/)(?:aHR0c|enc\/)))/,
  example: "/imgproxy/unsafe/rs:fill:300:200/g:no/plain/https://images.example.com/a.jpg@webp",
  options: ENTRIES,
  keySyntax: "{key in hex}:{salt in hex}",
  checkKey(key) {
    if (!/^(?:[\da-f]{2})+:(?:[\da-f]{2})+$/i.test(key)) {
      throw new Error("must be a key and a salt in hex digits, with a colon between them");
    }
  },
  read({ path }, { ignoreUnknown }) {
    const { signature, rest } = taken(path);
    const segments = rest.split("/");
    const end = segments.findIndex((segment) => !segment.includes(":"));
    const options = segments.slice(0, end < 0 ? segments.length : end).map(written);
    const source = sourceOf(segments.slice(end < 0 ? segments.length : end), rest);
    if (source.extension) options.push(written(`format:${source.extension}`));
    const state = readOptions(options, ENTRIES, { state: initial(), ignoreUnknown });
    return {
      tokens: tokensOf(state),
      remote: source.url,
      signature: {
        given: signature,
        bytes: Buffer.from(signature, "base64url"),
        expected: (key) => [hmac(rest, key)],
      },
    };
  },
  sign({ path }, key) {
    const { rest } = taken(path);
    return `${hmac(rest, key).toString("base64url")}/${rest}`;
  },
};

function hmac(rest: string, keyText: string): Buffer {
  const [key = "", salt = ""] = keyText.split(":").map((hex) => Buffer.from(hex, "hex"));
  return createHmac("sha256", key).update(salt).update(`/${rest}`).digest();
}

/** The signature and what it covers: colons that were encoded and slashes that were merged are restored first. */
function taken(path: string): { signature: string; rest: string } {
  const slash = path.indexOf("/");
  const signature = path.slice(0, slash);
  if (slash < 1 || signature.includes(":")) {
    throw new ProxyError(
      "malformed",
      "An imgproxy URL is /{signature}/{options}/plain/{URL}; without a key the signature may be any word",
    );
  }
  const covered = path.slice(slash + 1);
  const plainAt = covered.search(/(?<=^|\/)plain\//);
  const options = plainAt < 0 ? covered : covered.slice(0, plainAt);
  const plain = plainAt < 0 ? "" : covered.slice(plainAt);
  const restored = plain.replace(/^plain\/([a-z][a-z\d+.-]*):\/(?=[^/])/i, "plain/$1://");
  return { signature, rest: options.replaceAll(/%3A/gi, ":") + restored };
}

/** A text that takes any characters as one that takes few: another for each. */
function versionOf(text: string): string {
  return /^[\w.~-]{1,64}$/.test(text)
    ? text
    : createHash("sha256").update(text).digest("base64url");
}

function written(text: string): WrittenOption {
  const [name = "", ...args] = text.split(":");
  return { text, name, args };
}

/** The source and the extension behind it. */
function sourceOf(
  [first = "", ...others]: readonly string[],
  rest: string,
): { url: string; extension: string | undefined } {
  const isPlain = first === "plain" && others.length > 0;
  if (first === "enc") throw noCounterpart("enc/…", "enc:{token} of this server's own URLs");
  const encoded = isPlain ? others.join("/") : [first, ...others].join("");
  const [text = "", extension, ...more] = encoded.split(isPlain ? "@" : ".");
  if (text === "" || more.length > 0) {
    throw new ProxyError(
      "malformed",
      `${
        quote(rest)
      } holds no source, or several extensions: write plain/{URL}@{extension}, or the URL in ` +
        "base64url and .{extension}",
    );
  }
  const url = isPlain ? decoded(text) : new TextDecoder().decode(Buffer.from(text, "base64url"));
  return { url, extension: extension || undefined };
}

function initial(): State {
  return {
    type: "fit",
    width: 0,
    height: 0,
    minWidth: 0,
    minHeight: 0,
    zoom: { x: 1, y: 1 },
    dpr: 1,
    enlarge: false,
    extend: undefined,
    extendRatio: undefined,
    gravity: { gravity: "c", x: 0, y: 0 },
    crop: undefined,
    rotate: 0,
    flipX: false,
    flipY: false,
    keepCopyright: false,
    stripMetadata: true,
    edges: undefined,
    formatQuality: new Map(),
    watermark: undefined,
    watermarkUrl: "",
    watermarkText: "",
    tokens: new Map(),
  };
}

/** imgproxy speaks of the picture as it is turned in the end, this server of the picture before. */
function tokensOf(state: State): string[] {
  const turn = { clockwise: state.rotate, flipX: state.flipX, flipY: state.flipY };
  const lies = state.rotate % 180 !== 0;
  const sides = (width: number, height: number) => lies ? [height, width] : [width, height];
  const point = (place: Point) => turnedGravity(place, turn);
  const { crop, gravity, tokens } = state;
  const result = ["frame:0", ...tokens.values()];
  if (crop && (crop.width > 0 || crop.height > 0)) {
    const place = crop.gravity ?? gravity;
    const [width, height] = sides(crop.width, crop.height);
    const where = place === "smart" ? "c" : gravityText(point(place));
    result.push(`crop:${width}x${height}:${where}`);
  }
  if (state.edges) result.push(paddingToken(turnedEdges(state.edges, turn)));
  result.push(...sizeTokens(state, { sides, turned: point }));
  if (state.enlarge) result.push("scaleUp");
  if (state.rotate > 0) result.push(`r${360 - state.rotate}`);
  if (state.flipX) result.push("fh");
  if (state.flipY) result.push("fv");
  if (state.watermark && state.watermarkText) {
    result.push(imgproxyTextToken(state.watermarkText, state.watermark));
  } else if (state.watermark) {
    const picture = state.watermarkUrl || "watermark";
    result.push(watermarkToken({ ...state.watermark, picture }));
  }
  if (!state.stripMetadata) result.push("meta:keep");
  else if (state.keepCopyright) result.push("meta:copyright");
  if (!tokens.has("format")) result.push(basicToken(state));
  if (!tokens.has("q")) {
    const quality = state.formatQuality.get(tokens.get("format") ?? "") || DEFAULT_QUALITY;
    result.push(`q${quality}`);
  }
  return result;
}

const DEFAULT_QUALITY = 80;

/** Which format is taken where none is named: one with transparency where there is any, or room. */
function basicToken({ tokens, edges, extend }: State): string {
  if (tokens.has("bg")) return "basic:jpeg";
  const hasRoom = extend !== undefined ||
    (edges !== undefined && Object.values(edges).some((edge) => edge > 0));
  return hasRoom ? "basic:png" : "basic";
}

interface Turning {
  /** A width and a height as those of the picture before it is turned. */
  sides(width: number, height: number): number[];
  turned(place: Point): Point;
}

/** To the pixel. */
const RECKONED = "reckon:imgproxy";

function sizeTokens(state: State, { sides, turned }: Turning): string[] {
  const { type, enlarge, extend, extendRatio, gravity } = state;
  const [width = 0, height = 0] = sides(state.width, state.height);
  const where = gravity === "smart" ? "sc" : gravityToken(turned(gravity));
  const box = `${width || ""}x${height || ""}`;
  const whole = width > 0 && height > 0;
  // What this server's own sizes say as well is said by them.
  if (!needsFactors(state)) {
    if (width === 0 && height === 0) return [];
    if (whole && type === "fit") return [box, "fit", RECKONED];
    if (!whole) return [box, RECKONED];
    if (type === "fill" || enlarge) return [box, where];
    return [`${width}x`, `ar:${width}:${height}`, where];
  }
  const zoom = sides(state.zoom.x, state.zoom.y);
  const numbers = [width, height, ...zoom, state.dpr, ...sides(state.minWidth, state.minHeight)];
  const tokens = [`resize:${type}:${numbers.map(decimalText).join(":")}`, RECKONED];
  if (where !== "gravity:c") tokens.push(where);
  if (extend) tokens.push(`extend:${gravityText(turned(extend))}`);
  if (extendRatio) tokens.push(`extendratio:${gravityText(turned(extendRatio))}`);
  return tokens;
}

function needsFactors(
  { type, width, height, zoom, dpr, minWidth, minHeight, extend, extendRatio, crop }: State,
): boolean {
  // What is cropped is shrunk on loading, too, and its sides with it.
  const isCropped = crop !== undefined && (width > 0 || height > 0);
  return isCropped || type === "force" || type === "auto" || zoom.x !== 1 || zoom.y !== 1 ||
    dpr !== 1 ||
    minWidth > 0 || minHeight > 0 || extend !== undefined || extendRatio !== undefined;
}

function readType({ text, args: [type = ""] }: WrittenOption, state: State): void {
  const types = ["fit", "fill", "fill-down", "force", "auto"] as const;
  const found = types.find((each) => each === type);
  if (!found) throw malformedOption(text, `the resizing type is one of ${types.join(", ")}`);
  state.type = found;
}

function readSize({ text, args }: WrittenOption, state: State): void {
  const [width = "", height = "", enlarge = "", ...extend] = args;
  if (width !== "") state.width = wholeOf({ text, name: "width", args: [width] });
  if (height !== "") state.height = wholeOf({ text, name: "height", args: [height] });
  if (enlarge !== "") state.enlarge = isTrue(enlarge);
  if (extend.length > 0 && extend[0] !== "") {
    state.extend = extension({ text, name: "extend", args: extend });
  }
}

/** Pixels from 1 on, a share below; pixels are cut to whole ones. */
function length({ text }: WrittenOption, side: string): number {
  const value = parseDecimal(side === "" ? "0" : side);
  if (value === undefined || value < 0) {
    throw malformedOption(text, "a side is a number of pixels, or a share below 1");
  }
  return value >= 1 ? Math.floor(value) : value;
}

function amount(
  { text, args }: WrittenOption,
  { tokens }: State,
  { name, max }: { name: string; max: number },
): void {
  const sigma = parseDecimal(args[0] ?? "");
  if (sigma === undefined || sigma < 0) throw malformedOption(text, `${name} takes a sigma`);
  // What is too little to be seen is nothing.
  if (sigma < 0.1) tokens.delete(name);
  else tokens.set(name, `${name}:${Math.min(sigma, max)}`);
}

function gravityOf({ text }: WrittenOption, args: readonly string[]): Point | "smart" {
  const [type = "", ...offsets] = args;
  if (type === "sm") return "smart";
  if (type === "obj" || type === "objw") throw noCounterpart(text, "gravity:sm");
  const [x = 0, y = 0] = offsets.map((offset) => offset === "" ? 0 : parseDecimal(offset));
  if (!Number.isFinite(x) || !Number.isFinite(y) || offsets.some(isNoNumber)) {
    throw malformedOption(text, "the offsets of a gravity are numbers");
  }
  if (type === "fp") return { focus: true, x: share(x), y: share(y) };
  if (!Object.hasOwn(IMGPROXY_GRAVITIES, type)) {
    throw malformedOption(
      text,
      `the gravity is one of ${Object.keys(IMGPROXY_GRAVITIES).join(", ")}, sm, fp`,
    );
  }
  const pixels = (offset: number) => Math.abs(offset) >= 1 ? Math.round(offset) : offset;
  return {
    gravity: IMGPROXY_GRAVITIES[type as keyof typeof IMGPROXY_GRAVITIES],
    x: pixels(x),
    y: pixels(y),
  };
}

function isNoNumber(text: string): boolean {
  return text !== "" && parseDecimal(text) === undefined;
}

function share(value: number): number {
  return Math.max(0, Math.min(1, value));
}

/** Where the picture lies in the room that an extension makes; undefined where it makes none. */
function extension(option: WrittenOption): Point | undefined {
  const [extend, ...gravity] = option.args;
  if (!isTrue(extend)) return undefined;
  if (gravity.length === 0 || gravity[0] === "") return { gravity: "c", x: 0, y: 0 };
  const place = gravityOf(option, gravity);
  if (place === "smart") throw malformedOption(option.text, "the gravity of an extension is no sm");
  return place;
}

function formatOf({ text }: WrittenOption, extension: string): string {
  const format = ownOf(FORMATS, extension);
  if (format !== undefined) return format;
  throw noCounterpart(text, `one of ${Object.keys(FORMATS).join(", ")}`);
}
