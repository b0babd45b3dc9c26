// A backend that hangs heeds no signal: here what it is asked settles by the deadline, or the caller's own
// signal, all the same.

/** Rejects with a TimeoutError after `timeoutMs`; what comes after that goes to `discard`. */
export function withDeadline<T>(
  run: (signal: AbortSignal) => Promise<T>,
  { timeoutMs, signal, discard }: {
    timeoutMs: number;
    signal?: AbortSignal | undefined;
    discard?: (late: T) => void;
  },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const controller = new AbortController();
    const giveUp = (reason: unknown) => {
      finish();
      reject(reason);
      controller.abort(reason);
    };
    const timer = setTimeout(
      () => giveUp(new DOMException(`No answer within ${timeoutMs} ms`, "TimeoutError")),
      timeoutMs,
    );
    const leave = () => giveUp(signal?.reason);
    const finish = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", leave);
    };
    signal?.addEventListener("abort", leave, { once: true });
    // The async function turns what the backend throws at once into a rejection.
    (async () => await run(controller.signal))()
      .then((value) => controller.signal.aborted ? discard?.(value) : resolve(value), reject)
      .finally(finish);
  });
}
