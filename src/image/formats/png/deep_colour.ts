// Samples of 16 bits lose their curve while they still have them: 8 bits of another than sRGB's may hold too few of
// the dark ones.
import { type Curve, SRGB_CURVE } from "../../colour/icc_profile.ts";
import type { StatedColour } from "../../colour/stated_colour.ts";
import type { HeaderFacts } from "../reading/image_header.ts";

/** The curve that is to be undone, and what the values mean from then on; neither where a profile says more. */
export function deepColour(
  { bitDepth, colour, hasProfile }: HeaderFacts,
): { curve?: Curve; colour?: StatedColour } {
  if (bitDepth !== 16 || !colour || colour.isNarrow) return {};
  const counts = colour.outranksProfile || !hasProfile;
  return counts && typeof colour.transfer === "object"
    ? { curve: colour.transfer, colour: { ...colour, transfer: SRGB_CURVE } }
    : {};
}
