// SVG in the table of formats: passed through as it is, or drawn.
import type { Format } from "../coding/format.ts";
import { drawingTime } from "./drawing_time.ts";
import { isSvg, MAX_PROLOG, readSvg } from "./header.ts";

export const SVG = {
  name: "SVG",
  mediaType: "image/svg+xml",
  extensions: ["svg"],
  kinds:
    "passed through as it is unless the URL names a format: then drawn in the wanted size, without scripts and what lies elsewhere, its text in the fonts of the server",
  recognition: {
    maxSteps: 1,
    within: MAX_PROLOG,
    matches: ({ bytes }) => isSvg(bytes),
    readHeader: readSvg,
  },
  decoding: {
    isDrawn: true,
    // The canvas, its copy, and a layer or two.
    bytesPerPixel: 20,
    // The text, and a tree of all that it says; by drawings of elements, long paths, groups and gradients some 60.
    bytesPerByte: 60,
    pace: 60,
    mayTake: drawingTime,
  },
  loadCodec: () => import("./codec.ts"),
} as const satisfies Format;
