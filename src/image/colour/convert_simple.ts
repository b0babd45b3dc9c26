// Values of an RGB or grey profile to sRGB: curve, matrix, curve. That is all that most profiles say, and
// done here it takes half the time that it takes the engine.
import type { PixelBuffer } from "../pixels/pixel_buffer.ts";
import { SRGB, SRGB_CURVE, xyzToLight } from "./icc_profile.ts";
import type { SimpleProfile } from "./known_profile.ts";

/** Steps in which light is turned back into sRGB values: at 1 in 16,384 no value is off by one half. */
const STEPS = 1 << 14;

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
  const encoded = encodedLights();
  if (profile.space === "grey") {
    const values = Uint8Array.from(red, (light) => encoded[Math.round(light * STEPS)]!);
    const colours = hasAlpha ? channels - 1 : channels;
    for (let at = 0; at < out.length; at += channels) {
      for (let channel = 0; channel < colours; channel++) {
        out[at + channel] = values[out[at + channel]!]!;
      }
    }
    return out;
  }
  const rows = lightMatrix(profile.primaries);
  const [[rr, rg, rb], [gr, gg, gb], [br, bg, bb]] = rows as [Row, Row, Row];
  for (let at = 0; at < out.length; at += channels) {
    const r = red[out[at]!]!, g = green[out[at + 1]!]!, b = blue[out[at + 2]!]!;
    out[at] = encoded[step(rr * r + rg * g + rb * b)]!;
    out[at + 1] = encoded[step(gr * r + gg * g + gb * b)]!;
    out[at + 2] = encoded[step(br * r + bg * g + bb * b)]!;
  }
  return out;
}

type Row = [number, number, number];

/** What each primary is made of in sRGB's own light; its rows are sRGB's red, green and blue. */
function lightMatrix(primaries: readonly number[][]): number[][] {
  const columns = primaries.map((primary) => xyzToLight(primary, SRGB));
  return [0, 1, 2].map((row) => columns.map((column) => column[row]!));
}

function encodedLights(): Uint8Array {
  const { gamma, scale, offset, slope, from } = SRGB_CURVE;
  return Uint8Array.from({ length: STEPS + 1 }, (_, index) => {
    const light = index / STEPS;
    const value = light < from * slope ? light / slope : (light ** (1 / gamma) - offset) / scale;
    return Math.round(clamp(value) * 255);
  });
}

function step(light: number): number {
  return light <= 0 ? 0 : light >= 1 ? STEPS : Math.round(light * STEPS);
}

function clamp(value: number): number {
  return value > 0 ? Math.min(1, value) : 0;
}
