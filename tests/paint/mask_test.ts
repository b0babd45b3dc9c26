import assert from "node:assert/strict";
import { mask, MASK_SHAPES } from "../../src/paint/mask.ts";
import { channelOf, pixelAt, plain } from "../testing/raster.ts";

const CLEAR = [0, 0, 0, 0] as const;

function alphaOf(shape: typeof MASK_SHAPES[number], size: { width: number; height: number }) {
  const picture = plain([9, 90, 200, 255], size);
  mask(picture, shape, [...CLEAR]);
  return channelOf(picture, 3);
}

Deno.test("mask() leaves the area of its shape, as large as the picture holds it", () => {
  const triangle = (Math.sqrt(3) / 4) * (80 / (Math.sqrt(3) / 2)) ** 2;
  for (
    const [shape, width, height, expected] of [
      ["ellipse", 120, 80, Math.PI * 60 * 40],
      ["square", 120, 80, 80 * 80 / 2],
      ["triangle", 120, 80, triangle],
      ["triangle-180", 120, 80, triangle],
      // Its corners above and below are the picture's height apart.
      ["hexagon", 120, 80, (3 * Math.sqrt(3) / 2) * 40 * 40],
      ["hexagon", 60, 200, (3 * Math.sqrt(3) / 2) * (60 / Math.sqrt(3)) ** 2],
    ] as const
  ) {
    const area = alphaOf(shape, { width, height }).flat().reduce((sum, alpha) => sum + alpha, 0) /
      255;
    assert.ok(Math.abs(area - expected) < 0.01 * expected, `${shape}: ${area}, ${expected}`);
  }
});

Deno.test("mask() touches the edges of the picture, and is alike left and right", () => {
  for (const shape of MASK_SHAPES) {
    const rows = alphaOf(shape, { width: 90, height: 90 });
    const seen = (row: number[]) => row.some((alpha) => alpha > 0);
    const columns = rows[0]!.map((_, x) => rows.map((row) => row[x]!));
    const all = [seen(rows[0]!), seen(rows[89]!), seen(columns[0]!), seen(columns[89]!)];
    assert.ok(all[0] && all[1] || all[2] && all[3], `${shape}: ${all}`);
    for (const row of rows) {
      row.forEach((alpha, x) => assert.ok(Math.abs(alpha - row[89 - x]!) <= 1, shape));
    }
  }
});

Deno.test("mask() turns a shape upside down, and a heart has its point below", () => {
  const size = { width: 60, height: 60 };
  for (const shape of ["triangle", "pentagon"] as const) {
    assert.deepEqual(
      alphaOf(`${shape}-180`, size).map((row) => row.map((alpha) => Math.round(alpha / 8))),
      alphaOf(shape, size).toReversed().map((row) => row.map((alpha) => Math.round(alpha / 8))),
    );
  }
  const heart = alphaOf("heart", size);
  const wide = (y: number) => heart[y]!.filter((alpha) => alpha > 0).length;
  assert.ok(wide(15) > 50 && wide(50) < 20);
  // Between its two arcs.
  assert.equal(heart[4]![30], 0);
});

Deno.test("mask() gives what is outside the colour, and leaves what is inside", () => {
  const picture = plain([1, 2, 3, 255], { width: 21, height: 21 });
  mask(picture, "star", [255, 128, 0, 255]);
  assert.deepEqual(pixelAt(picture, 0, 0), [255, 128, 0, 255]);
  assert.deepEqual(pixelAt(picture, 10, 10), [1, 2, 3, 255]);
});

Deno.test("mask() takes pictures of one pixel and of one line", () => {
  for (const shape of MASK_SHAPES) {
    for (
      const size of [{ width: 1, height: 1 }, { width: 50, height: 1 }, { width: 1, height: 50 }]
    ) {
      alphaOf(shape, size);
    }
  }
});
