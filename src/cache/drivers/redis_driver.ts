// The stock driver stores base64 and waits ten seconds for a server that is down. Here bytes are
// stored as bytes, and a command on a broken connection is refused at once.

import { type CacheDriver, textMethods } from "./cache_driver.ts";
import { createRedisChannel } from "./redis_channel.ts";
import { createRedisClient } from "./redis_client.ts";

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
  /** Whether this one is a server, and not a part of one or a command. */
  isServer?: boolean;
  /** Told what keeps the servers that share this Redis from hearing of each other's removals. */
  onChannelTrouble?: (error: unknown) => void;
}

const DEFAULT_PORT = 6379;
const PAGE = 1_000;

/** Connects in the background and keeps trying for as long as it is open. */
export function createRedisDriver(options: RedisDriverOptions): CacheDriver {
  const { url, username, password, prefix, timeoutMs = 1_000 } = options;
  const { onChange, isServer = false, onChannelTrouble = () => {} } = options;
  const { protocol, hostname, port, pathname } = new URL(url);
  const server = {
    host: hostname.replace(/^\[|\]$/g, "") || "localhost",
    port: Number(port || DEFAULT_PORT),
    secure: protocol === "rediss:",
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database: Number(pathname.slice(1)),
    timeoutMs,
  };
  const onReturn = new Set<() => void>();
  const client = createRedisClient({
    ...server,
    onChange(connected, error) {
      onChange?.(connected, error);
      if (connected) { for (const tell of onReturn) tell(); }
    },
  });
  const channelName = `${prefix}purges`;
  const channel = createRedisChannel({
    name: channelName,
    client,
    connect: (listeners) => createRedisClient({ ...server, ...listeners }),
    isServer,
    onTrouble: onChannelTrouble,
  });

  async function* pages(keyPrefix: string): AsyncGenerator<Uint8Array[]> {
    const match = escapeGlob(prefix + keyPrefix) + "*";
    let cursor = "0";
    do {
      const reply = await client.call("SCAN", cursor, "MATCH", match, "COUNT", `${PAGE}`);
      const [next, names] = reply as [Uint8Array, Uint8Array[]];
      cursor = decode(next);
      // The log of the channel is no entry.
      yield names.filter((name) => decode(name) !== channelName);
    } while (cursor !== "0");
  }

  const raw = {
    async getItemRaw(key: string) {
      return await client.call("GET", prefix + key) as Uint8Array | null;
    },
    /** Redis may name a key twice while its table grows. */
    async *listKeys(keyPrefix: string) {
      for await (const names of pages(keyPrefix)) {
        for (const name of names) yield decode(name).slice(prefix.length);
      }
    },
  };

  return {
    name: "imageproxy-redis",
    channel,
    onReturn: (listener) => void onReturn.add(listener),
    ...textMethods(raw),
    ...raw,
    async setItemRaw(key, value, { ttl } = {}) {
      const expiry = ttl === undefined ? [] : ["PX", `${Math.max(1, Math.round(ttl * 1000))}`];
      await client.call("SET", prefix + key, value, ...expiry);
    },
    async removeItem(key) {
      await client.call("UNLINK", prefix + key);
    },
    async stats() {
      const held = { entries: 0, bytes: 0 };
      for await (const names of pages("")) {
        const lengths = await Promise.all(names.map(lengthOf));
        held.entries += names.length;
        for (const length of lengths) held.bytes += length;
      }
      return held;
    },
    async dispose() {
      await channel.close();
      await client.close();
    },
  };

  /** What others keep under our prefix need not be a string, and then has no length. */
  async function lengthOf(name: Uint8Array): Promise<number> {
    try {
      return await client.call("STRLEN", name) as number;
    } catch (error) {
      if (error instanceof Error && error.message.startsWith("WRONGTYPE ")) return 0;
      throw error;
    }
  }
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^-]/g, "\\$&");
}
