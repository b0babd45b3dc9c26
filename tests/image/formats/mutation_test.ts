// Damaged files of every format through the real workers: each gives a picture or a refusal.
import assert from "node:assert/strict";
import { ProxyError } from "../../../src/errors.ts";
import { createPool } from "../../../src/image/engine/pool.ts";
import { createFormatFiles } from "../../testing/format_rows.ts";
import { mutate, randomOf } from "../../testing/mutants.ts";
import { jobOf } from "../../testing/transforming.ts";

const MUTANTS = 1000;
const OPTIONS = ["16x", "20x10,png", "trim,webp", "gif", "r90,jpeg", "frame:1,png"];

Deno.test(`${MUTANTS} damaged files each give a picture or a 4xx, and the workers go on`, async () => {
  const { svg: _passesThrough, ...files } = await createFormatFiles();
  const samples = Object.values(files).flat();
  const random = randomOf(20260101);
  const limits = { maxPixels: 1e6, maxFrames: 50, maxTotalPixels: 2e6, maxOutputPixels: 1e6 };
  const pool = createPool({
    limits,
    workers: 2,
    maxWaiting: MUTANTS,
    timeoutMs: 10_000,
    maxWorkerMemory: 1e9,
  });
  let pictures = 0;
  try {
    await pool.ready();
    const work = Array.from({ length: MUTANTS }, async (_, index) => {
      const sample = samples[index % samples.length]!;
      const other = samples[random(samples.length)]!;
      const bytes = mutate(sample.bytes, { other: other.bytes, random });
      const options = OPTIONS[random(OPTIONS.length)]!;
      try {
        const image = await pool.transform({ ...jobOf(bytes, options), limits });
        assert.ok(image.width > 0 && image.bytes.length > 0);
        pictures++;
      } catch (error) {
        const label = `${index}, ${sample.name} with ${options}: ${error}`;
        assert.ok(error instanceof ProxyError, label);
        assert.ok(error.status >= 400 && error.status < 500, label);
      }
    });
    await Promise.all(work);
    assert.ok(pictures > MUTANTS / 10, `only ${pictures} gave a picture`);
    for (const { name, bytes } of samples) {
      assert.equal((await pool.transform({ ...jobOf(bytes, "10x"), limits })).width, 10, name);
    }
    assert.equal(pool.stats().replaced.timeout, 0);
  } finally {
    await pool.close();
  }
});
