// The engine for commands that work on files: the same workers that the server has, without permissions.
import { SETTINGS } from "../config.ts";
import { engineModule } from "../image/engine_module.js";
import { createPool, type TransformPool } from "../image/pool.ts";

export interface Workers extends Disposable {
  pool: TransformPool;
}

export interface WorkerSettings {
  workers: number;
  transformTimeout?: number;
  maxWorkerMemory?: number;
}

/** Starts workers and waits until all are ready. */
export async function startWorkers(settings: WorkerSettings): Promise<Workers> {
  const pool = createPool({
    engine: engineModule,
    workers: settings.workers,
    maxWaiting: Number.MAX_SAFE_INTEGER,
    timeoutMs: settings.transformTimeout ?? SETTINGS.transformTimeout.default,
    maxWorkerMemory: settings.maxWorkerMemory ?? SETTINGS.maxWorkerMemory.default,
  });
  await pool.ready();
  return { pool, [Symbol.dispose]: pool.close };
}
