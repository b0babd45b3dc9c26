// imagor's URLs (docs/image-endpoint.md, filters.md and security.mdx of imagor 1.9).
import { malformedOption, noCounterpart } from "./dialect.ts";
import { createPathDialect, type PathState, SHARED_FILTERS } from "./thumbor_path.ts";
import { WATERMARK_FILTER } from "./watermark.ts";
import { absentOptions, colourOf, decimalOf, decimalText, isTrue, wholeOf } from "./values.ts";

export const imagor = createPathDialect({
  title: "imagor",
  path: "/imagor/",
  before: /^[^/]+(?:\/imagor)?\/(?=(?:unsafe|[\w-]{27}=)\/.)/,
  example:
    "/imagor/unsafe/fit-in/300x200/filters:fill(white):format(webp)/images.example.com/a.jpg",
  quality: 75,
  evenHalves: false,
  digests: ["sha1", "sha256", "sha512"],
  filters: [
    ...SHARED_FILTERS,
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
        const [left = 0, top = left, right = left, bottom = top] = pixels;
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
      note: "one radius for both axes, and transparent outside",
      read(option, { tokens }) {
        const radius = wholeOf({ ...option, args: option.args.slice(0, 1) }, {
          min: 1,
          max: 10000,
        });
        tokens.set("radius", `radius:${radius}`);
      },
    },
    {
      names: ["rotate", "orient"],
      syntax: "rotate(degrees)",
      verdict: "same",
      ours: "`r{90|180|270}`",
      note: "counter-clockwise",
      read(option, { tokens }) {
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
      verdict: "same",
      ours: "`cut:…`",
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
      note: "counted from 1 there, from 0 here",
      read(option, { tokens }) {
        tokens.set("frame", `frame:${wholeOf(option, { min: 1, max: 65536 }) - 1}`);
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
    ...absentOptions<PathState>([
      ...["image", "label", "text", "redact", "redact_oval", "draw_detections", "rgb"],
      ...["dpi", "preview", "raw", "frame", "proportion_x"],
    ], {
      frame: "frame:{n} of this server's own URLs",
      image: "watermark(…)",
    }),
  ],
});
