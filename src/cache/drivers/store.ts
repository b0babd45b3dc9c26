// What the cache asks of a place that keeps bytes. Everything above (entries, tiers, breakers) is
// written against these few verbs, so a backend never learns what it holds.

/** A value that is read bit by bit. To be closed. */
export interface OpenValue {
  /** Of the whole, in bytes. */
  readonly size: number;
  /** Its first bytes: at least 64 KiB, or all. */
  readonly beginning: Uint8Array;
  /** The bytes that follow those read so far; undefined after the last. */
  read(): Promise<Uint8Array | undefined>;
  /** Lets go of it; once more does no harm. */
  close(): void;
}

/** How word gets round among those who share a place. */
export interface Channel {
  /** Tells the others that the keys which begin so are to go, those that are away when they come back. */
  announce(prefix: string): Promise<Reach>;
  /**
   * Has what others announce done, and what they announced while this one was away; `remove` resolves to the
   * number of entries that went. To be called once, by who has something to remove.
   */
  listen(remove: (prefix: string) => Promise<number>): void;
}

/** How far an announcement got. */
export interface Reach {
  /** Servers that did what was told, this one among them if it is one. */
  readonly servers: number;
  /** Entries that went there. */
  readonly removed: number;
  /** Those who were told and have not answered. */
  readonly missing: number;
}

/** A place that keeps bytes under keys of the form `ab:cd:<64 hex>`. */
export interface Store {
  /** The scheme of the backend, for logs and metrics. */
  readonly name: string;
  /** The bytes, whole and owned by the caller, or undefined if there are none; rejects when the backend fails. */
  get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  /**
   * The bytes where they are at most `whole`, else what reads them; undefined if there are none. What is
   * open stays as it is when the key is replaced or deleted. Only where the place can read in parts.
   */
  open?(
    key: string,
    options: { readonly whole: number; readonly signal?: AbortSignal },
  ): Promise<OpenValue | Uint8Array | undefined>;
  /** Replaces the bytes atomically; `ttlSeconds` is obeyed by backends that can forget by themselves. */
  set(key: string, value: Uint8Array, options?: { ttlSeconds?: number }): Promise<void>;
  /** Forgets the key; a missing one is no error. */
  delete(key: string): Promise<void>;
  /** Every key that starts with `prefix`, in no order, read page by page. */
  keys?(prefix?: string): AsyncIterable<string>;
  /** How much is held, in entries and in bytes of values. */
  stats?(): Promise<{ entries: number; bytes: number }> | { entries: number; bytes: number };
  /** Only where those who share the place can be told something. */
  readonly channel?: Channel;
  /** Has the listener told whenever the place is there again after it was away. Only where that is noticed. */
  onReturn?(listener: () => void): void;
  /** Whether no other machine has the same place. */
  readonly isLocal?: boolean;
  /** Ends connections, timers and work in progress. */
  close(): Promise<void>;
}
