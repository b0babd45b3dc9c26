// Squares of one colour: the average of what they cover, of premultiplied colours.
import type { Raster } from "./raster.ts";

/** Makes squares of `side` pixels from the top left corner, in place; the last ones are cut by the edge. */
export function pixelate({ data, width, height }: Raster, side: number): void {
  for (let top = 0; top < height; top += side) {
    const bottom = Math.min(height, top + side);
    for (let left = 0; left < width; left += side) {
      const right = Math.min(width, left + side);
      let [red, green, blue, alpha] = [0, 0, 0, 0];
      for (let y = top; y < bottom; y++) {
        for (let at = (y * width + left) * 4; at < (y * width + right) * 4; at += 4) {
          const share = data[at + 3]!;
          red += data[at]! * share;
          green += data[at + 1]! * share;
          blue += data[at + 2]! * share;
          alpha += share;
        }
      }
      const scale = alpha > 0 ? 1 / alpha : 0;
      const opacity = alpha / ((bottom - top) * (right - left));
      for (let y = top; y < bottom; y++) {
        for (let at = (y * width + left) * 4; at < (y * width + right) * 4; at += 4) {
          data[at] = red * scale;
          data[at + 1] = green * scale;
          data[at + 2] = blue * scale;
          data[at + 3] = opacity;
        }
      }
    }
  }
}
