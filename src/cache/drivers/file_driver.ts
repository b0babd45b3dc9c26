// The stock driver writes in place and without bound. Here the directory is held within its bound, and within
// what the disk has, oldest use out first. File times carry the order of use over restarts; one walk in
// the background reads them back.

import { type CacheDriver, textMethods } from "./cache_driver.ts";
import { keyOfName, nameOfKey, namePrefixes } from "./entry_name.ts";
import { createEntryFiles, isFull, list } from "./entry_files.ts";
import { createFileIndex, type IndexEntry } from "./file_index.ts";
import { createKeyQueue } from "./key_queue.ts";
import { openFile } from "./open_file.ts";
import type { OpenValue } from "./store.ts";

export interface FileDriverOptions {
  directory: string;
  /** The bound, in bytes of values; Infinity for none. A larger value is not kept. */
  maxBytes: number;
  /** Told once, when the directory has been read. */
  onReady?: (held: { entries: number; bytes: number; ms: number }) => void;
  /** Told when the directory cannot be read at all. */
  onError?: (error: unknown) => void;
  /** Told at the start that nothing can be written; it is not tried unless this is given. */
  onUnwritable?: (error: unknown) => void;
  /** Told when the disk is full before the bound is reached, once. */
  onFull?: (error: unknown) => void;
  now?: () => number;
}

/** Use is written to the disk at most this often for one entry. */
const TOUCH_EVERY_MS = 60_000;
/** Making room goes on until this share of the bound is left in use, to pay for it less often. */
const LOW_WATER = 0.95;
/** Files walked past or removed at once: housekeeping is no reason to starve requests. */
const BATCH = 32;
/** How often room is made on a full disk for one value, twice as much each time. */
const ROOM_TRIES = 4;
/** The folders that names begin with; others in the directory are not ours to read. */
const FOLDER = /^(?:[0-9a-f]{2}|_)$/;

