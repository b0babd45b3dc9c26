// The workers of one process and what each of them is doing: a task, an errand for another's task, or nothing;
// and how many of them a task may have to help it.
import type { Cost } from "../plan/job.ts";
import { isLong, type Load, type Task } from "./task_queue.ts";

export interface Member {
  readonly number: number;
  state: "absent" | "starting" | "ready";
  /** Whether it takes too long and will never be free again. */
  isStuck: boolean;
  task: Task | undefined;
  /** What it does for another's task: the bytes that this takes by estimate. */
  errand: { cost: number } | undefined;
  /** Of what it was last told to do. */
  id: number;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export interface RosterCounts {
  /** Workers that have started, and that are starting. */
  ready: number;
  starting: number;
  /** Tasks in work, those that took too long not among them. */
  running: number;
  /** Workers that stand idle. */
  idle: number;
  /** Workers that could take up a task: idle, starting, or yet to be started, if need be in another process. */
  free: number;
}

export interface Roster {
  /** By their numbers. */
  readonly members: readonly Member[];
  /** Counts a start, where the worker is absent and another may start. */
  start(member: Member): boolean;
  /** Those that could be started. */
  startable(): Member[];
  /** One that stands ready for a task. */
  idle(): Member | undefined;
  /** Those that may be sent on a task's errands. */
  helpersOf(task: Task): Member[];
  /** How many these could be, once all have been started. */
  possibleHelpers(task: Task): number;
  /** Whether any does something for a task. */
  isAtWork(): boolean;
  counts(): RosterCounts;
  /** What tasks and errands were granted beyond what every task may take. */
  load(): Load;
  /** Lets all go, for good; tells what was in work. */
  dismiss(): Task[];
}

export interface RosterOptions {
  /** Workers at most, here and in a process that takes this one's place. */
  workers: number;
  wantedWorkers: number;
  /** How often one may start; more often than there are workers where one may take another's place. */
  starts: number;
  /** What a task may take whose cost is not known. */
  smallJob: Cost;
}

export function createRoster({ workers, wantedWorkers, starts, smallJob }: RosterOptions): Roster {
  const members = Array.from({ length: workers }, (_, number): Member => ({
    number,
    state: "absent",
    isStuck: false,
    task: undefined,
    errand: undefined,
    id: 0,
    timer: undefined,
  }));
  let startsLeft = starts;

  function startable(): Member[] {
    return members.filter(({ state }) => state === "absent").slice(0, startsLeft);
  }

  function free(): number {
    const busy = members.filter(({ task, errand, isStuck }) => task || errand || isStuck);
    return wantedWorkers - busy.length;
  }

  function inState(wanted: Member["state"]): number {
    return members.filter(({ state }) => state === wanted).length;
  }

  /** How many workers stay for the next task to come: one of several, and of two where helping would take long. */
  function keptFrom({ cost }: Task): number {
    const share = (cost?.milliseconds ?? 0) / wantedWorkers;
    return wantedWorkers > 2 || share > smallJob.milliseconds ? 1 : 0;
  }

  return {
    members,
    startable,
    start(member) {
      if (startsLeft <= 0 || member.state !== "absent") return false;
      startsLeft--;
      member.state = "starting";
      return true;
    },
    idle: () => members.find(isIdle),
    helpersOf: (task) => members.filter(isIdle).slice(keptFrom(task)),
    possibleHelpers: (task) => Math.max(0, free() - keptFrom(task)),
    isAtWork: () => members.some(({ task, errand }) => task || errand),
    counts: () => ({
      ready: inState("ready"),
      starting: inState("starting"),
      running: members.filter(({ task }) => task).length,
      idle: members.filter(isIdle).length,
      free: free(),
    }),
    load: () => ({
      bytes: members.reduce(
        (sum, { task, errand }) => sum + (task?.cost?.bytes ?? 0) + (errand?.cost ?? 0),
        0,
      ),
      long: members.filter(({ task, isStuck }) => isStuck || isLong(task?.cost)).length,
    }),
    dismiss() {
      const tasks = members.flatMap(({ task }) => task ?? []);
      for (const member of members) {
        clearTimeout(member.timer);
        member.task = member.errand = undefined;
        member.state = "absent";
      }
      startsLeft = 0;
      return tasks;
    },
  };
}

function isIdle({ state, isStuck, task, errand }: Member): boolean {
  return state === "ready" && !isStuck && !task && !errand;
}
