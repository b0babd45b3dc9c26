import assert from "node:assert/strict";
import { type LayerPlace, layOver } from "../../src/paint/layer.ts";
import type { Colour, Raster } from "../../src/paint/raster.ts";
import { GRAVITIES } from "../../src/options/placement.ts";
import { pixelAt, plain, raster } from "../testing/raster.ts";

const CLEAR: Colour = [0, 0, 0, 0];
const RED: Colour = [255, 0, 0, 255];
const BLUE: Colour = [0, 0, 255, 255];
const USUAL = { gravity: GRAVITIES.c, x: 0, y: 0, opacity: 1 } as const;

/** Which pixels are red, as rows of letters. */
function seen({ data, width, height }: Raster): string[] {
  return Array.from(
    { length: height },
    (_, y) =>
      Array.from({ length: width }, (_, x) => data[(y * width + x) * 4] === 255 ? "r" : ".")
        .join(""),
  );
}

function laid(size: { width: number; height: number }, layer: Raster, place: Partial<LayerPlace>) {
  const picture = plain(BLUE, size);
  layOver(picture, layer, { ...USUAL, ...place });
  return seen(picture);
}

Deno.test("layOver() lays the layer where the gravity says, and inward from there", () => {
  const dot = raster([[RED]]);
  const size = { width: 5, height: 3 };
  const rows: [keyof typeof GRAVITIES, number, number, string[]][] = [
    ["nw", 0, 0, ["r....", ".....", "....."]],
    ["n", 0, 0, ["..r..", ".....", "....."]],
    ["ne", 0, 0, ["....r", ".....", "....."]],
    ["w", 0, 0, [".....", "r....", "....."]],
    ["c", 0, 0, [".....", "..r..", "....."]],
    ["e", 0, 0, [".....", "....r", "....."]],
    ["sw", 0, 0, [".....", ".....", "r...."]],
    ["s", 0, 0, [".....", ".....", "..r.."]],
    ["se", 0, 0, [".....", ".....", "....r"]],
    ["nw", 1, 2, [".....", ".....", ".r..."]],
    ["se", 1, 2, ["...r.", ".....", "....."]],
    ["c", 1, -1, ["...r.", ".....", "....."]],
    // Shares of the picture: 0.4 of 5 and 0.34 of 3.
    ["ne", 0.4, 0.34, [".....", "..r..", "....."]],
    ["nw", 5, 0, [".....", ".....", "....."]],
    ["nw", -1, 0, [".....", ".....", "....."]],
  ];
  for (const [gravity, x, y, expected] of rows) {
    assert.deepEqual(
      laid(size, dot, { gravity: GRAVITIES[gravity], x, y }),
      expected,
      `${gravity} ${x} ${y}`,
    );
  }
});

Deno.test("layOver() multiplies pixels by the scale, and shares not", () => {
  const dot = raster([[RED]]);
  const size = { width: 8, height: 1 };
  assert.deepEqual(laid(size, dot, { gravity: GRAVITIES.w, x: 2, scale: 2 }), ["....r..."]);
  assert.deepEqual(laid(size, dot, { gravity: GRAVITIES.w, x: 0.25, scale: 2 }), ["..r....."]);
});

Deno.test("layOver() cuts off what lies beside the picture, on every side", () => {
  const layer = plain(RED, { width: 3, height: 3 });
  const size = { width: 4, height: 4 };
  const rows: [keyof typeof GRAVITIES, number, number, string[]][] = [
    ["nw", -2, -1, ["r...", "r...", "....", "...."]],
    ["se", -2, -1, ["....", "....", "...r", "...r"]],
  ];
  for (const [gravity, x, y, expected] of rows) {
    assert.deepEqual(laid(size, layer, { gravity: GRAVITIES[gravity], x, y }), expected, gravity);
  }
  const wide = raster([[BLUE, BLUE, RED, BLUE, BLUE]]);
  assert.deepEqual(laid({ width: 1, height: 1 }, wide, {}), ["r"], "larger than the picture");
});

Deno.test("layOver() tiles from the middle, so far apart as it is told", () => {
  const tile = raster([[RED, BLUE]]);
  const rows: [number, Partial<LayerPlace>, string][] = [
    [6, {}, "r.r.r."],
    [5, {}, "r.r.r"],
    [1, {}, "r"],
    // Each with one pixel on its right, then with one on either side.
    [9, { x: 1 }, "r..r..r.."],
    [8, { x: 2 }, "...r...r"],
    [8, { x: 1, scale: 2 }, "...r...r"],
    // A quarter of 8.
    [8, { x: 0.25 }, "...r...r"],
    [3, { x: 100 }, ".r."],
  ];
  for (const [width, place, expected] of rows) {
    assert.deepEqual(
      laid({ width, height: 1 }, tile, { gravity: "tile", ...place }),
      [expected],
      `${width} ${JSON.stringify(place)}`,
    );
  }
  const down = raster([[RED], [BLUE]]);
  assert.deepEqual(
    laid({ width: 1, height: 5 }, down, { gravity: "tile" }),
    ["r", ".", "r", ".", "r"],
  );
});

Deno.test("layOver() mixes by the alpha of both and the opacity", () => {
  const rows: [string, Colour, Colour, number, Colour][] = [
    ["opaque", BLUE, RED, 1, RED],
    ["half seen", BLUE, RED, 0.5, [128, 0, 128, 255]],
    ["not seen", BLUE, RED, 0, BLUE],
    ["transparent", BLUE, [255, 0, 0, 0], 1, BLUE],
    ["half transparent", BLUE, [255, 0, 0, 128], 1, [128, 0, 127, 255]],
    ["half of half", BLUE, [255, 0, 0, 128], 0.5, [64, 0, 191, 255]],
    ["on nothing", CLEAR, [255, 0, 0, 128], 1, [255, 0, 0, 128]],
    ["on nothing that has a colour", [0, 255, 0, 0], [255, 0, 0, 128], 1, [255, 0, 0, 128]],
    // Half of red, then half of what is left of blue's half: 128 of 192 are red's.
    ["on half", [0, 0, 255, 128], [255, 0, 0, 128], 1, [170, 0, 85, 192]],
  ];
  for (const [name, bottom, top, opacity, expected] of rows) {
    const picture = raster([[bottom]]);
    layOver(picture, raster([[top]]), { ...USUAL, opacity });
    assert.deepEqual(pixelAt(picture, 0, 0), [...expected], name);
  }
});
