import assert from "node:assert/strict";
import { pixelate } from "../../src/paint/pixelate.ts";
import { channelOf, plain, raster } from "../testing/raster.ts";

Deno.test("pixelate() averages squares from the top left corner", () => {
  const level = (value: number) => [value, value, value, 255] as const;
  const picture = raster([
    [level(0), level(100), level(10)],
    [level(100), level(200), level(30)],
    [level(50), level(70), level(9)],
  ]);
  pixelate(picture, 2);
  assert.deepEqual(channelOf(picture, 1), [[100, 100, 20], [100, 100, 20], [60, 60, 9]]);
});

Deno.test("pixelate() takes no colour from what cannot be seen", () => {
  const picture = raster([[[200, 0, 0, 255], [0, 255, 0, 0]]]);
  pixelate(picture, 2);
  assert.deepEqual([...picture.data], [200, 0, 0, 128, 200, 0, 0, 128]);
});

Deno.test("pixelate() with squares larger than the picture leaves one colour", () => {
  const picture = plain([1, 2, 3, 255], { width: 3, height: 2 });
  pixelate(picture, 8000);
  assert.deepEqual(picture, plain([1, 2, 3, 255], { width: 3, height: 2 }));
});
