// Profiles of wide colour spaces, and how far apart two colours look.
import {
  lightOf,
  powerCurve,
  rgbProfile,
  SRGB,
  SRGB_CURVE,
} from "../../src/image/colour/icc_profile.ts";

export const SRGB_PROFILE = rgbProfile("sRGB", SRGB);

export const DISPLAY_P3 = rgbProfile("Display P3", {
  ...SRGB,
  red: [0.680, 0.320],
  green: [0.265, 0.690],
  blue: [0.150, 0.060],
});

export const ADOBE_RGB = rgbProfile("Adobe RGB", {
  ...SRGB,
  green: [0.21, 0.71],
  curve: powerCurve(563 / 256),
});

export const PROPHOTO = rgbProfile("ProPhoto", {
  red: [0.7347, 0.2653],
  green: [0.1596, 0.8404],
  blue: [0.0366, 0.0001],
  white: [0.3457, 0.3585],
  curve: powerCurve(1.8),
});

/** The profile with a `cicp` tag: primaries, transfer, matrix and range of ITU-T H.273. */
export function withCodePoints(profile: Uint8Array, points: readonly number[]): Uint8Array {
  const count = new DataView(profile.buffer).getUint32(128);
  const tags = 132 + 12 * count;
  const bytes = new Uint8Array(profile.length + 24);
  const view = new DataView(bytes.buffer);
  bytes.set(profile.subarray(0, tags));
  bytes.set(profile.subarray(tags), tags + 12);
  for (let at = 132; at < tags; at += 12) view.setUint32(at + 4, view.getUint32(at + 4) + 12);
  const name = [...new TextEncoder().encode("cicp")];
  bytes.set(name, tags);
  view.setUint32(tags + 4, profile.length + 12);
  view.setUint32(tags + 8, 12);
  bytes.set([...name, 0, 0, 0, 0, ...points], profile.length + 12);
  view.setUint32(0, bytes.length);
  view.setUint32(128, count + 1);
  return bytes;
}

/** Red, green and blue of sRGB, 0…255. */
export type Colour = readonly [number, number, number];

/** ΔE of CIE 1976 between two colours of sRGB. */
export function difference(a: Colour, b: Colour): number {
  const [p, q] = [lab(a), lab(b)];
  return Math.hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

/** The colour in CIE L*a*b*, under its own white. */
export function lab([red, green, blue]: Colour): Colour {
  const [r, g, b] = [LIGHT[red]!, LIGHT[green]!, LIGHT[blue]!];
  const f = (t: number) => t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const LIGHT = Float64Array.from({ length: 256 }, (_, value) => lightOf(value / 255, SRGB_CURVE));
