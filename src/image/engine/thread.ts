// A worker's thread as the engine's process sees it.
import type { ThreadReply, ThreadRequest } from "./messages.ts";

export interface Thread {
  /** Resolves when its modules are there; never where they cannot be loaded. */
  readonly loaded: Promise<void>;
  /** Told of all that it says from now on, a failure of its own among it. */
  listen(onReply: (reply: ThreadReply) => void): void;
  post(message: ThreadRequest, transfer?: Transferable[]): void;
  /** Ends it, unless it is busy: then it goes on until the process ends. */
  terminate(): void;
}

/** Opens a thread, which has no permissions whatever. */
export function openThread(module = new URL("./worker.ts", import.meta.url)): Thread {
  const worker = new Worker(module, {
    type: "module",
    // @ts-ignore -- Deno's own option, known to its type checker only with the unstable flag
    deno: { permissions: "none" },
  });
  const { promise: loaded, resolve } = Promise.withResolvers<void>();
  let listener: (reply: ThreadReply) => void = () => {};

  worker.onmessage = ({ data }: MessageEvent<ThreadReply>) => {
    if (data.kind === "loaded") resolve();
    else listener(data);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    listener({ kind: "lost", cause: event.message });
  };
  return {
    loaded,
    listen: (onReply) => void (listener = onReply),
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    terminate: () => worker.terminate(),
  };
}
