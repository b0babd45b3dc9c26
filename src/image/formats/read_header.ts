// The one table of formats: how each is told by its own signature, and who reads its header. What is
// not in it is not decoded, whatever the origin calls it.

import { readBmp } from "./bmp/header.ts";
import { isBitmapHeader } from "./reading/bitmap_info.ts";
import { type ByteReader, createReader } from "./reading/byte_reader.ts";
import { readGif } from "./gif/header.ts";
import { heifMediaType, isHeif, readHeif } from "./heif/header.ts";
import { readIco } from "./ico/header.ts";
import type { ImageHeader } from "./reading/image_header.ts";
import { readJpeg } from "./jpeg/header.ts";
import { isJxl, readJxl } from "./jxl/header.ts";
import { readPng } from "./png/header.ts";
import { isSvg, MAX_PROLOG, readSvg } from "./svg/header.ts";
import { readTiff } from "./tiff/header.ts";
import { readWebp } from "./webp/header.ts";

interface FormatEntry {
  /** The name that messages use. */
  name: string;
  mediaType: (bytes: Uint8Array) => `image/${string}`;
  /** Parts (segments, chunks, blocks, boxes) beyond which no honest file goes. */
  maxSteps: number;
  matches: (reader: ByteReader) => boolean;
  read: (reader: ByteReader) => ImageHeader;
}

const FORMATS: readonly FormatEntry[] = [
  {
    name: "JPEG",
    mediaType: () => "image/jpeg",
    maxSteps: 100_000,
    matches: (reader) => reader.has(0, "\xff\xd8\xff"),
    read: readJpeg,
  },
  {
    name: "PNG",
    mediaType: () => "image/png",
    maxSteps: 100_000,
    matches: (reader) => reader.has(0, "\x89PNG\r\n\x1a\n"),
    read: readPng,
  },
  {
    name: "GIF",
    mediaType: () => "image/gif",
    maxSteps: 600_000,
    matches: (reader) => reader.has(0, "GIF87a") || reader.has(0, "GIF89a"),
    read: readGif,
  },
  {
    name: "WebP",
    mediaType: () => "image/webp",
    maxSteps: 100_000,
    matches: (reader) => reader.has(0, "RIFF") && reader.has(8, "WEBP"),
    read: readWebp,
  },
  {
    name: "JPEG XL",
    mediaType: () => "image/jxl",
    maxSteps: 50_000,
    matches: isJxl,
    read: readJxl,
  },
  {
    name: "HEIF",
    mediaType: heifMediaType,
    maxSteps: 50_000,
    matches: (reader) => isHeif(reader.bytes),
    read: readHeif,
  },
  {
    name: "TIFF",
    mediaType: () => "image/tiff",
    maxSteps: 200_000,
    matches: (reader) =>
      ["II*\0", "MM\0*", "II+\0\x08\0\0\0", "MM\0+\0\x08\0\0"].some((magic) =>
        reader.has(0, magic)
      ),
    read: readTiff,
  },
  {
    name: "BMP",
    mediaType: () => "image/bmp",
    maxSteps: 200_000,
    matches: (reader) => reader.has(0, "BM") && isBitmapHeader(reader, 14),
    read: readBmp,
  },
  {
    name: "ICO",
    mediaType: () => "image/x-icon",
    maxSteps: 100_000,
    matches: isIco,
    read: readIco,
  },
  {
    name: "SVG",
    mediaType: () => "image/svg+xml",
    maxSteps: 1,
    matches: (reader) => isSvg(reader.bytes),
    read: readSvg,
  },
];

/**
 * The header of a picture in one of the formats that may be decoded, or passed through (SVG);
 * undefined for any other bytes. Throws `undecodable` where the header is damaged. The time it takes
 * is bounded whatever the bytes, and nothing of them is copied.
 */
export function readHeader(bytes: Uint8Array): ImageHeader | undefined {
  const found = recognise(bytes);
  return found?.format.read(found.reader);
}

/** Nothing that tells the media type stands after so many bytes: SVG may have a long prolog. */
export const SNIFFED_BYTES = MAX_PROLOG;

/** The media type that the bytes' own signature tells, however damaged the rest is; undefined for no image. */
export function sniffMediaType(bytes: Uint8Array): `image/${string}` | undefined {
  return recognise(bytes)?.format.mediaType(bytes);
}

function recognise(bytes: Uint8Array): { format: FormatEntry; reader: ByteReader } | undefined {
  for (const format of FORMATS) {
    const reader = createReader(bytes, format);
    if (format.matches(reader)) return { format, reader };
  }
  return undefined;
}

/** The magic of icons and cursors is four common bytes, so its first entry must make sense too. */
function isIco(reader: ByteReader): boolean {
  if (!["\0\0\x01\0", "\0\0\x02\0"].some((magic) => reader.has(0, magic))) return false;
  if (reader.length < 22) return false;
  const count = reader.u16(4, true), offset = reader.u32(18, true);
  return count > 0 && offset >= 6 + 16 * count;
}
