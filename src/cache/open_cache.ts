// The -cache values become tiers. What a value names is opened here; what is kept in it is the caller's.
import { createGuardedStore, type GuardedStore, type StoreChange } from "./guarded_store.ts";
import type { Kind } from "./key.ts";
import { createMemoryTier, type MemoryTier } from "./memory_tier.ts";
import type { Store } from "./store.ts";
import { type Codec, createTieredCache, type Tier, type TieredCache } from "./tiers.ts";

export interface OpenCacheOptions<V> {
  /** As given by -cache: `memory:100`, `/var/cache`, `results=s3://…`. */
  readonly specs: readonly string[];
  readonly codec: Codec<V>;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Bytes that may wait to be written to each backend. */
  readonly maxQueueBytes: number;
  /** Opens a backend; throws one sentence if the value cannot be right. */
  openStore(spec: string): Promise<Store>;
  /** Told when a backend is given up and when it is in use again. */
  log(change: StoreChange): void;
}

export interface OpenCache<V> extends TieredCache<V> {
  /** The tiers, fastest first, for those who count. */
  readonly levels: readonly Level<V>[];
}

export type Level<V> = Tier<V> & { readonly name: string };

const FAILURES_TO_GIVE_UP = 3;
const RETRY_AFTER_MS = 5000;

/** Opens all caches as one. Throws one sentence for a value that cannot be right. */
export async function openCache<V>(options: OpenCacheOptions<V>): Promise<OpenCache<V>> {
  const { specs, codec, maxQueueBytes } = options;
  const levels: Level<V>[] = [];
  for (const spec of specs) {
    const { holds, place } = parseTier(spec);
    const name = freeName(/^\w{2,}(?=:|$)/.exec(place)?.[0] ?? "file", levels);
    levels.push({ name, holds, ...await openPlace(place, { name, options }) });
  }
  return Object.assign(createTieredCache(levels, { codec, maxQueueBytes }), { levels });
}

/** `results=PLACE` and `originals=PLACE` keep one kind there; a place alone keeps both. */
export function parseTier(spec: string): { holds: Kind | "both"; place: string } {
  const [, kind, place] = /^(originals|results)=(.*)$/s.exec(spec) ?? [];
  if (kind === undefined || place === undefined) return { holds: "both", place: spec };
  return { holds: kind === "originals" ? "original" : "result", place };
}
