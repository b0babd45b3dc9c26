import assert from "node:assert/strict";
import fc from "fast-check";
import { formatColour, parseColour } from "../../src/options/colour.ts";

Deno.test("parseColour() reads names and hex digits", () => {
  for (
    const [text, expected] of [
      ["red", [255, 0, 0, 255]],
      ["RebeccaPurple", [102, 51, 153, 255]],
      ["yellowgreen", [154, 205, 50, 255]],
      ["transparent", [0, 0, 0, 0]],
      ["1af", [17, 170, 255, 255]],
      ["1af8", [17, 170, 255, 136]],
      ["12ABcd", [18, 171, 205, 255]],
      ["12abcd00", [18, 171, 205, 0]],
    ] as const
  ) {
    assert.deepEqual(parseColour(text), expected, text);
  }
});

Deno.test("formatColour() gives back what parseColour() reads", () => {
  const channel = fc.integer({ min: 0, max: 255 });
  fc.assert(fc.property(fc.tuple(channel, channel, channel, channel), (colour) => {
    assert.deepEqual(parseColour(formatColour(colour)), colour);
  }));
});
