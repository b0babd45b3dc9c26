// imagor's URLs (docs/image-endpoint.md, filters.md and security.mdx of imagor 1.9).
import {
  type ForeignEntry,
  type ForeignOption,
  malformedOption,
  noCounterpart,
} from "./dialect.ts";
import { alignedTo, createPathDialect, type PathState, SHARED_FILTERS } from "./thumbor_path.ts";
import { TEXT_FILTERS } from "./lettering.ts";
import { WATERMARK_FILTER } from "./watermark.ts";
import { absentOptions, colourOf, decimalOf, decimalText, isTrue, wholeOf } from "./values.ts";

/** What is imagor's alone of the parts before the filters. */
const PART_NOTES: Readonly<Record<string, Partial<ForeignOption>>> = {
  "{A}x{B}:{C}x{D}": {
    verdict: "nearly",
    note:
      "imagor measures what it crops, trims or fits by a word other than fit-in before it is turned by EXIF, and takes a " +
      "column and a row off crops that reach the far edges",
  },
  "fit-in full-fit-in adaptive-fit-in adaptive-full-fit-in": { verdict: "same", note: "" },
  "{W}x{H}": {
    verdict: "nearly",
    note:
      "enlarged only where the server allows scaleUp; upside down (`x-{H}`) or with no size a picture that EXIF turns " +
      "is left lying by imagor",
  },
  "-{W}x-{H}": {
    verdict: "nearly",
    note: "imagor mirrors the column of an animation's frames as one picture",
  },
  "left right top bottom": {
    verdict: "same",
    note: "one alone is the nearer end of whichever side is cropped",
  },
};

/** What is imagor's alone of filters that thumbor has too. */
const NOTES: Readonly<Record<string, Partial<ForeignOption>>> = {
  proportion: {
    verdict: "nearly",
    note:
      "both sides are cut to whole pixels; imagor then fits the picture into them, so one may be less",
  },
  no_upscale: {
    verdict: "nearly",
    note: "imagor enlarges a crop that is smaller than the size along one side alone",
  },
  fill: {
    note:
      "auto and blur are refused; with full-fit-in, and with one side alone of what is cropped, trimmed, turned, " +
      "mirrored upside down or fitted by adaptive-fit-in, imagor may leave a pixel of room",
  },
  grayscale: {
    verdict: "nearly",
    note: "by luma; imagor by linear light, so colours come out lighter",
  },
};

