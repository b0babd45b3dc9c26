// Our own BMP decoder: the engine's believes the sizes that files state, takes reserved bytes for alpha,
// knows neither bitfields of every width nor the palettes of OS/2, and gives up where an RLE is cut short.

import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { readPalette, readRows } from "../coding/bitmap.ts";
import { rowReader } from "../coding/bitmap_rows.ts";
import { createReader } from "../reading/byte_reader.ts";
import { undecodable } from "../reading/image_header.ts";
import { unpackRle } from "./bmp_rle.ts";
import { readBitmap } from "./header.ts";

const PIXELS_FIELD = 10;

export interface DecodedBmp {
  /** RGB or RGBA. What is cut off is transparent. */
  pixels: PixelBuffer;
  isPartial: boolean;
  /** The ICC profile that the file embeds. */
  profile: Uint8Array | undefined;
}

/** Throws `undecodable` where the file holds no pixels, or none that can be read. */
export function decodeBmp(bytes: Uint8Array): DecodedBmp {
  const reader = createReader(bytes, { name: "BMP", maxSteps: 1 });
  const info = readBitmap(reader);
  const said = reader.u32(PIXELS_FIELD, true);
  // Some files say nothing, or a place inside the header.
  const pixelsAt = said < info.end ? info.end : said;
  if (pixelsAt >= bytes.length) throw undecodable("The BMP file ends before its pixels");
  const palette = readPalette(bytes, info, pixelsAt);
  const data = bytes.subarray(pixelsAt);
  const decoded = info.compression?.startsWith("rle")
    ? unpackRle(data, info, palette)
    : readRows(data, info, rowReader(info, palette));
  const { profile } = info;
  return { ...decoded, profile: profile && bytes.slice(profile.start, profile.end) };
}
