// Effects that look at one pixel at a time. They work on the encoded values of sRGB, as the filters of
// CSS do, and leave alpha alone.
import type { Colour, Raster } from "./raster.ts";

/** The shares of red, green and blue in brightness (Rec. 709). */
const LUMA = [0.2126, 0.7152, 0.0722] as const;

/** Rows of three: what red, green and blue become of red, green and blue. */
export type Mixture = readonly number[];

export const GRAY: Mixture = [...LUMA, ...LUMA, ...LUMA];

/** `sepia(1)` of CSS (Filter Effects Level 1). */
export const SEPIA: Mixture = [0.393, 0.769, 0.189, 0.349, 0.686, 0.168, 0.272, 0.534, 0.131];

/** 0 is grey, 1 changes nothing, 2 doubles the distance from grey. */
export function saturated(amount: number): Mixture {
  return GRAY.map((share, index) => share * (1 - amount) + (index % 4 === 0 ? amount : 0));
}

/** Turns the hues around grey, keeping brightness: `hue-rotate()` of CSS. */
export function hueTurned(degrees: number): Mixture {
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  const [red, green, blue] = LUMA;
  const across = [-red, -green, 1 - blue, 0.143, 0.14, -0.283, -(1 - red), green, blue];
  return GRAY.map((share, index) =>
    share + cos * ((index % 4 === 0 ? 1 : 0) - share) + sin * across[index]!
  );
}

export function mixChannels({ data }: Raster, mixture: Mixture): void {
  const [a, b, c, d, e, f, g, h, i] = mixture as [
    ...[number, number, number],
    ...[number, number, number],
    ...[number, number, number],
  ];
  for (let index = 0; index < data.length; index += 4) {
    const red = data[index]!;
    const green = data[index + 1]!;
    const blue = data[index + 2]!;
    data[index] = a * red + b * green + c * blue;
    data[index + 1] = d * red + e * green + f * blue;
    data[index + 2] = g * red + h * green + i * blue;
  }
}

/** Replaces every value of red, green and blue by what `level` says of it, both from 0 to 255. */
export function mapLevels({ data }: Raster, level: (value: number) => number): void {
  const levels = Uint8ClampedArray.from({ length: 256 }, (_, value) => level(value));
  for (let index = 0; index < data.length; index += 4) {
    data[index] = levels[data[index]!]!;
    data[index + 1] = levels[data[index + 1]!]!;
    data[index + 2] = levels[data[index + 2]!]!;
  }
}

/**
 * Gives every pixel the hue and saturation of the colour and keeps its brightness (the blend mode
 * "color" of the W3C's Compositing Level 1); the colour's alpha is the strength.
 */
export function tint({ data }: Raster, colour: Colour): void {
  const tinted = Uint8ClampedArray.from(
    { length: 256 * 4 },
    (_, index) => withBrightness(colour, index >> 2)[index & 3] ?? 0,
  );
  const strength = colour[3] / 255;
  for (let index = 0; index < data.length; index += 4) {
    const at = 4 * Math.round(brightness(data[index]!, data[index + 1]!, data[index + 2]!));
    data[index]! += strength * (tinted[at]! - data[index]!);
    data[index + 1]! += strength * (tinted[at + 1]! - data[index + 1]!);
    data[index + 2]! += strength * (tinted[at + 2]! - data[index + 2]!);
  }
}

/** Gives every pixel the colour that lies between the two by its brightness; alpha stays, and that of the colours is no matter. */
export function duotone({ data }: Raster, { dark, light }: { dark: Colour; light: Colour }): void {
  for (let index = 0; index < data.length; index += 4) {
    const share = brightness(data[index]!, data[index + 1]!, data[index + 2]!) / 255;
    for (const channel of [0, 1, 2] as const) {
      data[index + channel] = dark[channel] + share * (light[channel] - dark[channel]);
    }
  }
}

function brightness(red: number, green: number, blue: number): number {
  return LUMA[0] * red + LUMA[1] * green + LUMA[2] * blue;
}

function withBrightness([red, green, blue]: Colour, wanted: number): number[] {
  const shift = wanted - brightness(red, green, blue);
  const shifted = [red + shift, green + shift, blue + shift];
  const lowest = Math.min(...shifted);
  const highest = Math.max(...shifted);
  let scale = 1;
  if (lowest < 0) scale = wanted / (wanted - lowest);
  if (highest > 255) scale = Math.min(scale, (255 - wanted) / (highest - wanted));
  return shifted.map((value) => wanted + (value - wanted) * scale);
}

/** How much of the pictures has each brightness from 0 to 255; what is transparent counts less. */
export function brightnessHistogram(pictures: Iterable<Raster>): Float64Array {
  const counts = new Float64Array(256);
  for (const { data } of pictures) {
    for (let index = 0; index < data.length; index += 4) {
      const level = Math.round(brightness(data[index]!, data[index + 1]!, data[index + 2]!));
      counts[level]! += data[index + 3]!;
    }
  }
  return counts;
}

/** The mapping that spreads the brightness between the darkest and the lightest hundredth over all levels. */
export function spread(histogram: Float64Array): (value: number) => number {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  const levelBelow = (share: number) => {
    let sum = 0;
    return Math.max(0, histogram.findIndex((count) => (sum += count) > share * total));
  };
  const low = levelBelow(0.01);
  const high = levelBelow(0.99);
  return high > low ? (value) => ((value - low) * 255) / (high - low) : (value) => value;
}
