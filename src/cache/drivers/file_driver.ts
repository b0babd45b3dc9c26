// The stock driver writes in place, so that readers and crashes see halves of values. Here a value
// is written aside and renamed, and the directory is held within its bound, oldest use out first.
// File times carry the order of use over restarts; one walk in the background reads them back.

import { type CacheDriver, textMethods } from "./cache_driver.ts";
import { keyOfName, nameOfKey, namePrefixes } from "./entry_name.ts";
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
  now?: () => number;
}

/** Use is written to the disk at most this often for one entry. */
const TOUCH_EVERY_MS = 60_000;
/** Making room goes on until this share of the bound is left in use, to pay for it less often. */
const LOW_WATER = 0.95;
/** Files walked past or removed at once: housekeeping is no reason to starve requests. */
const BATCH = 32;
const TEMPORARY = "tmp";
/** The folders that names begin with; others in the directory are not ours to read. */
const FOLDER = /^(?:[0-9a-f]{2}|_)$/;

export function createFileDriver(options: FileDriverOptions): CacheDriver {
  const { directory, maxBytes, onReady, onError, now = Date.now } = options;
  const index = createFileIndex();
  const instance = crypto.randomUUID();
  const busy = createKeyQueue();
  const touches = new Set<Promise<void>>();
  let writes = 0;
  /** Bytes on their way to the disk, counted before they are there. */
  let arriving = 0;
  let making: Promise<void> | undefined;
  let closed = false;

  const pathOf = (key: string) => `${directory}/${nameOfKey(key)}`;
  const ready = readDirectory();

  async function readDirectory(): Promise<void> {
    const started = performance.now();
    try {
      await removeLeftovers();
      const found: [string, IndexEntry][] = [];
      for await (const batch of batches(walk(""), BATCH)) {
        if (closed) return;
        const files = await Promise.all(batch.map((key) => statOf(pathOf(key))));
        files.forEach((file, i) => file && found.push([batch[i]!, file]));
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

  /**
   * Files that a killed writer left. Another process that shares the directory may lose one that
   * it is still writing, and then writes it again.
   */
  async function removeLeftovers(): Promise<void> {
    for await (const file of list(`${directory}/${TEMPORARY}`)) {
      if (closed) return;
      if (!file.isFile || file.name.startsWith(instance)) continue;
      await removeFile(`${directory}/${TEMPORARY}/${file.name}`);
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
      await (making ??= sweep().finally(() => making = undefined));
      if (index.bytes >= before) return; // All that is left is being written at this moment.
    }
  }

  async function sweep(): Promise<void> {
    let excess = index.bytes + arriving - maxBytes * LOW_WATER;
    while (!closed && excess > 0) {
      const victims = new Set<string>();
      for (const [key, { bytes }] of index.oldestFirst()) {
        if (busy.has(key)) continue;
        victims.add(key);
        excess -= bytes;
        if (excess <= 0 || victims.size === BATCH) break;
      }
      if (victims.size === 0) return;
      await Promise.all([...victims].map(remove));
    }
  }

  function remove(key: string): Promise<void> {
    return busy.run(key, async () => {
      await removeFile(pathOf(key));
      index.remove(key);
    });
  }

  async function write(key: string, value: Uint8Array): Promise<void> {
    const path = pathOf(key);
    const temporary = `${directory}/${TEMPORARY}/${instance}-${writes++}`;
    try {
      await Deno.writeFile(temporary, value);
      await Deno.rename(temporary, path);
    } catch (error) {
      await removeFile(temporary).catch(() => {}); // The first error says more.
      throw error;
    }
  }

  const raw = {
    async getItemRaw(key: string) {
      try {
        const value = await Deno.readFile(pathOf(key));
        noteUse(key, value.byteLength);
        return value;
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        // Removed by someone else; a write under way will put the key back itself.
        if (!busy.has(key)) index.remove(key);
        return null;
      }
    },
    listKeys: walk,
  };

  async function open(
    key: string,
    { whole, signal }: { whole: number; signal?: AbortSignal },
  ): Promise<OpenValue | Uint8Array | undefined> {
    const path = pathOf(key);
    const { bytes } = index.get(key) ?? await statOf(path) ?? { bytes: 0 };
    const value = bytes > whole ? await openFile(path, signal) : undefined;
    if (value) noteUse(key, value.size);
    return value ?? await raw.getItemRaw(key) ?? undefined;
  }

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
    ...textMethods(raw),
    ...raw,
    open,
    async setItemRaw(key, value) {
      nameOfKey(key);
      if (value.byteLength > maxBytes) return await remove(key);
      let coming = value.byteLength;
      arriving += coming;
      try {
        if (index.bytes + arriving > maxBytes) {
          await ready; // What is oldest is not known before.
          await makeRoom();
        }
        await busy.run(key, async () => {
          try {
            await write(key, value);
          } catch (error) {
            if (!(error instanceof Deno.errors.NotFound)) throw error;
            await Deno.mkdir(`${directory}/${TEMPORARY}`, { recursive: true });
            await Deno.mkdir(parentOf(pathOf(key)), { recursive: true });
            await write(key, value);
          }
          index.put(key, { bytes: value.byteLength, touchedMs: now() });
          arriving -= coming;
          coming = 0;
        });
      } finally {
        arriving -= coming;
      }
      await makeRoom();
    },
    removeItem: remove,
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

/** The entries of a folder; none if there is no such folder. */
async function* list(folder: string): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(folder);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function statOf(path: string): Promise<IndexEntry | undefined> {
  try {
    const { size, mtime } = await Deno.lstat(path);
    return { bytes: size, touchedMs: mtime?.getTime() ?? 0 };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function* batches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  const batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length === size) yield batch.splice(0);
  }
  if (batch.length > 0) yield batch;
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}
