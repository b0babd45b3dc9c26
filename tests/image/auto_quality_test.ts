import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { lumaOf, similarity } from "../../src/image/formats/coding/similarity.ts";
import { readPixels } from "../../src/image/pixels/pixels.ts";
import { NeedsGrant } from "../../src/image/plan/cost.ts";
import { createTransformer } from "../../src/image/transform.ts";
import { photo, writeByEngine } from "../testing/photo.ts";
import { animation, look, startEngine } from "../testing/pictures.ts";
import { jobOf, transform } from "../testing/transforming.ts";

await startEngine();
const PHOTO = writeByEngine(photo(240, 180), "PNG");
const CLEAR = writeByEngine(photo(240, 180, { channels: 4 }), "PNG");

function seen(bytes: Uint8Array) {
  const settings = new engine.MagickReadSettings();
  return engine.ImageMagick.read(bytes, settings, (image) => lumaOf(readPixels(image)!));
}

for (const format of ["jpeg", "webp", "avif", "jxl"] as const) {
  Deno.test(`quality:auto writes a ${format} that looks like the picture, and no better than it has to`, async () => {
    const sizes: number[] = [];
    for (const target of [0.9, 0.95, 0.96]) {
      const { bytes } = await transform(PHOTO, `${format},quality:auto:${target}`);
      const alike = similarity(seen(PHOTO), seen(bytes));
      assert.ok(alike >= target, `${target}: ${alike}`);
      sizes.push(bytes.length);
    }
    assert.ok(
      sizes[0]! <= sizes[1]! && sizes[1]! <= sizes[2]! && sizes[0]! < sizes[2]!,
      `${sizes}`,
    );
    const best = await transform(PHOTO, `${format},q100`);
    assert.ok(sizes[2]! < best.bytes.length);
    const usual = await transform(PHOTO, `${format},quality:auto`);
    assert.ok(similarity(seen(PHOTO), seen(usual.bytes)) >= 0.97);
  });
}

Deno.test("quality:auto sees transparency too", async () => {
  for (const format of ["webp", "avif"]) {
    const { bytes } = await transform(CLEAR, `${format},quality:auto`);
    assert.ok(similarity(seen(CLEAR), seen(bytes)) >= 0.97, format);
    assert.ok(look(bytes).hasAlpha);
  }
});

Deno.test("quality:auto says nothing of what is written without loss", async () => {
  for (const options of ["png", "gif", "tiff", "webp,lossless"]) {
    const { bytes } = await transform(PHOTO, `${options},quality:auto`);
    assert.deepEqual(bytes, (await transform(PHOTO, options)).bytes, options);
  }
});

Deno.test("quality:auto and maxbytes hold both: the quality is as low as either wants it", async () => {
  const auto = await transform(PHOTO, "webp,quality:auto");
  const roomy = await transform(PHOTO, `webp,quality:auto,maxbytes:${auto.bytes.length}`);
  assert.deepEqual(roomy.bytes, auto.bytes);
  const limit = Math.floor(auto.bytes.length * 0.7);
  const tight = await transform(PHOTO, `webp,quality:auto,maxbytes:${limit}`);
  assert.ok(tight.bytes.length <= limit && tight.bytes.length > limit / 2);
  await assert.rejects(
    transform(PHOTO, "webp,quality:auto,maxbytes:10"),
    /does not fit into 10 bytes/,
  );
});

Deno.test("quality:auto finds one quality for all frames of an animation", async () => {
  const movie = animation(
    ["r", "g", "b", "y"].map((letter) => ({ rows: [`${letter}kw`, `w${letter}k`], delay: 10 })),
    { format: "GIF", scale: 24 },
  );
  const found = await transform(movie, "webp,quality:auto");
  assert.equal(found.frames, 4);
  const sizes = await Promise.all(
    [...Array(41).keys()].map(async (step) =>
      (await transform(movie, `webp,q${60 + step}`)).bytes.length
    ),
  );
  assert.ok(sizes.includes(found.bytes.length));
});

Deno.test("quality:auto is counted as the several tries that it may take", async () => {
  const transformer = createTransformer(engine);
  const needs = async (options: string) => {
    const job = { ...jobOf(PHOTO, options), grant: { bytes: 0, milliseconds: 0 } };
    const error = await transformer.transform(job).catch((error) => error);
    assert.ok(error instanceof NeedsGrant);
    return error.cost;
  };
  const [once, found] = [await needs("avif"), await needs("avif,quality:auto")];
  assert.ok(found.milliseconds > 4 * once.milliseconds && found.bytes > once.bytes);
});
