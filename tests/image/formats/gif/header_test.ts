import assert from "node:assert/strict";
import { encodeLzw } from "../../../../src/image/formats/gif/lzw.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { transform } from "../../../testing/transforming.ts";

type Rect = readonly [left: number, top: number, width: number, height: number];

/** A GIF of frames of one colour, without transparency, whose screen is told. */
function gifOf(
  screen: readonly [number, number],
  frames: readonly Rect[],
  extensions: readonly number[] = [],
): Uint8Array<ArrayBuffer> {
  const u16s = (values: readonly number[]) => values.flatMap((value) => [value & 255, value >> 8]);
  const bytes = [...ascii("GIF89a"), ...u16s(screen), 0xf0, 0, 0, 255, 0, 0, 0, 0, 255];
  bytes.push(...extensions);
  for (const rect of frames) {
    const data = encodeLzw(new Uint8Array(rect[2] * rect[3]), 2);
    bytes.push(0x21, 0xf9, 4, 4, 10, 0, 0, 0, 0x2c, ...u16s(rect), 0, 2, data.length, ...data, 0);
  }
  return Uint8Array.of(...bytes, 0x3b);
}

function ascii(text: string): number[] {
  return [...text].map((letter) => letter.charCodeAt(0));
}

function looping(name: string, repeats: number): number[] {
  return [0x21, 0xff, 11, ...ascii(name), 3, 1, repeats & 255, repeats >> 8, 0];
}

// screen, frames, the canvas that Chromium 156 shows, whether any of it is left uncovered at first
const CANVASES: readonly (readonly [[number, number], Rect[], string, boolean])[] = [
  [[20, 20], [[0, 0, 20, 20], [10, 10, 20, 20]], "20x20", false],
  [[20, 20], [[0, 0, 20, 20], [30, 30, 5, 5], [1, 1, 2, 2]], "20x20", false],
  [[20, 20], [[10, 10, 20, 20], [0, 0, 5, 5]], "30x30", true],
  [[20, 20], [[0, 0, 30, 25], [0, 0, 5, 5]], "30x25", false],
  [[20, 20], [[25, 0, 10, 10], [0, 0, 5, 5]], "35x20", true],
  [[0, 0], [[0, 0, 20, 20], [10, 10, 20, 20]], "20x20", false],
  [[0, 30], [[0, 0, 20, 20], [10, 10, 20, 20]], "20x30", true],
  [[50, 50], [[5, 5, 20, 20]], "50x50", true],
  [[20, 20], [[10, 10, 20, 20]], "30x30", true],
];

for (const [screen, frames, canvas, hasAlpha] of CANVASES) {
  Deno.test(`a GIF of ${screen} with frames at ${frames.join(" and ")} is ${canvas}`, async () => {
    const gif = gifOf(screen, frames);
    const header = readHeader(gif)!;
    assert.equal(`${header.width}x${header.height}`, canvas);
    assert.equal(header.hasAlpha, hasAlpha);
    const result = await transform(gif, "");
    assert.equal(`${result.width}x${result.height}`, canvas);
    assert.equal(result.frames, frames.length);
  });
}

Deno.test("a GIF frame beyond the canvas counts with its own pixels, as it is decoded whole", () => {
  const { width, totalPixels } = readHeader(gifOf([20, 20], [[0, 0, 20, 20], [0, 0, 80, 90]]))!;
  assert.deepEqual([width, totalPixels], [20, 2 * 80 * 90]);
});

// extensions, how often it is shown
const LOOPS: readonly (readonly [number[], number])[] = [
  [[], 1],
  [looping("NETSCAPE2.0", 2), 3],
  [looping("ANIMEXTS1.0", 2), 3],
  [looping("ANIMEXTS1.0", 0), 0],
  [[...looping("ANIMEXTS1.0", 2), ...looping("NETSCAPE2.0", 5)], 6],
  [looping("XNIMEXTS1.0", 2), 1],
];

Deno.test("a GIF is shown as often as Chromium 156 shows it, whoever named the loop", () => {
  for (const [extensions, loopCount] of LOOPS) {
    const header = readHeader(gifOf([4, 4], [[0, 0, 4, 4], [1, 1, 2, 2]], extensions))!;
    assert.equal(header.loopCount, loopCount, `${extensions}`);
  }
});
