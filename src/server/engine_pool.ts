// The one engine of the program, as its settings want it, and the parts that several servers have of it.
import { type ErrorCode, ProxyError } from "../errors.ts";
import type { Asker } from "../image/engine/task_queue.ts";
import { createPool, type Pool, type TransformPool } from "../image/engine/pool.ts";
import { limitsOf, type TransformedImage, type TransformJob } from "../image/plan/job.ts";
import type { Rules } from "../serving/image_server.ts";
import type { Config } from "../settings/table.ts";
import type { Calls } from "./calls.ts";

/** Starts the engine. What is wrong with it, the first transform tells. */
export function openPool(
  { config, fonts }: Pick<Rules, "config" | "fonts">,
  { warn }: { warn(message: string, cause?: unknown): void },
): Pool {
  return createPool({
    limits: limitsOf(config),
    fonts: fonts.files,
    memory: config.maxTransformMemory,
    maxWaitingBytes: config.maxBytesInFlight,
    workers: config.workers,
    maxWaiting: config.maxWaiting,
    timeoutMs: config.transformTimeout,
    maxWorkerMemory: config.maxWorkerMemory,
    minWorkers: config.minWorkers,
    ...(config.workerIdleTime > 0 && { idleMs: config.workerIdleTime }),
    workerMemoryCeiling: config.workerMemoryCeiling,
    maxProcessMemory: config.engineMemoryCeiling || memoryCeilingOf(config),
    onLoss: warn,
  });
}

/** What a process has besides pictures: the program, the engine's code, and what both keep. */
const ENGINE_BYTES = 500e6;

/** More than what settings let the engine take, by estimate. */
function memoryCeilingOf({ maxTransformMemory, maxWorkerMemory, workers }: Config): number {
  return ENGINE_BYTES + maxTransformMemory + workers * maxWorkerMemory;
}

/** A pool as one of several servers has it: closing it gives up what that one asked for, and nothing else. */
export function partOf(pool: TransformPool): TransformPool {
  const pending = new Set<(reason: ProxyError) => void>();
  let closed: ProxyError | undefined;
  return {
    ...pool,
    async transform(job, options) {
      if (closed) throw closed;
      const given = Promise.withResolvers<never>();
      pending.add(given.reject);
      try {
        return await Promise.race([pool.transform(job, options), given.promise]);
      } finally {
        pending.delete(given.reject);
      }
    },
    close() {
      closed = new ProxyError("busy", "The server is stopping", { retryAfter: 1 });
      for (const giveUp of pending) giveUp(closed);
      return Promise.resolve();
    },
  };
}

/** What becomes of a transform, as it can be posted between threads. */
export type Outcome = { image: TransformedImage } | {
  code: ErrorCode;
  message: string;
  cause: string | undefined;
  retryAfter: number | undefined;
};

/** What a thread asks the one that has the engine. */
export type LenderMethods = {
  transform(
    asked: { id: number; job: TransformJob; asker: Asker | undefined },
  ): Promise<Outcome>;
  /** Nobody waits for it any more. */
  abandon(id: number): void;
  /** Resolves when the engine is ready, to what it calls itself. */
  engine(): Promise<string | undefined>;
};

/** What a thread is told by the one that has the engine. */
export type BorrowerMethods = {
  /** A worker has taken the transform up. */
  begun(id: number): void;
};

/** Answers one borrower. */
export function lend(pool: TransformPool, tell: (begun: number) => void): LenderMethods {
  const waiting = new Map<number, AbortController>();
  return {
    async transform({ id, job, asker }) {
      const controller = new AbortController();
      waiting.set(id, controller);
      const onStart = () => {
        waiting.delete(id);
        tell(id);
      };
      try {
        const { signal } = controller;
        return { image: await pool.transform(job, { signal, onStart, ...(asker && { asker }) }) };
      } catch (error) {
        const { code, message, cause, retryAfter } = error instanceof ProxyError
          ? error
          : new ProxyError("internal", "The image cannot be transformed", { cause: error });
        return { code, message, cause: cause === undefined ? cause : String(cause), retryAfter };
      } finally {
        waiting.delete(id);
      }
    },
    abandon: (id) => waiting.get(id)?.abort(),
    async engine() {
      await pool.ready();
      return pool.engineVersion();
    },
  };
}

/** The pool of another thread. Its figures are that thread's to show. */
export function borrow(lender: Calls<LenderMethods>): {
  pool: TransformPool;
  methods: BorrowerMethods;
} {
  const starts = new Map<number, () => void>();
  let lastId = 0;
  let version: string | undefined;
  let isReady = false;
  const ready = lender.call("engine", undefined).then((found) => {
    version = found;
    isReady = true;
  });
  ready.catch(() => {});

  const pool: TransformPool = {
    async transform(job, { signal, onStart, asker } = {}) {
      signal?.throwIfAborted();
      const id = ++lastId;
      const abandon = () => lender.tell("abandon", id);
      signal?.addEventListener("abort", abandon, { once: true });
      if (onStart) starts.set(id, onStart);
      try {
        const outcome = await lender.call("transform", { id, job, asker });
        if ("image" in outcome) return outcome.image;
        const { code, message, cause, retryAfter } = outcome;
        throw new ProxyError(code, message, { cause, ...(retryAfter && { retryAfter }) });
      } finally {
        signal?.removeEventListener("abort", abandon);
        starts.delete(id);
      }
    },
    ready: () => ready,
    isReady: () => isReady,
    engineVersion: () => version,
    close: () => Promise.resolve(),
  };
  const begun = (id: number) => {
    try {
      starts.get(id)?.();
    } catch {
      // Everyone has left in the same moment: the picture is made for nobody.
    }
  };
  return { pool: partOf(pool), methods: { begun } };
}
