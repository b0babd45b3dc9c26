// GIF (GIF89a) in the table of formats. The engine neither reads nor writes any.
import type { Format } from "../coding/format.ts";
import { readGif } from "./header.ts";

export const GIF = {
  name: "GIF",
  mediaType: "image/gif",
  extensions: ["gif"],
  kinds: "stills and animations; interlaced or not",
  recognition: {
    maxSteps: 600_000,
    matches: (reader) => reader.has(0, "GIF87a") || reader.has(0, "GIF89a"),
    readHeader: readGif,
  },
  decoding: { hasPages: true, moves: true },
  encoding: { moves: true, profiles: [], shown: true, pace: () => 100 },
  loadCodec: () => import("./codec.ts"),
} as const satisfies Format;
