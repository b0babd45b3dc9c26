// The workers in which images are touched. The event loop only hands bytes over; a worker that takes
// too long, breaks or has grown too large is ended and another takes its place.
import { ProxyError } from "../../errors.ts";
import type { ErrandResult } from "../errands.ts";
import { type HiredWorker, hireWorker } from "./hired_worker.ts";
import {
  type ImageLimits,
  SMALL_JOB_BYTES,
  type TransformedImage,
  type TransformJob,
} from "../plan/job.ts";
import type { KeyedErrand, WarmUp, WorkerReply } from "./messages.ts";
import { createTaskQueue, type Task } from "./task_queue.ts";

export interface PoolOptions {
  /** The compiled engine, shared by all workers. */
  engine: WebAssembly.Module;
  /** What the engine of each worker refuses of itself. */
  limits: ImageLimits;
  /** Transforms at once, each in a worker of its own. */
  workers: number;
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
}

export interface TransformPool {
  /**
   * Makes one picture. Throws a ProxyError: "undecodable", "too_large" or "malformed" for what the
   * image or options are, "busy" when too many wait, "timeout" when it took too long.
   * An aborted signal takes a job that still waits out of the queue. `onStart` is called when a worker
   * is found for it; what it throws takes the job back.
   */
  transform(job: TransformJob, options?: TransformOptions): Promise<TransformedImage>;
  /** Resolves when every worker is ready. */
  ready(): Promise<void>;
  stats(): PoolStats;
  /** What the engine calls itself; undefined until a worker is ready. */
  engineVersion(): string | undefined;
  /** Ends all workers; what waits or runs is rejected. */
  close(): void;
}

export interface TransformOptions {
  signal?: AbortSignal;
  onStart?: () => void;
}

export interface PoolStats {
  workers: number;
  /** Workers that have started. */
  ready: number;
  running: number;
  waiting: number;
  /** Transforms given to a worker since the start. */
  begun: number;
  /** Errands that idle workers were sent on for another's transform. */
  errands: number;
  /** Workers replaced since the start, by the reason. */
  replaced: { timeout: number; broken: number; memory: number };
}

