// TIFF 6.0 and BigTIFF in the table of formats.
import type { Format } from "../coding/format.ts";
import { readTiff } from "./header.ts";

const SIGNATURES = ["II*\0", "MM\0*", "II+\0\x08\0\0\0", "MM\0+\0\x08\0\0"];

export const TIFF = {
  name: "TIFF",
  mediaType: "image/tiff",
  extensions: ["tiff", "tif"],
  kinds: "also BigTIFF, in both byte orders; any page",
  recognition: {
    maxSteps: 200_000,
    matches: (reader) => SIGNATURES.some((signature) => reader.has(0, signature)),
    readHeader: readTiff,
  },
  decoding: {
    coder: "TIFF",
    hasPages: true,
  },
  encoding: {
    coder: "TIFF",
    profiles: ["rgb", "grey", "cmyk"],
    pace: () => 25,
    settings: () => ({ defines: { "tiff:predictor": "2" }, compression: "Zip" }),
  },
  loadCodec: () => import("./codec.ts"),
} as const satisfies Format;
