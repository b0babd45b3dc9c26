import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { DEFAULT_ENCODING } from "../../../src/image/formats/encoding.ts";
import type { Effort } from "../../../src/image/formats/coding/encoding.ts";
import { NeedsGrant } from "../../../src/image/plan/cost.ts";
import { createTransformer } from "../../../src/image/transform.ts";
import { layeredJxl } from "../../testing/layered_jxl.ts";
import { photo, writeByEngine } from "../../testing/photo.ts";
import { startEngine } from "../../testing/pictures.ts";
import { createSampleImages } from "../../testing/sample_images.ts";
import { jobOf, LIMITS } from "../../testing/transforming.ts";

await startEngine();
const { transform } = createTransformer(engine);

/** Four million pixels. */
const PHOTO = writeByEngine(photo(2000, 2000), "JPEG");

function job(bytes: Uint8Array, options: string, { effort = 2 as Effort, timeout = 30_000 } = {}) {
  return {
    ...jobOf(bytes, options),
    encoding: { ...DEFAULT_ENCODING, effort },
    limits: { ...LIMITS, transformTimeout: timeout },
  };
}

/** Seconds that a transform takes by estimate. */
async function secondsOf(bytes: Uint8Array, options: string, effort: Effort = 2): Promise<number> {
  const grant = { bytes: Infinity, milliseconds: 0 };
  const timeout = 1e9;
  const needs = await transform({ ...job(bytes, options, { effort, timeout }), grant })
    .catch((error) => error);
  assert.ok(needs instanceof NeedsGrant, `${options}: ${needs}`);
  return Math.round(needs.cost.milliseconds / 100) / 10;
}

// options, effort, and the seconds that they take a picture of four million pixels by estimate
const SECONDS: readonly (readonly [string, Effort, number])[] = [
  ["200x,jpeg", 2, 0.1],
  ["jpeg", 2, 0.2],
  ["blur:2,jpeg", 2, 0.5],
  ["blur:2,sharpen:2,pixelate:3,jpeg", 2, 0.8],
  ["png", 2, 0.3],
  ["png", 3, 1.5],
  ["webp", 2, 0.6],
  ["webp,lossless", 2, 1.9],
  ["webp,lossless", 1, 0.5],
  ["avif", 1, 0.5],
  ["avif", 2, 1.5],
  ["avif", 3, 6.1],
  ["avif,q95", 2, 2.2],
  ["jxl", 2, 0.9],
  // Eight tries.
  ["avif,maxbytes:9000", 2, 11.3],
  ["webp,lossless,maxbytes:9000", 2, 1.9],
  // Four tries, each of which is read again; then as many as another eight.
  ["avif,quality:auto", 2, 7.1],
  ["jpeg,quality:auto", 2, 0.8],
  ["jpeg,quality:auto,maxbytes:9000", 2, 1.2],
  ["webp,lossless,quality:auto", 2, 1.9],
  ["avif,1000x", 2, 0.5],
];

for (const [options, effort, seconds] of SECONDS) {
  Deno.test(`${options} at effort ${effort} takes a photo some ${seconds} s`, async () => {
    assert.equal(await secondsOf(PHOTO, options, effort), seconds);
  });
}

Deno.test("what is decoded counts: scans, layers, and the frames that are asked for", async () => {
  const progressive = writeByEngine(photo(2000, 2000), "JPEG", { defines: { interlace: "1" } });
  assert.ok(await secondsOf(progressive, "20x") > await secondsOf(PHOTO, "20x"));
  assert.equal(await secondsOf(layeredJxl(100), "20x"), 15.5);
  const samples = await createSampleImages();
  const movie = samples.find(({ name }) => name === "gif animated")!.bytes;
  const grant = { bytes: Infinity, milliseconds: 0 };
  const costOf = async (options: string) =>
    (await transform({ ...job(movie, options), grant }).catch((error) => error)).cost.milliseconds;
  assert.ok(await costOf("gif") > 4 * await costOf("frame:0,gif"));
});

Deno.test("pixels that are made where there were none count", async () => {
  const grant = { bytes: Infinity, milliseconds: 0 };
  const enlarged = { ...job(PHOTO, "5000x,jpeg"), scaleUp: true, grant };
  const { cost } = await transform(enlarged).catch((error) => error);
  // 25 million written, of which 21 million are more than there were.
  assert.equal(Math.round(cost.milliseconds / 100), 13);
});

Deno.test("what cannot end in time is refused before it is begun, with what would help", async () => {
  const refused = {
    code: "too_large",
    message: "The image would take some 6 s to make, where 5 s is the limit. " +
      "Ask for a smaller size or another format",
  };
  await assert.rejects(transform(job(PHOTO, "avif", { effort: 3, timeout: 5000 })), refused);
  // Written over and over it may take longer, or not.
  const made = await transform(job(PHOTO, "1000x,avif,maxbytes:900000", { timeout: 3500 }));
  assert.equal(made.format, "avif");
});
