// Colour that a file states without a profile, to sRGB; PQ and HLG with their highlights bent into it.
import type { PixelBuffer } from "../pixels/pixel_buffer.ts";
import { BT2020 } from "./code_points.ts";
import { convertSimple, lightMatrix } from "./convert_simple.ts";
import { createLightEncoder } from "./encode_light.ts";
import { BT709, lightOf, luminancesOf, primariesOf } from "./icc_profile.ts";
import { isSrgb, type SimpleProfile } from "./known_profile.ts";
import type { StatedColour } from "./stated_colour.ts";
import { createGain, REFERENCE_WHITE, USUAL_PEAK } from "./tone_map.ts";

/** New samples of the same channels, alpha as it was; undefined where they mean sRGB already. */
export function convertStated(
  pixels: PixelBuffer,
  colour: StatedColour,
): Uint8Array<ArrayBuffer> | undefined {
  const { transfer } = colour;
  if (transfer === "pq" || transfer === "hlg") return convertHdr(pixels, { ...colour, transfer });
  const curve = (value: number) => lightOf(widened(value, colour), transfer);
  const isGrey = pixels.channels < 3;
  const profile: SimpleProfile = isGrey ? { space: "grey", curves: [curve], primaries: [] } : {
    space: "rgb",
    curves: [curve, curve, curve],
    primaries: primariesOf(colour.primaries).map((primary) => [...primary]),
  };
  return isSrgb(profile) ? undefined : convertSimple(pixels, profile);
}

function convertHdr(
  { data, channels, hasAlpha }: PixelBuffer,
  colour: Omit<StatedColour, "transfer"> & { transfer: "pq" | "hlg" },
): Uint8Array<ArrayBuffer> {
  const { primaries, transfer, peak = USUAL_PEAK } = colour;
  const out = new Uint8Array(data);
  const decode = { pq: lightOfPq, hlg: sceneLightOfHlg }[transfer];
  const lights = Float64Array.from(
    { length: 256 },
    (_, value) => decode(Math.min(1, Math.max(0, widened(value / 255, colour)))),
  );
  const gain = createGain(peak);
  const encode = createLightEncoder();
  if (channels < 3) {
    const values = Uint8Array.from(lights, (light) => {
      const shown = light * (transfer === "hlg" ? displayGainOfHlg(light) : 1);
      return encode(shown * gain(shown));
    });
    const step = hasAlpha ? 2 : 1;
    for (let at = 0; at < out.length; at += step) out[at] = values[out[at]!]!;
    return out;
  }
  const [yr, yg, yb] = luminancesOf(primaries);
  // Which channel is the brightest is asked in BT.2020, whatever primaries the picture has.
  const wide = lightMatrix(primariesOf(primaries), BT2020);
  const narrow = lightMatrix(primariesOf(BT2020), BT709);
  const [wr, wg, wb] = wide, [nr, ng, nb] = narrow;
  for (let at = 0; at < out.length; at += channels) {
    let r = lights[out[at]!]!, g = lights[out[at + 1]!]!, b = lights[out[at + 2]!]!;
    if (transfer === "hlg") {
      const shown = displayGainOfHlg(yr * r + yg * g + yb * b);
      r *= shown;
      g *= shown;
      b *= shown;
    }
    const red = wr[0] * r + wr[1] * g + wr[2] * b;
    const green = wg[0] * r + wg[1] * g + wg[2] * b;
    const blue = wb[0] * r + wb[1] * g + wb[2] * b;
    const mapped = gain(Math.max(red, green, blue));
    out[at] = encode((nr[0] * red + nr[1] * green + nr[2] * blue) * mapped);
    out[at + 1] = encode((ng[0] * red + ng[1] * green + ng[2] * blue) * mapped);
    out[at + 2] = encode((nb[0] * red + nb[1] * green + nb[2] * blue) * mapped);
  }
  return out;
}

/** A value 0…1 of video's narrow range as one of the full range. */
function widened(value: number, { isNarrow = false }: Pick<StatedColour, "isNarrow">): number {
  return isNarrow ? (value * 255 - 16) / 219 : value;
}

/** SMPTE ST 2084: the light of a value, white paper being 1. */
function lightOfPq(value: number): number {
  const root = value ** (32 / 2523);
  const light = Math.max(0, root - 107 / 128) / (2413 / 128 - 2392 / 128 * root);
  return light ** (16384 / 2610) * 10_000 / REFERENCE_WHITE;
}

/** ITU-R BT.2100 table 5: the light before the camera, the brightest being 1. */
function sceneLightOfHlg(value: number): number {
  const a = 0.17883277, b = 1 - 4 * a, c = 0.5 - a * Math.log(4 * a);
  return value <= 0.5 ? value * value / 3 : (Math.exp((value - c) / a) + b) / 12;
}

/** What scene light of this luminance is multiplied by on a display of 1,000 cd/m²; white paper is 1. */
function displayGainOfHlg(luminance: number): number {
  return USUAL_PEAK / REFERENCE_WHITE * Math.max(0, luminance) ** 0.2;
}