export const imagor = createPathDialect({
  title: "imagor",
  path: "/imagor/",
  before: /^[^/]+(?:\/imagor)?\/(?=(?:unsafe|[\w-]{27}=)\/.)/,
  example:
    "/imagor/unsafe/fit-in/300x200/filters:fill(white):format(webp)/images.example.com/a.jpg",
  quality: 75,
  partNotes: PART_NOTES,
  rounding,
  gravity,
  enlargesAlongOneSide: true,
  digests: ["sha1", "sha256", "sha512"],
  filters: [
    ...SHARED_FILTERS.map((filter) => ({ ...filter, ...NOTES[filter.names[0]!] })),
    WATERMARK_FILTER,
    {
      names: ["blur"],
      syntax: "blur(sigma)",
      verdict: "same",
      ours: "`blur:{sigma}`",
      note: "animations too",
      read(option, { tokens }) {
        const sigma = decimalOf(option, { min: 0, max: 1000 });
        if (sigma >= 0.1) tokens.set("blur", `blur:${decimalText(sigma)}`);
      },
    },
    {
      names: ["saturation"],
      syntax: "saturation(-100…100)",
      verdict: "same",
      ours: "`saturation:{-100…100}`",
      read(option, { tokens }) {
        tokens.set(
          "saturation",
          `saturation:${decimalText(decimalOf(option, { min: -100, max: 100 }))}`,
        );
      },
    },
    {
      names: ["hue"],
      syntax: "hue(degrees)",
      verdict: "same",
      ours: "`hue:{degrees}`",
      read(option, { tokens }) {
        tokens.set(
          "hue",
          `hue:${decimalText(decimalOf(option, { min: -36000, max: 36000 }) % 360)}`,
        );
      },
    },
    {
      names: ["sharpen"],
      syntax: "sharpen(sigma)",
      verdict: "nearly",
      ours: "`sharpen:{sigma}`",
      note: "flat areas are sharpened as much as others",
      read(option, { tokens }) {
        const sigma = decimalOf(option, { min: 0, max: 100 });
        if (sigma >= 0.1) tokens.set("sharpen", `sharpen:${decimalText(Math.min(10, sigma))}`);
      },
    },
    {
      names: ["padding"],
      syntax: "padding(colour,left,top,right,bottom)",
      verdict: "nearly",
      ours: "`padding:…,bg:{colour}`",
      note: "the colour lies beneath transparent pixels too; up to 1000 pixels an edge",
      read(option, { tokens }) {
        const [colour = "", ...edges] = option.args;
        const pixels = edges.map((edge) => wholeOf({ ...option, args: [edge] }, { max: 1000 }));
        // Without all four the third says nothing.
        const [left = 0, top = left, right = left, bottom = top] = pixels.length < 4
          ? pixels.slice(0, 2)
          : pixels;
        tokens.set("padding", `padding:${top}:${right}:${bottom}:${left}`);
        tokens.set("bg", `bg:${colourOf(option, colour)}`);
      },
    },
    {
      names: ["invert"],
      syntax: "invert()",
      verdict: "same",
      ours: "`invert`",
      read: (_option, { tokens }) => void tokens.set("invert", "invert"),
    },
    {
      names: ["pixelate"],
      syntax: "pixelate(size)",
      verdict: "same",
      ours: "`pixelate:{size}`",
      read(option, { tokens }) {
        const size = option.args[0] ? wholeOf(option, { max: 1000 }) : 10;
        if (size >= 2) tokens.set("pixelate", `pixelate:${size}`);
      },
    },
    {
      names: ["round_corner"],
      syntax: "round_corner(rx,ry,colour)",
      verdict: "nearly",
      ours: "`radius:{pixels}`",
      note: "one radius for both axes",
      read(option, { tokens }) {
        const radius = wholeOf({ ...option, args: option.args.slice(0, 1) }, {
          min: 1,
          max: 10000,
        });
        tokens.set("radius", `radius:${radius}`);
        const [, , colour] = option.args;
        if (colour) tokens.set("bg", `bg:${colourOf(option, colour)}`);
      },
    },
    {
      names: ["rotate", "orient"],
      syntax: "rotate(degrees)",
      verdict: "same",
      ours: "`r{90|180|270}`",
      note: "counter-clockwise",
      read(option, state) {
        const { tokens } = state;
        state.rotates = true;
        const degrees = wholeOf(option, { max: 360 }) % 360;
        if (degrees % 90 !== 0) {
          throw malformedOption(option.text, "rotate takes 0, 90, 180 or 270");
        }
        if (degrees === 0) tokens.delete("rotate");
        else tokens.set("rotate", `r${degrees}`);
      },
    },
    {
      names: ["crop"],
      syntax: "crop(left,top,width,height)",
      verdict: "nearly",
      ours: "`cut:…`",
      note:
        "before padding, flips and rotation, wherever it stands; imagor applies filters in the order of the URL",
      read(option, { tokens }) {
        const sides = option.args.map((arg) =>
          decimalText(decimalOf({ ...option, args: [arg] }, { min: 0, max: 65535 }))
        );
        if (sides.length !== 4) {
          throw malformedOption(option.text, "crop takes left, top, width and height");
        }
        // A share of 1 is the whole side, as nothing is.
        const isShare = sides.every((side) => Number(side) <= 1);
        tokens.set(
          "cut",
          `cut:${sides.map((side) => isShare && side === "1" ? "0" : side).join(":")}`,
        );
      },
    },
    {
      names: ["lossless"],
      syntax: "lossless()",
      verdict: "same",
      ours: "`lossless`",
      read: (_option, { tokens }) => void tokens.set("lossless", "lossless"),
    },
    {
      names: ["max_frames"],
      syntax: "max_frames(n)",
      verdict: "nearly",
      ours: "`frame:0`",
      note: "only 1",
      read(option, { tokens }) {
        if (wholeOf(option, { min: 1 }) !== 1) throw noCounterpart(option.text, "max_frames(1)");
        tokens.set("frame", "frame:0");
      },
    },
    {
      names: ["attachment"],
      syntax: "attachment(filename)",
      verdict: "same",
      ours: "`download,filename:{name}`",
      read({ args: [name] }, { tokens }) {
        tokens.set("download", "download");
        if (name) tokens.set("filename", `filename:${name.replace(/\.[^.]*$/, "")}`);
      },
    },
    {
      names: ["page"],
      syntax: "page(n)",
      verdict: "nearly",
      ours: "`frame:{n}`",
      note:
        "counted from 1 there, from 0 here; of an animation this frame alone, but for the first",
      read(option, { tokens }) {
        const page = wholeOf(option, { min: 1, max: 65536 });
        // What follows the first page is the whole animation.
        if (page > 1) tokens.set("frame", `frame:${page - 1}`);
      },
    },
    {
      names: ["expire"],
      syntax: "expire(milliseconds)",
      verdict: "nearly",
      ours: "`vu{unix time}`",
      note: "to the second",
      read(option, { tokens }) {
        tokens.set("vu", `vu${Math.max(1, Math.floor(wholeOf(option) / 1000))}`);
      },
    },
    {
      names: ["to_colorspace"],
      syntax: "to_colorspace(name)",
      verdict: "nearly",
      note: "only srgb, which results are anyway",
      read(option) {
        if (!/^(?:srgb)?$/i.test(option.args[0] ?? "")) {
          throw noCounterpart(option.text, "to_colorspace(srgb)");
        }
      },
    },
    {
      names: ["autojpg", "strip_metadata"],
      syntax: "strip_metadata()",
      verdict: "nearly",
      note: "metadata goes anyway",
      read(option) {
        if (option.name === "autojpg" && isTrue(option.args[0])) {
          throw noCounterpart(option.text, "format(jpeg)");
        }
      },
    },
    ...["palette", "bitdepth", "compression"].map((name): ForeignEntry<PathState> => ({
      names: [name],
      syntax: `${name}(…)`,
      verdict: "nearly",
      note: "left out: PNGs are packed as small as they go without loss",
      read() {},
    })),
    ...TEXT_FILTERS,
    ...absentOptions<PathState>([
      ...["image", "redact", "redact_oval", "draw_detections", "rgb"],
      ...["dpi", "preview", "raw", "frame", "proportion_x", "fallback_format"],
    ], {
      frame: "frame:{n} of this server's own URLs",
      image: "watermark(…)",
    }),
  ],
});

