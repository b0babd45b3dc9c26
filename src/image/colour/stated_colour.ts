// Colour that a file states by numbers, without an ICC profile: primaries and a curve, in the words of the
// format that it came in. Plain data, so that it does not matter who reads it and who decodes the pixels.
import type { Chromaticities, Curve } from "./icc_profile.ts";

export interface StatedColour {
  primaries: Chromaticities;
  /** How stored values relate to light; PQ and HLG (ITU-R BT.2100) reach beyond a white page. */
  transfer: Curve | "pq" | "hlg";
  /** Whether black is stored as 16 and white as 235, as in video, and not as 0 and 255. */
  isNarrow?: boolean;
  /** The brightest light of a PQ or HLG picture, in cd/m²; 1,000 unless told. */
  peak?: number;
  /** Whether it counts although an ICC profile is embedded too. */
  outranksProfile?: boolean;
}
