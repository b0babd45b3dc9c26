import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { createTransformer } from "../../src/image/transform.ts";
import { warmUp } from "../../src/image/warm_up.ts";
import { startEngine } from "../testing/pictures.ts";

Deno.test("warmUp() takes steps that all succeed, from every format to every loop of the resampler", async () => {
  await startEngine();
  const transformer = createTransformer(engine);
  const made = [];
  for (const step of warmUp(engine, transformer)) {
    const { format, width } = await step;
    made.push(`${format} ${width}`);
    if (made.length === 8) break;
  }
  assert.deepEqual(made, [
    "jpeg 30",
    "jpeg 179",
    "png 179",
    "webp 102",
    "png 51",
    "webp 320",
    "jpeg 320",
    "jpeg 128",
  ]);
});
