// Where pictures are made: the server hands bytes over and never touches one itself. One process hosts the
// workers; a process that is held up, dies or has grown is ended and another takes its place.
import { ProxyError } from "../../errors.ts";
import {
  type ImageLimits,
  SMALL_JOB,
  type TransformedImage,
  type TransformJob,
} from "../plan/job.ts";
import { createCrew, type Crew, type CrewEnd, type CrewOptions } from "./crew.ts";
import type { EngineOptions, EngineProcess } from "./engine_process.ts";
import {
  type Asker,
  createTaskQueue,
  isLong,
  type Load,
  type Task,
  tooMany,
} from "./task_queue.ts";

export interface PoolOptions {
  /** What the engine of each worker refuses of itself. */
  limits: ImageLimits;
  /** Transforms at once, each in a worker of its own. */
  workers: number;
  /** Workers that are always there; 1 unless told. Others are started when they are needed. */
  minWorkers?: number;
  /** Transforms that may wait for a worker; one more is refused as "busy". */
  maxWaiting: number;
  /** Bytes of the originals that may wait for a worker together; any unless told. */
  maxWaitingBytes?: number;
  /** Milliseconds that one transform may take, from its start. */
  timeoutMs: number;
  /** Bytes that the large pictures in work may take together, by estimate; any unless told. */
  memory?: number;
  /** Bytes of engine memory after which a worker is replaced: WebAssembly memory never shrinks. */
  maxWorkerMemory: number;
  /** Bytes that the engine of one worker can ever take; 1 GB unless told. */
  workerMemoryCeiling?: number;
  /** Bytes of memory at which a process is ended; none unless told. */
  maxProcessMemory?: number;
  /** Milliseconds of idleness after which workers are let go, and memory with them; never unless told. */
  idleMs?: number;
  /** Told of what an operator should know: why a process was lost, and over which pictures. */
  onLoss?(message: string, cause: string): void;
  /** Starts a process, where a test has its own. */
  start?: (options: EngineOptions) => EngineProcess;
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

/** Why a process or a worker was replaced. */
export type Loss = "timeout" | "died" | "ceiling" | "memory" | "broken" | "worn" | "idle";

export interface PoolStats {
  /** Processes of the engine: one, and more while one takes another's place or a suspect is tried. */
  processes: number;
  /** Bytes of their resident memory together, as last heard. */
  memory: number;
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
  /** Processes (timeout, died, ceiling, worn, idle) and workers (broken, memory) replaced since the start. */
  replaced: Record<Loss, number>;
}

/** Milliseconds that others in a process have to finish, once one of them has taken too long. */
const GRACE_MS = 1000;
/** How much more memory than a fresh one a process may keep while it has nothing to do. */
const GROWN = 1.25;
const CEILING = 1e9;

export function createPool(options: PoolOptions): Pool {
  const { maxWaiting, maxWaitingBytes, memory = Infinity, minWorkers = 1 } = options;
  // Where there are several workers one is left for what does not take long.
  const maxLong = Math.max(1, options.workers - 1);
  const queue = createTaskQueue({ maxWaiting, maxWaitingBytes, memory, maxLong });
  /** Tasks over which a process has died, or which others have broken off twice: each is tried alone. */
  const suspects: Task[] = [];
  const replaced = { timeout: 0, died: 0, ceiling: 0, memory: 0, broken: 0, worn: 0, idle: 0 };
  /** All processes that have not ended. */
  const crews = new Set<Crew>();
  /** The one that takes tasks; undefined while none can be started. */
  let current: Crew | undefined;
  /** The most tasks at once, since it was last looked at. */
  let peak = 0;
  /** The one that is to take the current one's place when it is ready. */
  let successor: Crew | undefined;
  /** Those that are ended when they are done. */
  const leaving = new Set<Crew>();
  /** The one in which suspects are tried. */
  let trial: Crew | undefined;
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let closed = false;
  let begun = 0;
  let errandsBefore = 0;
  let failedStarts = 0;
  let whyUnstartable: string | undefined;
  let engineVersion: string | undefined;
  const firstStart = Promise.withResolvers<void>();
  firstStart.promise.catch(() => {});

  function hireCrew(own: Partial<CrewOptions> = {}): Crew {
    let hasStarted = false;
    const crew = createCrew({
      limits: options.limits,
      workers: options.workers,
      minWorkers: Math.min(minWorkers, options.workers),
      timeoutMs: options.timeoutMs,
      memoryCeiling: options.workerMemoryCeiling ?? CEILING,
      maxWorkerMemory: options.maxWorkerMemory,
      maxMemory: options.maxProcessMemory ?? Infinity,
      warmUp: "all",
      // One worker is held by whatever it does. JSON knows no infinity.
      smallJob: options.workers > 1
        ? SMALL_JOB
        : { ...SMALL_JOB, milliseconds: Number.MAX_SAFE_INTEGER },
      mayHelp: (cost) => queue.length() === 0 && load().bytes + cost <= memory,
      ...(options.start && { start: options.start }),
      ...own,
      on: {
        free: next,
        started(version) {
          hasStarted = true;
          engineVersion = version;
          failedStarts = 0;
          whyUnstartable = undefined;
        },
        deferred: (task, cost) => queue.postpone(task, cost),
        replaced(reason, isReplaced) {
          replaced[reason]++;
          if (!isReplaced && crew === current) succeed(crew, { reason: "worn", when: "started" });
        },
        overdue: () => condemn(crew, "timeout"),
        ended({ cause, reason, tasks }) {
          crews.delete(crew);
          errandsBefore += crew.counts().errands;
          if (trial === crew) trial = undefined;
          if (successor === crew) successor = undefined;
          if (closed) return;
          leaving.delete(crew);
          // One that is to end anyway may die of what it still has in work, as a suspect's does.
          if (reason === "dismissed") putBack(tasks);
          else mourn({ cause, reason, tasks });
          if (current === crew) {
            current = undefined;
            if (hasStarted) beginOrWait();
            else beginLater(cause);
          }
          next();
        },
      },
    });
    crews.add(crew);
    crew.started.then(firstStart.resolve, () => {});
    return crew;
  }

  /** Has a process take what comes, the one that is to do so anyway or another. */
  function beginOrWait(): void {
    try {
      current = successor ?? hireCrew();
      successor = undefined;
    } catch (error) {
      beginLater(String(error));
    }
  }

  // What cannot even start is not tried again at once: the reason will hardly have gone away.
  function beginLater(cause: string): void {
    const error = new ProxyError("internal", "The image engine did not start", { cause });
    whyUnstartable = cause;
    firstStart.reject(error);
    queue.rejectAll(error);
    after(Math.min(30_000, 100 * 2 ** failedStarts++), beginOrWait);
  }

  function after(milliseconds: number, act: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, milliseconds);
    timers.add(timer);
  }

