// Durations in the ticks of a file, as all formats have them.

/** Whole milliseconds, such that none of the time gets lost that they take together. */
export function inMilliseconds(ticks: readonly number[], perSecond: number): number[] {
  let before = 0, told = 0;
  return ticks.map((duration) => {
    before += duration;
    const until = Math.round(before / perSecond * 1000);
    const milliseconds = until - told;
    told = until;
    return milliseconds;
  });
}
