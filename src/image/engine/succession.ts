// Which process of the engine takes transforms, and what takes its place: one that is held up, dies or has
// grown is ended, and another is there before it is missed. Those over which one died get one of their own.
import { ProxyError } from "../../errors.ts";
import type { Cost } from "../plan/job.ts";
import { createCrew, type Crew, type CrewCounts, type CrewEnd, type CrewOptions } from "./crew.ts";
import { createIdleness } from "./idleness.ts";
import { type ProcessOptions, type TaskRules, usualCrew } from "./process_options.ts";
import { createStartRecord } from "./start_record.ts";
import type { Repeated } from "./suspects.ts";
import type { Load, Task } from "./task_queue.ts";

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

export interface SuccessionOptions extends ProcessOptions, TaskRules {
  /** Whether nobody waits for a worker. */
  isQuiet(): boolean;
  on: {
    /** A worker can take something up, or another process does. */
    free(): void;
    /** A task turned out to need so much. */
    deferred(task: Task, cost: Cost): void;
    /** A process has ended with these tasks in work, over which it may have died. */
    died(end: CrewEnd & Repeated): void;
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

/** Starts the first process. */
export function createSuccession(options: SuccessionOptions): Succession {
  const { on, workers } = options;
  const usual = usualCrew(options);
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
  const idleness = createIdleness(usual.minWorkers);
  const starts = createStartRecord();
  const timers = new Set<ReturnType<typeof setTimeout>>();
  let closed = false;
  const before = { errands: 0, processorSeconds: 0 };

  function hireCrew(own: Partial<CrewOptions> = {}): Crew {
    let hasStarted = false;
    const crew = createCrew({
      ...usual,
      ...own,
      on: {
        free: on.free,
        started(version) {
          hasStarted = true;
          starts.succeeded(version);
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
    crew.started.then(starts.isReady, () => {});
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
      on.died({ ...end, isKnown: !hasStarted && starts.whyUnstartable() === end.cause });
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
    starts.end(error);
    on.unstartable(error);
    after(starts.failed(cause), beginOrWait);
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
    const crew = current;
    const hasMore = crew && idleness.hasMoreThanNeeded({
      ...crew.counts(),
      memory: crew.memory(),
      memoryAtFirst: crew.memoryAtFirst(),
    });
    if (hasMore && options.isQuiet()) succeed(crew, { reason: "idle", when: "warm" });
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
      if (current) idleness.note(current.counts().running);
    },
    ready: starts.ready,
    whyUnstartable: starts.whyUnstartable,
    engineVersion: starts.engineVersion,
    before: () => before,
    replaced: () => ({ ...replaced }),
    async close(error) {
      closed = true;
      starts.end(error);
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([...crews].map((crew) => {
        crew.end(error);
        return crew.ended;
      }));
    },
  };
}
