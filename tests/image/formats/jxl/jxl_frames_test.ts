import assert from "node:assert/strict";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { createTransformer } from "../../../../src/image/transform.ts";
import * as engine from "@imagemagick/magick-wasm";
import { layeredJxl } from "../../../testing/layered_jxl.ts";
import { photo, writeByEngine } from "../../../testing/photo.ts";
import { startEngine } from "../../../testing/pictures.ts";
import { failingImage, hasFailingImages } from "../../../testing/shared_images.ts";
import { jobOf, LIMITS } from "../../../testing/transforming.ts";
import { assertWithin } from "../../../testing/quickly.ts";

await startEngine();

Deno.test("readHeader() counts the layers of a JPEG XL as pixels, though it shows one picture", () => {
  for (const layers of [1, 2, 200]) {
    const header = readHeader(layeredJxl(layers))!;
    assert.deepEqual([header.width, header.height, header.frames], [1000, 1000, 1]);
    assert.equal(header.totalPixels, layers * 1e6, `${layers}`);
  }
});

Deno.test("readHeader() counts layers behind a profile, too, however long that is", async () => {
  for (const profile of [0, 1, 2, 129, 560, 2 << 20]) {
    const file = layeredJxl(200, { profile });
    await assertWithin(1500, () => {
      assert.equal(readHeader(file)!.totalPixels, 200e6, `${profile}`);
    }, `${profile}`);
  }
  // A still is shown all the same, as libjxl would refuse it.
  assert.equal(readHeader(layeredJxl(3, { profile: (2 << 20) + 1 }))!.totalPixels, 1e6);
});

Deno.test("readHeader() takes a still whose layers cannot be counted to have one", () => {
  const file = layeredJxl(3);
  assert.equal(readHeader(file.subarray(0, 12))!.totalPixels, 1e6);
});

Deno.test("readHeader() finds one layer in what the engine writes", () => {
  for (const channels of [1, 2, 3, 4] as const) {
    const jxl = writeByEngine(photo(300, 200, { channels }), "JXL");
    assert.equal(readHeader(jxl)!.totalPixels, 60_000, `${channels} channels`);
  }
});

Deno.test("a JPEG XL of more layers than pixels are allowed is refused before it is decoded", async () => {
  const { transform } = createTransformer(engine);
  await assert.rejects(
    transform({ ...jobOf(layeredJxl(201), "20x"), limits: { ...LIMITS, maxTotalPixels: 2e8 } }),
    {
      code: "too_large",
      message:
        "The image has 201000000 pixels in all that it is made of, where 200000000 is the limit",
    },
  );
});

Deno.test({
  name: "readHeader() counts 200 layers of no duration (../shared/failing)",
  ignore: !hasFailingImages,
  fn() {
    const header = readHeader(failingImage("jxl-200-layers-of-no-duration.jxl"))!;
    assert.equal(header.totalPixels, 200e6);
  },
});
