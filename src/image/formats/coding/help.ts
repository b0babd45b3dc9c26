// Work that a worker has others do while they stand idle. The job stays that worker's: what nobody else
// did, it does itself.

/** Work as plain data, of one kind. */
export interface Priced<Work> {
  errand: Work;
  /** Bytes of memory that it takes, by estimate. */
  cost: number;
}

/** Those who stand idle, as far as they can do this kind of work. */
export interface HelpWith<Work, Result> {
  helpers: number;
  /** Sends an errand to each as far as there are any; undefined where one has no result. */
  ask(errands: readonly Priced<Work>[]): Promise<Result | undefined>[];
}

/**
 * What is to be done in as many contiguous shares of about the same weight as there are workers, the own one first;
 * one share where all of it weighs less than `least`.
 */
export function inShares<Item>(
  items: readonly Item[],
  { weightOf, least, help }: {
    weightOf: (item: Item) => number;
    least: number;
    help: { helpers: number } | undefined;
  },
): Item[][] {
  const weight = items.reduce((sum, item) => sum + weightOf(item), 0);
  const count = weight < least ? 1 : 1 + (help?.helpers ?? 0);
  const shares: Item[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const item of items) {
    shares[Math.floor(before / weight * count)]!.push(item);
    before += weightOf(item);
  }
  return shares.filter((share) => share.length > 0);
}

/** Sends the errands at once and gives their results in order; those that have none, `work` makes. */
export function delegate<Work, Result>(
  errands: readonly Priced<Work>[],
  { help, work }: {
    help: HelpWith<Work, Result> | undefined;
    work: (errand: Work) => Result | Promise<Result>;
  },
): AsyncIterable<Result> {
  const asked = errands.length > 0 ? help?.ask(errands) ?? [] : [];
  return (async function* () {
    for (const [index, { errand }] of errands.entries()) {
      yield await asked[index] ?? await work(errand);
    }
  })();
}
