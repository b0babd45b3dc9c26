// Writing to a slow backend must not make a client wait, nor may what waits to be written grow
// without bound: what does not fit is dropped and counted, for a cache can always be filled again.

export interface WriteQueueOptions<J> {
  /** Writes one job; must not reject. */
  readonly write: (key: string, job: J) => Promise<unknown>;
  /** The most that waiting and running jobs may hold, in bytes. */
  readonly maxBytes: number;
  /** Jobs written at the same time, never two of one key. */
  readonly atOnce: number;
}

export interface QueueCounters {
  waiting: number;
  running: number;
  bytes: number;
  dropped: number;
}

export interface WriteQueue<J> {
  /** Queues a job in the place of one that waits under the same key; false if it was dropped. */
  push(key: string, queued: { readonly job: J; readonly bytes: number }): boolean;
  /** The newest job of a key that is not written yet. */
  peek(key: string): J | undefined;
  /** Takes back the waiting jobs whose keys match, and resolves when the running ones have ended. */
  cancel(matches: (key: string) => boolean): Promise<void>;
  /** Resolves when nothing waits or runs. */
  idle(): Promise<void>;
  readonly counters: Readonly<QueueCounters>;
}

interface Queued<J> {
  readonly job: J;
  readonly bytes: number;
}

export function createWriteQueue<J>(options: WriteQueueOptions<J>): WriteQueue<J> {
  const { write, maxBytes, atOnce } = options;
  const waiting = new Map<string, Queued<J>>();
  const running = new Map<string, Queued<J> & { readonly done: Promise<unknown> }>();
  let bytes = 0;
  let dropped = 0;

  function takeBack(key: string) {
    bytes -= waiting.get(key)?.bytes ?? 0;
    waiting.delete(key);
  }

  function pump() {
    for (const [key, queued] of waiting) {
      if (running.size >= atOnce) return;
      // Two writes of one key could overtake one another.
      if (running.has(key)) continue;
      waiting.delete(key);
      const done = write(key, queued.job).finally(() => {
        running.delete(key);
        bytes -= queued.bytes;
        pump();
      });
      running.set(key, { ...queued, done });
    }
  }

  return {
    push(key, queued) {
      takeBack(key);
      if (bytes + queued.bytes > maxBytes) {
        dropped++;
        return false;
      }
      bytes += queued.bytes;
      waiting.set(key, queued);
      pump();
      return true;
    },

    peek: (key) => (waiting.get(key) ?? running.get(key))?.job,

    async cancel(matches) {
      for (const key of waiting.keys()) if (matches(key)) takeBack(key);
      const ending = [...running].filter(([key]) => matches(key)).map(([, { done }]) => done);
      await Promise.all(ending);
    },

    async idle() {
      while (running.size > 0) await Promise.all([...running.values()].map(({ done }) => done));
    },

    get counters() {
      return { waiting: waiting.size, running: running.size, bytes, dropped };
    },
  };
}
