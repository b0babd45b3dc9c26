// JPEG (ITU-T T.81) in the table of formats.
import type { Format } from "../coding/format.ts";
import { keepsChroma } from "../coding/quality.ts";
import { readJpeg } from "./header.ts";
import { eighthsOf, ownEighths, wantedEighths } from "./jpeg_size.ts";

export const JPEG = {
  name: "JPEG",
  mediaType: "image/jpeg",
  aliases: ["jpg"],
  extensions: ["jpg", "jpeg", "jpe", "jfif"],
  kinds: "baseline and progressive; RGB, grey, CMYK and YCCK",
  recognition: {
    maxSteps: 100_000,
    matches: (reader) => reader.has(0, "\xff\xd8\xff"),
    readHeader: readJpeg,
  },
  decoding: {
    coder: "JPEG",
    decodedSize: (stored, wantedScale) => eighthsOf(stored, ownEighths(wantedEighths(wantedScale))),
  },
  encoding: {
    coder: "JPEG",
    opaque: true,
    profiles: ["rgb", "grey", "cmyk"],
    // Users of the Go program expect 95; the other formats exist to be small.
    quality: { default: 95 },
    shown: true,
    progressive: "Plane",
    pace: ({ progressive }) => progressive ? 70 : 15,
    settings: ({ quality }) => ({
      defines: { "jpeg:sampling-factor": keepsChroma(quality) ? "4:4:4" : "4:2:0" },
    }),
  },
  loadCodec: () => import("./codec.ts"),
} as const satisfies Format;
