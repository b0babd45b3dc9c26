// PNG (W3C PNG 3rd edition) in the table of formats, as two of them: what moves is APNG, for which a still becomes
// PNG. The engine writes none, and reads no more than a pixel of our own with the profile and the metadata of the file.
import type { Format } from "../coding/format.ts";
import { announcesAnimation, MAX_STEPS } from "./apng_frames.ts";
import { readApng } from "./apng_header.ts";
import { isPng, readPng } from "./header.ts";

export const PNG = {
  name: "PNG",
  mediaType: "image/png",
  extensions: ["png"],
  kinds: "1 to 16 bits; RGB, grey and indexed",
  recognition: {
    maxSteps: 100_000,
    matches: (reader) => isPng(reader) && !announcesAnimation(reader),
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

export const APNG = {
  name: "APNG",
  mediaType: "image/apng",
  alsoCalled: ["image/png"],
  extensions: ["apng", "png"],
  kinds: "animations, of all that a PNG may be",
  recognition: {
    name: "PNG",
    maxSteps: MAX_STEPS,
    matches: (reader) => isPng(reader) && announcesAnimation(reader),
    readHeader: readApng,
  },
  decoding: {
    coder: "PNG",
    hasPages: true,
    moves: true,
    // The canvas, what it was before, and a rectangle as large as it, decoded.
    bytesPerPixel: 20,
    canvasBytes: 20,
  },
  encoding: {
    moves: true,
    still: "png",
    profiles: ["rgb"],
    shown: true,
    negotiated: { bytes: 5, isRescue: true },
    // What has to be painted may be compressed in two ways.
    pace: ({ effort }) => [35, 90, 600][effort - 1]!,
    frameBytes: 24,
  },
  loadCodec: () => import("./apng_codec.ts"),
} as const satisfies Format;
