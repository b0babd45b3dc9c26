import assert from "node:assert/strict";
import { type Change, shapeOf } from "../../../../src/image/formats/heif/heif_shape.ts";

const turn = (quarters: number): Change => ({ kind: "turn", quarters });
const mirror = (flipX: boolean): Change => ({ kind: "mirror", flipX });
const crop = (width: number, height: number, x = 0, y = 0): Change => ({
  ...{ kind: "crop", width, height, x, y },
});

// changes of a picture of 100×60, what is shown of it, how that lies
const SHAPES: readonly (readonly [string, Change[], number[], number])[] = [
  ["nothing", [], [0, 0, 100, 60], 1],
  ["a quarter turn counter-clockwise", [turn(1)], [0, 0, 100, 60], 8],
  ["a half turn", [turn(2)], [0, 0, 100, 60], 3],
  ["three quarters", [turn(3)], [0, 0, 100, 60], 6],
  ["left and right exchanged", [mirror(true)], [0, 0, 100, 60], 2],
  ["top and bottom exchanged", [mirror(false)], [0, 0, 100, 60], 4],
  ["turned, then mirrored", [turn(1), mirror(true)], [0, 0, 100, 60], 7],
  ["mirrored, then turned", [mirror(true), turn(1)], [0, 0, 100, 60], 5],
  ["four quarters, one by one", [turn(1), turn(1), turn(1), turn(1)], [0, 0, 100, 60], 1],
  ["the middle", [crop(50, 20)], [25, 20, 50, 20], 1],
  ["the top left corner", [crop(50, 20, -25, -20)], [0, 0, 50, 20], 1],
  ["half pixels", [crop(51, 21, 0.5, -0.5)], [25, 19, 51, 21], 1],
  ["cropped, then turned", [crop(50, 20, -25, -20), turn(1)], [0, 0, 50, 20], 8],
  // Of what is upright by then, 60×100, the top left corner is the stored top right.
  ["turned, then cropped", [turn(1), crop(20, 50, -20, -25)], [50, 0, 50, 20], 8],
  ["mirrored, then cropped", [mirror(true), crop(50, 20, -25, -20)], [50, 0, 50, 20], 2],
  ["cropped twice", [crop(50, 20, -25, -20), crop(10, 10, 20, 5)], [40, 10, 10, 10], 1],
  ["a crop that is larger than the picture", [crop(200, 20)], [0, 20, 100, 20], 1],
  ["a crop that lies outside", [crop(20, 20, 500, 0)], [0, 0, 100, 60], 1],
];

for (const [name, changes, region, orientation] of SHAPES) {
  Deno.test(`shapeOf() brings into one: ${name}`, () => {
    const shape = shapeOf({ width: 100, height: 60 }, changes);
    const { x, y, width, height } = shape.region;
    assert.deepEqual([[x, y, width, height], shape.orientation], [region, orientation]);
  });
}
