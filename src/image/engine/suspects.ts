// What becomes of transforms whose process has ended under them: those that were broken off because of another
// are begun again, and those over which it may have died are tried once more, each alone.
import { ProxyError } from "../../errors.ts";
import { picturesOf } from "../plan/job.ts";
import type { CrewEnd } from "./crew.ts";
import type { Task } from "./task_queue.ts";

export interface Suspects {
  /** Puts back what was broken off because of another: once beside others, and then alone. */
  interrupted(tasks: readonly Task[]): void;
  /** Has what a process died over tried alone; what it died over before is refused. */
  mourn(end: CrewEnd & Repeated): void;
  /** The next that is to be tried. */
  next(): Task | undefined;
  /** It is being tried. */
  tried(): void;
  rejectAll(error: ProxyError): void;
  length(): number;
}

export interface Repeated {
  /** Whether the process before did not start either, and died of the same: it has been told. */
  isKnown: boolean;
}

export interface SuspectsOptions {
  /** Takes what may run beside others. */
  putBack(tasks: readonly Task[]): void;
  /** Told why a process was lost, and over which pictures. */
  onLoss: ((message: string, cause: string) => void) | undefined;
}

export function createSuspects({ putBack, onLoss }: SuspectsOptions): Suspects {
  const suspects: Task[] = [];
  return {
    interrupted(tasks) {
      for (const task of tasks) task.interruptions = (task.interruptions ?? 0) + 1;
      putBack(tasks.filter(({ interruptions }) => interruptions === 1));
      suspects.push(...tasks.filter(({ interruptions }) => interruptions !== 1));
    },
    mourn({ cause, tasks, isKnown }) {
      const about = tasks.map(describe).join("; ") || "nothing";
      if (!isKnown) onLoss?.(`The image engine ended, at work on ${about}`, cause);
      for (const task of tasks) {
        task.deaths = (task.deaths ?? 0) + 1;
        if (task.deaths === 1) suspects.push(task);
        else task.reject(fatal(cause));
      }
    },
    next: () => suspects[0],
    tried: () => void suspects.shift(),
    rejectAll(error) {
      for (const task of suspects.splice(0)) task.reject(error);
    },
    length: () => suspects.length,
  };
}

function fatal(cause: string): ProxyError {
  const message = "The image cannot be transformed: the engine ends over it";
  return new ProxyError("undecodable", message, { cause });
}

/** What is known of a task, for the log. */
function describe({ job }: Task): string {
  const { options } = job;
  return `${picturesOf(job).map(({ length }) => length).join(" + ")} bytes with ${
    JSON.stringify(options)
  }`;
}
