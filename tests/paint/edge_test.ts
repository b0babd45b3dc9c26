import assert from "node:assert/strict";
import { border, round } from "../../src/paint/edge.ts";
import { channelOf, pixelAt, plain } from "../testing/raster.ts";

Deno.test("round() makes the corners transparent and nothing else", () => {
  const picture = plain([9, 90, 200, 255], { width: 20, height: 12 });
  round(picture, 4, [0, 0, 0, 0]);
  const alpha = channelOf(picture, 3);
  assert.equal(alpha[0]![0], 0);
  assert.deepEqual(alpha[0]!.slice(4, 16), Array(12).fill(255));
  assert.deepEqual(alpha[5], Array(20).fill(255));
  // The same in all corners, and along both of their sides.
  for (let y = 0; y < 12; y++) {
    for (let x = 0; x < 20; x++) {
      assert.equal(alpha[y]![x], alpha[11 - y]![19 - x]);
      assert.equal(alpha[y]![x], alpha[y]![19 - x]);
      if (x < 4 && y < 4) assert.equal(alpha[y]![x], alpha[x]![y]);
    }
  }
  assert.deepEqual(pixelAt(picture, 3, 0).slice(0, 3), [9, 90, 200]);
});

Deno.test("round() covers the area of the shape that it leaves", () => {
  for (
    const [rounding, width, height, expected] of [
      [10, 60, 40, 60 * 40 - (4 - Math.PI) * 100],
      [999, 60, 40, 20 * 40 + Math.PI * 400],
      ["circle", 60, 40, Math.PI * 400],
      ["circle", 41, 41, Math.PI * 20.5 ** 2],
      [0, 7, 5, 35],
    ] as const
  ) {
    const picture = plain([0, 0, 0, 255], { width, height });
    round(picture, rounding, [0, 0, 0, 0]);
    const area = channelOf(picture, 3).flat().reduce((sum, alpha) => sum + alpha, 0) / 255;
    assert.ok(Math.abs(area - expected) < 0.01 * expected, `${rounding}: ${area}, ${expected}`);
  }
});

Deno.test("round() gives the corners the colour outside", () => {
  const picture = plain([0, 0, 0, 255], { width: 10, height: 10 });
  round(picture, 5, [255, 128, 0, 255]);
  assert.deepEqual(pixelAt(picture, 0, 0), [255, 128, 0, 255]);
  assert.deepEqual(pixelAt(picture, 5, 5), [0, 0, 0, 255]);
  assert.deepEqual(new Set(channelOf(picture, 3).flat()), new Set([255]));
});

Deno.test("border() draws exactly its width along the edge", () => {
  const picture = plain([0, 0, 255, 255], { width: 7, height: 6 });
  border(picture, { width: 2, colour: [255, 0, 0, 255], rounding: 0 });
  const [o, i] = [255, 0];
  assert.deepEqual(channelOf(picture, 0), [
    [o, o, o, o, o, o, o],
    [o, o, o, o, o, o, o],
    [o, o, i, i, i, o, o],
    [o, o, i, i, i, o, o],
    [o, o, o, o, o, o, o],
    [o, o, o, o, o, o, o],
  ]);
});

Deno.test("border() lets the picture through where its colour does", () => {
  const picture = plain([0, 0, 255, 255], { width: 4, height: 4 });
  border(picture, { width: 1, colour: [255, 0, 0, 128], rounding: 0 });
  assert.deepEqual(pixelAt(picture, 0, 0), [128, 0, 127, 255]);
  const empty = plain([0, 0, 255, 0], { width: 4, height: 4 });
  border(empty, { width: 1, colour: [255, 0, 0, 128], rounding: 0 });
  assert.deepEqual(pixelAt(empty, 0, 0), [255, 0, 0, 128]);
  assert.deepEqual(pixelAt(empty, 1, 1), [0, 0, 255, 0]);
});

Deno.test("border() wider than the picture covers it", () => {
  const picture = plain([0, 0, 255, 255], { width: 5, height: 3 });
  border(picture, { width: 1000, colour: [1, 2, 3, 255], rounding: "circle" });
  assert.deepEqual(picture, plain([1, 2, 3, 255], { width: 5, height: 3 }));
});
