// One engine process with its workers: orders go to them, and what they report comes to the tasks. When to
// start a crew, and what becomes of its tasks when it ends, is up to the pool.
import type { ProxyError } from "../../errors.ts";
import type { FontPlace } from "../fonts/font_set.ts";
import { type Cost, type ImageLimits, picturesOf } from "../plan/job.ts";
import { deliver, giveUp, type LastWord, refuse } from "./delivery.ts";
import { type EngineOptions, type EngineProcess, startsInALife } from "./engine_process.ts";
import type { Order, Report, WarmUp } from "./messages.ts";
import { createRoster, type Member, type RosterCounts } from "./roster.ts";
import type { Load, Task } from "./task_queue.ts";
import { type ProcessEnd, watchProcess } from "./watched_process.ts";

export interface CrewOptions {
  limits: ImageLimits;
  /** Workers at most, and those that are started at once. */
  workers: number;
  minWorkers: number;
  /** Workers that another process in its place could have. */
  wantedWorkers: number;
  /** Milliseconds that one transform may take. */
  timeoutMs: number;
  /** Bytes that the engine of one worker can ever take. */
  memoryCeiling: number;
  /** The operator's fonts; none unless told. */
  fonts?: readonly FontPlace[] | undefined;
  /** Bytes of a worker's engine above which it is replaced after its task. */
  maxWorkerMemory: number;
  /** Bytes that the process may take. */
  maxMemory: number;
  /** What the first worker exercises. */
  warmUp: WarmUp;
  /** What a task may take whose cost is not known. */
  smallJob: Cost;
  /** Whether a worker may help with another's task, which takes so many bytes. */
  mayHelp(cost: number): boolean;
  on: CrewEvents;
  /** Starts the process, where a test has its own. */
  start?: (options: EngineOptions) => EngineProcess;
}

export interface CrewEvents {
  /** A worker can take something up. */
  free(): void;
  /** A worker has become ready; `version` is what its engine calls itself. */
  started(version: string): void;
  /** A task turned out to need so much. */
  deferred(task: Task, cost: Cost): void;
  /** A worker is done for; whether another takes its place. */
  replaced(reason: "broken" | "memory", isReplaced: boolean): void;
  /** There is work for more workers than there can be. */
  outgrown(): void;
  /** A task, or an errand for one, has taken too long: a worker is busy for good. */
  overdue(): void;
  /** All has ended. */
  ended(end: CrewEnd): void;
}

export interface CrewEnd extends ProcessEnd {
  /** What was in work. */
  tasks: Task[];
}

export interface Crew {
  /** Resolves when those who are started at once are ready; rejects where the crew ends before. */
  readonly started: Promise<void>;
  /** The same, when the first has exercised. */
  readonly warm: Promise<void>;
  /** Gives a task to a worker that stands ready; false where none does, or the task is not wanted. */
  run(task: Task): boolean;
  /** Starts as many further workers, as far as there may be. */
  hire(count: number): void;
  counts(): CrewCounts;
  /** What its tasks and errands were granted beyond what every task may take. */
  load(): Load;
  /** Bytes of memory of the process, as last heard. */
  memory(): number;
  /** The same when it was fresh. */
  memoryAtFirst(): number;
  /** Ends the process at once, and rejects what is in work where an error is given. */
  end(error?: ProxyError): void;
  /** Resolves when nothing is left of it. */
  readonly ended: Promise<void>;
}

export interface CrewCounts extends RosterCounts {
  /** Errands that workers were sent on so far. */
  errands: number;
  /** Seconds that its process has spent on processors, as last heard. */
  processorSeconds: number;
}

