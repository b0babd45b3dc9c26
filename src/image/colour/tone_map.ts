// Light brighter than white paper, brought into what a screen without headroom shows: the reference white
// tone mapping of SMPTE ST 2094-50, as Chromium applies it. What is no brighter than paper is dimmed as a
// whole, and what is brighter is bent into the room that this makes.

/** The light of white paper in PQ and HLG pictures (ITU-R BT.2408), in cd/m². */
export const REFERENCE_WHITE = 203;
/** The brightest light of a picture that states none, in cd/m². */
export const USUAL_PEAK = 1000;
/** Where, between a corner and a straight line, the bend lies. */
const SOFTNESS = 0.65;

/** By how much to multiply the light of a pixel whose brightest channel is this; paper is 1. */
export type Gain = (brightest: number) => number;

/** The gain for a picture whose brightest light has so many cd/m². */
export function createGain(peak: number): Gain {
  const most = Math.max(peak, REFERENCE_WHITE) / REFERENCE_WHITE;
  if (most === 1) return () => 1;
  const share = Math.min(1, Math.log(most) / Math.log(USUAL_PEAK / REFERENCE_WHITE));
  // Half as bright where there is much above it.
  const paper = 1 - share / 2;
  // A quadratic Bézier curve from (1, paper) to (most, 1), along the line of what is darker at first.
  const middle = { x: 1 - SOFTNESS + SOFTNESS / paper, y: (1 - SOFTNESS) * paper + SOFTNESS };
  const a = 1 - 2 * middle.x + most, b = 2 * middle.x - 2;
  return (brightest) => {
    if (brightest <= 1) return paper;
    if (brightest >= most) return 1 / brightest;
    const root = Math.sqrt(b * b + 4 * a * (brightest - 1));
    // The form that stands also where the curve is nearly straight.
    const t = 2 * (brightest - 1) / (b + root);
    return ((1 - t) ** 2 * paper + 2 * t * (1 - t) * middle.y + t * t) / brightest;
  };
}
