// What a cache backend has to do, and nothing more: bytes in, bytes out, by key.

export interface Store {
  readonly name: string;
  get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  set(key: string, value: Uint8Array, options?: { ttlSeconds?: number }): Promise<void>;
  delete(key: string): Promise<void>;
  keys?(prefix?: string): AsyncIterable<string>;
  stats?(): Promise<{ entries: number; bytes: number }> | { entries: number; bytes: number };
  close(): Promise<void>;
}
