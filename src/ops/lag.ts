// How long the event loop keeps its callers waiting. Deno's own figures for it are zero, so a timer is
// asked how late it comes.

const SAMPLE_MS = 50;
/** A reading covers the last one to two windows, so that no scrape misses what happened between two. */
const WINDOW_MS = 15_000;

export interface LagSampler {
  /** The longest delay of late, in seconds. */
  read(): number;
  close(): void;
}

export function createLagSampler(): LagSampler {
  let expected = performance.now() + SAMPLE_MS;
  let windowEnds = expected + WINDOW_MS;
  let longest = 0;
  let longestBefore = 0;
  const timer = setInterval(() => {
    const now = performance.now();
    longest = Math.max(longest, now - expected);
    expected = now + SAMPLE_MS;
    if (now < windowEnds) return;
    windowEnds = now + WINDOW_MS;
    longestBefore = longest;
    longest = 0;
  }, SAMPLE_MS);
  Deno.unrefTimer(timer);
  return {
    read: () => Math.max(longest, longestBefore, performance.now() - expected, 0) / 1000,
    close: () => clearInterval(timer),
  };
}
