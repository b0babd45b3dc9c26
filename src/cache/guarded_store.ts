// Nothing that a backend does may fail a request or hold it up for long: every operation has a
// time-out, and a backend that keeps failing is left alone for a while. Reads and writes are judged
// apart, so that a full or read-only backend goes on being read.

import { type BreakerState, createCircuitBreaker } from "./circuit_breaker.ts";
import { withDeadline } from "./deadline.ts";
import type { OpenValue, Store } from "./drivers/store.ts";

/** Told when a backend is given up for an operation and when it is in use again. */
export interface StoreChange {
  readonly store: string;
  readonly operation: "read" | "write" | "close";
  readonly available: boolean;
  /** The failure that tipped the balance. */
  readonly cause?: unknown;
}

export interface GuardOptions {
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Failures in a row after which reads, or writes, are given up. */
  readonly failuresToOpen: number;
  /** Time in ms after which one operation tries again. */
  readonly retryAfterMs: number;
  /** A clock in ms that never runs backwards. */
  readonly now: () => number;
  readonly log: (change: StoreChange) => void;
}

/** Counted since the start. Skipped operations are those that were not tried. */
export interface StoreCounters {
  hits: number;
  misses: number;
  writes: number;
  deletions: number;
  readErrors: number;
  writeErrors: number;
  skippedReads: number;
  skippedWrites: number;
  bytesRead: number;
  bytesWritten: number;
}

export interface OpenOptions {
  /** Bytes. */
  readonly whole: number;
  readonly again?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface GuardedStore extends Pick<Store, "channel" | "isLocal"> {
  readonly name: string;
  /** Rejects only with the reason of the caller's own signal; a failure is a miss. */
  get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /**
   * The same, but a value of more than `whole` bytes is open; undefined where the backend reads none in
   * parts. One that is opened again was counted before.
   */
  readonly open:
    | ((key: string, options: OpenOptions) => Promise<OpenValue | Uint8Array | undefined>)
    | undefined;
  /** Whether it was written. `value` is made only if the backend is in use. Never rejects. */
  set(key: string, value: () => Uint8Array, options?: { ttlSeconds?: number }): Promise<boolean>;
  /** Whether it was deleted. Tried even while writes are given up, since it was asked for. */
  delete(key: string): Promise<boolean>;
  /** The keys that begin with `prefix`; throws if the backend cannot list or fails. */
  keys(prefix: string): AsyncIterable<string>;
  stats(): Promise<{ entries: number; bytes: number } | undefined>;
  close(): Promise<void>;
  readonly counters: Readonly<StoreCounters>;
  readonly state: { readonly read: BreakerState; readonly write: BreakerState };
}

export function createGuardedStore(store: Store, options: GuardOptions): GuardedStore {
  const { readTimeoutMs, writeTimeoutMs, log } = options;
  const breaker = (operation: "read" | "write") =>
    createCircuitBreaker({
      ...options,
      onChange: (available, cause) => log({ store: store.name, operation, available, cause }),
    });
  const reads = breaker("read");
  const writes = breaker("write");
  // Who is back need not be waited for.
  store.onReturn?.(() => {
    reads.reset();
    writes.reset();
  });
  const counters: StoreCounters = {
    hits: 0,
    misses: 0,
    writes: 0,
    deletions: 0,
    readErrors: 0,
    writeErrors: 0,
    skippedReads: 0,
    skippedWrites: 0,
    bytesRead: 0,
    bytesWritten: 0,
  };

  async function read<T extends Uint8Array | OpenValue>(
    run: (deadline: AbortSignal) => Promise<T | undefined>,
    { signal, again = false }: { signal?: AbortSignal | undefined; again?: boolean },
  ): Promise<T | undefined> {
    signal?.throwIfAborted();
    const attempt = reads.admit();
    if (attempt === undefined) {
      counters.skippedReads++;
      return undefined;
    }
    try {
      const value = await withDeadline(run, {
        timeoutMs: readTimeoutMs,
        signal,
        discard: closeOpen,
      });
      attempt.succeeded();
      if (again) return value;
      if (value === undefined) counters.misses++;
      else counters.hits++, counters.bytesRead += "size" in value ? value.size : value.length;
      return value;
    } catch (cause) {
      if (signal?.aborted) {
        attempt.abandoned();
        throw cause;
      }
      counters.readErrors++;
      attempt.failed(cause);
      return undefined;
    }
  }

  async function write(run: () => Promise<void>): Promise<boolean> {
    // Tried in any case: an operation that is not admitted only goes without a say about the state.
    const attempt = writes.admit();
    try {
      await withDeadline(run, { timeoutMs: writeTimeoutMs });
      attempt?.succeeded();
      return true;
    } catch (cause) {
      counters.writeErrors++;
      attempt?.failed(cause);
      return false;
    }
  }

  return {
    name: store.name,
    ...(store.channel && { channel: store.channel }),
    ...(store.isLocal && { isLocal: true }),
    counters,
    state: {
      get read() {
        return reads.state;
      },
      get write() {
        return writes.state;
      },
    },
    get: (key, signal) =>
      read(async (deadline) => bytesIn(await store.get(key, deadline)), { signal }),
    open: store.open &&
      ((key, { whole, ...options }) =>
        read((deadline) => store.open!(key, { whole, signal: deadline }), options)),

    async set(key, value, setOptions) {
      if (!writes.ready) {
        counters.skippedWrites++;
        return false;
      }
      let size = 0;
      const done = await write(() => {
        const bytes = value();
        size = bytes.length;
        return store.set(key, bytes, setOptions);
      });
      if (done) counters.writes++, counters.bytesWritten += size;
      return done;
    },

    async delete(key) {
      const done = await write(() => store.delete(key));
      if (done) counters.deletions++;
      return done;
    },

    async *keys(prefix) {
      if (store.keys === undefined) throw new Error(`${store.name} cannot list its keys`);
      const iterator = store.keys(prefix)[Symbol.asyncIterator]();
      let ended = false;
      try {
        while (true) {
          const next = await withDeadline(() => iterator.next(), { timeoutMs: writeTimeoutMs });
          if (next.done) break;
          // A backend may list more than it was asked for, never less.
          if (next.value.startsWith(prefix)) yield next.value;
        }
        ended = true;
      } finally {
        // Not awaited: after a time-out it would wait for what hangs.
        if (!ended) iterator.return?.().catch(() => {});
      }
    },

    async stats() {
      try {
        return await withDeadline(async () => await store.stats?.(), { timeoutMs: readTimeoutMs });
      } catch {
        counters.readErrors++;
        return undefined;
      }
    },

    async close() {
      try {
        await withDeadline(() => store.close(), { timeoutMs: writeTimeoutMs });
      } catch (cause) {
        log({ store: store.name, operation: "close", available: false, cause });
      }
    },
  };
}

// unstorage's file driver has been seen to answer with an Error as the value.
function bytesIn(value: unknown): Uint8Array | undefined {
  if (value === undefined || value instanceof Uint8Array) return value;
  throw new TypeError(`Expected bytes, got ${Object.prototype.toString.call(value)}`);
}

function closeOpen(value: Uint8Array | OpenValue | undefined): void {
  if (value && "close" in value) value.close();
}
