// The stock LRU driver bounds bytes well. It also hands out the very array that it keeps, so a
// caller that transfers or changes it would ruin the entry, and it cannot expire a single entry.

import stockDriver from "unstorage/drivers/lru-cache";
import { type CacheDriver, textMethods } from "./cache_driver.ts";

export interface MemoryDriverOptions {
  /** The bound, in bytes of keys and values together. A larger value is not kept. */
  maxBytes: number;
  /** Milliseconds after which any entry is forgotten; 0 never. */
  maxAgeMs?: number;
}

/** Keeps the most recently used values in memory. */
export function createMemoryDriver({ maxBytes, maxAgeMs = 0 }: MemoryDriverOptions): CacheDriver {
  const stock = stockDriver({
    max: 0,
    maxSize: maxBytes,
    ttl: maxAgeMs,
    ttlResolution: 0,
    sizeCalculation: (value: Uint8Array, key: string) => key.length + value.byteLength,
  });
  const entries = stock.getInstance!();

  const raw = {
    getItemRaw: (key: string) => {
      const kept = entries.get(key) as Uint8Array | undefined;
      return Promise.resolve(kept === undefined ? null : kept.slice());
    },
    async *listKeys(prefix: string) {
      for (const key of [...entries.keys()] as string[]) {
        if (key.startsWith(prefix)) yield key;
      }
    },
  };

  return {
    ...stock,
    isLocal: true,
    ...textMethods(raw),
    ...raw,
    setItemRaw(key, value, { ttl } = {}) {
      const ages = [maxAgeMs, (ttl ?? 0) * 1000].filter((ms) => ms > 0);
      // A copy, since a view would keep the whole buffer under it alive, uncounted.
      entries.set(key, Uint8Array.from(value), { ttl: ages.length ? Math.min(...ages) : 0 });
      return Promise.resolve();
    },
    removeItem(key) {
      entries.delete(key);
      return Promise.resolve();
    },
    stats() {
      let bytes = 0;
      for (const value of entries.values()) bytes += (value as Uint8Array).byteLength;
      return Promise.resolve({ entries: entries.size, bytes });
    },
    dispose() {
      entries.clear();
      return Promise.resolve();
    },
  };
}
