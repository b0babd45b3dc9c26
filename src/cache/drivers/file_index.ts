// What a directory holds, in order of last use, so that making room never walks the disk.

export interface IndexEntry {
  bytes: number;
  /** When the file's time was last set, in ms since the epoch. */
  touchedMs: number;
}

/** The least recently used first: a Map keeps its order, and using a key moves it to the end. */
export interface FileIndex {
  /** The bytes of all entries together. */
  readonly bytes: number;
  readonly size: number;
  get(key: string): IndexEntry | undefined;
  /** Adds or replaces the key as the most recently used. */
  put(key: string, entry: IndexEntry): void;
  /** Moves the key to the end, if it is there. */
  use(key: string): IndexEntry | undefined;
  remove(key: string): void;
  oldestFirst(): Iterable<[key: string, entry: IndexEntry]>;
  /**
   * Adds what was found on disk, oldest first, behind everything used since the index was made;
   * keys that were put or removed meanwhile are left as they are. Later calls do nothing.
   */
  merge(found: [key: string, entry: IndexEntry][]): void;
}

export function createFileIndex(): FileIndex {
  let entries = new Map<string, IndexEntry>();
  let bytes = 0;
  /** Removed before the merge, where the walk may have seen the file before it went. */
  let removed: Set<string> | undefined = new Set();

  function put(key: string, entry: IndexEntry): void {
    remove(key);
    removed?.delete(key);
    entries.set(key, entry);
    bytes += entry.bytes;
  }

  function remove(key: string): void {
    const entry = entries.get(key);
    removed?.add(key);
    if (!entry) return;
    entries.delete(key);
    bytes -= entry.bytes;
  }

  return {
    get bytes() {
      return bytes;
    },
    get size() {
      return entries.size;
    },
    get: (key) => entries.get(key),
    put,
    remove,
    use(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry;
    },
    oldestFirst: () => entries.entries(),
    merge(found) {
      if (!removed) return;
      const gone = removed;
      removed = undefined;
      const recent = entries;
      found.sort(([, a], [, b]) => a.touchedMs - b.touchedMs);
      entries = new Map();
      for (const [key, entry] of found) {
        if (recent.has(key) || gone.has(key)) continue;
        entries.set(key, entry);
        bytes += entry.bytes;
      }
      for (const [key, entry] of recent) entries.set(key, entry);
    },
  };
}
