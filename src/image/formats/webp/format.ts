// WebP (RFC 9649) in the table of formats.
import type { Format } from "../coding/format.ts";
import { MOST_SIDE, readWebp } from "./header.ts";
import { QUALITIES } from "./quality_tables.ts";

export const WEBP = {
  name: "WebP",
  mediaType: "image/webp",
  extensions: ["webp"],
  kinds: "lossy and lossless; stills and animations",
  recognition: {
    maxSteps: 100_000,
    matches: (reader) => reader.has(0, "RIFF") && reader.has(8, "WEBP"),
    readHeader: readWebp,
  },
  decoding: {
    coder: "WEBP",
    // Our own decoder takes half as long as that for what is lossy, and the engine's half as long again for the rest.
    pace: 13,
    hasPages: true,
    moves: true,
    // libwebp holds the frame twice beside it.
    canvasBytes: 18,
  },
  encoding: {
    coder: "WEBP",
    moves: true,
    profiles: ["rgb"],
    maxSide: MOST_SIDE,
    quality: { default: 80, native: QUALITIES },
    shown: true,
    negotiated: { bytes: 0.78 },
    // What moves the engine writes, without SIMD. Of the rest alpha takes half as long again, and drawings less.
    pace: ({ effort, lossless, moves }) =>
      (moves
        ? lossless ? [650, 2150, 2150] : [35, 90, 190]
        : lossless
        ? [100, 450, 500]
        : [60, 120, 165])[effort - 1]!,
    settings: ({ effort, lossless }) => ({
      defines: {
        "webp:method": `${[0, 2, 4][effort - 1]!}`,
        "webp:lossless": `${lossless}`,
      },
    }),
  },
  loadCodec: () => import("./codec.ts"),
} as const satisfies Format;
