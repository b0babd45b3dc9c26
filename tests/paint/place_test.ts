import assert from "node:assert/strict";
import { turnedSize } from "../../src/image/pixels/geometry.ts";
import { place, turnBy } from "../../src/paint/place.ts";
import type { Colour } from "../../src/paint/raster.ts";
import { channelOf, pixelAt, plain, raster } from "../testing/raster.ts";

const RED: Colour = [255, 0, 0, 255];
const BLUE: Colour = [0, 0, 255, 255];

Deno.test("place() cuts off what lies outside of the canvas", () => {
  const picture = raster([[RED, BLUE], [BLUE, RED]]);
  const rows = [
    [{ width: 1, height: 1, x: -1, y: 0 }, [[BLUE]]],
    [{ width: 1, height: 2, x: 0, y: 0 }, [[RED], [BLUE]]],
    [{ width: 2, height: 1, x: 1, y: -1 }, [[[0, 0, 0, 0], BLUE]]],
    [{ width: 1, height: 1, x: 5, y: -5 }, [[[0, 0, 0, 0]]]],
  ] as const;
  for (const [canvas, pixels] of rows) {
    assert.deepEqual(place(picture, canvas), raster(pixels), JSON.stringify(canvas));
  }
});

Deno.test("place() leaves transparent room around the picture", () => {
  const placed = place(raster([[RED, BLUE]]), { width: 4, height: 3, x: 1, y: 2 });
  assert.deepEqual(channelOf(placed, 3), [[0, 0, 0, 0], [0, 0, 0, 0], [0, 255, 255, 0]]);
  assert.deepEqual(pixelAt(placed, 2, 2), [...BLUE]);
});

Deno.test("turnBy() turns counter-clockwise", () => {
  // Red on the right goes up.
  const picture = raster([
    ...Array.from({ length: 10 }, () => Array.from({ length: 30 }, (_, x) => x < 15 ? BLUE : RED)),
  ]);
  const up = turnBy(picture, { degrees: 90, width: 10, height: 30 });
  assert.deepEqual(pixelAt(up, 5, 2), [...RED]);
  assert.deepEqual(pixelAt(up, 5, 27), [...BLUE]);
  const size = turnedSize(picture, 40);
  const turned = turnBy(picture, { degrees: 40, ...size });
  const at = (share: number) =>
    pixelAt(
      turned,
      Math.round(size.width * (0.5 + share)),
      Math.round(size.height * (0.5 - share)),
    );
  assert.deepEqual(at(0.25), [...RED]);
  assert.deepEqual(at(-0.25), [...BLUE]);
});

Deno.test("turnBy() keeps the area and the colour of the picture up to its edge", () => {
  for (const degrees of [-45, -10, 1, 33, 45]) {
    const picture = plain([200, 100, 50, 255], { width: 50, height: 30 });
    const turned = turnBy(picture, { degrees, ...turnedSize(picture, degrees) });
    const alpha = channelOf(turned, 3).flat();
    const area = alpha.reduce((sum, value) => sum + value, 0) / 255;
    assert.ok(Math.abs(area - 1500) < 0.006 * 1500, `${degrees}: ${area}`);
    for (let index = 0; index < turned.data.length; index += 4) {
      if (turned.data[index + 3] === 0) continue;
      assert.deepEqual([...turned.data.subarray(index, index + 3)], [200, 100, 50]);
    }
  }
});
