// One clock for everything that an origin may take for an answer: queueing, redirects and body together.

import { ProxyError } from "../../errors.ts";

export interface Deadline {
  /** Aborts with a timeout ProxyError, or with the reason of the caller's own signal. */
  readonly signal: AbortSignal;
  /** Stops the clock while the reader, not the origin, is slow; a reader has as long for each pause. */
  pause(): void;
  resume(): void;
  /** Lets go of the timer and of the caller's signal. */
  end(): void;
}

/** Starts a deadline in `total` milliseconds, or when the caller's signal aborts. */
export function createDeadline(total: number, caller?: AbortSignal): Deadline {
  const abort = new AbortController();
  let remaining = total;
  let startedAt = performance.now();
  let timer = expireIn(remaining, "The origin took too long");

  function expireIn(milliseconds: number, message: string): ReturnType<typeof setTimeout> {
    return setTimeout(() => abort.abort(new ProxyError("timeout", message)), milliseconds);
  }
  const onCallerAbort = () => {
    end();
    abort.abort(caller?.reason);
  };
  function end(): void {
    clearTimeout(timer);
    caller?.removeEventListener("abort", onCallerAbort);
  }

  if (caller?.aborted) onCallerAbort();
  else caller?.addEventListener("abort", onCallerAbort);

  return {
    signal: abort.signal,
    pause() {
      clearTimeout(timer);
      remaining = Math.max(0, remaining - (performance.now() - startedAt));
      timer = expireIn(total, "Reading the origin's answer took too long");
    },
    resume() {
      clearTimeout(timer);
      startedAt = performance.now();
      timer = expireIn(remaining, "The origin took too long");
    },
    end,
  };
}

/** Settles with the promise, or rejects with the signal's reason, whichever is first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
