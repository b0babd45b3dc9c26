import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { createTransformer } from "../../../src/image/transform.ts";
import { warmUp } from "../../../src/image/engine/warm_up.ts";
import { startEngine } from "../../testing/pictures.ts";

Deno.test("warmUp() takes steps that all succeed, from every format to every loop of the resampler", async () => {
  await startEngine();
  const transformer = createTransformer(engine);
  const made = [];
  for (const step of warmUp(engine, { transformer, extent: "all" })) {
    const { format, width } = await step;
    made.push(`${format} ${width}`);
  }
  const usual = ["jpeg 64", "jpeg 30", "jpeg 179", "jpeg 320"];
  const unusual = ["png 179", "png 51", "webp 102", "webp 320", "jpeg 128"];
  assert.deepEqual(made, [usual, usual, usual, unusual, unusual, unusual].flat());
});

Deno.test("warmUp() leaves all but the usual to another worker", async () => {
  await startEngine();
  const transformer = createTransformer(engine);
  for (const step of warmUp(engine, { transformer, extent: "usual" })) {
    assert.equal((await step).format, "jpeg");
  }
});
