// Where pictures are made: the server hands bytes over and never touches one itself. Transforms wait here until
// a worker of the engine's process takes them up.
import { ProxyError } from "../../errors.ts";
import { SMALL_JOB, type TransformedImage, type TransformJob } from "../plan/job.ts";
import type { ProcessOptions } from "./process_options.ts";
import { createSuccession, type Loss } from "./succession.ts";
import { createSuspects } from "./suspects.ts";
import { type Asker, createTaskQueue, isLong, type Task, tooMany } from "./task_queue.ts";

export interface PoolOptions extends ProcessOptions {
  /** Transforms that may wait for a worker; one more is refused as "busy". */
  maxWaiting: number;
  /** Bytes of the originals that may wait for a worker together; any unless told. */
  maxWaitingBytes?: number;
  /** Bytes that the large pictures in work may take together, by estimate; any unless told. */
  memory?: number;
  /** Told of what an operator should know: why a process was lost, and over which pictures. */
  onLoss?(message: string, cause: string): void;
}

export interface TransformPool {
  /**
   * Makes one picture. Throws a ProxyError: "undecodable", "too_large" or "malformed" for what the
   * image or options are, "busy" when too many wait, "timeout" when it took too long.
   * An aborted signal takes a job that still waits out of the queue. `onStart` is called when a worker
   * is found for it; what it throws takes the job back.
   */
  transform(job: TransformJob, options?: TransformOptions): Promise<TransformedImage>;
  /** Resolves when the workers that are always there are ready. */
  ready(): Promise<void>;
  /** Whether pictures are made, or will be in a moment: a worker has been ready, and none has failed to start since. */
  isReady(): boolean;
  /** Not there where another shows them. */
  stats?: () => PoolStats;
  /** What the engine calls itself; undefined until a worker is ready. */
  engineVersion(): string | undefined;
  /** Ends all processes; what waits or runs is rejected. Resolves when nothing is left of them. */
  close(): Promise<void>;
}

export interface Pool extends TransformPool {
  stats: () => PoolStats;
}

export interface TransformOptions {
  /** For whom it is: those that wait are taken in turn. */
  asker?: Asker;
  signal?: AbortSignal;
  onStart?: () => void;
}

export interface PoolStats {
  /** Processes of the engine: one, and more while one takes another's place or a suspect is tried. */
  processes: number;
  /** Bytes of their resident memory together, as last heard. */
  memory: number;
  /** Seconds that they and those before them have spent on processors, as last heard. */
  processorSeconds: number;
  /** Workers that have started or are about to. */
  workers: number;
  /** Workers that have started. */
  ready: number;
  running: number;
  waiting: number;
  /** Transforms given to a worker since the start. */
  begun: number;
  /** Errands that idle workers were sent on for another's transform. */
  errands: number;
  /** Processes (timeout, died, ceiling, worn, outgrown, idle) and workers (broken, memory) replaced since the start. */
  replaced: Record<Loss, number>;
}

export function createPool(options: PoolOptions): Pool {
  const { maxWaiting, maxWaitingBytes, memory = Infinity } = options;
  // Where there are several workers one is left for what does not take long.
  const maxLong = Math.max(1, options.workers - 1);
  const queue = createTaskQueue({ maxWaiting, maxWaitingBytes, memory, maxLong });
  const suspects = createSuspects({ putBack: queue.putBack, onLoss: options.onLoss });
  let closed = false;
  let begun = 0;

  const processes = createSuccession({
    ...options,
    // One worker is held by whatever it does. JSON knows no infinity.
    smallJob: options.workers > 1
      ? SMALL_JOB
      : { ...SMALL_JOB, milliseconds: Number.MAX_SAFE_INTEGER },
    mayHelp: (cost) => queue.length() === 0 && processes.load().bytes + cost <= memory,
    isQuiet: () => queue.length() === 0,
    on: {
      free: next,
      deferred: queue.postpone,
      died: suspects.mourn,
      interrupted: suspects.interrupted,
      unstartable: queue.rejectAll,
    },
  });

  function nextSuspect(): void {
    const task = suspects.next();
    if (!task) processes.endTrial();
    else if (processes.trial()?.run(task)) suspects.tried();
  }

  function next(): void {
    if (closed) return;
    nextSuspect();
    processes.endThoseDone();
    const current = processes.current();
    while (current && queue.length() > 0) {
      const { idle, starting } = current.counts();
      if (idle === 0) {
        current.hire(Math.max(0, queue.length() - starting));
        break;
      }
      const task = queue.take(processes.load());
      if (!task) break;
      if (!isWanted(task)) continue;
      current.run(task);
      // Whoever comes while it is in work need not wait for a worker to start.
      if (isLong(task.cost) && current.counts().idle + starting === 0) current.hire(1);
    }
    processes.notePeak();
  }

  /** Asks once, before its first worker takes it up, whether somebody still waits for it. */
  function isWanted(task: Task): boolean {
    if (task.hasBegun) return true;
    try {
      task.onStart?.();
    } catch (error) {
      task.reject(error);
      return false;
    }
    task.hasBegun = true;
    begun++;
    return true;
  }

  return {
    transform(job, { signal, onStart, asker = NOBODY } = {}) {
      if (closed) return Promise.reject(stopping());
      const whyUnstartable = processes.whyUnstartable();
      if (whyUnstartable !== undefined && !processes.current()) {
        return Promise.reject(
          new ProxyError("internal", "The image engine did not start", { cause: whyUnstartable }),
        );
      }
      return new Promise((resolve, reject) => {
        const task: Task = {
          job,
          asker,
          onStart,
          arrived: performance.now(),
          queued: 0,
          begun: 0,
          resolve,
          reject,
        };
        signal?.addEventListener("abort", () => {
          task.isGone = true;
          if (!queue.remove(task)) return;
          reject(new ProxyError("timeout", "The request was given up", { cause: signal.reason }));
        }, { once: true });
        if (!queue.add(task, processes.current()?.counts().free ?? options.workers)) {
          return reject(tooMany());
        }
        next();
      });
    },
    ready: () => processes.ready,
    isReady: () =>
      processes.engineVersion() !== undefined && processes.whyUnstartable() === undefined &&
      !closed,
    engineVersion: processes.engineVersion,
    stats() {
      const crews = processes.crews(), before = processes.before();
      const counts = crews.map((crew) => crew.counts());
      const sum = (count: (each: typeof counts[number]) => number) =>
        counts.reduce((total, each) => total + count(each), 0);
      return {
        processes: crews.length,
        processorSeconds: before.processorSeconds +
          sum(({ processorSeconds }) => processorSeconds),
        memory: crews.reduce((total, crew) => total + crew.memory(), 0),
        workers: sum(({ ready, starting }) => ready + starting),
        ready: sum(({ ready }) => ready),
        running: sum(({ running }) => running),
        waiting: queue.length() + suspects.length(),
        begun,
        errands: before.errands + sum(({ errands }) => errands),
        replaced: processes.replaced(),
      };
    },
    async close() {
      closed = true;
      const error = stopping();
      queue.rejectAll(error);
      suspects.rejectAll(error);
      await processes.close(error);
    },
  };
}

const NOBODY: Asker = { client: "", origin: "" };

function stopping(): ProxyError {
  return new ProxyError("busy", "The server is stopping", { retryAfter: 1 });
}
