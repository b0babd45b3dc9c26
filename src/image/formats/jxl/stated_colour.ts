// The colour encoding in a JPEG XL's metadata (ISO 18181-1 section E.2), as far as the profile that the
// engine makes of it says less than a browser shows.
import { BT2020, DCI_CURVE } from "../../colour/code_points.ts";
import { BT709, type Chromaticities, powerCurve, SRGB_CURVE } from "../../colour/icc_profile.ts";
import type { StatedColour } from "../../colour/stated_colour.ts";
import type { BitReader } from "../reading/bit_reader.ts";
import { readEnum, readU32 } from "./jxl_fields.ts";

export interface JxlColour {
  /** An ICC profile follows the metadata, compressed. */
  hasIcc: boolean;
  isSrgb: boolean;
  isGrey: boolean;
  stated?: StatedColour;
}

export const JXL_SRGB: JxlColour = { hasIcc: false, isSrgb: true, isGrey: false };

const GREY_SPACE = 1, XYB_SPACE = 2, CUSTOM = 2;

type Point = readonly [number, number];

const WHITES: Readonly<Record<number, Point>> = {
  1: BT709.white,
  10: [1 / 3, 1 / 3],
  11: [0.314, 0.351],
};
const PRIMARIES: Readonly<Record<number, Omit<Chromaticities, "white">>> = {
  1: BT709,
  9: BT2020,
  11: { red: [0.680, 0.320], green: [0.265, 0.690], blue: [0.150, 0.060] },
};

/** Those that a profile made of curves does not explain as browsers do; a video's means sRGB to its encoder. */
const TRANSFERS: Readonly<Record<number, StatedColour["transfer"]>> = {
  1: SRGB_CURVE,
  16: "pq",
  17: DCI_CURVE,
  18: "hlg",
};
const SRGB_TRANSFER = 13;

/** Reads the encoding of an image that is stored as XYB or not. */
export function readJxlColour(stream: BitReader, { isXyb }: { isXyb: boolean }): JxlColour {
  const { bits, flag } = stream;
  if (flag()) return JXL_SRGB;
  const hasIcc = flag();
  const space = readEnum(stream);
  const isGrey = space === GREY_SPACE;
  if (hasIcc) {
    // The engine gives XYB out as sRGB's own light, whatever the profile says that it brings with it.
    const light = { primaries: BT709, transfer: powerCurve(1), outranksProfile: true };
    return { hasIcc, isSrgb: false, isGrey, ...(isXyb && { stated: light }) };
  }
  if (space === XYB_SPACE) {
    readEnum(stream); // rendering intent
    return { hasIcc, isSrgb: false, isGrey };
  }
  const whiteKind = readEnum(stream);
  const white = whiteKind === CUSTOM ? readPoint(stream) : WHITES[whiteKind];
  const primariesKind = isGrey ? 1 : readEnum(stream);
  const primaries = primariesKind === CUSTOM
    ? { red: readPoint(stream), green: readPoint(stream), blue: readPoint(stream) }
    : PRIMARIES[primariesKind];
  const hasGamma = flag();
  const transfer = hasGamma ? bits(24) : readEnum(stream);
  readEnum(stream); // rendering intent
  const isStandard = whiteKind === 1 && primariesKind === 1;
  const curve = hasGamma ? undefined : TRANSFERS[transfer];
  return {
    hasIcc,
    isSrgb: isStandard && !hasGamma && transfer === SRGB_TRANSFER,
    isGrey,
    ...(curve && white && primaries && {
      stated: { primaries: { ...primaries, white }, transfer: curve, outranksProfile: true },
    }),
  };
}

/** Millionths, the sign in the lowest bit. */
function readPoint(stream: BitReader): Point {
  const axis = () => {
    const packed = readU32(stream, [
      { bits: 19, add: 0 },
      { bits: 19, add: 524_288 },
      { bits: 20, add: 1_048_576 },
      { bits: 21, add: 2_097_152 },
    ]);
    return (packed % 2 === 0 ? packed / 2 : -(packed + 1) / 2) / 1e6;
  };
  return [axis(), axis()];
}
