// BMP in the table of formats. The engine reads none.
import type { Format } from "../coding/format.ts";
import { isBitmapHeader } from "../reading/bitmap_info.ts";
import { readBmp } from "./header.ts";

export const BMP = {
  name: "BMP",
  mediaType: "image/bmp",
  extensions: ["bmp", "dib"],
  kinds: "of Windows and OS/2, packed or not",
  recognition: {
    maxSteps: 200_000,
    matches: (reader) => reader.has(0, "BM") && isBitmapHeader(reader, 14),
    readHeader: readBmp,
  },
  decoding: {},
  loadCodec: () => import("./codec.ts"),
} as const satisfies Format;
