// Several caches as one, fastest first: read through and filled back, written without anyone waiting.
// What is at hand is answered at once, not through a promise.

import type { Codec } from "./codec.ts";
import { asFound, createFrameReader, type Found } from "./frame_reader.ts";
import type { GuardedStore } from "./guarded_store.ts";
import { type Kind, kindOfKey } from "./key.ts";
import type { MemoryTier } from "./memory_tier.ts";
import { createRemover, type Remover } from "./removal.ts";
import { createWriteQueue, type QueueCounters, type WriteQueue } from "./write_queue.ts";

/** A memory tier or a backend, and what is kept there. */
export type Tier<V> =
  & { readonly holds: Kind | "both" }
  & ({ readonly memory: MemoryTier<V> } | { readonly store: GuardedStore });

export interface TieredCacheOptions<V, S = never> {
  readonly codec: Codec<V, S>;
  /** The most, in bytes, that may wait to be written to each backend. */
  readonly maxQueueBytes: number;
  /** Writes at once to each backend. */
  readonly writesAtOnce?: number;
}

export interface TieredCache<V, S = never>
  extends Pick<Remover, "remove" | "removeAll" | "removeEverywhere" | "follow"> {
  /** The value itself if it is in memory, else a promise; rejects only by the caller's own signal. */
  get(
    key: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): V | undefined | Promise<V | undefined>;
  /** The same, but a large value may be left in a store that is read in parts. */
  open(
    key: string,
    options?: { readonly signal?: AbortSignal | undefined },
  ): V | S | undefined | Promise<V | S | undefined>;
  /** The value if it is in memory; asks nothing else, and is no miss otherwise. */
  peek(key: string): V | undefined;
  /** In memory at once, elsewhere soon. */
  set(key: string, value: V): void;
  /** Resolves when everything set so far has been written or dropped. */
  flush(): Promise<void>;
  /** Flushes, and closes the backends. What is set after that is not kept. */
  close(): Promise<void>;
  /** Frames that were no sound entries, and each backend's queue. */
  readonly counters: {
    readonly unreadable: number;
    readonly queues: Record<string, QueueCounters>;
  };
}

interface MemoryLevel<V> {
  readonly holds: Kind | "both";
  readonly memory: MemoryTier<V>;
}

interface StoreLevel<V> {
  readonly holds: Kind | "both";
  readonly memory?: undefined;
  readonly store: GuardedStore;
  readonly queue: WriteQueue<V>;
}

type AnyLevel<V> = MemoryLevel<V> | StoreLevel<V>;

/** So many keys of large values are remembered that were sent from a store, and next time go to memory. */
const MAX_SENT = 1000;

export function createTieredCache<V, S = never>(
  tiers: readonly Tier<V>[],
  options: TieredCacheOptions<V, S>,
): TieredCache<V, S> {
  const { codec, maxQueueBytes, writesAtOnce = 4 } = options;
  const levels = tiers.map((tier): AnyLevel<V> => {
    if ("memory" in tier) return tier;
    const write = (key: string, value: V) => {
      const ttlSeconds = codec.ttlSeconds?.(value);
      const ttl = ttlSeconds === undefined ? {} : { ttlSeconds };
      return tier.store.set(key, () => codec.encode(value), ttl);
    };
    const queue = createWriteQueue({ write, maxBytes: maxQueueBytes, atOnce: writesAtOnce });
    return { ...tier, queue };
  });
  const storeLevels = levels.filter((level) => level.memory === undefined);
  let closed = false;
  let unreadable = 0;
  const { now, overlaps, ...remover } = createRemover(levels);
  const sent = new Set<string>();
  const frames = createFrameReader(codec, { onUnreadable: () => unreadable++ });

  async function search(
    key: string,
    { from, leaves, signal }: {
      from: number;
      leaves: boolean;
      signal: AbortSignal | undefined;
    },
  ): Promise<Found<V, S> | undefined> {
    const started = now();
    for (const [index, level] of levels.entries()) {
      if (index < from || !holds(level, key)) continue;
      const faster = levels.slice(0, index).filter((other) => holds(other, key));
      const found = level.memory
        ? asFound(level.memory.get(key))
        : asFound(level.queue.peek(key)) ?? await frames.read(level.store, key, {
          signal,
          leaves: leaves && mayStay(key, faster),
          onSent(bytes) {
            if (faster.some(({ memory }) => memory && bytes <= memory.maxBytes)) noteSent(key);
          },
        });
      if (found === undefined) continue;
      if ("value" in found && !overlaps(started)) put({ key, value: found.value, levels: faster });
      return found;
    }
    return undefined;
  }

  // Every store in front is filled at once. Memory is not, for one passer-by could push everything out
  // of it: who is asked for again gets there.
  function mayStay(key: string, faster: readonly AnyLevel<V>[]): boolean {
    return faster.every(({ memory }) => memory !== undefined) && !sent.delete(key);
  }

  function noteSent(key: string): void {
    sent.add(key);
    const [oldest] = sent;
    if (sent.size > MAX_SENT && oldest !== undefined) sent.delete(oldest);
  }

  function atHand<T>(
    key: string,
    search: (from: number) => Promise<T>,
  ): V | undefined | Promise<T> {
    for (let index = 0; index < levels.length; index++) {
      const level = levels[index]!;
      if (!holds(level, key)) continue;
      if (level.memory === undefined) return search(index);
      const value = level.memory.get(key);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  function put(filled: { key: string; value: V; levels: typeof levels }) {
    const { key, value } = filled;
    if (closed || (codec.ttlSeconds?.(value) ?? 1) <= 0) return;
    for (const level of filled.levels) {
      if (!holds(level, key)) continue;
      if (level.memory) level.memory.set(key, value);
      else level.queue.push(key, { job: value, bytes: codec.size(value) });
    }
  }

  return {
    get: (key, { signal } = {}) =>
      atHand(key, async (from) => {
        const found = await search(key, { from, leaves: false, signal });
        return found && "value" in found ? found.value : undefined;
      }),
    open: (key, { signal } = {}) =>
      atHand(key, async (from) => {
        const found = await search(key, { from, leaves: true, signal });
        return found && ("value" in found ? found.value : found.left);
      }),
    peek(key) {
      for (const { memory } of levels) {
        if (memory?.has(key)) return memory.get(key);
      }
      return undefined;
    },
    set: (key, value) => put({ key, value, levels }),
    ...remover,
    async flush() {
      await Promise.all(storeLevels.map(({ queue }) => queue.idle()));
    },
    async close() {
      closed = true;
      await Promise.all(storeLevels.map(async ({ queue, store }) => {
        await queue.idle();
        await store.close();
      }));
    },
    get counters() {
      const queues = storeLevels.map(({ store, queue }) => [store.name, queue.counters] as const);
      return { unreadable, queues: Object.fromEntries(queues) };
    },
  };
}

function holds(level: { readonly holds: Kind | "both" }, key: string): boolean {
  return level.holds === "both" || level.holds === kindOfKey(key);
}
