// Connections to origins, which outlive one exchange: the next request to the same origin spares the
// handshakes. An idle one is read from all the while, so that it is known at once when the origin ends it,
// or says something that nobody asked for.
import { ProxyError } from "../../errors.ts";
import type { Connector } from "./connector.ts";
import type { OriginUrl } from "./origin_url.ts";

export interface Connection {
  /** Bytes as they come, some so many, which stay as they are; null at the end of the connection. */
  read(most: number): Promise<Uint8Array | null>;
  /** Bytes that come behind those of a read, as a view of the caller's array from its start. */
  readInto(array: Uint8Array): Promise<Uint8Array | null>;
  write(bytes: Uint8Array): Promise<void>;
  /** Leaves it for the next request, for so many milliseconds. */
  keep(milliseconds: number): void;
  close(): void;
}

export interface ConnectionPool {
  /** An idle connection to the URL's origin, or else a new one. Rejects with a ProxyError or the signal's reason. */
  acquire(url: OriginUrl, signal: AbortSignal): Promise<Connection>;
  /** Closes all connections; what is under way fails as busy. */
  close(): void;
}

/** Idle connections to all origins together; beyond them the one that is idle longest is closed. */
const MAX_IDLE = 256;
/** What is read of an idle connection, in bytes: the beginning of the next answer. */
const IDLE_READ = 16 * 1024;
/** Bytes for which a read is worth while. */
const LEAST_ROOM = 4 * 1024;

interface Idle {
  origin: string;
  connection: Connection;
}

export function createConnectionPool(connector: Connector): ConnectionPool {
  /** Longest idle first. */
  const idle = new Set<Idle>();
  const open = new Set<Deno.Conn>();
  let isClosed = false;

  const shuttingDown = (cause?: unknown) =>
    new ProxyError("busy", "The server is shutting down", { cause });

  function wrap(conn: Deno.Conn, origin: string): Connection {
    open.add(conn);
    let ahead: Promise<Uint8Array | null> | undefined;
    let room = new Uint8Array();

    async function read(most: number): Promise<Uint8Array | null> {
      // What one read leaves of an array is the next one's: most reads bring much less than they may.
      if (room.length < LEAST_ROOM) room = new Uint8Array(most);
      const bytes = await readInto(room);
      if (bytes !== null) room = room.subarray(bytes.length);
      return bytes;
    }

    async function readInto(array: Uint8Array): Promise<Uint8Array | null> {
      try {
        const count = await conn.read(array);
        return count === null ? null : array.subarray(0, count);
      } catch (error) {
        throw isClosed ? shuttingDown(error) : error;
      }
    }

    const connection: Connection = {
      read(most) {
        const begun = ahead;
        ahead = undefined;
        return begun ?? read(most);
      },
      readInto,
      async write(bytes) {
        try {
          for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await conn.write(rest));
        } catch (error) {
          throw isClosed ? shuttingDown(error) : error;
        }
      },
      keep(milliseconds) {
        if (isClosed || milliseconds <= 0) return connection.close();
        const entry = { origin, connection };
        const forget = () => {
          if (idle.delete(entry)) connection.close();
        };
        const timer = setTimeout(forget, milliseconds);
        ahead = read(IDLE_READ);
        ahead.then(forget, forget).finally(() => clearTimeout(timer));
        idle.add(entry);
        if (idle.size > MAX_IDLE) {
          const [oldest] = idle;
          idle.delete(oldest!);
          oldest!.connection.close();
        }
      },
      close() {
        if (open.delete(conn)) conn.close();
      },
    };
    return connection;
  }

  return {
    async acquire(url, signal) {
      if (isClosed) throw shuttingDown();
      signal.throwIfAborted();
      // The one that was used last is the least likely to be ended just now.
      const kept = [...idle].findLast(({ origin }) => origin === url.origin);
      if (kept) {
        idle.delete(kept);
        return kept.connection;
      }
      const conn = await connector.connect(url, signal);
      if (isClosed) {
        conn.close();
        throw shuttingDown();
      }
      return wrap(conn, url.origin);
    },
    close() {
      isClosed = true;
      connector.close();
      idle.clear();
      for (const conn of open) conn.close();
      open.clear();
    },
  };
}
