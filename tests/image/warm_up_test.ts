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
    "jpeg 61",
    "jpeg 358",
    "png 358",
    "webp 204",
    "png 102",
    "webp 640",
    "jpeg 640",
    "jpeg 256",
  ]);
});
