// Where the time of a transform goes, though its stages take turns.
import type { TransformTimings } from "./plan/job.ts";

type Stage = Exclude<keyof TransformTimings, "queue">;

export interface Stopwatch {
  /** Counts the time since the last lap for this stage, but for so many milliseconds of it that were decoding. */
  lap(stage: Stage, decoding?: number): void;
  /** Milliseconds so far. */
  readonly spent: Readonly<Record<Stage, number>>;
}

/** A stopwatch that runs. */
export function createStopwatch(): Stopwatch {
  const spent = { decode: 0, transform: 0, encode: 0 };
  let last = performance.now();
  return {
    spent,
    lap(stage, decoding = 0) {
      const now = performance.now();
      spent[stage] += now - last - decoding;
      spent.decode += decoding;
      last = now;
    },
  };
}
