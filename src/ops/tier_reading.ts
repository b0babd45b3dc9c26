// What a cache tier has to tell, in the words of the metrics.
import type { Level } from "../cache/open_cache.ts";
import type { TieredCache } from "../cache/tiers.ts";
import type { TierReading } from "./readings.ts";

type Queues = TieredCache<unknown>["counters"]["queues"];

/** The counters of a tier since the start; those of a backend include its write queue. */
export async function readTier<V>(level: Level<V>, queues: Queues): Promise<TierReading> {
  if ("memory" in level) return { ...level.memory.counters };
  const { hits, misses, writes, readErrors, writeErrors, skippedReads, skippedWrites } =
    level.store.counters;
  const stats = await level.store.stats();
  return {
    hits,
    misses,
    writes,
    errors: readErrors + writeErrors,
    skipped: skippedReads + skippedWrites,
    ...(stats ? { entries: stats.entries, bytes: stats.bytes } : {}),
    queued: queues[level.name]?.waiting ?? 0,
  };
}
