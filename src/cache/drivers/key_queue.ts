// A file and its place in the index change together: for one key, the last rename must also be the
// last that the index hears of.

export interface KeyQueue {
  /** Whether a task of this key waits or runs. */
  has(key: string): boolean;
  /** Runs the task once the earlier tasks of this key have settled. */
  run<T>(key: string, task: () => Promise<T>): Promise<T>;
  /** Settles when all tasks known now have. */
  idle(): Promise<unknown>;
}

export function createKeyQueue(): KeyQueue {
  const last = new Map<string, Promise<unknown>>();
  return {
    has: (key: string) => last.has(key),
    async run<T>(key: string, task: () => Promise<T>): Promise<T> {
      const before = last.get(key);
      const mine = before ? before.then(task, task) : task();
      last.set(key, mine);
      try {
        return await mine;
      } finally {
        if (last.get(key) === mine) last.delete(key);
      }
    },
    idle: () => Promise.allSettled([...last.values()]),
  };
}
