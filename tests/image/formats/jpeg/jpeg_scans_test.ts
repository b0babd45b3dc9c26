import assert from "node:assert/strict";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { createTransformer } from "../../../../src/image/transform.ts";
import * as engine from "@imagemagick/magick-wasm";
import { withScans } from "../../../testing/jpeg_scans.ts";
import { photo, writeByEngine } from "../../../testing/photo.ts";
import { startEngine } from "../../../testing/pictures.ts";
import { jobOf, LIMITS } from "../../../testing/transforming.ts";

await startEngine();

const BASELINE = writeByEngine(photo(64, 48), "JPEG");
const PROGRESSIVE = writeByEngine(photo(64, 48), "JPEG", { defines: { interlace: "1" } });

Deno.test("readHeader() counts the scans of a progressive JPEG, and of no other", () => {
  assert.equal(readHeader(BASELINE)!.scans, undefined);
  const { scans } = readHeader(PROGRESSIVE)!;
  assert.ok(scans! >= 6 && scans! <= 12, `${scans}`);
  assert.equal(readHeader(withScans(PROGRESSIVE, 300))!.scans, 300);
  // libjpeg never looks behind the only scan of a baseline picture.
  assert.equal(readHeader(withScans(BASELINE, 300))!.scans, undefined);
});

Deno.test("readHeader() counts the scans of a baseline JPEG whose components come one by one", () => {
  const at = BASELINE.findIndex((byte, i) => byte === 0xff && BASELINE[i + 1] === 0xda);
  const header = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0];
  const scans = Array(3).fill([...header, 1, 0xff, 0, 2, 0xff, 0xd0, 3]).flat();
  const file = Uint8Array.of(...BASELINE.subarray(0, at), ...scans, 0xff, 0xd9);
  assert.equal(readHeader(file)!.scans, 3);
});

Deno.test("readHeader() tells what a JPEG that comes in scans keeps of coefficients", () => {
  const pixels = 64 * 48;
  assert.equal(readHeader(BASELINE)!.coefficients, undefined);
  const expected: [sampling: string, coefficients: number][] = [
    ["4:4:4", 3 * pixels],
    ["4:2:0", 1.5 * pixels],
  ];
  for (const [sampling, coefficients] of expected) {
    const defines = { interlace: "1", "jpeg:sampling-factor": sampling };
    const jpeg = writeByEngine(photo(64, 48), "JPEG", { defines });
    assert.equal(readHeader(jpeg)!.coefficients, coefficients, sampling);
  }
});

Deno.test("a JPEG of more scans than are allowed is refused before it is decoded", async () => {
  const { transform } = createTransformer(engine);
  const job = (scans: number) => ({
    ...jobOf(withScans(PROGRESSIVE, scans), "10x"),
    limits: { ...LIMITS, maxScans: 20 },
  });
  assert.equal((await transform(job(20))).width, 10);
  await assert.rejects(transform(job(21)), {
    code: "too_large",
    message: "The image comes in 21 scans, where 20 is the limit",
  });
});
