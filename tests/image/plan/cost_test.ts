import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { NeedsMemory } from "../../../src/image/plan/cost.ts";
import { writeGif } from "../../../src/image/formats/gif/write_gif.ts";
import { createTransformer } from "../../../src/image/transform.ts";
import { startEngine } from "../../testing/pictures.ts";
import { jobOf } from "../../testing/transforming.ts";

await startEngine();

/** Thirty frames of 1000 x 800 pixels: 24 million. */
const MOVIE = writeGif({
  width: 1000,
  height: 800,
  frames: Array.from({ length: 30 }, (_, index) => {
    const pixels = new Uint32Array(1000 * 800).fill(0xff0000ff);
    return pixels.fill(0xff00ff00, index * 1000, index * 1000 + 500);
  }),
  delays: Array(30).fill(40),
  loopCount: 0,
});

// options and the megabytes that they take by estimate
const COSTS: readonly (readonly [string, number])[] = [
  // One canvas, and thirty results that get their size one after another.
  ["100x", 10],
  ["500x", 79],
  // All frames at their full size, and a result.
  ["100x,trim", 222],
  ["sc,100x100", 216],
  // One canvas.
  ["frame:3,100x", 7],
];

for (const [options, megabytes] of COSTS) {
  Deno.test(`a GIF made into ${options} takes some ${megabytes} MB, and no more is granted`, async () => {
    const { transform } = createTransformer(engine);
    const job = jobOf(MOVIE, options);
    await assert.rejects(transform({ ...job, grant: (megabytes - 1) * 1e6 }), NeedsMemory);
    assert.equal((await transform({ ...job, grant: (megabytes + 1) * 1e6 })).format, "gif");
  });
}
