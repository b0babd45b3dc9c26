// JPEG XL (ISO 18181) in the table of formats.
import type { Format } from "../coding/format.ts";
import { isJxl, readJxl } from "./header.ts";

export const JXL = {
  name: "JPEG XL",
  mediaType: "image/jxl",
  extensions: ["jxl"],
  kinds: "codestreams and containers; stills and animations",
  recognition: { maxSteps: 50_000, matches: isJxl, readHeader: readJxl },
  decoding: { coder: "JXL", pace: 145, hasPages: true, moves: true, wholly: true },
  encoding: {
    coder: "JXL",
    profiles: ["rgb", "grey"],
    // The engine takes the values of a lossy picture for sRGB, whatever the profile says.
    dropsProfileIfLossy: true,
    // deno-fmt-ignore
    quality: { default: 80, native: [2, 2, 23, 38, 50, 58, 63, 70, 74, 79, 84, 87, 95, 99] },
    // More effort took ten times as long for no fewer bytes.
    pace: () => 200,
    settings: () => ({ defines: { "jxl:effort": "3" } }),
  },
  loadCodec: () => import("./codec.ts"),
} as const satisfies Format;
