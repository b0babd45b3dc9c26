import assert from "node:assert/strict";
import { readAnimation } from "../../../../src/image/formats/png/apng_frames.ts";
import type { Pixels } from "../../../../src/image/formats/png/apng_changes.ts";
import { createPngDecoder } from "../../../../src/image/formats/png/decode_png.ts";
import { createPngFilters } from "../../../../src/image/formats/png/rows/filters.ts";
import { readPngFile } from "../../../../src/image/formats/png/png_file.ts";
import { composeApng } from "../../../../src/image/formats/png/read_apng.ts";
import {
  fractionOf,
  joinApng,
  planApng,
  writeFrames,
} from "../../../../src/image/formats/png/write_apng.ts";
import { createReader } from "../../../../src/image/formats/reading/byte_reader.ts";

const WIDTH = 40, HEIGHT = 30;
const filters = createPngFilters();
const decoder = createPngDecoder();

function written(frames: readonly Pixels[], effort: { level: number; triesBoth: boolean }) {
  const delays = frames.map(() => 70);
  const plan = planApng(
    { width: WIDTH, height: HEIGHT, frames, delays, loopCount: 0, said: [] },
    effort,
  );
  return joinApng(plan, writeFrames(plan.frames, plan.style, filters));
}

/** The file, its animation, and all frames as a viewer sees them. */
function readBack(bytes: Uint8Array) {
  const file = readPngFile(bytes);
  const animation = readAnimation(createReader(bytes, { name: "PNG", maxSteps: 1e5 }), file)!;
  const frames = Array.from(
    composeApng(animation.frames, { file, decoder }),
    ({ pixels }) => new Uint32Array(pixels.data.slice().buffer),
  );
  return { file, animation, frames };
}

/** Frames of which each pixel is what the function says, as 0xAABBGGRR. */
function frames(count: number, pixel: (x: number, y: number, frame: number) => number): Pixels[] {
  return Array.from(
    { length: count },
    (_, frame) =>
      Uint32Array.from(
        { length: WIDTH * HEIGHT },
        (_, at) => pixel(at % WIDTH, Math.floor(at / WIDTH), frame),
      ),
  );
}

const opaque = (colour: number) => (colour | 0xff000000) >>> 0;
const noise = (x: number, y: number) => Math.imul(x * 7919 + y * 104_729 + 1, 0x9e3779b1) >>> 8;
const inBall = (x: number, y: number, frame: number) =>
  frame > 0 && (x + 1 - frame * 7) ** 2 + (y - 12) ** 2 < 20;

// frames, the colour type and bit depth that hold them
const MOVIES: Readonly<Record<string, readonly [Pixels[], number, number]>> = {
  "two colours": [frames(4, (x, _, frame) => opaque(x > frame * 9 ? 0xffffff : 0)), 0, 1],
  "one colour that stays": [frames(3, () => opaque(0x123456)), 3, 1],
  "sixteen greys": [frames(3, (x, y, frame) => opaque(((x + y + frame) % 16) * 0x111111)), 0, 4],
  "a palette with half-transparent colours": [
    frames(
      3,
      (x, y, frame) => x % 5 === frame ? 0 : (0x40 * (y % 4) << 24 | 0x80 << (x % 3) * 8) >>> 0,
    )
      .map((frame) => frame.map((it) => it >>> 24 === 0 ? 0 : it)),
    3,
    4,
  ],
  "all of 256 colours": [frames(3, (x, y, frame) => opaque((x + y * WIDTH + frame) % 256)), 3, 8],
  "many colours": [frames(4, (x, y, frame) => opaque(noise(x, y + frame * HEIGHT))), 2, 8],
  "a ball over many colours": [
    frames(5, (x, y, frame) => opaque(inBall(x, y, frame) ? 0xff : noise(x, y))),
    2,
    8,
  ],
  "a ball over nothing": [
    frames(5, (x, y, frame) => inBall(x, y, frame) ? opaque(noise(x - frame * 7, y)) : 0),
    3,
    8,
  ],
  "soft colours that come and go": [
    frames(5, (x, y, frame) => {
      const alpha = Math.max(0, 255 - ((x - frame * 6) ** 2 + (y - 9) ** 2));
      return alpha === 0 ? 0 : (alpha << 24 | noise(x, y)) >>> 0;
    }),
    6,
    8,
  ],
  "all of it gone": [
    frames(4, (x, y, frame) => frame % 2 === 0 ? opaque(noise(x, y)) : 0),
    6,
    8,
  ],
};

for (const [name, [frames, colourType, bitDepth]] of Object.entries(MOVIES)) {
  for (const effort of [{ level: 3, triesBoth: false }, { level: 6, triesBoth: true }]) {
    Deno.test(`an animated PNG holds exactly what it was written of: ${name}, at level ${effort.level}`, () => {
      const { file, animation, frames: seen } = readBack(written(frames, effort));
      assert.deepEqual([file.colourType, file.bitDepth], [colourType, bitDepth]);
      assert.ok(file.isSound && !animation.isBroken);
      assert.deepEqual(seen.length, frames.length);
      for (const [index, frame] of frames.entries()) {
        assert.deepEqual(seen[index], frame, `frame ${index}`);
      }
    });
  }
}

Deno.test("what is written of a frame is what is new, and what goes away is not told pixel by pixel", () => {
  const frameOf = (name: string, index: number) => {
    const { animation } = readBack(written(MOVIES[name]![0], { level: 6, triesBoth: true }));
    const { width, height, left, blends, clears, restores } = animation.frames[index]!;
    return { width, height, left, blends, clears, restores };
  };
  // A ball of 9 by 9 pixels, under which the next frame finds what was there.
  assert.deepEqual(frameOf("a ball over many colours", 2), {
    ...{ width: 9, height: 9, left: 9 },
    ...{ blends: true, clears: false, restores: true },
  });
  const { clears, restores } = frameOf("a ball over nothing", 1);
  assert.ok(clears || restores);
  assert.deepEqual(frameOf("one colour that stays", 1).width, 1);
});

Deno.test("fractionOf() is exact as long as 16 bits suffice, and near from there on", () => {
  assert.deepEqual([0, 33, 65_535].map(fractionOf), [[0, 1000], [33, 1000], [65_535, 1000]]);
  assert.deepEqual([65_540, 700_000, 65_535_000].map(fractionOf), [
    [6554, 100],
    [7000, 10],
    [65_535, 1],
  ]);
  assert.deepEqual(fractionOf(1e9), [65_535, 1]);
});
