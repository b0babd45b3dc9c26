import assert from "node:assert/strict";
import { blur, sharpen } from "../../src/paint/blur.ts";
import type { Colour, Raster } from "../../src/paint/raster.ts";
import { channelOf, pixelAt, plain, raster } from "../testing/raster.ts";

Deno.test("blur() is a Gaussian, however it is computed", () => {
  for (const sigma of [0.7, 1, 2.9, 3, 4.4, 7, 12, 25]) {
    const picture = edges(160, 110);
    const expected = reference(picture, sigma);
    blur(picture, sigma);
    let worst = 0;
    picture.data.forEach((value, index) => {
      worst = Math.max(worst, Math.abs(value - expected[index]!));
    });
    assert.ok(worst <= 5, `sigma ${sigma}: ${worst} levels off`);
  }
});

Deno.test("blur() leaves a plain colour as it is, whatever the size and sigma", () => {
  for (
    const size of [{ width: 1, height: 1 }, { width: 37, height: 2 }, { width: 5, height: 90 }]
  ) {
    for (const sigma of [0.1, 1, 3, 50, 8000]) {
      const picture = plain([10, 100, 200, 255], size);
      blur(picture, sigma);
      assert.deepEqual(picture, plain([10, 100, 200, 255], size), `${size.width}, ${sigma}`);
    }
  }
});

Deno.test("blur() takes no colour from what cannot be seen", () => {
  for (const sigma of [1, 5]) {
    const half = (x: number): Colour => x < 20 ? [200, 0, 0, 255] : [0, 255, 0, 0];
    const picture = raster([
      ...Array.from({ length: 8 }, () => Array.from({ length: 40 }, (_, x) => half(x))),
    ]);
    blur(picture, sigma);
    for (let x = 0; x < 40; x++) {
      const [red, green, blue, alpha] = pixelAt(picture, x, 4);
      if (alpha! < 8) continue;
      assert.ok(Math.abs(red! - 200) <= 20 && green === 0 && blue === 0, `${x}: ${red},${green}`);
    }
    assert.deepEqual(pixelAt(picture, 0, 4), [200, 0, 0, 255]);
    assert.ok(Math.abs(pixelAt(picture, 19, 4)[3]! + pixelAt(picture, 20, 4)[3]! - 255) <= 2);
  }
});

Deno.test("sharpen() steepens an edge, keeps flat parts and alpha", () => {
  const picture = raster([
    ...Array.from(
      { length: 5 },
      () =>
        Array.from(
          { length: 20 },
          (_, x) => (x < 10 ? [80, 80, 80, 90] : [160, 160, 160, 90]) as Colour,
        ),
    ),
  ]);
  sharpen(picture, 1);
  const [row] = channelOf(picture, 0);
  assert.deepEqual(row!.slice(0, 5), [80, 80, 80, 80, 80]);
  assert.deepEqual(row!.slice(-5), [160, 160, 160, 160, 160]);
  assert.ok(row![9]! < 60 && row![10]! > 180, row!.join());
  assert.deepEqual(new Set(channelOf(picture, 3).flat()), new Set([90]));
});

/** Hard edges of colour and of transparency. */
function edges(width: number, height: number): Raster {
  const at = (x: number, y: number): Colour =>
    x < 60 ? [255, 0, 30, 255] : y < 50 ? [0, 128, 255, 255] : [0, 0, 0, 255];
  return raster(
    Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => at(x, y))),
  );
}

/** The definition, in floating point. */
function reference({ data, width, height }: Raster, sigma: number): Float64Array {
  const reach = Math.ceil(4 * sigma);
  const weights = Array.from(
    { length: 2 * reach + 1 },
    (_, index) => Math.exp(-((index - reach) ** 2) / (2 * sigma * sigma)),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const clamp = (value: number, length: number) => Math.max(0, Math.min(length - 1, value));
  const across = new Float64Array(data.length);
  const result = new Float64Array(data.length);
  const pass = (from: ArrayLike<number>, to: Float64Array, [dx, dy]: [number, number]) => {
    for (let index = 0; index < to.length; index++) {
      const x = (index >> 2) % width;
      const y = Math.floor((index >> 2) / width);
      weights.forEach((weight, tap) => {
        const fromX = clamp(x + dx * (tap - reach), width);
        const fromY = clamp(y + dy * (tap - reach), height);
        to[index]! += weight / total * from[(fromY * width + fromX) * 4 + (index & 3)]!;
      });
    }
  };
  pass(data, across, [1, 0]);
  pass(across, result, [0, 1]);
  return result;
}
