// Which process of the engine takes transforms, and what takes its place: one that is held up, dies or has
// grown is ended, and another is there before it is missed. Those over which one died get one of their own.
import type { FontPlace } from "../fonts/font_set.ts";
import { ProxyError } from "../../errors.ts";
import type { Cost, ImageLimits } from "../plan/job.ts";
import { createCrew, type Crew, type CrewCounts, type CrewEnd, type CrewOptions } from "./crew.ts";
import { type EngineOptions, type EngineProcess, STARTS_LATER } from "./engine_process.ts";
import type { Load, Task } from "./task_queue.ts";

export interface ProcessOptions {
  /** What the engine of each worker refuses of itself. */
  limits: ImageLimits;
  /** Transforms at once, each in a worker of its own. */
  workers: number;
  /** Workers that are always there; 1 unless told. Others are started when they are needed. */
  minWorkers?: number;
  /** Milliseconds that one transform may take, from its start. */
  timeoutMs: number;
  /** Bytes of engine memory after which a worker is replaced: WebAssembly memory never shrinks. */
  maxWorkerMemory: number;
  /** Bytes that the engine of one worker can ever take; 1 GB unless told. */
  workerMemoryCeiling?: number;
  /** The operator's fonts, which each process reads when it starts; none unless told. */
  fonts?: readonly FontPlace[];
  /** Bytes of memory at which a process is ended; none unless told. */
  maxProcessMemory?: number;
  /** Milliseconds of idleness after which workers are let go, and memory with them; never unless told. */
  idleMs?: number;
  /** Starts a process, where a test has its own. */
  start?: (options: EngineOptions) => EngineProcess;
}

/** Why a process or a worker was replaced. */
export type Loss =
  | "timeout"
  | "died"
  | "ceiling"
  | "memory"
  | "broken"
  | "worn"
  | "outgrown"
  | "idle";

export interface SuccessionOptions extends ProcessOptions {
  /** What a task may take whose cost is not known. */
  smallJob: Cost;
  /** Whether a worker may help with another's task, which takes so many bytes. */
  mayHelp(cost: number): boolean;
  /** Whether nobody waits for a worker. */
  isQuiet(): boolean;
  on: {
    /** A worker can take something up, or another process does. */
    free(): void;
    /** A task turned out to need so much. */
    deferred(task: Task, cost: Cost): void;
    /** A process has ended with these tasks in work, over which it may have died. */
    died(end: CrewEnd): void;
    /** A process was ended while it had these tasks in work, which are not to blame. */
    interrupted(tasks: readonly Task[]): void;
    /** No process can be started for now. */
    unstartable(error: ProxyError): void;
  };
}

export interface Succession {
  /** The process that takes tasks; undefined while none can be started. */
  current(): Crew | undefined;
  /** A process for one task alone; undefined while the last one ends. */
  trial(): Crew | undefined;
  /** Has that process end once it is done. */
  endTrial(): void;
  /** All processes that have not ended. */
  crews(): readonly Crew[];
  /** Ends those that are to end and have nothing more in work. */
  endThoseDone(): void;
  /** What is in work in all of them. */
  load(): Load;
  /** Takes note of how many tasks are in work. */
  notePeak(): void;
  /** Resolves when the workers of the first that are always there are ready. */
  readonly ready: Promise<void>;
  /** Why no process can be started; undefined where that is not known to fail. */
  whyUnstartable(): string | undefined;
  /** What the engine calls itself; undefined until a worker is ready. */
  engineVersion(): string | undefined;
  /** What processes have done that have ended. */
  before(): Pick<CrewCounts, "errands" | "processorSeconds">;
  replaced(): Record<Loss, number>;
  /** Ends all processes and starts no more; rejects what is in work. Resolves when nothing is left of them. */
  close(error: ProxyError): Promise<void>;
}

/** Milliseconds that others in a process have to finish, once one of them has taken too long. */
const GRACE_MS = 1000;
/** How much more memory than a fresh one a process may keep while it has nothing to do. */
const GROWN = 1.25;
const CEILING = 1e9;

