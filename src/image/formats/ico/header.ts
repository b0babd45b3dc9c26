// ICO: a directory of small pictures, each a headless BMP or a whole PNG with a size of its own.

import { isBitmapHeader, readBitmapInfo } from "../reading/bitmap_info.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { type ImageHeader, undecodable } from "../reading/image_header.ts";

const PNG_SIGNATURE = "\x89PNG\r\n\x1a\n";
/** What every icon in use stays far below; the engine reads 16,384. */
const MAX_ENTRIES = 1024;

/** The header of an ICO file; its size is that of the largest entry. */
export function readIco(reader: ByteReader): ImageHeader {
  const count = reader.u16(4, true);
  if (count > MAX_ENTRIES) {
    throw undecodable(`The ICO file has ${count} entries, where ${MAX_ENTRIES} is plenty`);
  }
  reader.need(6 + 16 * count, "last directory entry");
  let width = 0, height = 0, totalPixels = 0, bitDepth = 8;
  for (let i = 0; i < count; i++) {
    const size = readEntry(reader, 6 + 16 * i);
    totalPixels += size.width * size.height;
    if (size.width * size.height > width * height) ({ width, height } = size);
    bitDepth = Math.max(bitDepth, size.bitDepth);
  }
  return {
    format: "ico",
    mediaType: "image/x-icon",
    width,
    height,
    frames: count,
    animated: false,
    orientation: 1,
    hasAlpha: true,
    bitDepth,
    colorModel: "rgb",
    hasProfile: false,
    totalPixels,
  };
}

/** The larger of what the directory says of an entry (0 is 256) and what the entry itself says. */
function readEntry(reader: ByteReader, entry: number) {
  const width = reader.u8(entry) || 256, height = reader.u8(entry + 1) || 256;
  const at = reader.u32(entry + 12, true);
  if (reader.has(at, PNG_SIGNATURE)) {
    if (!reader.has(at + 12, "IHDR")) throw undecodable("The ICO file wraps a damaged PNG file");
    return {
      width: Math.max(width, reader.u32(at + 16)),
      height: Math.max(height, reader.u32(at + 20)),
      bitDepth: reader.u8(at + 24),
    };
  }
  if (!isBitmapHeader(reader, at)) throw undecodable("The ICO file has an entry without a picture");
  const info = readBitmapInfo(reader, at);
  // The bitmap's height counts the mask below it too.
  return {
    width: Math.max(width, info.width),
    height: Math.max(height, Math.floor(info.height / 2)),
    bitDepth: 8,
  };
}
