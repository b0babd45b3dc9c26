// GIF (GIF89a specification): every block is walked, as only that tells the number of frames.

import type { ByteReader } from "../reading/byte_reader.ts";
import { type HeaderFacts, MAX_FRAMES, undecodable } from "../reading/image_header.ts";

const EXTENSION = 0x21, IMAGE = 0x2c, TRAILER = 0x3b;
const GRAPHIC_CONTROL = 0xf9, APPLICATION = 0xff;
/** The two names that the number of repetitions goes by. */
const LOOPING = ["NETSCAPE2.0", "ANIMEXTS1.0"];

/** The header of a GIF file and of each of its frames; a truncated tail counts as its end. */
export function readGif(reader: ByteReader): HeaderFacts {
  const { bytes } = reader;
  reader.need(13, "screen descriptor");
  let width = reader.u16(6, true), height = reader.u16(8, true);
  let at = 13 + colorTableSize(reader.u8(10));
  let frames = 0, hasAlpha = false, delay = 0, transparent = false, hasProfile = false;
  let largest = 0;
  let loopCount = 1;
  const delays: number[] = [];

  // Bytes between blocks are skipped, as ImageMagick and browsers do.
  while (at < reader.length && bytes[at] !== TRAILER) {
    reader.step();
    const kind = bytes[at++];
    if (kind === EXTENSION && at < reader.length) {
      const label = bytes[at++];
      if (label === GRAPHIC_CONTROL && at + 5 <= reader.length && bytes[at] === 4) {
        transparent = (reader.u8(at + 1) & 1) === 1;
        delay = reader.u16(at + 2, true) * 10;
      } else if (label === APPLICATION && bytes[at] === 11) {
        const loop = at + 12;
        const loops = LOOPING.some((name) => reader.has(at + 1, name));
        if (loops && bytes[loop] === 3 && loop + 4 <= reader.length) {
          // The file counts repetitions, where 0 is forever; we count showings.
          const repeats = reader.u16(loop + 2, true);
          loopCount = repeats === 0 ? 0 : repeats + 1;
        } else if (reader.has(at + 1, "ICCRGBG1012")) {
          hasProfile = true;
        }
      }
      at = skipSubBlocks(reader, at);
    } else if (kind === IMAGE) {
      if (at + 9 > reader.length) break;
      const frameWidth = reader.u16(at + 4, true), frameHeight = reader.u16(at + 6, true);
      if (frameWidth === 0 || frameHeight === 0) {
        throw undecodable(`The GIF file has a frame of ${frameWidth}x${frameHeight} pixels`);
      }
      // Where the first frame reaches beyond the screen, browsers enlarge the canvas; of later ones they
      // show what lies on it. All are decoded whole.
      if (frames === 0) {
        const left = reader.u16(at, true), top = reader.u16(at + 2, true);
        width = Math.max(width, left + frameWidth);
        height = Math.max(height, top + frameHeight);
        hasAlpha = frameWidth < width || frameHeight < height;
      }
      largest = Math.max(largest, frameWidth * frameHeight);
      if (++frames > MAX_FRAMES) {
        throw undecodable(`The GIF file has more than ${MAX_FRAMES} frames`);
      }
      hasAlpha ||= transparent;
      delays.push(delay);
      transparent = false;
      delay = 0;
      at = skipSubBlocks(reader, at + 9 + colorTableSize(reader.u8(at + 8)) + 1);
    }
  }
  if (frames === 0) throw undecodable("The GIF file ends before its first frame");
  const isCut = bytes[at] !== TRAILER;
  const animated = frames > 1;
  return {
    width,
    height,
    frames,
    animated,
    orientation: 1,
    hasAlpha,
    bitDepth: 8,
    colorModel: "indexed",
    hasProfile,
    ...(isCut && { isCut }),
    ...(animated && { loopCount, delays }),
    totalPixels: Math.max(width * height, largest) * frames,
  };
}

function colorTableSize(flags: number): number {
  return (flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1);
}

/** The position behind the sub-blocks at `at`, which end with an empty one. */
function skipSubBlocks(reader: ByteReader, at: number): number {
  for (;;) {
    const size = reader.bytes[at];
    if (size === undefined) return reader.length;
    reader.step();
    at += 1 + size;
    if (size === 0) return at;
  }
}
