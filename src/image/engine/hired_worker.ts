// One of the pool's workers as the server sees it: a thread that starts, answers and may be lost.
import { buffersIn, buffersOf } from "../errands.ts";
import type { ImageLimits } from "../plan/job.ts";
import type { WarmUp, WorkerReply, WorkerRequest } from "./messages.ts";

export interface HiredWorker {
  /** Resolves when it takes jobs; rejects when it cannot start. */
  readonly started: Promise<void>;
  readonly hasStarted: boolean;
  post(message: WorkerRequest): void;
  terminate(): void;
}

export interface WorkerOptions {
  engine: WebAssembly.Module;
  limits: ImageLimits;
  warmUp: WarmUp;
  onStarted(engineVersion: string): void;
  /** Told of all that it says once it has started. */
  onReply(reply: Exclude<WorkerReply, { kind: "started" | "unstartable" }>): void;
  /** Told that it can do no more, or never could. */
  onLost(cause: string): void;
}

/** Starts a worker, which has no permissions whatever. */
export function hireWorker(
  { engine, limits, warmUp, onStarted, onReply, onLost }: WorkerOptions,
): HiredWorker {
  const worker = new Worker(new URL("./worker.ts", import.meta.url), {
    type: "module",
    // @ts-ignore -- Deno's own option, known to its type checker only with the unstable flag
    deno: { permissions: "none" },
  });
  const { promise: started, resolve, reject } = Promise.withResolvers<void>();
  started.catch(() => {});
  let hasStarted = false;

  function post(message: WorkerRequest): void {
    worker.postMessage(message, transfersIn(message));
  }
  function lost(cause: string): void {
    reject(new Error(cause));
    onLost(cause);
  }

  worker.onmessage = ({ data }: MessageEvent<WorkerReply>) => {
    if (data.kind === "unstartable") return lost(data.cause);
    if (data.kind !== "started") return onReply(data);
    hasStarted = true;
    onStarted(data.engineVersion);
    resolve();
  };
  worker.onerror = (event) => {
    event.preventDefault();
    lost(event.message);
  };
  post({ kind: "start", engine, limits, warmUp });
  return {
    started,
    get hasStarted() {
      return hasStarted;
    },
    post,
    terminate: () => worker.terminate(),
  };
}

/** What only passes through the server; an original is not among it, which others may want too. */
function transfersIn(message: WorkerRequest): Transferable[] {
  if (message.kind === "errand") return buffersOf(message.errand);
  return message.kind === "helped" && message.result ? buffersIn(message.result) : [];
}
