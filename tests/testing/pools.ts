// A pool and what it is asked for, as the tests of the engine have them.
import assert from "node:assert/strict";
import { ProxyError } from "../../src/errors.ts";
import { type EngineOptions, spawnEngine } from "../../src/image/engine/engine_process.ts";
import { createPool, type Pool, type PoolOptions } from "../../src/image/engine/pool.ts";
import type { TransformJob } from "../../src/image/plan/job.ts";
import { parseOptions } from "../../src/options/parse.ts";
import { picture, startEngine } from "./pictures.ts";

export const POOL_DEFAULTS: PoolOptions = {
  limits: { maxPixels: 1e8, maxFrames: 100, maxTotalPixels: 1e8, maxOutputPixels: 1e8 },
  workers: 1,
  maxWaiting: 10,
  timeoutMs: 10_000,
  maxWorkerMemory: 1e9,
};

await startEngine();
export const SMALL: Uint8Array = picture(["rg", "by"], { scale: 4 });
export const LARGE: Uint8Array = picture(["rgby", "cmyk", "wkrg"], { scale: 500 });
export function job(options: string, bytes: Uint8Array = SMALL): TransformJob {
  return {
    bytes,
    options: parseOptions(options) as TransformJob["options"],
    scaleUp: false,
    limits: { maxPixels: 1e8, maxFrames: 10, maxTotalPixels: 1e8, maxOutputPixels: 1e8 },
  };
}

/** Uses a pool and closes it, whatever comes of it. */
export async function withPool(
  options: Partial<PoolOptions>,
  use: (pool: Pool) => Promise<void>,
): Promise<void> {
  const pool = createPool({ ...POOL_DEFAULTS, ...options });
  try {
    await use(pool);
  } finally {
    await pool.close();
  }
}

/** Starts an engine whose workers do as HOSTILE says. */
export function startHostile(options: EngineOptions): ReturnType<typeof spawnEngine> {
  return spawnEngine({ ...options, main: new URL("./hostile_engine.ts", import.meta.url) });
}

/** What a transform fails with. */
export async function failureOf(image: Promise<unknown>): Promise<ProxyError> {
  const failure = await image.then(() => undefined, (error) => error);
  assert.ok(failure instanceof ProxyError, "it did not fail");
  return failure;
}