export function createFileDriver(options: FileDriverOptions): CacheDriver {
  const { directory, maxBytes, onReady, onError, onUnwritable, onFull, now = Date.now } = options;
  const index = createFileIndex();
  const files = createEntryFiles(directory);
  const busy = createKeyQueue();
  const touches = new Set<Promise<void>>();
  let isFullTold = false;
  /** Bytes on their way to the disk, counted before they are there. */
  let arriving = 0;
  let making: Promise<void> | undefined;
  let closed = false;

  const pathOf = (key: string) => `${directory}/${nameOfKey(key)}`;
  const ready = readDirectory();

  async function readDirectory(): Promise<void> {
    const started = performance.now();
    if (onUnwritable) {
      await files.tryToWrite().catch((error) => isFull(error) || onUnwritable(error));
    }
    try {
      await files.removeLeftovers();
      const found: [string, IndexEntry][] = [];
      for await (const batch of batches(walk(""), BATCH)) {
        if (closed) return;
        const stats = await Promise.all(batch.map((key) => files.stat(pathOf(key))));
        stats.forEach((stat, i) => stat && found.push([batch[i]!, stat]));
      }
      await index.addOlder(found);
      await makeRoom();
      const { size: entries, bytes } = index;
      if (!closed) onReady?.({ entries, bytes, ms: performance.now() - started });
    } catch (error) {
      onError?.(error);
      await index.addOlder([]);
    }
  }

  async function* walk(prefix: string): AsyncGenerator<string> {
    const wanted = namePrefixes(prefix);
    for await (const folder of list(directory)) {
      const start = `${folder.name}/`;
      if (!folder.isDirectory || !FOLDER.test(folder.name)) continue;
      if (!wanted.some((name) => name.startsWith(start) || start.startsWith(name))) continue;
      for await (const file of list(`${directory}/${folder.name}`)) {
        const key = file.isFile ? keyOfName(start + file.name) : undefined;
        if (key?.startsWith(prefix)) yield key;
      }
    }
  }

  /** Removes the least recently used, if there is too much, down to the low-water mark. */
  async function makeRoom(): Promise<void> {
    while (!closed && index.size > 0 && index.bytes + arriving > maxBytes) {
      const before = index.bytes;
      await sweep(index.bytes + arriving - maxBytes * LOW_WATER);
      if (index.bytes >= before) return; // All that is left is being written at this moment.
    }
  }

  /** Removes the least recently used of so many bytes; joins a sweep that is under way. */
  function sweep(excess: number): Promise<void> {
    return making ??= removeOldest(excess).finally(() => making = undefined);
  }

  async function removeOldest(excess: number): Promise<void> {
    while (!closed && excess > 0) {
      const victims = new Set<string>();
      for (const [key, { bytes }] of index.oldestFirst()) {
        if (busy.has(key)) continue;
        victims.add(key);
        excess -= bytes;
        if (excess <= 0 || victims.size === BATCH) break;
      }
      if (victims.size === 0) return;
      await Promise.all([...victims].map(removeKey));
    }
  }

  function removeKey(key: string): Promise<void> {
    return busy.run(key, async () => {
      await files.remove(pathOf(key));
      index.remove(key);
    });
  }

  async function write(key: string, value: Uint8Array): Promise<void> {
    for (let tries = 0;; tries++) {
      try {
        return await files.write(pathOf(key), value);
      } catch (error) {
        if (!isFull(error) || tries === ROOM_TRIES || closed) throw error;
        if (!isFullTold) onFull?.(error);
        isFullTold = true;
        await ready; // What is oldest is not known before.
        const share = Math.max(value.byteLength, index.bytes * (1 - LOW_WATER));
        await sweep(share * 2 ** tries);
      }
    }
  }

  async function read(
    key: string,
    { whole, signal }: { whole: number; signal?: AbortSignal },
  ): Promise<OpenValue | Uint8Array | undefined> {
    const path = pathOf(key);
    const found = await files.stat(path);
    const value = found &&
      (found.bytes > whole ? await openFile(path, signal) : await files.read(path));
    if (value) noteUse(key, "size" in value ? value.size : value.byteLength);
    // Removed by someone else; a write under way will put the key back itself.
    else if (!busy.has(key)) index.remove(key);
    return value;
  }

  const raw = {
    getItemRaw: async (key: string) =>
      await read(key, { whole: Infinity }) as Uint8Array | undefined ?? null,
    listKeys: walk,
  };

  function noteUse(key: string, bytes: number): void {
    if (busy.has(key)) return;
    let entry = index.use(key);
    // Not yet walked past, or written by another process.
    if (!entry) index.put(key, entry = { bytes, touchedMs: 0 });
    if (closed || now() - entry.touchedMs < TOUCH_EVERY_MS) return;
    entry.touchedMs = now();
    const touch = Deno.utime(pathOf(key), new Date(now()), new Date(now()))
      .catch(() => {}) // Read-only or just evicted: only the order after a restart suffers.
      .finally(() => touches.delete(touch));
    touches.add(touch);
  }

  return {
    name: "imageproxy-file",
    isLocal: true,
    ...textMethods(raw),
    ...raw,
    open: read,
    async setItemRaw(key, value) {
      nameOfKey(key);
      if (value.byteLength > maxBytes) return await removeKey(key);
      let coming = value.byteLength;
      arriving += coming;
      try {
        if (index.bytes + arriving > maxBytes) {
          await ready; // What is oldest is not known before.
          await makeRoom();
        }
        await busy.run(key, async () => {
          await write(key, value);
          index.put(key, { bytes: value.byteLength, touchedMs: now() });
          arriving -= coming;
          coming = 0;
        });
      } finally {
        arriving -= coming;
      }
      await makeRoom();
    },
    removeItem: removeKey,
    async stats() {
      await ready;
      return { entries: index.size, bytes: index.bytes };
    },
    async dispose() {
      closed = true;
      await Promise.all([ready, making, busy.idle(), ...touches]);
    },
  };
}

async function* batches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  const batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) yield batch.splice(0);
  }
  if (batch.length > 0) yield batch;
}
