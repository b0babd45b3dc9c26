// A connection to one Redis server. Libraries were tried and fall short: ioredis reads the whole
// environment at import, which named permissions forbid, and @redis/client 5 and 6 time out only
// what they have not sent yet, so that a server that hangs is waited for.

import { setImmediate } from "node:timers";
import * as net from "node:net";
import * as tls from "node:tls";
import { createReplyReader, encodeCommand, type Reply } from "./resp.ts";

export interface RedisClientOptions {
  /** A name or an address, an IPv6 one without brackets. */
  host: string;
  port: number;
  secure: boolean;
  username?: string;
  password?: string;
  database: number;
  /** Milliseconds for one command. */
  timeoutMs: number;
  /** Told when the connection is lost or back, once per change. */
  onChange?: (connected: boolean, error?: Error) => void;
  /** Told what comes on a channel that was subscribed to; those connections take no other commands than that and PING. */
  onMessage?: (channel: string, message: string) => void;
}

export interface RedisClient {
  /**
   * Sends one command and answers its reply. Rejects for an error reply, with what Redis said; after
   * `timeoutMs`; and at once while there is no connection, except that the first is waited for.
   * Bytes given are not copied: they may not change before the answer.
   */
  call(...args: (string | Uint8Array)[]): Promise<Exclude<Reply, Error>>;
  /** Drops the connection; what still waits is rejected. */
  close(): Promise<void>;
}

interface Asked {
  resolve(reply: Exclude<Reply, Error>): void;
  reject(error: Error): void;
  deadline: number;
}

/** For one attempt: the connection, TLS and the answers to the greeting. */
const CONNECT_MS = 1_000;
const FIRST_RETRY_MS = 50;
const LONGEST_RETRY_MS = 2_000;
const KEEP_ALIVE_MS = 60_000;

