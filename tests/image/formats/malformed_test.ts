// Damaged pictures of every format through real workers: each is answered, as a picture or with a refusal,
// and the pool goes on.
import assert from "node:assert/strict";
import { ProxyError } from "../../../src/errors.ts";
import { createPool } from "../../../src/image/engine/pool.ts";
import { createSampleImages } from "../../testing/sample_images.ts";

const LIMITS = { maxPixels: 1e6, maxFrames: 100, maxTotalPixels: 1e6, maxOutputPixels: 1e6 };

/** What can be wrong with a file whose start is right. */
const DAMAGES: Readonly<Record<string, (bytes: Uint8Array) => Uint8Array>> = {
  "whole": (bytes) => bytes,
  "cut to a quarter": (bytes) => bytes.slice(0, bytes.length / 4),
  "cut to a half": (bytes) => bytes.slice(0, bytes.length / 2),
  "without its last bytes": (bytes) => bytes.slice(0, -7),
  "with zeros in its middle": (bytes) => bytes.slice().fill(0, bytes.length / 3, bytes.length / 2),
  "with ones in its middle": (bytes) =>
    bytes.slice().fill(0xff, bytes.length / 3, bytes.length / 2),
  "with its end twisted": (bytes) =>
    bytes.map((byte, at) => at > bytes.length * 0.6 ? byte ^ at : byte),
  "twice over": (bytes) => Uint8Array.from([...bytes, ...bytes]),
  "with garbage behind": (bytes) =>
    Uint8Array.from([...bytes, ...bytes.map((byte) => byte ^ 0x55)]),
};

Deno.test("damaged pictures of every format are answered, and the pool goes on", async () => {
  const samples = await createSampleImages();
  const pool = createPool({
    limits: LIMITS,
    workers: 2,
    maxWaiting: 10,
    timeoutMs: 10_000,
    maxWorkerMemory: 200e6,
  });
  try {
    const outcomes = { made: 0, refused: 0 };
    for (const { name, bytes } of samples) {
      for (const [damage, damaged] of Object.entries(DAMAGES)) {
        const job = { bytes: damaged(bytes), options: {}, scaleUp: false, limits: LIMITS };
        await pool.transform({ ...job, options: { size: { width: 8, height: 0 } } }).then(
          ({ width }) => {
            outcomes.made++;
            assert.ok(width >= 1 && width <= 8, `${name} ${damage}`);
          },
          (error) => {
            outcomes.refused++;
            assert.ok(error instanceof ProxyError, `${name} ${damage}`);
            assert.match(
              error.code,
              /^(?:undecodable|too_large)$/,
              `${name} ${damage}: ${error.message}`,
            );
          },
        );
      }
    }
    assert.ok(outcomes.made > 50 && outcomes.refused > 50, JSON.stringify(outcomes));
    assert.equal(pool.stats().replaced.timeout, 0);
  } finally {
    await pool.close();
  }
});
