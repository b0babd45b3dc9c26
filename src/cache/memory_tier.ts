// The fastest tier holds entries as they are served, decoded once, so that a hit is a look-up and
// nothing else. Bounded in bytes, least recently used out first.

export interface MemoryTierOptions<V> {
  readonly maxBytes: number;
  /** Entries older than this, in ms, are gone; without it they stay until they are pushed out. */
  readonly maxAgeMs?: number | undefined;
  /** What a value takes up, in bytes. */
  readonly size: (value: V) => number;
  /** A clock in ms that never runs backwards. */
  readonly now: () => number;
}

export interface MemoryTier<V> {
  get(key: string): V | undefined;
  /** A value larger than the whole tier is not kept, and what was there before is gone. */
  set(key: string, value: V): void;
  delete(key: string): boolean;
  keys(): Iterable<string>;
  readonly counters: Readonly<MemoryCounters>;
}

export interface MemoryCounters {
  entries: number;
  bytes: number;
  hits: number;
  misses: number;
  evictions: number;
}

interface Slot<V> {
  readonly value: V;
  readonly bytes: number;
  readonly expiresAt: number;
}

export function createMemoryTier<V>(options: MemoryTierOptions<V>): MemoryTier<V> {
  const { maxBytes, maxAgeMs = Infinity, size, now } = options;
  // A Map keeps the order of insertion: the first is the one that was used the longest time ago.
  const slots = new Map<string, Slot<V>>();
  const counters: MemoryCounters = { entries: 0, bytes: 0, hits: 0, misses: 0, evictions: 0 };
  const ages = maxAgeMs !== Infinity;

  function drop(key: string): boolean {
    const slot = slots.get(key);
    if (slot === undefined) return false;
    slots.delete(key);
    counters.bytes -= slot.bytes;
    counters.entries--;
    return true;
  }

  return {
    counters,

    get(key) {
      const slot = slots.get(key);
      if (slot === undefined || (ages && now() >= slot.expiresAt)) {
        drop(key);
        counters.misses++;
        return undefined;
      }
      slots.delete(key);
      slots.set(key, slot);
      counters.hits++;
      return slot.value;
    },

    set(key, value) {
      drop(key);
      const bytes = size(value);
      if (bytes > maxBytes) return;
      slots.set(key, { value, bytes, expiresAt: ages ? now() + maxAgeMs : Infinity });
      counters.bytes += bytes;
      counters.entries++;
      for (const oldest of slots.keys()) {
        if (counters.bytes <= maxBytes) break;
        drop(oldest);
        counters.evictions++;
      }
    },

    delete: drop,
    keys: () => slots.keys(),
  };
}
