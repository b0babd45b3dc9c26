// The numbers by which PNG, AVIF, HEIC and video name colour spaces (ITU-T H.273): primaries and transfer
// characteristics.
import { BT709, type Chromaticities, type Curve, powerCurve, SRGB_CURVE } from "./icc_profile.ts";
import type { StatedColour } from "./stated_colour.ts";

const D65 = [0.3127, 0.3290] as const;
/** Illuminant C. */
const C = [0.310, 0.316] as const;

const SMPTE_170M: Chromaticities = {
  red: [0.630, 0.340],
  green: [0.310, 0.595],
  blue: [0.155, 0.070],
  white: D65,
};

const P3 = { red: [0.680, 0.320], green: [0.265, 0.690], blue: [0.150, 0.060] } as const;

export const BT2020: Chromaticities = {
  red: [0.708, 0.292],
  green: [0.170, 0.797],
  blue: [0.131, 0.046],
  white: D65,
};

/** H.273 table 2. */
const PRIMARIES: Readonly<Record<number, Chromaticities>> = {
  1: BT709,
  4: { red: [0.67, 0.33], green: [0.21, 0.71], blue: [0.14, 0.08], white: C },
  5: { red: [0.64, 0.33], green: [0.29, 0.60], blue: [0.15, 0.06], white: D65 },
  6: SMPTE_170M,
  7: SMPTE_170M,
  8: { red: [0.681, 0.319], green: [0.243, 0.692], blue: [0.145, 0.049], white: C },
  9: BT2020,
  10: { red: [1, 0], green: [0, 1], blue: [0, 0], white: [1 / 3, 1 / 3] },
  11: { ...P3, white: [0.314, 0.351] },
  12: { ...P3, white: D65 },
  22: { red: [0.630, 0.340], green: [0.295, 0.605], blue: [0.155, 0.077], white: D65 },
};

/** SMPTE ST 428-1: 48 cd/m² of a projector's 52.37. */
export const DCI_CURVE: Curve = {
  gamma: 2.6,
  scale: (52.37 / 48) ** (1 / 2.6),
  offset: 0,
  slope: 0,
  from: 0,
};

/** H.273 table 3, but for those of video. Logarithms (9, 10) and BT.1361 (12) are shown by no browser. */
const TRANSFERS: Readonly<Record<number, StatedColour["transfer"]>> = {
  4: powerCurve(2.2),
  5: powerCurve(2.8),
  7: {
    gamma: 1 / 0.45,
    scale: 1 / 1.1115,
    offset: 0.1115 / 1.1115,
    slope: 1 / 4,
    from: 4 * 0.0228,
  },
  8: powerCurve(1),
  13: SRGB_CURVE,
  16: "pq",
  17: DCI_CURVE,
  18: "hlg",
};

/** BT.709, BT.601, xvYCC and BT.2020: how cameras code, which no two agree on how to show. */
const VIDEO = [1, 6, 11, 14, 15];
/** What is not stated. */
export const UNSPECIFIED = 2;

/** How a screen shows video (ITU-R BT.1886). */
export const BT1886 = powerCurve(2.4);

export interface CodePoints {
  primaries: number;
  transfer: number;
}

/**
 * The colour that two code points name, `video` standing for the transfer characteristics of video; what
 * is unspecified is sRGB's. Undefined where one is reserved, or both say nothing.
 */
export function colourOfCodePoints(
  { primaries, transfer }: CodePoints,
  { video }: { video: Curve },
): StatedColour | undefined {
  const known = primaries === UNSPECIFIED ? BT709 : PRIMARIES[primaries];
  const curve = transfer === UNSPECIFIED
    ? SRGB_CURVE
    : VIDEO.includes(transfer)
    ? video
    : TRANSFERS[transfer];
  if (!known || !curve || (primaries === UNSPECIFIED && transfer === UNSPECIFIED)) return undefined;
  return { primaries: known, transfer: curve };
}
