// What an embedded profile says, where it says it by curves and primaries, as nearly all of RGB and grey
// do. Most of those mean sRGB, in dozens of spellings: what does not change a colour is not computed.
import type { CodePoints } from "./code_points.ts";
import { type Curve, lightOf, primariesOf, SRGB, SRGB_CURVE } from "./icc_profile.ts";

/** The colour model whose values a profile explains. */
export type ProfileSpace = "rgb" | "grey" | "cmyk" | "other";

const SPACES: Readonly<Record<string, ProfileSpace>> = {
  "RGB ": "rgb",
  "GRAY": "grey",
  "CMYK": "cmyk",
};

/** Undefined for bytes that are no ICC profile. */
export function spaceOf(profile: Uint8Array): ProfileSpace | undefined {
  if (profile.length < 132 || text(profile, 36) !== "acsp") return undefined;
  return SPACES[text(profile, 16)] ?? "other";
}

/** A profile that is nothing but curves and, for colours, three primaries. */
export interface SimpleProfile {
  space: "rgb" | "grey";
  /** Stored value to light, both 0…1, per channel. */
  curves: ((value: number) => number)[];
  /** XYZ, relative to D50, of full red, green and blue; none for greys. */
  primaries: number[][];
}

/** Reads a profile that works without tables; undefined for all others and for damaged ones. */
export function readSimpleProfile(profile: Uint8Array): SimpleProfile | undefined {
  const space = spaceOf(profile);
  const tags = readTags(profile);
  if (tags.has("A2B0") || tags.has("A2B1") || tags.has("D2B0") || tags.has("D2B1")) {
    return undefined;
  }
  if (text(profile, 20) !== "XYZ " && space === "rgb") return undefined;
  const curve = (name: string) => {
    const tag = tags.get(name);
    return tag && readCurve(tag);
  };
  if (space === "grey") {
    const grey = curve("kTRC");
    return grey && { space, curves: [grey], primaries: [] };
  }
  if (space !== "rgb") return undefined;
  const curves = ["rTRC", "gTRC", "bTRC"].map(curve);
  const primaries = ["rXYZ", "gXYZ", "bXYZ"].map((name) => {
    const tag = tags.get(name);
    const isXyz = tag && tag.length >= 20 && text(tag, 0) === "XYZ ";
    return isXyz && [8, 12, 16].map((at) => signedFixed(tag, at));
  });
  const complete = curves.every((item) => item) && primaries.every((item) => item);
  return complete
    ? { space, curves: curves as SimpleProfile["curves"], primaries: primaries as number[][] }
    : undefined;
}

/** The code points that a profile of RGB names (ICC.1:2022 section 9.2.17); they outrank what else it says. */
export function readProfileCodePoints(profile: Uint8Array): CodePoints | undefined {
  const tag = spaceOf(profile) === "rgb" ? readTags(profile).get("cicp") : undefined;
  if (!tag || tag.length < 12 || text(tag, 0) !== "cicp") return undefined;
  const [primaries, transfer] = tag.subarray(8);
  return { primaries: primaries!, transfer: transfer! };
}

/** How far apart two primaries, and two curves, may be and still mean the same. */
const XYZ_TOLERANCE = 0.003, LIGHT_TOLERANCE = 0.006;

/** Whether the profile gives its values the meaning that sRGB gives them, or sRGB's greys. */
export function isSrgb({ curves, primaries }: SimpleProfile): boolean {
  const wanted = primariesOf(SRGB);
  return curves.every(isSrgbCurve) &&
    primaries.every((primary, index) =>
      primary.every((value, axis) => Math.abs(value - wanted[index]![axis]!) <= XYZ_TOLERANCE)
    );
}

function isSrgbCurve(curve: (value: number) => number): boolean {
  for (let value = 0; value <= 1; value += 1 / 16) {
    if (!(Math.abs(curve(value) - lightOf(value, SRGB_CURVE)) <= LIGHT_TOLERANCE)) return false;
  }
  return true;
}

/** The curve of a `curv` or `para` tag (ICC.1:2022 sections 10.6 and 10.18). */
function readCurve(tag: Uint8Array): ((value: number) => number) | undefined {
  if (tag.length < 12) return undefined;
  const view = viewOf(tag);
  const type = text(tag, 0);
  if (type === "curv") {
    const count = view.getUint32(8);
    if (count === 0) return (value) => value;
    if (tag.length < 12 + count * 2) return undefined;
    if (count === 1) return (value) => value ** (view.getUint16(12) / 256);
    return (value) => {
      const at = value * (count - 1), below = Math.floor(at);
      const sample = (index: number) => view.getUint16(12 + Math.min(index, count - 1) * 2) / 65535;
      return sample(below) + (sample(below + 1) - sample(below)) * (at - below);
    };
  }
  if (type !== "para") return undefined;
  const kind = view.getUint16(8);
  const parameters = Math.floor((tag.length - 12) / 4);
  const parameter = (index: number) => index < parameters ? signedFixed(tag, 12 + index * 4) : 0;
  const gamma = parameter(0);
  if (kind === 0) return (value) => value ** gamma;
  if (kind !== 3) return undefined;
  const curve: Curve = {
    gamma,
    scale: parameter(1),
    offset: parameter(2),
    slope: parameter(3),
    from: parameter(4),
  };
  return (value) => lightOf(value, curve);
}

function readTags(profile: Uint8Array): Map<string, Uint8Array> {
  const tags = new Map<string, Uint8Array>();
  const view = viewOf(profile);
  const count = profile.length < 132 ? 0 : Math.min(100, view.getUint32(128));
  for (let at = 132; at < 132 + count * 12 && at + 12 <= profile.length; at += 12) {
    const start = view.getUint32(at + 4);
    tags.set(text(profile, at), profile.subarray(start, start + view.getUint32(at + 8)));
  }
  return tags;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function signedFixed(bytes: Uint8Array, at: number): number {
  return viewOf(bytes).getInt32(at) / 65536;
}

function text(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}
