// Taking things out of all tiers, and out of those of other servers that share one of them.

import type { Channel } from "./drivers/store.ts";
import type { GuardedStore } from "./guarded_store.ts";
import type { MemoryTier } from "./memory_tier.ts";
import type { WriteQueue } from "./write_queue.ts";

/** What a removal did. Backends named in `failed` may still hold some of it. */
export interface Removal {
  readonly removed: number;
  readonly failed: readonly { readonly store: string; readonly cause: unknown }[];
  /** The servers that were reached, this one among them; undefined where nothing is shared with any. */
  readonly servers?: number;
}

/** Where things are kept: in memory, or in a store and what waits to be written to it. */
export type Place =
  | { readonly memory: Pick<MemoryTier<unknown>, "keys" | "delete"> }
  | {
    readonly memory?: undefined;
    readonly store: GuardedStore;
    readonly queue: Pick<WriteQueue<unknown>, "cancel">;
  };

type StorePlace = Extract<Place, { store: unknown }>;

export interface Remover {
  /** Removes one key from every place here. */
  remove(key: string): Promise<Removal>;
  /** Removes from every place here the keys that begin with `prefix`; all, if it is empty. */
  removeAll(prefix: string): Promise<Removal>;
  /** The same, and has it done by every server that shares a place. */
  removeEverywhere(prefix: string): Promise<Removal>;
  /** Has removed here what other servers that share a place remove; `onRemoval` is told of it first. */
  follow(onRemoval: (prefix: string) => void): void;
  /** A moment, for `overlaps()`. */
  now(): number;
  /** Whether anything was, or is being, removed since then: a read must not put back what it read. */
  overlaps(since: number): boolean;
}

const DELETIONS_AT_ONCE = 8;

export function createRemover(places: readonly Place[]): Remover {
  let begun = 0;
  let running = 0;

  async function removeWhere(
    matches: (key: string) => boolean,
    { keysIn, from = places }: {
      keysIn: (place: StorePlace) => AsyncIterable<string>;
      from?: readonly Place[];
    },
  ): Promise<Removal> {
    begun++;
    running++;
    let removed = 0;
    const failed: { store: string; cause: unknown }[] = [];
    try {
      for (const { memory } of from) {
        for (const key of [...memory?.keys() ?? []]) {
          if (matches(key) && memory?.delete(key)) removed++;
        }
      }
      await Promise.all(from.map(async (place) => {
        if (place.memory) return;
        await place.queue.cancel(matches);
        try {
          removed += await deleteEach(place.store, keysIn(place));
        } catch (cause) {
          failed.push({ store: place.store.name, cause });
        }
      }));
    } finally {
      running--;
      begun++;
    }
    return { removed, failed };
  }

  const removeAll = (prefix: string, from?: readonly Place[]) =>
    removeWhere((key) => key.startsWith(prefix), {
      keysIn: ({ store }) => store.keys(prefix),
      ...(from && { from }),
    });

  const channels = places.flatMap((place) => {
    const channel = place.memory ? undefined : place.store.channel;
    return channel ? [{ channel, name: (place as StorePlace).store.name }] : [];
  });

  return {
    remove: (key) => removeWhere((candidate) => candidate === key, { keysIn: () => only(key) }),
    removeAll: (prefix) => removeAll(prefix),
    async removeEverywhere(prefix) {
      const here = await removeAll(prefix);
      const all = await Promise.all(channels.map((each) => announce(prefix, each)));
      if (all.length === 0) return here;
      return {
        removed: [here, ...all].reduce((sum, { removed }) => sum + removed, 0),
        failed: [here, ...all].flatMap(({ failed }) => failed),
        servers: Math.max(...all.map(({ servers }) => servers)),
      };
    },
    follow(onRemoval) {
      // What is shared was emptied by who announced it.
      const own = places.filter((place) => place.memory || place.store.isLocal);
      for (const { channel } of channels) {
        channel.listen(async (prefix) => {
          onRemoval(prefix);
          return (await removeAll(prefix, own)).removed;
        });
      }
    },
    now: () => begun,
    overlaps: (since) => running > 0 || begun !== since,
  };
}

async function announce(
  prefix: string,
  { channel, name }: { channel: Channel; name: string },
): Promise<Required<Removal>> {
  const { servers, removed, missing } = await channel.announce(prefix);
  const cause = new Error(`${missing} of those who share it did not answer`);
  return { servers, removed, failed: missing > 0 ? [{ store: name, cause }] : [] };
}

async function* only(key: string): AsyncIterable<string> {
  yield key;
}

async function deleteEach(store: GuardedStore, keys: AsyncIterable<string>): Promise<number> {
  const deletions = new Set<Promise<unknown>>();
  let removed = 0;
  let failures = 0;
  for await (const key of keys) {
    const deletion: Promise<unknown> = store.delete(key)
      .then((done) => done ? removed++ : failures++)
      .finally(() => deletions.delete(deletion));
    deletions.add(deletion);
    if (deletions.size >= DELETIONS_AT_ONCE) await Promise.race(deletions);
  }
  await Promise.all(deletions);
  if (failures > 0) throw new Error(`${failures} of ${failures + removed} deletions failed`);
  return removed;
}
