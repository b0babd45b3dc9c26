// thumbor's URLs (docs/usage.rst, filters.rst and security.rst of thumbor 7.8).
import { type ForeignOption, noCounterpart } from "./dialect.ts";
import { createPathDialect, type PathState, SHARED_FILTERS } from "./thumbor_path.ts";
import { WATERMARK_FILTER } from "./watermark.ts";
import { absentOptions, clamped, decimalOf, decimalText, wholeOf } from "./values.ts";

/** What is thumbor's alone of filters that imagor has too. */
const NOTES: Readonly<Record<string, Partial<ForeignOption>>> = {
  proportion: { note: "animated GIFs too", verdict: "nearly" },
  no_upscale: { ours: "`within:sides`" },
  fill: { note: "auto and blur are refused; around animated GIFs too" },
  format: { note: "heif and jp2 are refused; thumbor leaves an animated GIF what it is" },
};

export const thumbor = createPathDialect({
  title: "thumbor",
  path: "/thumbor/",
  before: /^[^/]+(?:\/thumbor)?\/(?=(?:unsafe|[\w-]{27}=)\/.)/,
  example:
    "/thumbor/unsafe/300x200/smart/filters:quality(70)/https%3A%2F%2Fimages.example.com%2Fa.jpg",
  quality: 80,
  rounding,
  // What fits in is enlarged by no URL without upscale(), but its box is no larger than the picture.
  noUpscale: ({ fitIn = "full" }) =>
    fitIn.includes("full") ? ["within:sides", "scaleUp"] : ["within:sides"],
  enlargesAlongOneSide: false,
  digests: ["sha1"],
  filters: [
    ...SHARED_FILTERS.map((filter) => ({ ...filter, ...NOTES[filter.names[0]!] })),
    WATERMARK_FILTER,
    {
      names: ["blur"],
      syntax: "blur(radius,sigma)",
      verdict: "nearly",
      ours: "`blur:{sigma}`",
      note: "the radius stands for the sigma where none is given",
      read(option, { tokens }) {
        const [radius = "", sigma = radius] = option.args;
        const wanted = decimalOf({ ...option, args: [sigma === "0" ? radius : sigma] }, {
          min: 0,
          max: 1000,
        });
        if (wanted >= 0.1) tokens.set("blur", `blur:${decimalText(wanted)}`);
      },
    },
    {
      names: ["saturation"],
      syntax: "saturation(factor)",
      verdict: "same",
      ours: "`saturation:{-100…100}`",
      read(option, { tokens }) {
        const more = (decimalOf(option, { min: 0, max: 1000 }) - 1) * 100;
        tokens.set("saturation", `saturation:${decimalText(clamped(more, -100, 100))}`);
      },
    },
    {
      names: ["sharpen"],
      syntax: "sharpen(amount,radius,luminance)",
      verdict: "nearly",
      ours: "`sharpen:{sigma}`",
      note: "the radius is taken for the sigma, the amount is left out",
      read(option, { tokens }) {
        const [, radius = "1"] = option.args;
        const sigma = decimalOf({ ...option, args: [radius] }, { min: 0, max: 100 });
        if (sigma >= 0.1) tokens.set("sharpen", `sharpen:${decimalText(Math.min(10, sigma))}`);
      },
    },
    {
      names: ["round_corner"],
      syntax: "round_corner(radius,r,g,b,transparent)",
      verdict: "nearly",
      ours: "`radius:{pixels},bg:{colour}`",
      note: "one radius for both axes",
      read(option, { tokens }) {
        const [radius = "", ...channels] = option.args;
        const pixels = wholeOf({ ...option, args: [radius.split("|")[0]!] }, {
          min: 1,
          max: 10000,
        });
        const transparent = /^(?:1|true)$/i.test(channels[3] ?? "");
        const hex = channels.slice(0, 3).map((channel) =>
          wholeOf({ ...option, args: [channel] }, { max: 255 }).toString(16).padStart(2, "0")
        );
        tokens.set("radius", `radius:${pixels}`);
        if (!transparent && hex.length === 3) tokens.set("bg", `bg:${hex.join("")}`);
      },
    },
    {
      names: ["rotate"],
      syntax: "rotate(degrees)",
      verdict: "same",
      ours: "`r{90|180|270}`",
      note: "counter-clockwise; no other angles; animated GIFs too",
      read(option, { tokens }) {
        const degrees = ((decimalOf(option, { min: -36000, max: 36000 }) % 360) + 360) % 360;
        if (degrees % 90 !== 0) return;
        if (degrees === 0) tokens.delete("rotate");
        else tokens.set("rotate", `r${degrees}`);
      },
    },
    {
      names: ["cover"],
      syntax: "cover()",
      verdict: "same",
      ours: "`frame:0`",
      read: (_option, { tokens }) => void tokens.set("frame", "frame:0"),
    },
    {
      names: ["autojpg"],
      syntax: "autojpg()",
      verdict: "nearly",
      note: "format(jpeg) says the same where the picture has no transparency",
      read(option) {
        if (option.args[0] !== "False") throw noCounterpart(option.text, "format(jpeg)");
      },
    },
    ...absentOptions<Parameters<NonNullable<(typeof SHARED_FILTERS)[number]["read"]>>[1]>([
      ...["frame", "rgb", "convolution", "curve", "equalize", "noise", "red_eye"],
      ...["colorize", "extract_focal"],
    ], {
      equalize: "normalize of this server's own URLs",
      colorize: "tint:{colour} of this server's own URLs",
    }),
  ],
});

/** Halves go to the even number; with fit-in the picture is then fitted to what that came to. */
function rounding({ width, height, fitIn }: PathState): string[] {
  if (width > 0 && height > 0) return [];
  const fit = fitIn === undefined ? [] : [fitIn.includes("full") ? "fit:outside" : "fit"];
  return ["evenhalves", ...fit];
}
