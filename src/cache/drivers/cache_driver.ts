// An unstorage driver reads and writes values; a cache must also list without holding everything
// in memory, and say how much it keeps. Our own drivers offer both beside unstorage's methods.

import type { Driver } from "unstorage";
import { untilAborted } from "../../http/origin/deadline.ts";
import type { Channel, Store } from "./store.ts";

/** What our drivers offer besides unstorage's methods; `ttl` is in seconds, as in unstorage. */
export interface CacheDriver extends Driver {
  getItemRaw(key: string, options: { signal?: AbortSignal }): Promise<Uint8Array | null>;
  /** As in a `Store`. */
  open?: NonNullable<Store["open"]>;
  channel?: Channel;
  onReturn?(listener: () => void): void;
  isLocal?: boolean;
  setItemRaw(key: string, value: Uint8Array, options: { ttl?: number }): Promise<void>;
  removeItem(key: string): Promise<void>;
  listKeys(prefix: string): AsyncIterable<string>;
  stats(): Promise<{ entries: number; bytes: number }>;
  dispose(): Promise<void>;
}

/** The two text methods that unstorage requires of a driver, from the raw ones. */
export function textMethods(
  driver: Pick<CacheDriver, "getItemRaw" | "listKeys">,
): Pick<Driver, "hasItem" | "getItem" | "getKeys"> {
  return {
    hasItem: async (key) => await driver.getItemRaw(key, {}) !== null,
    getItem: async (key) => {
      const value = await driver.getItemRaw(key, {});
      return value === null ? null : new TextDecoder().decode(value);
    },
    getKeys: (base) => Array.fromAsync(driver.listKeys(base)),
  };
}

/**
 * The driver as a `Store`. It is called directly, not through unstorage's storage object, which
 * folds some keys together (`a?x` into `a`) and would hold every listed key at once.
 */
export function createDriverStore(name: string, driver: CacheDriver): Store {
  let closing: Promise<void> | undefined;

  function assertOpen(): void {
    if (closing) throw new Error(`Cannot use the ${name} cache: it is closed`);
  }

  return {
    name,
    ...(driver.open && {
      async open(key, options) {
        assertOpen();
        return await driver.open!(key, options);
      },
    } satisfies Pick<Store, "open">),
    async get(key, signal) {
      assertOpen();
      signal?.throwIfAborted();
      const found = driver.getItemRaw(key, signal ? { signal } : {});
      const value: unknown = await (signal ? untilAborted(found, signal) : found);
      signal?.throwIfAborted();
      if (value === null || value === undefined) return undefined;
      // Drivers have been seen to answer with an Error object, or with text.
      if (!(value instanceof Uint8Array)) {
        throw new Error(`The ${name} cache answered with something other than bytes`, {
          cause: value,
        });
      }
      return value;
    },
    async set(key, value, { ttlSeconds } = {}) {
      assertOpen();
      await driver.setItemRaw(key, value, ttlSeconds === undefined ? {} : { ttl: ttlSeconds });
    },
    async delete(key) {
      assertOpen();
      await driver.removeItem(key);
    },
    keys(prefix = "") {
      assertOpen();
      return driver.listKeys(prefix);
    },
    stats() {
      assertOpen();
      return driver.stats();
    },
    ...(driver.channel && { channel: driver.channel }),
    ...(driver.onReturn && { onReturn: driver.onReturn }),
    ...(driver.isLocal && { isLocal: true }),
    close: () => closing ??= driver.dispose(),
  };
}
