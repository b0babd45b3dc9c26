// A slip of the finger deserves a better answer than "unknown".

/** `; did you mean x?` for the candidate that is closest to the word, or nothing where none is close. */
export function nearest(
  word: string,
  candidates: readonly string[],
  { prefix = "" }: { prefix?: string } = {},
): string {
  const candidate = closest(word, candidates);
  return candidate === undefined ? "" : `; did you mean ${prefix}${candidate}?`;
}

/** The candidate that is closest to the word, whatever the case of either; undefined where none is close. */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const ranked = candidates
    // What differs in length by more is no slip, and comparing a word of kilobytes takes its time.
    .filter((candidate) => Math.abs(lower.length - candidate.length) <= mostSlips(candidate))
    .map((candidate) => [editDistance(lower, candidate.toLowerCase()), candidate] as const)
    .filter(([distance, candidate]) => distance <= mostSlips(candidate))
    .sort(([a], [b]) => a - b);
  return ranked[0]?.[1];
}

function mostSlips({ length }: string): number {
  return Math.max(1, Math.min(3, Math.floor(length / 3)));
}

/** How many letters must be put in, taken out, changed, or swapped with their neighbour. */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        last[column]! + 1,
        current[column - 1]! + 1,
        last[column - 1]! + (same ? 0 : 1),
      );
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] &&
        a[row - 2] === b[column - 1];
      if (isSwap) cost = Math.min(cost, before[column - 2]! + 1);
      current.push(cost);
    }
    before = last;
    last = current;
  }
  return last[b.length]!;
}
