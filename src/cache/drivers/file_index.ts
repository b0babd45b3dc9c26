// What a directory holds, in order of last use, so that making room never walks the disk.

export interface IndexEntry {
  bytes: number;
  /** When the file's time was last set, in ms since the epoch. */
  touchedMs: number;
}

/** Entries in order of use: a Map keeps its order, and using a key moves it to the end. */
export interface FileIndex {
  /** The bytes of all entries together. */
  readonly bytes: number;
  readonly size: number;
  /** Adds or replaces the key as the most recently used. */
  put(key: string, entry: IndexEntry): void;
  get(key: string): IndexEntry | undefined;
  /** Makes the key the most recently used, if it is there. */
  use(key: string): IndexEntry | undefined;
  remove(key: string): void;
  oldestFirst(): Iterable<[key: string, entry: IndexEntry]>;
  /**
   * Adds what was found on disk as older than everything used since the index was made, except
   * keys that were put or removed since. To be called once; works in slices.
   */
  addOlder(found: [key: string, entry: IndexEntry][]): Promise<void>;
}

/** Entries added between two turns of the event loop: about 2 ms. */
const SLICE = 2_000;

export function createFileIndex(): FileIndex {
  /** Found on disk and not used since; all of it is older than `recent`. */
  const older = new Map<string, IndexEntry>();
  const recent = new Map<string, IndexEntry>();
  /** Removed before addOlder, which may bring files that were seen before they went. */
  let removed: Set<string> | undefined = new Set();
  let bytes = 0;

  function remove(key: string): void {
    removed?.add(key);
    const entry = older.get(key) ?? recent.get(key);
    if (!entry) return;
    if (!older.delete(key)) recent.delete(key);
    bytes -= entry.bytes;
  }

  return {
    get bytes() {
      return bytes;
    },
    get size() {
      return older.size + recent.size;
    },
    put(key, entry) {
      remove(key);
      recent.set(key, entry);
      bytes += entry.bytes;
    },
    get: (key) => older.get(key) ?? recent.get(key),
    use(key) {
      const entry = older.get(key) ?? recent.get(key);
      if (!entry) return undefined;
      if (!older.delete(key)) recent.delete(key);
      recent.set(key, entry);
      return entry;
    },
    remove,
    *oldestFirst() {
      yield* older;
      yield* recent;
    },
    async addOlder(found) {
      let added = 0;
      for (const place of orderOf(found.map(([, { touchedMs }]) => touchedMs))) {
        const [key, entry] = found[place]!;
        if (!removed?.has(key) && !recent.has(key)) {
          older.set(key, entry);
          bytes += entry.bytes;
        }
        if (++added % SLICE === 0) await new Promise((resolve) => setTimeout(resolve, 0));
      }
      removed = undefined;
    },
  };
}

/**
 * The places of the times, earliest first. Time and place go into one number, because sorting
 * numbers takes a tenth of what sorting 200,000 pairs takes, which would hold up all requests.
 */
function* orderOf(times: number[]): Generator<number> {
  let earliest = Infinity;
  let latest = -Infinity;
  for (const time of times) {
    earliest = Math.min(earliest, time);
    latest = Math.max(latest, time);
  }
  const count = times.length;
  const unit = Math.max(1, (latest - earliest) * count / (Number.MAX_SAFE_INTEGER / 2));
  const packed = Float64Array.from(
    times,
    (time, place) => Math.floor((time - earliest) / unit) * count + place,
  ).sort();
  for (const value of packed) yield value % count;
}