  /** Ends a process in which a worker is held up. What else it has in work may be finished, for so long. */
  function condemn(crew: Crew, reason: Loss): void {
    if (closed) return;
    replaced[reason]++;
    leaving.add(crew);
    if (crew === current) beginOrWait();
    endWhenDone(crew);
    after(GRACE_MS, crew.end);
  }

  /** Has a fresh process take a crew's place, without haste: nobody waits for it, and nothing is broken off. */
  function succeed(crew: Crew, { reason, when }: { reason: Loss; when: "started" | "warm" }): void {
    if (successor || closed) return;
    const heir = successor = hireCrew();
    heir[when].then(() => {
      // The other may have been lost, and this one have taken its place before.
      if (successor !== heir) return;
      successor = undefined;
      replaced[reason]++;
      leaving.add(crew);
      current = heir;
      next();
    }, () => {});
  }

  /** Now and then: lets go what the time since then had no use for. */
  function rest(idleMs: number): void {
    const counts = current?.counts();
    const needed = Math.max(peak, minWorkers);
    const hasGrown = peak === 0 && current && current.memory() > GROWN * current.memoryAtFirst();
    peak = counts?.running ?? 0;
    if (counts && queue.length() === 0 && (counts.ready > needed || hasGrown)) {
      succeed(current!, { reason: "idle", when: "warm" });
    }
    after(idleMs, () => rest(idleMs));
  }

  function endWhenDone(crew: Crew): void {
    if (leaving.has(crew) && crew.counts().running === 0) crew.end();
  }

