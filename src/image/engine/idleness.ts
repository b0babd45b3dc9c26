// Whether a process has more than it needs: workers that a load wanted, memory that it never gives back.

export interface Idleness {
  /** Notes how many tasks are in work. */
  note(running: number): void;
  /** Whether the time since the last look had use for less than this; begins the next such time. */
  hasMoreThanNeeded(process: IdleProcess): boolean;
}

export interface IdleProcess {
  /** Workers that have started, and tasks in work. */
  ready: number;
  running: number;
  /** Bytes now, and when it was fresh. */
  memory: number;
  memoryAtFirst: number;
}

/** How much more memory than a fresh one a process may keep while it has nothing to do. */
const GROWN = 1.25;

/** Where so many workers are always there. */
export function createIdleness(minWorkers: number): Idleness {
  /** The most tasks at once since the last look. */
  let peak = 0;
  return {
    note: (running) => void (peak = Math.max(peak, running)),
    hasMoreThanNeeded({ ready, running, memory, memoryAtFirst }) {
      const needed = Math.max(peak, minWorkers);
      const hasGrown = peak === 0 && memory > GROWN * memoryAtFirst;
      peak = running;
      return ready > needed || hasGrown;
    },
  };
}
