// Light back into sRGB's values, by table: a power for each sample takes longer than all else.
import { SRGB_CURVE } from "./icc_profile.ts";

/** Steps in which light is turned into values: at 1 in 16,384 no value is off by one half. */
const STEPS = 1 << 14;

/** The nearest 8-bit value of light 0…1; what lies outside is clipped. */
export type EncodeLight = (light: number) => number;

/** Makes the table, which takes as long as some thousand pixels. */
export function createLightEncoder(): EncodeLight {
  const { gamma, scale, offset, slope, from } = SRGB_CURVE;
  const encoded = Uint8Array.from({ length: STEPS + 1 }, (_, index) => {
    const light = index / STEPS;
    const value = light < from * slope ? light / slope : (light ** (1 / gamma) - offset) / scale;
    return Math.round(Math.min(1, value) * 255);
  });
  return (light) => encoded[light > 0 ? light < 1 ? Math.round(light * STEPS) : STEPS : 0]!;
}
