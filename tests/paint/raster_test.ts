import assert from "node:assert/strict";
import { isOpaque, over, underlay } from "../../src/paint/raster.ts";
import { pixelAt, raster } from "../testing/raster.ts";

Deno.test("underlay() shows the colour where the picture lets it through", () => {
  const picture = raster([[[255, 0, 0, 255], [255, 0, 0, 51], [9, 9, 9, 0]]]);
  underlay(picture, [0, 0, 255, 255]);
  assert.deepEqual(pixelAt(picture, 0, 0), [255, 0, 0, 255]);
  assert.deepEqual(pixelAt(picture, 1, 0), [51, 0, 204, 255]);
  assert.deepEqual(pixelAt(picture, 2, 0), [0, 0, 255, 255]);
  assert.ok(isOpaque(picture));
});

Deno.test("underlay() of half a colour leaves half of the transparency", () => {
  const picture = raster([[[9, 9, 9, 0]]]);
  underlay(picture, [0, 0, 255, 128]);
  assert.deepEqual(pixelAt(picture, 0, 0), [0, 0, 255, 128]);
  assert.ok(!isOpaque(picture));
});

Deno.test("over() mixes by alpha", () => {
  assert.deepEqual(over([255, 0, 0, 255], [0, 0, 255, 255]), [255, 0, 0, 255]);
  assert.deepEqual(over([255, 0, 0, 0], [0, 0, 255, 255]), [0, 0, 255, 255]);
  assert.deepEqual(over([255, 0, 0, 51], [0, 0, 255, 255]), [51, 0, 204, 255]);
  assert.deepEqual(over([1, 2, 3, 0], [4, 5, 6, 0]), [0, 0, 0, 0]);
});