interface Member {
  worker: HiredWorker;
  task: Task | undefined;
  /** What it does for another's task: the bytes that takes by estimate, and whom to tell. */
  errand: { cost: number; settle(result: ErrandResult | undefined): void } | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

export function createPool(options: PoolOptions): TransformPool {
  const members = new Set<Member>();
  const { maxWaiting, maxWaitingBytes, memory = Infinity } = options;
  const queue = createTaskQueue({ maxWaiting, maxWaitingBytes, memory });
  const replaced = { timeout: 0, broken: 0, memory: 0 };
  let closed = false;
  let lastId = 0;
  let begun = 0;
  let errands = 0;
  let failedStarts = 0;
  let engineVersion: string | undefined;
  const rehiring = new Set<ReturnType<typeof setTimeout>>();

  function hire(warmUp: WarmUp = "usual"): void {
    const worker = hireWorker({
      engine: options.engine,
      limits: options.limits,
      warmUp,
      onStarted(version) {
        engineVersion = version;
        failedStarts = 0;
      },
      onReply(reply) {
        if (reply.kind === "help") help(member, reply.errands);
        else settle(member, reply);
      },
      onLost(cause) {
        const error = worker.hasStarted
          ? new ProxyError("undecodable", "The image cannot be decoded", { cause })
          : new ProxyError("internal", "The image engine did not start", { cause });
        retire(member, "broken", error);
      },
    });
    const member: Member = { worker, task: undefined, errand: undefined, timer: undefined };
    members.add(member);
  }

  function settle(member: Member, reply: Extract<WorkerReply, { id: number }>): void {
    const { task, errand } = member;
    clearTimeout(member.timer);
    member.task = member.errand = undefined;
    if (reply.kind === "done") {
      reply.image.timings.queue = task?.queued ?? 0;
      task?.resolve(reply.image);
    } else if (reply.kind === "deferred") {
      if (task) queue.postpone(task, reply.cost);
    } else if (reply.kind === "failed") {
      task?.reject(new ProxyError(reply.code, reply.message, { cause: reply.cause }));
    }
    errand?.settle(reply.kind === "errand done" ? reply.result : undefined);
    if (reply.kind === "failed" && reply.broken) return retire(member, "broken");
    if (reply.memory > options.maxWorkerMemory) return retire(member, "memory");
    next();
  }

  /** Sends idle workers on the errands of a task; for those that none takes, the answer is none. */
  function help(asker: Member, wanted: readonly KeyedErrand[]): void {
    const { task } = asker;
    if (!task) return;
    for (const { key, errand, cost } of wanted) {
      const settle = (result: ErrandResult | undefined) => {
        // A task that has ended, well or not, waits for nothing any more.
        if (asker.task === task) asker.worker.post({ kind: "helped", key, result });
      };
      const [helper] = helpers();
      if (!helper || bytesInUse() + cost > memory) {
        settle(undefined);
        continue;
      }
      helper.errand = { cost, settle };
      errands++;
      // It ends with the time of its task, so that no helper outlasts it.
      const left = task.begun + options.timeoutMs - performance.now();
      helper.timer = setTimeout(() => retire(helper, "timeout"), left);
      const job = errand.kind === "shape" ? task.job : undefined;
      helper.worker.post({ kind: "errand", id: ++lastId, errand, job });
    }
  }

  /** Who may be sent on errands: nobody while a task waits, and of several one stays for the next to come. */
  function helpers(): Member[] {
    if (queue.length() > 0) return [];
    const idle = idleMembers().filter(({ worker }) => worker.hasStarted);
    return options.workers > 2 ? idle.slice(1) : idle;
  }

  function idleMembers(): Member[] {
    return [...members].filter(({ task, errand }) => !task && !errand);
  }

  function bytesInUse(): number {
    let inUse = 0;
    for (const { task, errand } of members) inUse += (task?.cost ?? 0) + (errand?.cost ?? 0);
    return inUse;
  }

  /** Ends a worker, fails the task it had, and puts a new worker in its place. */
  function retire(member: Member, reason: keyof typeof replaced, error?: ProxyError): void {
    if (!members.delete(member)) return;
    clearTimeout(member.timer);
    member.worker.terminate();
    if (error) member.task?.reject(error);
    member.task = undefined;
    member.errand?.settle(undefined);
    if (closed) return;
    replaced[reason]++;
    if (member.worker.hasStarted) {
      hire();
      return next();
    }
    if (error && members.size === 0) queue.rejectAll(error);
    // A worker that cannot even start is not tried again at once: the reason will hardly have gone away.
    const timer = setTimeout(() => {
      rehiring.delete(timer);
      hire();
      next();
    }, Math.min(30_000, 100 * 2 ** failedStarts++));
    rehiring.add(timer);
  }

  function next(): void {
    const [idle] = idleMembers();
    const task = idle && queue.take(bytesInUse());
    if (task) run(idle, task);
  }

  function run(member: Member, task: Task): void {
    if (task.cost === undefined) {
      try {
        task.onStart?.();
      } catch (error) {
        task.reject(error);
        return next();
      }
      begun++;
    }
    member.task = task;
    const begin = () => {
      if (member.task !== task) return;
      task.begun = performance.now();
      task.queued = task.begun - task.arrived;
      member.timer = setTimeout(() => {
        const seconds = options.timeoutMs / 1000;
        retire(
          member,
          "timeout",
          new ProxyError("timeout", `The image took longer than ${seconds} s to transform`),
        );
      }, options.timeoutMs);
      member.worker.post({
        kind: "transform",
        id: ++lastId,
        job: { ...task.job, grant: task.cost ?? SMALL_JOB_BYTES },
        helpers: helpers().length,
      });
    };
    member.worker.started.then(begin, () => {});
  }

  // Jobs go to the first that is idle, so the one that is busy for longest comes last.
  for (let count = options.workers; count > 0; count--) hire(count === 1 ? "all" : "usual");

  return {
    transform(job, { signal, onStart } = {}) {
      if (closed) {
        return Promise.reject(new ProxyError("busy", "The server is stopping", { retryAfter: 1 }));
      }
      const [idle] = idleMembers();
      if (!idle && queue.isFull(job)) {
        return Promise.reject(
          new ProxyError("busy", "Too many images wait to be transformed; try again soon", {
            retryAfter: 1,
          }),
        );
      }
      return new Promise((resolve, reject) => {
        const task: Task = {
          job,
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
        if (idle) run(idle, task);
        else queue.add(task);
      });
    },
    ready: async () => void await Promise.all([...members].map(({ worker }) => worker.started)),
    engineVersion: () => engineVersion,
    stats: () => ({
      workers: members.size,
      ready: [...members].filter(({ worker }) => worker.hasStarted).length,
      running: [...members].filter(({ task }) => task).length,
      waiting: queue.length(),
      begun,
      errands,
      replaced: { ...replaced },
    }),
    close() {
      closed = true;
      const error = new ProxyError("busy", "The server is stopping", { retryAfter: 1 });
      queue.rejectAll(error);
      for (const timer of rehiring) clearTimeout(timer);
      for (const member of members) {
        clearTimeout(member.timer);
        member.worker.terminate();
        member.task?.reject(error);
      }
      members.clear();
    },
  };
}
