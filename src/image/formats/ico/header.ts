// ICO and CUR: a directory of small pictures, each a headless BMP or a whole PNG with a size of its own, of
// which only the best is decoded.

import type { ByteReader } from "../reading/byte_reader.ts";
import type { HeaderFacts } from "../reading/image_header.ts";
import { bestEntry } from "./ico_entry.ts";

/** The header of an icon or cursor, which is that of its best picture. */
export function readIco(reader: ByteReader): HeaderFacts {
  const { width, height, start, bitmap } = bestEntry(reader);
  return {
    width,
    height,
    frames: 1,
    animated: false,
    orientation: 1,
    hasAlpha: true,
    bitDepth: bitmap ? 8 : reader.u8(start + 24),
    colorModel: "rgb",
    hasProfile: false,
    totalPixels: width * height,
  };
}
