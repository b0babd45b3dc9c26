// ICC profiles made from their definition (ICC.1:2022), because the engine brings none along and a
// few hundred bytes are easier to make than to carry.

/** How stored values relate to light: `slope` below `from`, a power above; sRGB's own unless told. */
export interface Curve {
  gamma: number;
  scale: number;
  offset: number;
  slope: number;
  from: number;
}

/** The x and y (CIE 1931) of a colour space's primaries and its white. */
export interface Chromaticities {
  red: readonly [number, number];
  green: readonly [number, number];
  blue: readonly [number, number];
  white: readonly [number, number];
}

/** The chromaticities of a colour space and its curve. */
export interface RgbDefinition extends Chromaticities {
  curve: Curve;
}

/** IEC 61966-2-1. */
export const SRGB_CURVE: Curve = {
  gamma: 2.4,
  scale: 1 / 1.055,
  offset: 0.055 / 1.055,
  slope: 1 / 12.92,
  from: 0.04045,
};

/** ITU-R BT.709. */
export const BT709: Chromaticities = {
  red: [0.64, 0.33],
  green: [0.30, 0.60],
  blue: [0.15, 0.06],
  white: [0.3127, 0.3290],
};

/** IEC 61966-2-1. */
export const SRGB: RgbDefinition = { ...BT709, curve: SRGB_CURVE };

/** A plain power. */
export function powerCurve(gamma: number): Curve {
  return { gamma, scale: 1, offset: 0, slope: 0, from: 0 };
}

/** The stored value's light, both 0…1. */
export function lightOf(value: number, { gamma, scale, offset, slope, from }: Curve): number {
  return value < from ? value * slope : (value * scale + offset) ** gamma;
}

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

/** The illuminant of the profile connection space (ICC.1:2022 section 7.2.16). */
const D50: Vector = [0.9642, 1, 0.8249];

/** The profile of an RGB colour space, version 4, as bytes. */
export function rgbProfile(name: string, definition: RgbDefinition): Uint8Array<ArrayBuffer> {
  const [red, green, blue] = primariesOf(definition);
  const curve = parametric(definition.curve);
  return profile("RGB ", [
    ["desc", multiLocalised(name)],
    ["cprt", multiLocalised("No copyright, use freely")],
    ["wtpt", xyz(D50)],
    ["rXYZ", xyz(red)],
    ["gXYZ", xyz(green)],
    ["bXYZ", xyz(blue)],
    ["rTRC", curve],
    ["gTRC", curve],
    ["bTRC", curve],
  ]);
}

/** The profile of greys with this curve, version 4, as bytes. */
export function greyProfile(name: string, curve: Curve): Uint8Array<ArrayBuffer> {
  return profile("GRAY", [
    ["desc", multiLocalised(name)],
    ["cprt", multiLocalised("No copyright, use freely")],
    ["wtpt", xyz(D50)],
    ["kTRC", parametric(curve)],
  ]);
}

/** XYZ of full red, green and blue, adapted to D50. */
export function primariesOf(chromaticities: Chromaticities): Matrix {
  const adaptation = bradford(xyzOf(chromaticities.white), D50);
  return ownPrimaries(chromaticities).map((primary) =>
    multiply(adaptation, primary)
  ) as unknown as Matrix;
}

/** How much of white's luminance is red's, green's and blue's. */
export function luminancesOf(chromaticities: Chromaticities): Vector {
  return ownPrimaries(chromaticities).map(([, y]) => y) as unknown as Vector;
}

/** XYZ of full red, green and blue under the colour space's own white. */
function ownPrimaries({ red, green, blue, white }: Chromaticities): Matrix {
  const columns = [red, green, blue].map(([x, y]) => [x, y, 1 - x - y]) as unknown as Matrix;
  // Each primary is as bright as it must be for the three to add up to white.
  const shares = multiply(invert(transpose(columns)), xyzOf(white));
  return columns.map((column, index) =>
    column.map((value) => value * shares[index]!)
  ) as unknown as Matrix;
}

