// SVG in the table of formats: recognised so that it can be passed through.
import type { Format } from "../coding/format.ts";
import { isSvg, MAX_PROLOG, readSvg } from "./header.ts";

export const SVG = {
  name: "SVG",
  mediaType: "image/svg+xml",
  extensions: ["svg"],
  kinds:
    "passed through as it is, whatever is asked for, never drawn: a URL that names another format is 422",
  recognition: {
    maxSteps: 1,
    within: MAX_PROLOG,
    matches: ({ bytes }) => isSvg(bytes),
    readHeader: readSvg,
  },
} as const satisfies Format;
