// Damaged files of every format through the real workers: each gives a picture or a refusal.
import assert from "node:assert/strict";
import { ProxyError } from "../../../src/errors.ts";
import { createPool } from "../../../src/image/engine/pool.ts";
import { createFormatFiles } from "../../testing/format_rows.ts";
import { jobOf } from "../../testing/transforming.ts";

const MUTANTS = 1000;
const OPTIONS = ["16x", "20x10,png", "trim,webp", "gif", "r90,jpeg", "frame:1,png"];

/** Mulberry32: the same numbers every time. */
function randomOf(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 2 ** 32 * below);
  };
}

function mutate(bytes: Uint8Array, other: Uint8Array, random: (below: number) => number) {
  const kind = random(4);
  if (kind === 0) return bytes.slice(0, random(bytes.length));
  const mutant = bytes.slice();
  if (kind === 1) {
    for (let count = 1 + random(12); count > 0; count--) {
      mutant[random(mutant.length)]! ^= 1 << random(8);
    }
  } else if (kind === 2) {
    mutant.set(other.subarray(0, Math.min(4 + random(28), mutant.length)));
  } else {
    const from = random(mutant.length), to = Math.min(mutant.length, from + 1 + random(40));
    for (let at = from; at < to; at++) mutant[at] = random(256);
  }
  return mutant;
}

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
      const bytes = mutate(sample.bytes, other.bytes, random);
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
