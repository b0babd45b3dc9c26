// PNG (W3C PNG 3rd edition) in the table of formats. The engine writes none, and reads no more than a pixel of
// our own with the profile and the metadata of the file.
import type { Format } from "../coding/format.ts";
import { readPng } from "./header.ts";

export const PNG = {
  name: "PNG",
  mediaType: "image/png",
  extensions: ["png", "apng"],
  kinds: "1 to 16 bits; RGB, grey and indexed; of an animation its still",
  recognition: {
    maxSteps: 100_000,
    matches: (reader) => reader.has(0, "\x89PNG\r\n\x1a\n"),
    readHeader: readPng,
  },
  decoding: { coder: "PNG" },
  encoding: {
    profiles: ["rgb", "grey"],
    shown: true,
    progressive: "Png",
    pace: ({ effort }) => [25, 60, 350][effort - 1]!,
  },
  loadCodec: () => import("./codec.ts"),
} as const satisfies Format;
