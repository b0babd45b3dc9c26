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
