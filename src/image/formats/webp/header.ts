// WebP (RFC 9649): the RIFF chunks, and inside them the two bitstreams' own sizes.

import type { ByteReader } from "../reading/byte_reader.ts";
import { readExifOrientation } from "../reading/exif.ts";
import {
  type HeaderFacts,
  MAX_FRAMES,
  type Orientation,
  undecodable,
} from "../reading/image_header.ts";

/** The longest side that a file can have, lossy or lossless (RFC 9649 section 2.5). */
export const MOST_SIDE = 16_383;

const ALPHA_FLAG = 0x10, ANIMATION_FLAG = 0x02;

interface Size {
  width: number;
  height: number;
  hasAlpha: boolean;
}

/** The header of a WebP file and of each of its frames. */
export function readWebp(reader: ByteReader): HeaderFacts {
  reader.need(20, "first chunk");
  let width = 0, height = 0, frames = 0;
  // A frame is cut to the canvas, but decoded whole.
  let isCanvas = false, largest = 0;
  let hasAlpha = false, animated = false, hasProfile = false;
  let orientation: Orientation | undefined;
  let loopCount = 0;
  const delays: number[] = [];

  function include(size: Size): void {
    largest = Math.max(largest, size.width * size.height);
    if (!isCanvas) {
      width = Math.max(width, size.width);
      height = Math.max(height, size.height);
    }
    hasAlpha ||= size.hasAlpha;
  }

  for (const chunk of readChunks(reader, { start: 12, end: reader.length })) {
    const { name, start, end } = chunk;
    if (name === "VP8X") {
      const flags = reader.u8(start);
      animated = (flags & ANIMATION_FLAG) !== 0;
      include({
        width: reader.u24(start + 4, true) + 1,
        height: reader.u24(start + 7, true) + 1,
        hasAlpha: (flags & ALPHA_FLAG) !== 0,
      });
      isCanvas = animated;
    } else if (name === "VP8 " || name === "VP8L") {
      if (frames === 0) frames = 1;
      include(readBitstream(reader, chunk));
    } else if (name === "ANIM") {
      loopCount = reader.u16(start + 4, true);
    } else if (name === "ANMF") {
      if (start + 16 > reader.length) break;
      const left = reader.u24(start, true) * 2, top = reader.u24(start + 3, true) * 2;
      include({
        width: left + reader.u24(start + 6, true) + 1,
        height: top + reader.u24(start + 9, true) + 1,
        hasAlpha: false,
      });
      for (const inner of readChunks(reader, { start: start + 16, end })) {
        // The frame's own size wins over what is said about it, if larger.
        const isPicture = inner.name === "VP8 " || inner.name === "VP8L";
        // Of a later frame that is cut off so early nothing is shown.
        if (isPicture && (frames === 0 || isReadable(reader, inner))) {
          include(readBitstream(reader, inner));
        }
      }
      if (++frames > MAX_FRAMES) {
        throw undecodable(`The WebP file has more than ${MAX_FRAMES} frames`);
      }
      delays.push(reader.u24(start + 12, true));
    } else if (name === "ICCP") {
      hasProfile = true;
    } else if (name === "EXIF") {
      // Some writers put JPEG's own introduction before the TIFF header.
      const skip = reader.has(start, "Exif\0\0") ? 6 : 0;
      orientation ??= readExifOrientation(reader, { start: start + skip, end });
    }
  }
  if (frames === 0) throw undecodable("The WebP file ends before its first frame");
  animated &&= frames > 1;
  // A file may say that it is as long as it is without the zero that makes it even.
  const isCut = reader.u32(4, true) + 8 > reader.length + 1;
  return {
    width,
    height,
    frames,
    animated,
    orientation: orientation ?? 1,
    hasAlpha,
    bitDepth: 8,
    colorModel: "rgb",
    hasProfile,
    ...(isCut && { isCut }),
    ...(animated && { loopCount, delays }),
    totalPixels: Math.max(width * height, largest) * frames,
  };
}

interface Chunk {
  name: string;
  start: number;
  end: number;
}

function* readChunks(
  reader: ByteReader,
  { start, end }: { start: number; end: number },
): Generator<Chunk> {
  for (let at = start; at + 8 <= end;) {
    reader.step();
    const size = reader.u32(at + 4, true);
    yield { name: reader.fourCC(at), start: at + 8, end: Math.min(at + 8 + size, end) };
    at += 8 + size + (size & 1);
  }
}

/** Bytes that tell the size. */
function bitstreamHead(name: string): number {
  return name === "VP8L" ? 5 : 10;
}

function isReadable(reader: ByteReader, { name, start }: Chunk): boolean {
  return start + bitstreamHead(name) <= reader.length;
}

function readBitstream(reader: ByteReader, { name, start }: Chunk): Size {
  reader.need(start + bitstreamHead(name), "frame header");
  if (name === "VP8L") {
    if (reader.u8(start) !== 0x2f) throw undecodable("The WebP file has a damaged lossless frame");
    const bits = reader.u32(start + 1, true);
    return {
      width: (bits & 0x3fff) + 1,
      height: (bits >>> 14 & 0x3fff) + 1,
      hasAlpha: (bits >>> 28 & 1) === 1,
    };
  }
  // RFC 6386 section 9.1: a frame tag whose lowest bit is 0 for a key frame, then a start code.
  if ((reader.u8(start) & 1) !== 0 || reader.u24(start + 3) !== 0x9d012a) {
    throw undecodable("The WebP file has a damaged lossy frame");
  }
  return {
    width: reader.u16(start + 6, true) & 0x3fff,
    height: reader.u16(start + 8, true) & 0x3fff,
    hasAlpha: false,
  };
}
