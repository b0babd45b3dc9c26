// The `mini` box (ISO 23008-12 annex O): all that a small picture has to say, in a few bits instead of a `meta`
// box. The engine decodes what it is of.

import type { Orientation } from "../reading/image_header.ts";
import { createBitReader } from "../reading/bit_reader.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import type { Box } from "../reading/isobmff.ts";
import type { StatedPoints } from "./stated_colour.ts";

export interface Mini {
  width: number;
  height: number;
  orientation: Orientation;
  hasAlpha: boolean;
  isGrey: boolean;
  bitDepth: number;
  hasProfile: boolean;
  points: StatedPoints | undefined;
}

/** Which byte of the box's content has the orientation, less one, in its lowest three bits. */
export const ORIENTATION_BYTE = 1;

/** The content of a `mini` box. */
export function readMini(reader: ByteReader, box: Box): Mini {
  const { bits, flag } = createBitReader(reader, [box], { name: "HEIF file" });
  bits(2); // version
  bits(1); // codec types of its own
  const isFloat = flag(), isFull = flag(), hasAlpha = flag(), isStated = flag();
  bits(1); // HDR
  const hasProfile = flag();
  bits(2); // EXIF, XMP
  const chroma = bits(2), orientation = bits(3) + 1;
  const sideBits = flag() ? 15 : 7;
  const width = bits(sideBits) + 1, height = bits(sideBits) + 1;
  // Where the samples of colour lie.
  if (chroma === 1) bits(2);
  else if (chroma === 2) bits(1);
  const bitDepth = isFloat ? 2 ** (bits(2) + 4) : flag() ? bits(3) + 9 : 8;
  if (hasAlpha) bits(1); // whether colours are multiplied by it
  const points = isStated
    ? { primaries: bits(8), transfer: bits(8), isNarrow: !isFull }
    : undefined;
  return {
    ...{ width, height, hasAlpha, bitDepth, hasProfile, points },
    orientation: orientation as Orientation,
    isGrey: chroma === 0,
  };
}