/** Starts a process and its first workers. */
export function createCrew(options: CrewOptions): Crew {
  const { workers, timeoutMs, on } = options;
  const roster = createRoster({
    workers,
    wantedWorkers: options.wantedWorkers,
    starts: startsInALife(workers),
    smallJob: options.smallJob,
  });
  const started = Promise.withResolvers<void>(), warm = Promise.withResolvers<void>();
  for (const { promise } of [started, warm]) promise.catch(() => {});
  let lastId = 0;
  let errands = 0;

  const engine = watchProcess({
    workers,
    limits: options.limits,
    memoryCeiling: options.memoryCeiling,
    fonts: options.fonts,
    maxMemory: options.maxMemory,
    isAtWork: roster.isAtWork,
    start: options.start,
    onReport: (worker, report, bodies) => hear(roster.members[worker]!, report, bodies[0]),
    onEnd(end) {
      const tasks = roster.dismiss();
      for (const { reject } of [started, warm]) reject(new Error(end.cause));
      on.ended({ ...end, tasks });
    },
  });

  function hear(member: Member, report: Report, body: Uint8Array<ArrayBuffer> | undefined): void {
    switch (report.kind) {
      case "started":
        member.state = "ready";
        if (roster.counts().ready >= options.minWorkers) started.resolve();
        on.started(report.engineVersion);
        return on.free();
      case "warm":
        engine.noteFresh();
        return warm.resolve();
      case "lost":
        return lose(member, report.cause);
      case "help":
        return help(member, report.errands);
      default:
        if (report.id === member.id) settle(member, report, body);
    }
  }

  function settle(
    member: Member,
    report: LastWord,
    body: Uint8Array<ArrayBuffer> | undefined,
  ): void {
    const { task } = member;
    clearTimeout(member.timer);
    member.task = member.errand = undefined;
    member.id = 0;
    if (task) deliver(task, { report, body });
    if (task && report.kind === "deferred") on.deferred(task, report.cost);
    // It has stood up again after all.
    member.isStuck = false;
    if (report.kind === "failed" && report.broken) return replace(member, "broken");
    if (report.memory > options.maxWorkerMemory) return replace(member, "memory");
    on.free();
  }

  /** A worker that can do no more: what it had in work is no image that can be decoded. */
  function lose(member: Member, cause: string): void {
    clearTimeout(member.timer);
    if (member.state === "starting") {
      return engine.end({ cause: `A worker did not start: ${cause}`, reason: "died" });
    }
    const { task } = member;
    member.task = member.errand = undefined;
    if (task) refuse(task, cause);
    replace(member, "broken");
  }

  function replace(member: Member, reason: "broken" | "memory"): void {
    member.state = "absent";
    const isReplaced = start(member, "usual");
    on.replaced(reason, isReplaced);
    on.free();
  }

  function start(member: Member, warmUp: WarmUp): boolean {
    const mayStart = roster.start(member);
    if (mayStart) order(member, { kind: "start", warmUp });
    return mayStart;
  }

  function order(member: Member, what: Order, bodies?: readonly Uint8Array[]): void {
    engine.order(member.number, what, bodies);
  }

  /** Sends idle workers on the errands of a task; those that nobody takes are the asker's own. */
  function help(asker: Member, wanted: readonly { key: number; cost: number }[]): void {
    const { task } = asker;
    if (!task) return;
    const unhelped: number[] = [];
    for (const { key, cost } of wanted) {
      const [helper] = roster.helpersOf(task);
      if (!helper || !options.mayHelp(cost)) {
        unhelped.push(key);
        continue;
      }
      helper.errand = { cost };
      helper.id = ++lastId;
      errands++;
      // It ends with the time of its task, so that no helper outlasts it.
      setAlarm(helper, task.begun + timeoutMs - performance.now());
      order(helper, { kind: "errand", id: helper.id, asker: asker.number, key });
    }
    if (unhelped.length > 0) {
      order(asker, { kind: "unhelped", keys: unhelped });
      // Who is started now helps with the next.
      hire(unhelped.length);
    }
  }

  function setAlarm(member: Member, milliseconds: number): void {
    member.timer = setTimeout(() => {
      const { task } = member;
      member.task = member.errand = undefined;
      member.isStuck = true;
      if (task) giveUp(task, timeoutMs);
      on.overdue();
    }, milliseconds);
  }

  function hire(count: number): void {
    const those = roster.startable().slice(0, count);
    for (const member of those) start(member, "usual");
    const isOutgrown = those.length < count && workers < options.wantedWorkers;
    if (isOutgrown && roster.counts().starting === 0) on.outgrown();
  }

  start(roster.members[0]!, options.warmUp);
  hire(options.minWorkers - 1);

  return {
    started: started.promise,
    warm: warm.promise,
    run(task) {
      const member = roster.idle();
      if (!member) return false;
      task.begun = performance.now();
      task.queued = task.begun - task.arrived;
      member.task = task;
      member.id = ++lastId;
      setAlarm(member, timeoutMs);
      const { bytes: _bytes, overlays: _overlays, ...job } = task.job;
      order(member, {
        kind: "transform",
        id: member.id,
        job: { ...job, grant: task.cost ?? options.smallJob },
        helpers: options.mayHelp(0) ? roster.possibleHelpers(task) : 0,
      }, picturesOf(task.job));
      return true;
    },
    hire,
    counts: () => ({
      ...roster.counts(),
      errands,
      processorSeconds: engine.processorSeconds(),
    }),
    load: roster.load,
    memory: engine.memory,
    memoryAtFirst: engine.memoryAtFirst,
    end(error) {
      for (const { task } of error ? roster.members : []) task?.reject(error);
      engine.end({ cause: "It was not needed any more", reason: "dismissed" });
    },
    ended: engine.ended,
  };
}
