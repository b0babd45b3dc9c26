// JPEG XL (ISO 18181-1 annex D, 18181-2), as a naked codestream and in its container.

import { createBitReader, type Span } from "../reading/bit_reader.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { type ColorModel, type HeaderFacts, undecodable } from "../reading/image_header.ts";
import { readBoxes } from "../reading/isobmff.ts";
import { countJxlFrames } from "./jxl_frames.ts";
import { ALPHA, BLACK, readMetadata } from "./jxl_metadata.ts";

const CONTAINER = "\0\0\0\x0cJXL \r\n\x87\n";

/** Whether the bytes open as a JPEG XL codestream or container does. */
export function isJxl(reader: ByteReader): boolean {
  return reader.has(0, "\xff\x0a") || reader.has(0, CONTAINER);
}

/** The header of a JPEG XL file, and the number of frames where it is animated. */
export function readJxl(reader: ByteReader): HeaderFacts {
  const spans = codestream(reader);
  const stream = createBitReader(reader, spans, { name: "JPEG XL file", lowestFirst: true });
  if (stream.bits(16) !== 0x0aff) throw undecodable("The JPEG XL file has no codestream");
  const metadata = readMetadata(stream);
  const { width, height, animation, extraChannels, colour } = metadata;
  const frames = animation ? countJxlFrames(reader, { stream, metadata }) : 1;
  let colorModel: ColorModel = colour.isGrey ? "grey" : "rgb";
  if (extraChannels.includes(BLACK)) colorModel = "cmyk";
  const layers = 1 + Math.max(0, extraChannels.length - 1);
  return {
    width,
    height,
    frames,
    animated: frames > 1,
    orientation: metadata.orientation,
    hasAlpha: extraChannels.includes(ALPHA),
    bitDepth: metadata.bitDepth,
    colorModel,
    hasProfile: !colour.isSrgb,
    ...(colour.stated && { colour: colour.stated }),
    ...(animation && frames > 1 && { loopCount: animation.loopCount }),
    // Each extra channel beyond alpha is another plane of 32-bit samples in libjxl.
    totalPixels: width * height * frames * layers,
  };
}

function codestream(reader: ByteReader): Span[] {
  if (reader.has(0, "\xff\x0a")) return [{ start: 0, end: reader.length }];
  const spans: Span[] = [];
  for (const { type, start, end } of readBoxes(reader, { start: 0, end: reader.length })) {
    if (type === "jxlc") spans.push({ start, end });
    else if (type === "jxlp") spans.push({ start: start + 4, end });
  }
  return spans;
}
