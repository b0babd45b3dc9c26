// What becomes of a task by a worker's last word on it, or for want of one.
import { ProxyError, STATUS_BY_CODE } from "../../errors.ts";
import type { Report } from "./messages.ts";
import type { Task } from "./task_queue.ts";

/** A report that ends what a worker was told to do. */
export type LastWord = Extract<Report, { id: number }>;

/** Gives whoever waits for a task what a report says of it; one that is only deferred goes on waiting. */
export function deliver(
  task: Task,
  { report, body }: { report: LastWord; body: Uint8Array<ArrayBuffer> | undefined },
): void {
  if (report.kind === "done" && body) {
    const { timings } = report.image;
    task.resolve({ ...report.image, bytes: body, timings: { ...timings, queue: task.queued } });
  } else if (report.kind === "failed") {
    const code = Object.hasOwn(STATUS_BY_CODE, report.code) ? report.code : "internal";
    task.reject(new ProxyError(code, report.message, { cause: report.cause }));
  }
}

/** Refuses a task over which its worker broke. */
export function refuse(task: Task, cause: string): void {
  const message = "The image cannot be transformed: the engine breaks over it";
  task.reject(new ProxyError("undecodable", message, { cause }));
}

/** Gives up a task that took longer than it may. */
export function giveUp(task: Task, timeoutMs: number): void {
  const message = `The image took longer than ${timeoutMs / 1000} s to transform`;
  task.reject(new ProxyError("timeout", message));
}
