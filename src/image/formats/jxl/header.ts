// JPEG XL (ISO 18181-1 annex D, 18181-2), as a naked codestream and in its container.

import type { BitReader } from "../reading/bit_reader.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import type { ColorModel, HeaderFacts } from "../reading/image_header.ts";
import { inMilliseconds } from "../reading/durations.ts";
import { codestreamOf, NAKED, openCodestream } from "./codestream.ts";
import { countJxlFrames, type JxlFrames } from "./jxl_frames.ts";
import { isProfileCut } from "./without_profile.ts";
import { ALPHA, BLACK, type JxlMetadata, readMetadata } from "./jxl_metadata.ts";

/** Bytes for each pixel of each frame: the engine hands out all of them. */
const FRAME_BYTES = 4;
const CONTAINER = "\0\0\0\x0cJXL \r\n\x87\n";

/** Whether the bytes open as a JPEG XL codestream or container does. */
export function isJxl(reader: ByteReader): boolean {
  return reader.has(0, NAKED) || reader.has(0, CONTAINER);
}

/** The header of a JPEG XL file, its frames and layers counted. */
export function readJxl(reader: ByteReader): HeaderFacts {
  const stream = openCodestream(reader, codestreamOf(reader));
  const metadata = readMetadata(stream);
  const { width, height, animation, extraChannels, colour } = metadata;
  const { shown: frames, durations, pixels } = countFrames(reader, { stream, metadata });
  const stated = isProfileCut(reader) ? undefined : colour.stated;
  const hasProfile = !colour.isSrgb && !(colour.stated && !stated);
  let colorModel: ColorModel = colour.isGrey ? "grey" : "rgb";
  if (extraChannels.includes(BLACK)) colorModel = "cmyk";
  const planes = 1 + Math.max(0, extraChannels.length - 1);
  // Inks are decoded twice.
  const times = colorModel === "cmyk" ? 2 : 1;
  return {
    width,
    height,
    frames,
    animated: frames > 1,
    orientation: metadata.orientation,
    hasAlpha: extraChannels.includes(ALPHA),
    bitDepth: metadata.bitDepth,
    colorModel,
    hasProfile,
    ...(stated && { colour: stated }),
    ...(animation && frames > 1 && {
      loopCount: animation.loopCount,
      delays: inMilliseconds(durations, animation.ticksPerSecond),
    }),
    // Each extra channel beyond alpha is another plane of 32-bit samples in libjxl.
    totalPixels: pixels * planes * times,
    heldBytes: width * height * (frames * times * FRAME_BYTES + heldBytes(metadata)),
  };
}

/** Bytes that libjxl holds for each pixel, measured: samples of 32 bits where nothing was lost. */
function heldBytes({ isXyb, extraChannels: { length: extra }, colour }: JxlMetadata): number {
  return isXyb ? 6 + 4 * extra : 4 + 4 * ((colour.isGrey ? 1 : 3) + extra);
}

/** A still whose layers cannot be counted is taken to have one. */
function countFrames(
  reader: ByteReader,
  { stream, metadata }: { stream: BitReader; metadata: JxlMetadata },
): JxlFrames {
  try {
    return countJxlFrames(reader, { stream, metadata });
  } catch (error) {
    if (metadata.animation) throw error;
    return { shown: 1, durations: [0], pixels: metadata.width * metadata.height };
  }
}
