import assert from "node:assert/strict";
import { parseOptions } from "../../src/options/parse.ts";
import { OPTIONS, type Options } from "../../src/options/table.ts";
import type { Colour } from "../../src/paint/raster.ts";
import { brightnessHistogram, spread } from "../../src/paint/tone.ts";
import { pixelAt, plain, raster } from "../testing/raster.ts";

// option, a colour, what it becomes
const ROWS: readonly (readonly [string, Colour, Colour])[] = [
  ["invert", [0, 100, 255, 255], [255, 155, 0, 255]],
  ["invert", [0, 100, 255, 7], [255, 155, 0, 7]],
  ["gray", [255, 0, 0, 255], [54, 54, 54, 255]],
  ["gray", [0, 255, 0, 255], [182, 182, 182, 255]],
  ["gray", [0, 0, 255, 128], [18, 18, 18, 128]],
  ["gray", [255, 255, 255, 255], [255, 255, 255, 255]],
  ["sepia", [0, 0, 0, 255], [0, 0, 0, 255]],
  ["sepia", [100, 100, 100, 255], [135, 120, 94, 255]],
  ["sepia", [255, 255, 255, 255], [255, 255, 239, 255]],
  ["brightness:0", [1, 2, 3, 255], [1, 2, 3, 255]],
  ["brightness:100", [0, 2, 3, 255], [255, 255, 255, 255]],
  ["brightness:-100", [255, 2, 3, 9], [0, 0, 0, 9]],
  ["brightness:20", [0, 100, 250, 255], [51, 151, 255, 255]],
  ["contrast:0", [1, 2, 3, 255], [1, 2, 3, 255]],
  ["contrast:-100", [0, 128, 255, 255], [128, 128, 128, 255]],
  ["contrast:100", [0, 100, 200, 255], [0, 72, 255, 255]],
  ["contrast:-50", [0, 100, 255, 255], [64, 114, 191, 255]],
  ["gamma:1", [1, 2, 3, 255], [1, 2, 3, 255]],
  ["gamma:2", [0, 64, 255, 255], [0, 128, 255, 255]],
  ["gamma:0.5", [0, 128, 255, 255], [0, 64, 255, 255]],
  ["saturation:0", [10, 20, 200, 255], [10, 20, 200, 255]],
  ["saturation:-100", [255, 0, 0, 255], [54, 54, 54, 255]],
  ["saturation:100", [90, 90, 90, 255], [90, 90, 90, 255]],
  ["saturation:100", [150, 100, 100, 255], [189, 89, 89, 255]],
  ["hue:0", [10, 20, 200, 255], [10, 20, 200, 255]],
  ["hue:360", [10, 20, 200, 255], [10, 20, 200, 255]],
  ["hue:123", [77, 77, 77, 255], [77, 77, 77, 255]],
  ["hue:180", [0, 0, 255, 255], [37, 37, 0, 255]],
  ["tint:ff0000", [0, 0, 0, 255], [0, 0, 0, 255]],
  ["tint:ff0000", [255, 255, 255, 255], [255, 255, 255, 255]],
  ["tint:ff0000", [54, 54, 54, 40], [254, 0, 0, 40]],
  ["tint:808080", [255, 0, 0, 255], [54, 54, 54, 255]],
  ["duotone:001a66:ffd24d", [0, 0, 0, 255], [0, 26, 102, 255]],
  ["duotone:001a66:ffd24d", [255, 255, 255, 40], [255, 210, 77, 40]],
  ["duotone:000000:ff0080", [128, 128, 128, 255], [128, 0, 64, 255]],
  ["tint:ff000000", [9, 8, 7, 255], [9, 8, 7, 255]],
];

Deno.test("tone effects make of a colour what they say, and leave alpha alone", () => {
  for (const [text, colour, expected] of ROWS) {
    const picture = plain(colour, { width: 2, height: 1 });
    paint(picture, text);
    assert.deepEqual(pixelAt(picture, 1, 0), expected, `${text} of ${colour}`);
  }
});

Deno.test("normalize spreads what all frames hold over the whole range", () => {
  const levels = (values: number[]) =>
    raster([values.map((value) => [value, value, value, 255] as const)]);
  const histogram = brightnessHistogram([levels([50, 100]), levels([150])]);
  const spreading = spread(histogram);
  assert.deepEqual([50, 100, 150, 40, 160].map(spreading), [0, 127.5, 255, -25.5, 280.5]);
  // What cannot be seen does not count, and one colour has nothing to spread.
  const hidden = raster([[[50, 50, 50, 255], [255, 255, 255, 0]]]);
  assert.equal(spread(brightnessHistogram([hidden]))(50), 50);
});

function paint(picture: Parameters<typeof pixelAt>[0], text: string): void {
  const options = parseOptions(text);
  for (const [name, option] of Object.entries(OPTIONS)) {
    const value = options[name as keyof Options];
    if (value === undefined || !("paint" in option)) continue;
    option.paint?.(picture, value as never, {
      scale: 1,
      outside: [0, 0, 0, 0],
      histogram: () => brightnessHistogram([picture]),
    });
  }
}
