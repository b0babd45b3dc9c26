// A backend in memory that fails on command, in the ways that real ones have been seen to.

import type { Store } from "../../src/cache/drivers/store.ts";

export type Failure = "reject" | "throw" | "hang" | "rubbish" | "read-only" | undefined;

export function createFailingStore(name = "failing") {
  const held = new Map<string, { value: Uint8Array; ttlSeconds: number | undefined }>();
  let failure: Failure;
  let calls = 0;
  let signal: AbortSignal | undefined;
  let hanging: (() => void)[] = [];

  function misbehave(writes: boolean): Promise<never> | undefined {
    calls++;
    if (failure === "throw") throw new Error("down at once");
    if (failure === "reject" || (failure === "read-only" && writes)) {
      return Promise.reject(new Error("down"));
    }
    if (failure !== "hang") return undefined;
    return new Promise((_, reject) => hanging.push(() => reject(new Error("released"))));
  }

  const store: Store = {
    name,
    async get(key, abort) {
      signal = abort;
      await misbehave(false);
      if (failure === "rubbish") return new Error("a value") as unknown as Uint8Array;
      return held.get(key)?.value;
    },
    set(key, value, options) {
      return misbehave(true) ??
        Promise.resolve(held.set(key, { value, ttlSeconds: options?.ttlSeconds }))
          .then(() => {});
    },
    delete(key) {
      return misbehave(true) ?? Promise.resolve(held.delete(key)).then(() => {});
    },
    async *keys() {
      for (const key of [...held.keys()]) {
        await misbehave(false);
        yield key;
      }
    },
    close() {
      return misbehave(false) ?? Promise.resolve();
    },
  };

  return {
    store,
    held,
    fail: (next: Failure) => failure = next,
    calls: () => calls,
    lastSignal: () => signal,
    /** Ends what hangs, so that a test leaves nothing behind. */
    release() {
      for (const end of hanging) end();
      hanging = [];
    },
  };
}
