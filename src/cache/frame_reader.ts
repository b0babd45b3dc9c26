// Reads the frames in a store: small ones whole, of large ones no more than the beginning where that will do.
import type { Codec } from "./codec.ts";
import type { GuardedStore } from "./guarded_store.ts";

/** A value, or what stands for one that is left in its store. */
export type Found<V, S> = { readonly value: V } | { readonly left: S };

export interface ReadOptions {
  readonly signal: AbortSignal | undefined;
  /** Whether a large value may be left in the store. */
  readonly leaves: boolean;
  /** Told each time that a value which was left, of so many bytes, is opened to be sent. */
  onSent(bytes: number): void;
}

export interface FrameReader<V, S> {
  /** Rejects only with the reason of the signal. */
  read(store: GuardedStore, key: string, options: ReadOptions): Promise<Found<V, S> | undefined>;
}

/**
 * Frames of at most so many bytes are read whole: that takes one trip to the disk and a millisecond, and
 * little memory for each request under way.
 */
const READ_WHOLE = 1024 * 1024;

export function createFrameReader<V, S>(
  codec: Codec<V, S>,
  { onUnreadable }: { onUnreadable: () => void },
): FrameReader<V, S> {
  function decoded(frame: Uint8Array | undefined, key: string): Found<V, S> | undefined {
    if (frame === undefined) return undefined;
    const value = codec.decode(unpinned(frame), key);
    if (value === undefined) onUnreadable();
    return asFound(value);
  }

  return {
    async read(store, key, { signal, leaves, onSent }) {
      const { open } = store;
      if (!leaves || !open) return decoded(await store.get(key, signal), key);
      const frame = await open(key, { whole: READ_WHOLE, signal });
      if (frame === undefined || frame instanceof Uint8Array) return decoded(frame, key);
      const { size, beginning } = frame;
      // Not kept open: nobody may want the body, and several may.
      frame.close();
      const left = codec.outline?.({
        size,
        beginning,
        async open() {
          onSent(size);
          const again = await open(key, { whole: READ_WHOLE, again: true });
          return again instanceof Uint8Array ? undefined : again;
        },
        remove() {
          onUnreadable();
          void store.delete(key);
        },
      }, key);
      return left === undefined ? decoded(await store.get(key, signal), key) : { left };
    },
  };
}

export function asFound<V>(value: V | undefined): { readonly value: V } | undefined {
  return value === undefined ? undefined : { value };
}

// A small view of a large buffer (a socket's, a pool's) would keep all of it alive and uncounted.
function unpinned(frame: Uint8Array): Uint8Array {
  const isSnug = frame.buffer.byteLength <= frame.byteLength + frame.byteLength / 4 + 1024;
  return isSnug ? frame : new Uint8Array(frame);
}
