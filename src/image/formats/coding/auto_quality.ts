// The lowest quality at which a picture still looks like what is written, in few tries: each costs an encode, and
// a look at what came of it.

/** What `quality:auto` asks for. */
export interface AutoQuality {
  /** The structural similarity to reach, up to 1. */
  target: number;
}

/** Encodes at most. */
export const AUTO_TRIES = 4;
/** Below this soft colours break up, which similarity of brightness does not see. */
const LOWEST = 60;
const HIGHEST = 100;
/** Where most photos reach the usual target: scripts/calibrate_auto.ts has the figures. */
const FIRST = 78;
/** By how much the logarithm of what is missing to 1 falls with each step of quality above and below there, mostly. */
const SLOPE_ABOVE = 0.06, SLOPE_BELOW = 0.028;
/** As flat as it may be taken for. */
const SLOPE_LEAST = 0.01;
/** Steps that two tries may lead upwards. */
const FARTHEST = 8;
/** What a try may reach too much for no other to be made: a step of quality is worth as much. */
const NEAR = 0.002;

export interface Try<T> {
  quality: number;
  similarity: number;
  written: T;
}

export interface SearchOptions {
  target: number;
  /** When all has to be done, by `now`, which is in milliseconds; there is time enough unless told. */
  deadline?: number | undefined;
  now(): number;
}

/**
 * The lowest quality of the tries that reaches the target, or where none does the one that comes nearest. No try is
 * begun that would not end in time.
 */
export async function findQuality<T>(
  write: (quality: number) => Promise<Omit<Try<T>, "quality">>,
  { target, deadline = Infinity, now }: SearchOptions,
): Promise<Try<T>> {
  const tries: Try<T>[] = [];
  let longest = 0;
  for (let quality = FIRST; tries.length < AUTO_TRIES;) {
    const started = now();
    tries.push({ quality, ...await write(quality) });
    longest = Math.max(longest, now() - started);
    const next = nextQuality(tries, target);
    if (next === undefined || now() + longest > deadline) break;
    quality = next;
  }
  const reaching = tries.filter(({ similarity }) => similarity >= target);
  return reaching.length > 0
    ? reaching.reduce((best, each) => each.quality < best.quality ? each : best)
    : tries.reduce((best, each) => each.similarity > best.similarity ? each : best);
}

/** The quality to try next; undefined where no other would be better. */
function nextQuality(tries: readonly Try<unknown>[], target: number): number | undefined {
  const byQuality = tries.toSorted((a, b) => a.quality - b.quality);
  const above = byQuality.find(({ similarity }) => similarity >= target);
  const [below, lower] = byQuality.filter(({ similarity }) => similarity < target).reverse();
  if (above && above.similarity < target + NEAR) return undefined;
  const lowest = below ? below.quality + 1 : LOWEST;
  const highest = above ? above.quality - 1 : HIGHEST;
  if (lowest > highest) return undefined;
  const wanted = missing(target);
  if (above) {
    const guess = below
      ? between(below, above, wanted)
      : above.quality + (missing(above.similarity) - wanted) / SLOPE_BELOW;
    return Math.max(lowest, Math.min(highest, Math.ceil(guess)));
  }
  // The curve is steeper towards the top, so that what two tries say of it leads far enough.
  const slope = lower
    ? (missing(lower.similarity) - missing(below!.similarity)) / (below!.quality - lower.quality)
    : SLOPE_ABOVE;
  const step = (missing(below!.similarity) - wanted) /
    Math.max(SLOPE_LEAST, Math.min(SLOPE_ABOVE, slope));
  // The last of all has to reach the target, where that can be.
  const isLast = tries.length === AUTO_TRIES - 1;
  const steps = Math.ceil(isLast ? 2 * step : lower ? Math.min(step, FARTHEST) : step);
  return Math.min(highest, below!.quality + Math.max(1, steps));
}

/** Nearer to the middle than a straight line has it: the curve is steeper towards the top. */
function between(below: Try<unknown>, above: Try<unknown>, wanted: number): number {
  const [low, high] = [below, above].map(({ similarity }) => missing(similarity));
  const share = (low! - wanted) / (low! - high!);
  return below.quality + (above.quality - below.quality) * (share + 0.5) / 2;
}

/** On a scale on which the steps of quality are about alike. */
function missing(similarity: number): number {
  return Math.log(Math.max(1e-6, 1 - similarity));
}
