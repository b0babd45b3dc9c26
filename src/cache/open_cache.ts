// The -cache values become tiers. What a value names is opened here; what is kept in it is the caller's.
import { openStore as openBackend, parseMemorySpec, type StoreContext } from "./backends.ts";
import type { Codec } from "./codec.ts";
import { createGuardedStore, type StoreChange } from "./guarded_store.ts";
import type { Kind } from "./key.ts";
import { createMemoryTier } from "./memory_tier.ts";
import type { Store } from "./drivers/store.ts";
import { createTieredCache, type Tier, type TieredCache } from "./tiers.ts";

export interface OpenCacheOptions<V, S = never> {
  /** As given by -cache: `memory:100`, `/var/cache`, `results=s3://…`. */
  readonly specs: readonly string[];
  readonly codec: Codec<V, S>;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  /** Bytes that may wait to be written to each backend. */
  readonly maxQueueBytes: number;
  readonly context: StoreContext;
  /** Opens backends; those of the table unless a test has its own. */
  readonly openStore?: ((spec: string, context: StoreContext) => Promise<Store>) | undefined;
  /** Told when a backend is given up and when it is in use again. */
  log(change: StoreChange): void;
}

export interface OpenCache<V, S = never> extends TieredCache<V, S> {
  /** The tiers, fastest first, for those who count. */
  readonly levels: readonly Level<V>[];
}

export type Level<V> = Tier<V> & {
  /** The kind of cache, with a number from the second of the kind on. */
  readonly name: string;
};

const FAILURES_TO_GIVE_UP = 3;
const RETRY_AFTER_MS = 5000;

/** Opens all caches as one. Throws one sentence for a value that cannot be right. */
export async function openCache<V, S = never>(
  options: OpenCacheOptions<V, S>,
): Promise<OpenCache<V, S>> {
  const { specs, codec, maxQueueBytes } = options;
  const levels: Level<V>[] = [];
  for (const spec of specs) {
    const { holds, place } = parseTier(spec);
    levels.push({ holds, ...await openPlace(place, { ...options, taken: levels }) });
  }
  return Object.assign(createTieredCache(levels, { codec, maxQueueBytes }), { levels });
}

/** `results=PLACE` and `originals=PLACE` keep one kind there; a place alone keeps both. */
export function parseTier(spec: string): { holds: Kind | "both"; place: string } {
  const [, kind, place] = /^(originals|results)=(.*)$/s.exec(spec) ?? [];
  if (kind === undefined || place === undefined) return { holds: "both", place: spec };
  return { holds: kind === "originals" ? "original" : "result", place };
}

async function openPlace<V, S>(
  place: string,
  { taken, ...options }: OpenCacheOptions<V, S> & { taken: readonly Level<V>[] },
) {
  const now = () => performance.now();
  if (/^memory(?::|$)/i.test(place)) {
    const { size } = options.codec;
    const memory = createMemoryTier({ ...parseMemorySpec(place), size, now });
    return { name: freeName("memory", taken), memory };
  }
  const { openStore = openBackend, context } = options;
  const backend = await openStore(place, context);
  const name = freeName(backend.name, taken);
  const store = createGuardedStore({ ...backend, name }, {
    ...options,
    failuresToOpen: FAILURES_TO_GIVE_UP,
    retryAfterMs: RETRY_AFTER_MS,
    now,
  });
  return { name, store };
}

function freeName(name: string, taken: readonly { readonly name: string }[]): string {
  const same = taken.filter((level) => level.name.replace(/\d+$/, "") === name).length;
  return same === 0 ? name : `${name}${same + 1}`;
}
