// Pictures on another canvas: with room around them, or turned by any angle. What the picture leaves
// free is transparent; a background is laid beneath it later.
import type { Raster } from "./raster.ts";

interface Place {
  width: number;
  height: number;
  /** Where the picture's top left corner lies on the canvas, or beside it. */
  x: number;
  y: number;
}

/** The picture on another canvas; what lies outside of it is cut off. */
export function place(picture: Raster, { width, height, x, y }: Place): Raster {
  const data = new Uint8ClampedArray(width * height * 4);
  const left = Math.max(0, -x);
  const right = Math.min(picture.width, width - x);
  const bottom = Math.min(picture.height, height - y);
  for (let row = Math.max(0, -y); row < bottom && left < right; row++) {
    const from = row * picture.width;
    data.set(
      picture.data.subarray((from + left) * 4, (from + right) * 4),
      ((y + row) * width + x + left) * 4,
    );
  }
  return { data, width, height };
}

/**
 * The picture turned counter-clockwise around its middle, on a canvas of the size given. Interpolates
 * linearly between premultiplied neighbours, with nothing outside, so that edges come out smooth.
 */
export function turnBy(
  picture: Raster,
  { degrees, width, height }: { degrees: number; width: number; height: number },
): Raster {
  const { data: from } = picture;
  const data = new Uint8ClampedArray(width * height * 4);
  const cos = Math.cos((degrees * Math.PI) / 180);
  const sin = Math.sin((degrees * Math.PI) / 180);
  const sum = new Float64Array(4);
  const add = (x: number, y: number, weight: number) => {
    if (x < 0 || y < 0 || x >= picture.width || y >= picture.height) return;
    const at = (y * picture.width + x) * 4;
    const share = weight * from[at + 3]!;
    sum[0]! += share * from[at]!;
    sum[1]! += share * from[at + 1]!;
    sum[2]! += share * from[at + 2]!;
    sum[3]! += share;
  };
  for (let row = 0; row < height; row++) {
    const down = row + 0.5 - height / 2;
    for (let column = 0; column < width; column++) {
      const right = column + 0.5 - width / 2;
      const x = right * cos - down * sin + picture.width / 2 - 0.5;
      const y = right * sin + down * cos + picture.height / 2 - 0.5;
      if (x <= -1 || y <= -1 || x >= picture.width || y >= picture.height) continue;
      const left = Math.floor(x);
      const top = Math.floor(y);
      const toRight = x - left;
      const toBottom = y - top;
      sum.fill(0);
      add(left, top, (1 - toRight) * (1 - toBottom));
      add(left + 1, top, toRight * (1 - toBottom));
      add(left, top + 1, (1 - toRight) * toBottom);
      add(left + 1, top + 1, toRight * toBottom);
      const alpha = sum[3]!;
      if (alpha === 0) continue;
      const at = (row * width + column) * 4;
      data[at] = sum[0]! / alpha;
      data[at + 1] = sum[1]! / alpha;
      data[at + 2] = sum[2]! / alpha;
      data[at + 3] = alpha;
    }
  }
  return { data, width, height };
}
