// AVIF and HEIC (ISO 23008-12) in the table of formats: one container, two codecs.
import type { Effort } from "../coding/encoding.ts";
import type { Format } from "../coding/format.ts";
import { keepsChroma } from "../coding/quality.ts";
import { MAX_TYPE_BYTES } from "../reading/isobmff.ts";
import { isAvif, isHeif } from "./find_picture.ts";
import { readHeif } from "./header.ts";
import { MAX_STEPS } from "./for_engine.ts";

/** libaom's speed. At 9 photos gain a few hundredths of their size, and drawings half and more (docs/formats.md). */
function speedAt(effort: Effort, isDrawing: () => boolean): number {
  if (effort === 2) return isDrawing() ? 8 : 9;
  return effort === 1 ? 9 : 6;
}

/**
 * How libheif enlarges colours that are stored at half the size. Browsers interpolate, but libheif's way of
 * doing so takes the pixels at the edges from somewhere else: 32 dB from a browser's picture, instead of 45.
 */
const DEFINES = { "heic:chroma-upsampling": "nearest-neighbor" };

const CONTAINER = {
  name: "HEIF",
  maxSteps: MAX_STEPS,
  within: MAX_TYPE_BYTES,
  readHeader: readHeif,
} as const;

export const AVIF = {
  name: "AVIF",
  mediaType: "image/avif",
  extensions: ["avif"],
  kinds: "the primary picture, also of a grid or overlay; sequences",
  recognition: { ...CONTAINER, matches: ({ bytes }) => isAvif(bytes) },
  decoding: {
    coder: "AVIF",
    pace: 80,
    defines: DEFINES,
    hasPages: true,
    moves: true,
    atOnce: 40_000_000,
  },
  encoding: {
    coder: "AVIF",
    profiles: ["rgb"],
    quality: {
      default: 80,
      native: [2, 16, 34, 44, 45, 49, 54, 58, 60, 64, 67, 78, 90, 99],
      // This build of the encoder refuses to be lossless.
      best: 99,
    },
    shown: true,
    negotiated: { bytes: 0.7, maxPixels: 1_000_000 },
    pace: ({ effort, lossless, quality }) =>
      [110, 350, 1490][effort - 1]! * (lossless ? 1.7 : keepsChroma(quality) ? 1.5 : 1),
    settings: ({ effort, lossless, quality, isDrawing }) => ({
      defines: {
        "heic:speed": String(speedAt(effort, isDrawing)),
        "heic:chroma": lossless || keepsChroma(quality) ? "444" : "420",
      },
    }),
  },
  loadCodec: () => import("./codec.ts"),
} as const satisfies Format;

export const HEIC = {
  name: "HEIC",
  mediaType: "image/heic",
  extensions: ["heic", "heif"],
  kinds: "the primary picture, also of a grid or overlay; of a sequence the first frame",
  recognition: { ...CONTAINER, matches: ({ bytes }) => isHeif(bytes) },
  decoding: { coder: "HEIC", pace: 75, defines: DEFINES },
  loadCodec: () => import("./codec.ts"),
} as const satisfies Format;