/** Starts the first process. */
export function createSuccession(options: SuccessionOptions): Succession {
  const { on, workers } = options;
  const minWorkers = Math.min(options.minWorkers ?? 1, workers);
  const replaced = {
    ...{ timeout: 0, died: 0, ceiling: 0, memory: 0, broken: 0 },
    ...{ worn: 0, outgrown: 0, idle: 0 },
  };
  const crews = new Set<Crew>();
  let current: Crew | undefined;
  /** The one that is to take the current one's place when it is ready. */
  let successor: Crew | undefined;
  /** Those that are ended when they are done. */
  const leaving = new Set<Crew>();
  /** The one in which suspects are tried. */
  let trial: Crew | undefined;
  /** The most tasks at once, since it was last looked at. */
  let peak = 0;
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let closed = false;
  const before = { errands: 0, processorSeconds: 0 };
  let failedStarts = 0;
  let whyUnstartable: string | undefined;
  let engineVersion: string | undefined;
  const firstStart = Promise.withResolvers<void>();
  firstStart.promise.catch(() => {});

  function hireCrew(own: Partial<CrewOptions> = {}): Crew {
    let hasStarted = false;
    const crew = createCrew({
      limits: options.limits,
      // Where all that there will be must be there from the start, more come in another process.
      workers: STARTS_LATER ? workers : minWorkers,
      minWorkers,
      wantedWorkers: workers,
      timeoutMs: options.timeoutMs,
      memoryCeiling: options.workerMemoryCeiling ?? CEILING,
      fonts: options.fonts,
      maxWorkerMemory: options.maxWorkerMemory,
      maxMemory: options.maxProcessMemory ?? Infinity,
      warmUp: "all",
      smallJob: options.smallJob,
      mayHelp: options.mayHelp,
      ...(options.start && { start: options.start }),
      ...own,
      on: {
        free: on.free,
        started(version) {
          hasStarted = true;
          engineVersion = version;
          failedStarts = 0;
          whyUnstartable = undefined;
        },
        deferred: on.deferred,
        replaced(reason, isReplaced) {
          replaced[reason]++;
          if (!isReplaced && crew === current) succeed(crew, { reason: "worn", when: "started" });
        },
        outgrown() {
          if (crew === current) succeed(crew, { reason: "outgrown", when: "started", workers });
        },
        overdue: () => condemn(crew, "timeout"),
        ended: (end) => bury(crew, { ...end, hasStarted }),
      },
    });
    crews.add(crew);
    crew.started.then(firstStart.resolve, () => {});
    return crew;
  }

  function bury(crew: Crew, { hasStarted, ...end }: CrewEnd & { hasStarted: boolean }): void {
    crews.delete(crew);
    const { errands, processorSeconds } = crew.counts();
    before.errands += errands;
    before.processorSeconds += processorSeconds;
    if (trial === crew) trial = undefined;
    if (successor === crew) successor = undefined;
    if (closed) return;
    leaving.delete(crew);
    // One that is to end anyway may die of what it still has in work, as a suspect's does.
    if (end.reason === "dismissed") on.interrupted(end.tasks);
    else {
      replaced[end.reason]++;
      on.died(end);
    }
    if (current === crew) {
      current = undefined;
      if (hasStarted) beginOrWait();
      else beginLater(end.cause);
    }
    on.free();
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
    on.unstartable(error);
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
  function succeed(
    crew: Crew,
    { reason, when, ...own }: { reason: Loss; when: "started" | "warm"; workers?: number },
  ): void {
    if (successor || closed) return;
    const heir = successor = hireCrew(own);
    heir[when].then(() => {
      // The other may have been lost, and this one have taken its place before.
      if (successor !== heir) return;
      successor = undefined;
      replaced[reason]++;
      leaving.add(crew);
      current = heir;
      on.free();
    }, () => {});
  }

  /** Now and then: lets go what the time since then had no use for. */
  function rest(idleMs: number): void {
    const counts = current?.counts();
    const needed = Math.max(peak, minWorkers);
    const hasGrown = peak === 0 && current && current.memory() > GROWN * current.memoryAtFirst();
    peak = counts?.running ?? 0;
    if (counts && options.isQuiet() && (counts.ready > needed || hasGrown)) {
      succeed(current!, { reason: "idle", when: "warm" });
    }
    after(idleMs, () => rest(idleMs));
  }

  function endWhenDone(crew: Crew): void {
    if (leaving.has(crew) && crew.counts().running === 0) crew.end();
  }

  beginOrWait();
  if (options.idleMs !== undefined) rest(options.idleMs);

  return {
    current: () => current,
    trial() {
      if (trial && leaving.has(trial)) return undefined;
      return trial ??= hireCrew({ workers: 1, minWorkers: 1, wantedWorkers: 1, warmUp: "none" });
    },
    endTrial() {
      if (trial) leaving.add(trial);
    },
    crews: () => [...crews],
    endThoseDone: () => crews.forEach(endWhenDone),
    load() {
      const sum = { bytes: 0, long: 0 };
      for (const crew of crews) {
        const { bytes, long } = crew.load();
        sum.bytes += bytes;
        // Those that are stuck in a process that is about to end hold no worker of the next.
        if (!leaving.has(crew)) sum.long += long;
      }
      return sum;
    },
    notePeak() {
      if (current) peak = Math.max(peak, current.counts().running);
    },
    ready: firstStart.promise,
    whyUnstartable: () => whyUnstartable,
    engineVersion: () => engineVersion,
    before: () => before,
    replaced: () => ({ ...replaced }),
    async close(error) {
      closed = true;
      firstStart.reject(error);
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([...crews].map((crew) => {
        crew.end(error);
        return crew.ended;
      }));
    },
  };
}
