// The stock driver stores base64 and waits ten seconds for a server that is down. Here bytes are
// stored as bytes, and a command on a broken connection is refused at once.

import { Buffer } from "node:buffer";
import { Redis } from "ioredis";
import { type CacheDriver, textMethods } from "./cache_driver.ts";

export interface RedisDriverOptions {
  /** `redis://` or `rediss://`, with host, port and database number. */
  url: string;
  username?: string;
  password?: string;
  /** Put before every key, so that several programs can share a database. */
  prefix: string;
  /** Milliseconds for one command. */
  timeoutMs?: number;
  /** Told when the connection is lost or back, once per change. */
  onChange?: (connected: boolean, error?: Error) => void;
}

const CONNECT_MS = 500;
/** ioredis destroys a socket that has not closed by then. */
const DISCONNECT_MS = 50;
const PAGE = 1_000;
const LONGEST_RETRY_MS = 2_000;

/** Connects in the background and keeps trying for as long as it is open. */
export function createRedisDriver(options: RedisDriverOptions): CacheDriver {
  const { url, username, password, prefix, timeoutMs = 1_000, onChange } = options;
  const client = new Redis(url, {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 1,
    connectTimeout: CONNECT_MS,
    commandTimeout: timeoutMs,
    disconnectTimeout: DISCONNECT_MS,
    retryStrategy: (attempt) => Math.min(50 * 2 ** attempt, LONGEST_RETRY_MS),
  });
  let connected: boolean | undefined;
  let lastError: Error | undefined;

  function noteChange(now: boolean): void {
    if (connected === now || closing) return;
    connected = now;
    onChange?.(now, now ? undefined : lastError);
  }

  let closing = false;
  const first = Promise.withResolvers<void>();
  client.on("error", (error: Error) => lastError = error); // Without a listener ioredis prints it.
  client.on("ready", () => {
    noteChange(true);
    first.resolve();
  });
  client.on("close", () => {
    noteChange(false);
    first.resolve();
  });

  /** The client, once its first attempt to connect has ended either way. */
  async function connection(): Promise<Redis> {
    await first.promise;
    if (client.status !== "ready") {
      throw new Error("Cannot reach the Redis server", { cause: lastError });
    }
    return client;
  }

  async function* pages(keyPrefix: string): AsyncGenerator<string[]> {
    const redis = await connection();
    const match = escapeGlob(prefix + keyPrefix) + "*";
    let cursor = "0";
    do {
      const [next, names] = await redis.scan(cursor, "MATCH", match, "COUNT", PAGE);
      cursor = next;
      yield names;
    } while (cursor !== "0");
  }

  const raw = {
    async getItemRaw(key: string) {
      const value = await (await connection()).getBuffer(prefix + key);
      // A copy, since the parser answers with views of a pool that would stay alive under them.
      return value && new Uint8Array(value);
    },
    /** Redis may name a key twice while its table grows. */
    async *listKeys(keyPrefix: string) {
      for await (const names of pages(keyPrefix)) {
        for (const name of names) yield name.slice(prefix.length);
      }
    },
  };

  return {
    name: "imageproxy-redis",
    ...textMethods(raw),
    ...raw,
    async setItemRaw(key, value, { ttl } = {}) {
      const redis = await connection();
      const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
      if (ttl === undefined) await redis.set(prefix + key, bytes);
      else await redis.set(prefix + key, bytes, "PX", Math.max(1, Math.round(ttl * 1000)));
    },
    async removeItem(key) {
      await (await connection()).unlink(prefix + key);
    },
    async stats() {
      const held = { entries: 0, bytes: 0 };
      for await (const names of pages("")) {
        const asked = client.pipeline();
        for (const name of names) asked.strlen(name);
        const lengths = await asked.exec() ?? [];
        held.entries += names.length;
        for (const [, length] of lengths) held.bytes += typeof length === "number" ? length : 0;
      }
      return held;
    },
    async dispose() {
      if (closing) return;
      closing = true;
      first.resolve();
      const hasSocket = !["reconnecting", "end"].includes(client.status);
      const ended = new Promise<void>((resolve) => client.once("end", resolve));
      client.disconnect();
      // Without a socket, ioredis never says that it ended; only its timer has to run out.
      await (hasSocket ? ended : new Promise((resolve) => setTimeout(resolve, DISCONNECT_MS + 5)));
    },
  };
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, "\\$&");
}