/** Connects in the background and keeps trying for as long as it is open. */
export function createRedisClient(options: RedisClientOptions): RedisClient {
  const { timeoutMs, onChange } = options;
  const greeting = greetingOf(options);

  let state: "starting" | "ready" | "down" | "closed" = "starting";
  let socket: net.Socket | undefined;
  let lastError: Error | undefined;
  let failures = 0;
  let heardAt = 0;
  /** What was asked and not answered, oldest first: Redis answers in order. */
  const asked: Asked[] = [];
  /** What was asked before the first connection stood. */
  let unsent: Uint8Array[][] = [];
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let watchTimer: ReturnType<typeof setTimeout> | undefined;
  let gone = Promise.withResolvers<void>();

  function connect(): void {
    gone = Promise.withResolvers();
    const opened = socket = open(options);
    let error: Error | undefined;
    let greeted = 0;
    const attempt = setTimeout(
      () => opened.destroy(new Error(`No answer from Redis within ${CONNECT_MS} ms`)),
      CONNECT_MS,
    );

    const read = createReplyReader((reply) => {
      if (opened.destroyed) return;
      if (greeted === greeting.length) return isMessage(reply) ? deliver(reply) : settle(reply);
      // A server that is up but still loads its data says so to the PING, the last of the greeting.
      // A user who may not PING is told that with NOPERM, and has been let in.
      const last = ++greeted === greeting.length;
      if (reply instanceof Error && !(last && /^NOPERM\b/.test(reply.message))) {
        opened.destroy(reply);
      } else if (last) {
        clearTimeout(attempt);
        enter();
      }
    });

    opened.on("data", (chunk: Uint8Array) => {
      heardAt = performance.now();
      try {
        read(chunk);
      } catch (cause) {
        opened.destroy(cause as Error);
      }
    });
    opened.once(options.secure ? "secureConnect" : "connect", () => {
      // Deno 2.6 connects before the certificate is checked; a write right away hides its verdict.
      setImmediate(() => {
        if (opened.destroyed) return;
        for (const part of greeting.flat()) opened.write(part);
      });
    });
    opened.on("error", (cause: Error) => error ??= cause);
    opened.once("close", () => {
      clearTimeout(attempt);
      socket = undefined;
      leave(error ?? new Error("The Redis server closed the connection"));
      gone.resolve();
    });
  }

  function enter(): void {
    state = "ready";
    failures = 0;
    for (const command of unsent.splice(0)) send(command);
    onChange?.(true);
  }

  function leave(error: Error): void {
    clearTimeout(watchTimer);
    watchTimer = undefined;
    if (state === "closed") return;
    const wasDown = state === "down";
    state = "down";
    lastError = error;
    rejectAll();
    retryTimer = setTimeout(connect, Math.min(FIRST_RETRY_MS * 2 ** failures++, LONGEST_RETRY_MS));
    if (!wasDown) onChange?.(false, error);
  }

  function deliver([_kind, channel, message]: Uint8Array[]): void {
    const decoder = new TextDecoder();
    options.onMessage?.(decoder.decode(channel), decoder.decode(message));
  }

  function settle(reply: Reply): void {
    const first = asked.shift();
    if (!first) throw new Error("Redis answered what was not asked");
    if (reply instanceof Error) first.reject(reply);
    else first.resolve(reply);
  }

  /** Commands of one turn of the event loop leave together. */
  function send(command: Uint8Array[]): void {
    const to = socket!;
    if (to.writableCorked === 0) {
      to.cork();
      setImmediate(() => to.uncork());
    }
    for (const part of command) to.write(part);
  }

  /** One timer for all that is asked: every command has the same time, so the oldest is due first. */
  function watch(): void {
    const now = performance.now();
    const due = asked.findIndex(({ deadline }) => deadline > now);
    const late = due === -1 ? asked : asked.slice(0, due);
    // The late stay in their places, since their answers may still come.
    for (const { reject } of late) reject(timedOut());
    watchTimer = undefined;
    if (late.length > 0 && state === "ready" && now - heardAt >= timeoutMs) {
      // Nothing at all has come: the server hangs, or the connection is dead and nobody said so.
      socket!.destroy(timedOut());
    } else if (asked.length > 0) {
      const next = due === -1 ? now + timeoutMs : asked[due]!.deadline;
      watchTimer = setTimeout(watch, Math.max(1, next - now));
    }
  }

  function timedOut(): Error {
    return new Error(`Redis did not answer within ${timeoutMs} ms`);
  }

  function unreachable(): Error {
    return new Error("Cannot reach the Redis server", { cause: lastError });
  }

  function rejectAll(): void {
    unsent = [];
    for (const { reject } of asked.splice(0)) reject(unreachable());
  }

  connect();
  return {
    call(...args) {
      if (state === "down" || state === "closed") return Promise.reject(unreachable());
      const command = encodeCommand(args);
      return new Promise((resolve, reject) => {
        asked.push({ resolve, reject, deadline: performance.now() + timeoutMs });
        watchTimer ??= setTimeout(watch, timeoutMs);
        if (state === "ready") send(command);
        else unsent.push(command);
      });
    },
    async close() {
      if (state !== "closed") {
        state = "closed";
        lastError = new Error("The connection was closed here");
        clearTimeout(retryTimer);
        rejectAll();
      }
      if (!socket) return;
      socket.destroy();
      await gone.promise;
    },
  };
}

/** https://redis.io/docs/latest/develop/pubsub/#wire-protocol-example */
function isMessage(reply: Reply): reply is Uint8Array<ArrayBuffer>[] {
  return Array.isArray(reply) && reply.length === 3 &&
    reply.every((part) => part instanceof Uint8Array) &&
    new TextDecoder().decode(reply[0] as Uint8Array) === "message";
}

function open({ host, port, secure }: RedisClientOptions): net.Socket {
  const socket = secure
    // A server name is a name: RFC 6066, section 3, forbids an address there.
    ? tls.connect({ host, port, ...(net.isIP(host) ? {} : { servername: host }) })
    : net.connect({ host, port });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return socket;
}

function greetingOf({ username, password, database }: RedisClientOptions): Uint8Array[][] {
  const user = username === undefined ? [] : [username];
  return [
    ...(username === undefined && password === undefined
      ? []
      : [["AUTH", ...user, password ?? ""]]),
    ...(database === 0 ? [] : [["SELECT", `${database}`]]),
    ["PING"],
  ].map(encodeCommand);
}
