// PNG (W3C PNG 3rd edition, chapter 11); what makes it move is read in apng_frames.ts.

import type { ByteReader } from "../reading/byte_reader.ts";
import { readExifOrientation } from "../reading/exif.ts";
import {
  type ColorModel,
  type HeaderFacts,
  type Orientation,
  undecodable,
} from "../reading/image_header.ts";
import { COLOUR_CHUNKS, readPngColour } from "./stated_colour.ts";

interface ColorType {
  colorModel: ColorModel;
  hasAlpha: boolean;
  channels: number;
}

const COLOR_TYPES: Record<number, ColorType> = {
  0: { colorModel: "grey", hasAlpha: false, channels: 1 },
  2: { colorModel: "rgb", hasAlpha: false, channels: 3 },
  3: { colorModel: "indexed", hasAlpha: false, channels: 1 },
  4: { colorModel: "grey", hasAlpha: true, channels: 2 },
  6: { colorModel: "rgb", hasAlpha: true, channels: 4 },
};
/** Bytes for each pixel as it is handed out, and a little room. */
const PIXEL_BYTES = 5;
const MAX_SIDE = 2 ** 31 - 1;

/** Whether the bytes begin as every PNG does (section 5.2). */
export function isPng(reader: ByteReader): boolean {
  return reader.has(0, "\x89PNG\r\n\x1a\n");
}

/** The header of a PNG file, from IHDR to the last chunk (EXIF may follow the pixels). */
export function readPng(reader: ByteReader): HeaderFacts {
  reader.need(33, "IHDR chunk");
  if (reader.u32(8) !== 13 || !reader.has(12, "IHDR")) {
    throw undecodable("The PNG file does not begin with an IHDR chunk");
  }
  const width = reader.u32(16), height = reader.u32(20), bitDepth = reader.u8(24);
  const type = COLOR_TYPES[reader.u8(25)];
  if (!type) throw undecodable(`The PNG file has the unknown colour type ${reader.u8(25)}`);
  if (width === 0 || height === 0 || width > MAX_SIDE || height > MAX_SIDE) {
    throw undecodable(`The PNG file is ${width}x${height} pixels`);
  }
  let { hasAlpha } = type;
  let hasProfile = false, hasPixels = false;
  let orientation: Orientation | undefined;
  const colourChunks = new Map<string, { start: number; end: number }>();

  for (let at = 33; at + 8 <= reader.length;) {
    reader.step();
    const length = reader.u32(at);
    const body = at + 8, end = body + length;
    const name = reader.fourCC(at + 4);
    if (name === "IHDR") throw undecodable("The PNG file has two IHDR chunks");
    if (name === "IEND") break;
    if (name === "IDAT") hasPixels = true;
    if (end > reader.length) break;
    if (name === "tRNS") hasAlpha = true;
    else if (name === "iCCP") hasProfile = true;
    else if (name === "eXIf") orientation ??= readExifOrientation(reader, { start: body, end });
    else if (!hasPixels && COLOUR_CHUNKS.includes(name) && !colourChunks.has(name)) {
      colourChunks.set(name, { start: body, end });
    }
    at = end + 4;
  }
  if (!hasPixels) throw undecodable("The PNG file ends before its pixels");
  const colour = readPngColour(reader, colourChunks);
  return {
    width,
    height,
    frames: 1,
    animated: false,
    orientation: orientation ?? 1,
    hasAlpha,
    bitDepth: type.colorModel === "indexed" ? 8 : bitDepth,
    colorModel: type.colorModel,
    hasProfile,
    ...(colour && { colour }),
    totalPixels: width * height,
    heldBytes: heldBytes({ width, height, bits: bitDepth * type.channels }),
  };
}

/** The rows as they are inflated, and the picture made of them. */
function heldBytes(
  { width, height, bits }: { width: number; height: number; bits: number },
): number {
  return height * Math.ceil(width * bits / 8) + width * height * PIXEL_BYTES;
}
