// Values of an RGB or grey profile to sRGB: curve, matrix, curve. That is all that most profiles say, and
// done here it takes half the time that it takes the engine.
import type { PixelBuffer } from "../pixels/pixel_buffer.ts";
import { createLightEncoder } from "./encode_light.ts";
import { BT709, type Chromaticities, xyzToLight } from "./icc_profile.ts";
import type { SimpleProfile } from "./known_profile.ts";

/** New samples of the same channels; alpha stays. The profile's space must be that of the pixels. */
export function convertSimple(
  { data, channels, hasAlpha }: PixelBuffer,
  profile: SimpleProfile,
): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(data);
  const lights = profile.curves.map((curve) =>
    Float64Array.from({ length: 256 }, (_, value) => clamp(curve(value / 255)))
  );
  const [red, green, blue] = lights as [Float64Array, Float64Array, Float64Array];
  const encode = createLightEncoder();
  if (profile.space === "grey") {
    const values = Uint8Array.from(red, encode);
    const colours = hasAlpha ? channels - 1 : channels;
    for (let at = 0; at < out.length; at += channels) {
      for (let channel = 0; channel < colours; channel++) {
        out[at + channel] = values[out[at + channel]!]!;
      }
    }
    return out;
  }
  const [[rr, rg, rb], [gr, gg, gb], [br, bg, bb]] = lightMatrix(profile.primaries, BT709);
  for (let at = 0; at < out.length; at += channels) {
    const r = red[out[at]!]!, g = green[out[at + 1]!]!, b = blue[out[at + 2]!]!;
    out[at] = encode(rr * r + rg * g + rb * b);
    out[at + 1] = encode(gr * r + gg * g + gb * b);
    out[at + 2] = encode(br * r + bg * g + bb * b);
  }
  return out;
}

type Row = readonly [number, number, number];

/** What each primary, an XYZ relative to D50, is made of in the light of other primaries: rows of red, green and blue. */
export function lightMatrix(
  primaries: readonly (readonly number[])[],
  target: Chromaticities,
): readonly [Row, Row, Row] {
  const columns = primaries.map((primary) => xyzToLight(primary, target));
  return [0, 1, 2].map((row) => columns.map((column) => column[row]!)) as unknown as [
    Row,
    Row,
    Row,
  ];
}

function clamp(value: number): number {
  return value > 0 ? Math.min(1, value) : 0;
}
