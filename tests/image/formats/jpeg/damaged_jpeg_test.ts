import assert from "node:assert/strict";
import { joined, partsOf } from "../../../testing/jpeg_parts.ts";
import { photo, psnr, readByEngine, writeByEngine } from "../../../testing/photo.ts";
import { startEngine } from "../../../testing/pictures.ts";
import { jobOf, transform } from "../../../testing/transforming.ts";
import * as engine from "@imagemagick/magick-wasm";
import { createTransformer } from "../../../../src/image/transform.ts";

await startEngine();

const SOURCE = photo(128, 96, { grain: 4 });
const PROGRESSIVE = writeByEngine(SOURCE, "JPEG", { defines: { interlace: "plane" } });
const { head: HEAD, scans: SCANS } = partsOf(PROGRESSIVE);
/** Of which everybody shows the first five scans: the sixth is of a component that is not there. */
const BROKEN_LATER = joined({
  head: HEAD,
  scans: [...SCANS.slice(0, 5), [0xff, 0xda, 0, 8, 1, 9, 0, 1, 5, 2], ...SCANS.slice(5)],
});

Deno.test("an error in a later scan costs what comes after it, and says so", async () => {
  const { bytes, isPartial } = await transform(BROKEN_LATER, "png");
  assert.equal(isPartial, true);
  const quality = psnr(readByEngine(bytes, "PNG"), SOURCE);
  assert.ok(quality > 24, `${quality} dB`);
  const small = await transform(BROKEN_LATER, "32x,png");
  assert.deepEqual([small.width, small.height, small.isPartial], [32, 24, true]);
});

Deno.test("strict refuses a JPEG with an error in a later scan", async () => {
  const { transform } = createTransformer(engine);
  await assert.rejects(transform({ ...jobOf(BROKEN_LATER, "png"), strict: true }), {
    code: "undecodable",
    message: "The image is cut short or damaged, and this server shows none but whole ones",
  });
  assert.equal(
    (await transform({ ...jobOf(PROGRESSIVE, "png"), strict: true })).isPartial,
    false,
  );
});

/** Behind the first segment. */
const METADATA: Record<string, number[]> = {
  "of length 0": [0xff, 0xe5, 0, 0],
  "of length 1": [0xff, 0xe0, 0, 1],
  "that is longer than it says": [0xff, 0xe1, 0, 9, ..."Exif\0\0MM\0*\0\0"].map(byteOf),
  "that says nothing": [0xff, 0xe2, 0, 2],
  "of a profile that is none": [0xff, 0xe2, 0, 20, ..."ICC_PROFILE\0\x01\x01four"].map(byteOf),
  "of a profile in parts that do not follow": [
    ...[0xff, 0xe2, 0, 20, ..."ICC_PROFILE\0\x07\x09four"],
    ...[0xff, 0xe2, 0, 20, ..."ICC_PROFILE\0\x07\x09five"],
  ].map(byteOf),
  "of IPTC that ends too early": [0xff, 0xed, 0, 22, ..."Photoshop 3.0\x008BIM"].map(byteOf),
  "of Adobe that ends too early": [0xff, 0xee, 0, 9, ..."Adobe\0d"].map(byteOf),
  "behind fill bytes": [0xff, 0xff, 0xff, 0xff, 0xfe, 0, 3, 0x41],
  "behind bytes that are none": [1, 2, 3, 0, 0xff, 0, 0xff, 0xfe, 0, 3, 0x41],
};

function byteOf(byte: number | string): number {
  return typeof byte === "number" ? byte : byte.charCodeAt(0);
}

for (const [what, bytes] of Object.entries(METADATA)) {
  Deno.test(`a metadata segment ${what} does not cost the picture`, async () => {
    for (const interlace of [{}, { interlace: "plane" }]) {
      const { head, scans } = partsOf(writeByEngine(SOURCE, "JPEG", { defines: interlace }));
      const [first, ...others] = head;
      const file = joined({ head: [first!, { marker: 0xe0, bytes }, ...others], scans });
      for (const options of ["png", "png,meta:keep", "png,icc:keep"]) {
        const { bytes: png, isPartial } = await transform(file, options);
        assert.ok(psnr(readByEngine(png, "PNG"), SOURCE) > 26, options);
        assert.equal(isPartial, false);
      }
    }
  });
}

Deno.test("a damaged JPEG keeps its profile and its orientation", async () => {
  const exif = [0xff, 0xe1, 0, 34, ..."Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06"]
    .map(byteOf);
  const segment = [...exif, 0, 0, 0, 0, 0, 0];
  const { head, scans } = partsOf(BROKEN_LATER);
  const file = joined({ head: [{ marker: 0xe1, bytes: segment }, ...head], scans });
  const { width, height, isPartial } = await transform(file, "png");
  assert.deepEqual([width, height, isPartial], [96, 128, true]);
});
