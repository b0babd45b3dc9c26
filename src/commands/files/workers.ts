// The engine for commands that work on files: the same workers that the server has, without permissions.
import { SETTINGS } from "../../settings/table.ts";
import type { FontPlace } from "../../image/fonts/font_set.ts";
import type { ImageLimits } from "../../image/plan/job.ts";
import { createPool, type TransformPool } from "../../image/engine/pool.ts";

export interface Workers extends AsyncDisposable {
  pool: TransformPool;
}

export interface WorkerSettings {
  workers: number;
  /** What the engine refuses of itself; the server's defaults unless told. */
  limits?: ImageLimits;
  transformTimeout?: number;
  maxWorkerMemory?: number;
  /** The operator's fonts; none unless told. */
  fonts?: readonly FontPlace[];
}

const DEFAULT_LIMITS: ImageLimits = {
  maxPixels: SETTINGS.maxPixels.default,
  maxFrames: SETTINGS.maxFrames.default,
  maxTotalPixels: SETTINGS.maxTotalPixels.default,
  maxScans: SETTINGS.maxScans.default,
  maxOutputPixels: SETTINGS.maxOutputPixels.default,
};

/** Starts the engine and waits until it is ready. */
export async function startWorkers(settings: WorkerSettings): Promise<Workers> {
  const pool = createPool({
    limits: settings.limits ?? DEFAULT_LIMITS,
    workers: settings.workers,
    ...(settings.fonts && { fonts: settings.fonts }),
    maxWaiting: Number.MAX_SAFE_INTEGER,
    timeoutMs: settings.transformTimeout ?? SETTINGS.transformTimeout.default,
    maxWorkerMemory: settings.maxWorkerMemory ?? SETTINGS.maxWorkerMemory.default,
  });
  await pool.ready();
  return { pool, [Symbol.asyncDispose]: pool.close };
}
