import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { NeedsGrant } from "../../../src/image/plan/cost.ts";
import { writeGif } from "../../../src/image/formats/gif/write_gif.ts";
import { createTransformer } from "../../../src/image/transform.ts";
import { SETTINGS } from "../../../src/settings/table.ts";
import { box, u16Big, u32Big } from "../../testing/heif_boxes.ts";
import { photo, writeByEngine } from "../../testing/photo.ts";
import { startEngine } from "../../testing/pictures.ts";
import { ascii } from "../../testing/sample_images.ts";
import { failingImage, hasFailingImages } from "../../testing/shared_images.ts";
import { jobOf, LOADERS } from "../../testing/transforming.ts";

await startEngine();

const granted = (bytes: number) => ({ bytes, milliseconds: Infinity });

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
    await assert.rejects(transform({ ...job, grant: granted((megabytes - 1) * 1e6) }), NeedsGrant);
    assert.equal(
      (await transform({ ...job, grant: granted((megabytes + 1) * 1e6) })).format,
      "gif",
    );
  });
}

/** A HEIF file of one picture of 8064 x 6048 pixels, with the decoder's configuration that says its samples. */
function heif(type: "av01" | "hvc1", config: number[]): Uint8Array {
  const none = [0, 0, 0, 0];
  const meta = box(
    "meta",
    none,
    box("pitm", none, u16Big(1)),
    box("iinf", none, u16Big(1), box("infe", [2, 0, 0, 0], u16Big(1), [0, 0], ascii(type), [0])),
    box(
      "iprp",
      box("ipco", box("ispe", none, u32Big(8064), u32Big(6048)), config),
      box("ipma", none, u32Big(1), u16Big(1), [2, 1, 2]),
    ),
  );
  const brand = type === "av01" ? "avif" : "heic";
  return Uint8Array.from([...box("ftyp", ascii(brand), none, ascii(`${brand}mif1`)), ...meta]);
}

/** Bits 6, 5, 4, 3 and 2 of the third byte: high bit depth, 12 bits, grey, and each direction of subsampling. */
const av1 = (flags: number) => box("av1C", [0x81, 0, flags, 0]);
/** 4:2:0 is 1 and 4:4:4 is 3; the depth is written less 8. */
const hevc = (chroma: number, depth: number) =>
  box("hvcC", [...Array(16).fill(0), chroma, depth - 8, depth - 8, 0, 0, 0, 0]);

// what it is, the file, and the megabytes that such a picture takes by estimate
const HEIF: readonly (readonly [string, Uint8Array, number])[] = [
  ["HEIC of 8 bits", heif("hvc1", hevc(1, 8)), 464],
  ["HEIC of 10 bits", heif("hvc1", hevc(1, 10)), 756],
  ["AVIF of 8 bits", heif("av01", av1(0x0c)), 964],
  ["AVIF of 8 bits with all its colours", heif("av01", av1(0)), 1147],
  ["AVIF of 10 bits with all its colours", heif("av01", av1(0x40)), 1512],
];

for (const [name, bytes, megabytes] of HEIF) {
  Deno.test(`a ${name} and 48 megapixels takes some ${megabytes} MB, and no more is granted`, async () => {
    const { transform } = createTransformer(engine);
    const job = jobOf(bytes, "300x,jpeg");
    const needs = await transform({ ...job, grant: granted(1) }).catch((error) => error);
    assert.ok(needs instanceof NeedsGrant, `${needs}`);
    assert.equal(Math.round(needs.cost.bytes / 1e6), megabytes);
  });
}

Deno.test("a JPEG that comes in scans takes its coefficients too, whatever becomes of it", async () => {
  const { transform } = createTransformer(engine);
  const costOf = async (defines: Record<string, string>) => {
    const bytes = writeByEngine(photo(800, 600), "JPEG", { defines });
    const needs = await transform({ ...jobOf(bytes, "10x"), grant: granted(1) }).catch((error) =>
      error
    );
    assert.ok(needs instanceof NeedsGrant, `${needs}`);
    return needs.cost.bytes - bytes.length;
  };
  const [once, often] = [await costOf({}), await costOf({ interlace: "1" })];
  assert.equal(often - once, 800 * 600 * 3 * 2);
});

Deno.test({
  name:
    "a HEIC of 48 megapixels is made into a thumbnail within the default limits (../shared/failing)",
  ignore: !hasFailingImages,
  async fn() {
    const { transform } = createTransformer(engine);
    const job = jobOf(failingImage("heic-413-48MP.heic"), "300x");
    const limits = { ...job.limits, maxPixels: SETTINGS.maxPixels.default };
    const made = await transform({
      ...job,
      limits,
      grant: granted(SETTINGS.maxTransformMemory.default),
    });
    assert.deepEqual([made.width, made.height], [300, 225]);
  },
});

Deno.test("a drawing takes memory for all that it says, however small it is drawn", async () => {
  const { transform } = createTransformer(engine, LOADERS);
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">${
    '<path d="M0 0h1v1z"/>'.repeat(10_000)
  }</svg>`;
  const job = jobOf(new TextEncoder().encode(drawing), "png");
  await assert.rejects(transform({ ...job, grant: granted(10e6) }), NeedsGrant);
  assert.equal((await transform({ ...job, grant: granted(15e6) })).width, 9);
});
