// How starts of the engine have gone: whether pictures can be made at all, and when another start is worth a try.

export interface StartRecord {
  /** A worker has become ready; its engine calls itself so. */
  succeeded(version: string): void;
  /** A process could not be started; gives the milliseconds until the next try. */
  failed(cause: string): number;
  /** No more will be tried. */
  end(reason: unknown): void;
  /** Resolves with `isReady()`; rejects where the first start fails. */
  readonly ready: Promise<void>;
  /** Those workers of the first process that are always there are ready. */
  isReady(): void;
  /** Why no process can be started; undefined where that is not known to fail. */
  whyUnstartable(): string | undefined;
  /** What the engine calls itself; undefined until a worker is ready. */
  engineVersion(): string | undefined;
}

/** The first wait, twice as long after each further failure, and the longest. */
const WAIT_MS = { first: 100, longest: 30_000 };

export function createStartRecord(): StartRecord {
  const first = Promise.withResolvers<void>();
  first.promise.catch(() => {});
  let failures = 0;
  let whyUnstartable: string | undefined;
  let engineVersion: string | undefined;
  return {
    succeeded(version) {
      engineVersion = version;
      failures = 0;
      whyUnstartable = undefined;
    },
    failed(cause) {
      whyUnstartable = cause;
      return Math.min(WAIT_MS.longest, WAIT_MS.first * 2 ** failures++);
    },
    end: first.reject,
    ready: first.promise,
    isReady: first.resolve,
    whyUnstartable: () => whyUnstartable,
    engineVersion: () => engineVersion,
  };
}