  /** What was broken off is begun again, once beside others. */
  function putBack(tasks: readonly Task[]): void {
    for (const task of tasks) task.interruptions = (task.interruptions ?? 0) + 1;
    queue.putBack(tasks.filter(({ interruptions }) => interruptions === 1));
    suspects.push(...tasks.filter(({ interruptions }) => interruptions !== 1));
  }

  /** A process that died over tasks: each is tried once more, alone. */
  function mourn({ cause, reason, tasks }: CrewEnd & { reason: "died" | "ceiling" }): void {
    replaced[reason]++;
    const about = tasks.map(describe).join("; ") || "nothing";
    options.onLoss?.(`The image engine ended, at work on ${about}`, cause);
    for (const task of tasks) {
      task.deaths = (task.deaths ?? 0) + 1;
      if (task.deaths === 1) suspects.push(task);
      else {
        task.reject(
          new ProxyError(
            "undecodable",
            "The image cannot be transformed: the engine ends over it",
            {
              cause,
            },
          ),
        );
      }
    }
  }

  function nextSuspect(): void {
    if (trial && leaving.has(trial)) return;
    const [task] = suspects;
    if (!task) {
      if (trial) leaving.add(trial);
      return;
    }
    trial ??= hireCrew({ workers: 1, minWorkers: 1, warmUp: "none" });
    if (trial.run(task)) suspects.shift();
  }

  function next(): void {
    if (closed) return;
    nextSuspect();
    for (const crew of crews) endWhenDone(crew);
    while (current && queue.length() > 0) {
      const { idle, starting } = current.counts();
      if (idle === 0) {
        current.hire(Math.max(0, queue.length() - starting));
        break;
      }
      const task = queue.take(load());
      if (!task) break;
      if (!isWanted(task)) continue;
      current.run(task);
      // Whoever comes while it is in work need not wait for a worker to start.
      if (isLong(task.cost) && current.counts().idle + starting === 0) current.hire(1);
    }
    if (current) peak = Math.max(peak, current.counts().running);
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

  function load(): Load {
    const sum = { bytes: 0, long: 0 };
    for (const crew of crews) {
      const { bytes, long } = crew.load();
      sum.bytes += bytes;
      // Those that are stuck in a process that is about to end hold no worker of the next.
      if (!leaving.has(crew)) sum.long += long;
    }
    return sum;
  }

  beginOrWait();
  if (options.idleMs !== undefined) rest(options.idleMs);

  return {
    transform(job, { signal, onStart, asker = NOBODY } = {}) {
      if (closed) return Promise.reject(stopping());
      if (whyUnstartable !== undefined && !current) {
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
        if (!queue.add(task, current?.counts().free ?? options.workers)) return reject(tooMany());
        next();
      });
    },
    ready: () => firstStart.promise,
    isReady: () => engineVersion !== undefined && whyUnstartable === undefined && !closed,
    engineVersion: () => engineVersion,
    stats() {
      const counts = [...crews].map((crew) => crew.counts());
      const sum = (count: (each: typeof counts[number]) => number) =>
        counts.reduce((total, each) => total + count(each), 0);
      return {
        processes: crews.size,
        memory: [...crews].reduce((total, crew) => total + crew.memory(), 0),
        workers: sum(({ ready, starting }) => ready + starting),
        ready: sum(({ ready }) => ready),
        running: sum(({ running }) => running),
        waiting: queue.length() + suspects.length,
        begun,
        errands: errandsBefore + sum(({ errands }) => errands),
        replaced: { ...replaced },
      };
    },
    async close() {
      closed = true;
      const error = stopping();
      firstStart.reject(error);
      queue.rejectAll(error);
      for (const task of suspects.splice(0)) task.reject(error);
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([...crews].map((crew) => {
        crew.end(error);
        return crew.ended;
      }));
    },
  };
}

const NOBODY: Asker = { client: "", origin: "" };

function stopping(): ProxyError {
  return new ProxyError("busy", "The server is stopping", { retryAfter: 1 });
}

/** What is known of a task, for the log. */
function describe({ job: { bytes, options } }: Task): string {
  return `${bytes.length} bytes with ${JSON.stringify(options)}`;
}
