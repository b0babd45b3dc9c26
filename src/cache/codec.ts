// How values become frames of bytes and come back: all of a value, or what stands for one that is left
// where it is stored.
import type { OpenValue } from "./drivers/store.ts";

/** A frame in a store, of which the rest is read when it is wanted. */
export interface OpenFrame {
  /** In bytes. */
  readonly size: number;
  /** Its first bytes: at least 64 KiB, or all. */
  readonly beginning: Uint8Array;
  /** Opens it, to be read from the start and closed; undefined where it has gone. */
  open(): Promise<OpenValue | undefined>;
  /** Removes it, since it is not what it says. */
  remove(): void;
}

/** How values become bytes. The cache knows no more of them. An `S` stands for one left in its store. */
export interface Codec<V, S = never> {
  encode(value: V): Uint8Array;
  /** A frame that is not a sound one of `key` is `undefined`; must not throw. */
  decode(frame: Uint8Array, key: string): V | undefined;
  /** What stands for a large value; `undefined` where the beginning of its frame does not suffice. */
  outline?(frame: OpenFrame, key: string): S | undefined;
  /** Bytes that the value takes up in memory. */
  size(value: V): number;
  /** For how long, in seconds, the value is worth keeping; 0 or less is not stored. */
  ttlSeconds?(value: V): number | undefined;
}