/** Amounts of the colour space's own red, green and blue light that make an XYZ relative to D50. */
export function xyzToLight(xyz: readonly number[], definition: Chromaticities): readonly number[] {
  return multiply(invert(transpose(primariesOf(definition))), xyz as unknown as Vector);
}

function xyzOf([x, y]: readonly [number, number]): Vector {
  return [x / y, 1, (1 - x - y) / y];
}

/** Bradford's cone responses (ICC.1:2022 annex E). */
const CONES: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

function bradford(from: Vector, to: Vector): Matrix {
  const source = multiply(CONES, from), target = multiply(CONES, to);
  const scaled = CONES.map((row, index) =>
    row.map((value) => value * target[index]! / source[index]!)
  ) as unknown as Matrix;
  const inverse = invert(CONES);
  const columns = transpose(scaled).map((column) => multiply(inverse, column));
  return transpose(columns as unknown as Matrix);
}

function multiply(matrix: Matrix, [x, y, z]: Vector): Vector {
  return matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Vector;
}

function transpose([a, b, c]: Matrix): Matrix {
  return [[a[0], b[0], c[0]], [a[1], b[1], c[1]], [a[2], b[2], c[2]]];
}

function invert([a, b, c]: Matrix): Matrix {
  const cross = (u: Vector, v: Vector): Vector => [
    u[1] * v[2] - u[2] * v[1],
    u[2] * v[0] - u[0] * v[2],
    u[0] * v[1] - u[1] * v[0],
  ];
  const columns = [cross(b, c), cross(c, a), cross(a, b)] as const;
  const determinant = a[0] * columns[0][0] + a[1] * columns[0][1] + a[2] * columns[0][2];
  const scale = (vector: Vector) => vector.map((value) => value / determinant) as unknown as Vector;
  return transpose([scale(columns[0]), scale(columns[1]), scale(columns[2])]);
}

function profile(
  space: string,
  tags: readonly (readonly [string, Uint8Array])[],
): Uint8Array<ArrayBuffer> {
  let end = 128 + 4 + tags.length * 12;
  const places = new Map<Uint8Array, number>();
  for (const [, data] of tags) {
    if (places.has(data)) continue;
    places.set(data, end);
    end += (data.length + 3) & ~3;
  }
  const bytes = new Uint8Array(end);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, end);
  view.setUint32(8, 0x04400000);
  ["mntr", space, "XYZ "].forEach((text, index) => bytes.set(ascii(text), 12 + index * 4));
  [2026, 1, 1].forEach((part, index) => view.setUint16(24 + index * 2, part));
  bytes.set(ascii("acsp"), 36);
  bytes.set(xyz(D50).subarray(8), 68);
  view.setUint32(128, tags.length);
  tags.forEach(([name, data], index) => {
    const at = 132 + index * 12;
    bytes.set(ascii(name), at);
    view.setUint32(at + 4, places.get(data)!);
    view.setUint32(at + 8, data.length);
    bytes.set(data, places.get(data)!);
  });
  return bytes;
}

function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

function fixed(values: readonly number[], type: string, gap = 8): Uint8Array {
  const bytes = new Uint8Array(gap + values.length * 4);
  bytes.set(ascii(type));
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setInt32(gap + index * 4, Math.round(value * 65536)));
  return bytes;
}

function xyz(color: Vector): Uint8Array {
  return fixed(color, "XYZ ");
}

/** Type 3: Y = (aX + b)^g above d, cX below. */
function parametric({ gamma, scale, offset, slope, from }: Curve): Uint8Array {
  const bytes = fixed([gamma, scale, offset, slope, from], "para", 12);
  bytes[9] = 3;
  return bytes;
}

function multiLocalised(text: string): Uint8Array {
  const bytes = new Uint8Array(28 + text.length * 2);
  const view = new DataView(bytes.buffer);
  bytes.set(ascii("mluc"));
  [1, 12].forEach((value, index) => view.setUint32(8 + index * 4, value));
  bytes.set(ascii("enUS"), 16);
  [text.length * 2, 28].forEach((value, index) => view.setUint32(20 + index * 4, value));
  [...text].forEach((letter, index) => view.setUint16(28 + index * 2, letter.charCodeAt(0)));
  return bytes;
}
