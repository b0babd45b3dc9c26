// What one request went through, noted along the way: where the picture was found and what each stage
// took. Log, metrics, headers and spans are all told from it, and who does not want it passes none.

import type { CacheState } from "../http/cache_state.ts";

export const STAGES = ["cache", "queue", "fetch", "decode", "transform", "encode"] as const;
export type Stage = (typeof STAGES)[number];

export interface Trace {
  /** Host of the remote URL, once it is parsed. */
  sourceHost?: string;
  /** Whether nothing about the remote URL may be told. */
  isSecret?: boolean;
  /** The other server's grammar that the URL was written in. */
  dialect?: string;
  /** How the original, and the finished result, were found; unset where no cache was asked. */
  original?: CacheState;
  result?: CacheState;
  /** Set where what is sent shows only a part of a damaged original. */
  isPartial?: true;
  /** Stages in the order of their ends. Times are those of `performance.now()`, in ms. */
  readonly spans: { readonly stage: Stage; readonly start: number; readonly end: number }[];
}

export function createTrace(): Trace {
  return { spans: [] };
}

/** Does the work and notes what it took, whether it succeeds or not. */
export async function timed<T>(
  trace: Trace | undefined,
  stage: Stage,
  { work }: { work: () => Promise<T> },
): Promise<T> {
  if (!trace) return await work();
  const start = performance.now();
  try {
    return await work();
  } finally {
    trace.spans.push({ stage, start, end: performance.now() });
  }
}

/** Notes stages that followed one another and have just ended, from what each took in ms, in their order. */
export function noteStages(
  trace: Trace | undefined,
  times: Readonly<Partial<Record<Stage, number>>>,
): void {
  if (!trace) return;
  const took = STAGES.flatMap((stage) =>
    times[stage] === undefined ? [] : [{ stage, time: times[stage] }]
  );
  let start = performance.now() - took.reduce((sum, { time }) => sum + time, 0);
  for (const { stage, time } of took) trace.spans.push({ stage, start, end: start += time });
}

/** Milliseconds per stage, to a tenth, of those that took place. */
export function stageTimes({ spans }: Trace): Partial<Record<Stage, number>> {
  const times: Partial<Record<Stage, number>> = {};
  for (const { stage, start, end } of spans) times[stage] = (times[stage] ?? 0) + end - start;
  for (const stage of STAGES) {
    const time = times[stage];
    if (time !== undefined) times[stage] = Math.round(time * 10) / 10;
  }
  return times;
}
