// What effects work on: plain samples, so that an effect is arithmetic that knows no engine.

/** A picture as RGBA, 8 bits each and not premultiplied, in rows from the top without gaps. */
export interface Raster {
  data: Uint8ClampedArray<ArrayBuffer>;
  width: number;
  height: number;
}

/** Red, green, blue and alpha, 0 to 255 each, not premultiplied. */
export type Colour = readonly [number, number, number, number];

export const WHITE: Colour = [255, 255, 255, 255];
export const TRANSPARENT: Colour = [0, 0, 0, 0];

export function isOpaque({ data }: Raster): boolean {
  for (let index = 3; index < data.length; index += 4) if (data[index] !== 255) return false;
  return true;
}

/** The colour that `top` over `bottom` makes. */
export function over(top: Colour, bottom: Colour): Colour {
  const below = (bottom[3] * (255 - top[3])) / 255;
  const alpha = top[3] + below;
  if (alpha === 0) return TRANSPARENT;
  const mix = (channel: 0 | 1 | 2) => (top[channel] * top[3] + bottom[channel] * below) / alpha;
  return [mix(0), mix(1), mix(2), alpha];
}

/** Lays a colour beneath the picture, in place. */
export function underlay({ data }: Raster, colour: Colour): void {
  const [red, green, blue, alpha] = colour;
  for (let index = 0; index < data.length; index += 4) {
    const top = data[index + 3]!;
    if (top === 255) continue;
    const below = (alpha * (255 - top)) / 255;
    const sum = top + below;
    if (sum === 0) continue;
    data[index] = (data[index]! * top + red * below) / sum;
    data[index + 1] = (data[index + 1]! * top + green * below) / sum;
    data[index + 2] = (data[index + 2]! * top + blue * below) / sum;
    data[index + 3] = sum;
  }
}
