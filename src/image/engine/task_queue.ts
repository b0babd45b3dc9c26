// The transforms that wait for a worker: in the order in which they came, but for those that were found
// to be large, which wait for memory as well and are passed by the small ones.
import { ProxyError } from "../../errors.ts";
import type { TransformedImage, TransformJob } from "../plan/job.ts";

export interface Task {
  job: TransformJob;
  /** Bytes that it was found to need; undefined while it is taken for small. */
  cost?: number;
  /** Whether nobody wants it any more. */
  isGone?: boolean;
  /** Whether it has been given to a worker before. */
  hasBegun?: boolean;
  /** How often it was broken off because another in the same process took too long. */
  interruptions?: number;
  /** How often the process that it was in has died. */
  deaths?: number;
  /** When it came, by performance.now(), and the milliseconds until a worker took it up. */
  arrived: number;
  queued: number;
  /** When a worker took it up. */
  begun: number;
  onStart: (() => void) | undefined;
  resolve(image: TransformedImage): void;
  reject(error: unknown): void;
}

export interface QueueLimits {
  /** Tasks that may wait together. */
  maxWaiting: number;
  /** Bytes of their originals together; any unless told. */
  maxWaitingBytes: number | undefined;
  /** Bytes that the large tasks in work may take together. */
  memory: number;
}

export interface TaskQueue {
  add(task: Task): void;
  /** Puts tasks back that were broken off, before all others. */
  putBack(tasks: readonly Task[]): void;
  /** Puts a task back that was found to need so many bytes; rejects it if that can never be granted. */
  postpone(task: Task, cost: number): void;
  /** The large task that has waited longest, if its memory is free; otherwise the next small one. */
  take(bytesInUse: number): Task | undefined;
  /** Whether the task was still waiting. */
  remove(task: Task): boolean;
  /** Whether another task may not wait, where `free` workers are about to take up as many. */
  isFull(job: TransformJob, free: number): boolean;
  rejectAll(error: ProxyError): void;
  length(): number;
}

export function createTaskQueue({ maxWaiting, maxWaitingBytes, memory }: QueueLimits): TaskQueue {
  const small: Task[] = [];
  const large: Task[] = [];

  return {
    add: (task) => void small.push(task),
    putBack: (tasks) => void small.unshift(...tasks),
    postpone(task, cost) {
      if (task.isGone) return;
      if (cost <= memory) return void large.push(Object.assign(task, { cost }));
      task.reject(
        new ProxyError(
          "too_large",
          `The image takes some ${Math.ceil(cost / 1e6)} MB to transform, where ${
            Math.floor(memory / 1e6)
          } MB is the limit`,
        ),
      );
    },
    take: (bytesInUse) =>
      large[0] && bytesInUse + large[0].cost! <= memory ? large.shift() : small.shift(),
    remove(task) {
      const queue = [small, large].find((tasks) => tasks.includes(task));
      queue?.splice(queue.indexOf(task), 1);
      return queue !== undefined;
    },
    isFull({ bytes }, free) {
      const tasks = [...small, ...large].slice(free);
      if (small.length + large.length < free) return false;
      if (tasks.length >= maxWaiting) return true;
      const held = tasks.reduce((sum, { job }) => sum + job.bytes.length, 0);
      return held > 0 && held + bytes.length > (maxWaitingBytes ?? Infinity);
    },
    rejectAll(error) {
      for (const task of [...small.splice(0), ...large.splice(0)]) task.reject(error);
    },
    length: () => small.length + large.length,
  };
}