/**
 * Whether imagor decodes the whole picture before it resizes it, and does not leave it to libvips to resize it on
 * loading.
 */
function isDecodedFirst({ crop, flipY, rotates, fitIn = "", tokens }: PathState): boolean {
  return crop !== undefined || flipY || rotates || /adaptive|full/.test(fitIn) ||
    ["trim", "focus", "maxbytes"].some((name) => tokens.has(name));
}

/**
 * libvips resizes on loading what it may; after decoding the side that follows from the other one is cut to whole
 * pixels, which a picture is then fitted to.
 */
function rounding(state: PathState): string[] {
  const { fitIn, stretch, width, height } = state;
  const whole = width > 0 && height > 0;
  // Two sides that are filled are what they are.
  if (whole && fitIn === undefined) return [];
  const isStretched = stretch && fitIn === undefined;
  if (!isDecodedFirst(state) && !isStretched) {
    return [isStill(state) ? "reckon:thumbnail" : "reckon:imagor"];
  }
  if (whole || fitIn?.includes("full")) return ["reckon:libvips"];
  return fitIn === undefined ? ["rounddown"] : ["rounddown", "fit", "reckon:libvips"];
}

/** Whether one frame is all that is wanted of what may move. */
function isStill({ tokens }: PathState): boolean {
  const format = tokens.get("format") ?? "webp";
  return tokens.get("frame") === "frame:0" || (format !== "webp" && format !== "gif");
}

/** On loading libvips knows but the lower and the higher end, along whichever side is cropped. */
function gravity(state: PathState): string {
  const { horizontal, vertical } = state;
  const isAlone = (horizontal === undefined) !== (vertical === undefined);
  if (!isAlone || isDecodedFirst(state)) return alignedTo(state);
  const end = horizontal ?? vertical;
  return end === "left" || end === "top" ? "nw" : end === "right" || end === "bottom" ? "se" : "c";
}
