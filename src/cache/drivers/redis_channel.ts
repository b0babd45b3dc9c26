// A removal concerns what every server that shares a Redis keeps elsewhere, in its memory above all. It is told
// by a message, which reaches those who are there and whom they answer, and kept in a log (a stream), which
// those read who come back. What a server knows and the log does not is told again: Redis may have
// been away, or have started anew and forgotten.

import type { RedisClient, RedisClientOptions } from "./redis_client.ts";
import type { Channel, Reach } from "./store.ts";

export interface RedisChannelOptions {
  /** Of messages and log. */
  name: string;
  /** For everything but listening. */
  client: Pick<RedisClient, "call">;
  /** Opens a connection to listen on. */
  connect(options: Required<Pick<RedisClientOptions, "onMessage" | "onChange">>): RedisClient;
  /** Whether this one is a server, and not a part of one or a command. */
  isServer: boolean;
  /** Told what keeps removals from getting through, once for each kind. */
  onTrouble(error: unknown): void;
  /** How long those who were told may take to answer, in ms. */
  patienceMs?: number;
}

export interface RedisChannel extends Channel {
  close(): Promise<void>;
}

interface Removal {
  /** Tells one removal from another of the same prefix. */
  readonly token: string;
  readonly prefix: string;
}

/** A removal that was done here, and by performance.now() when that was. */
interface Done extends Removal {
  readonly at: number;
}

/** Of the removals that are kept for those who are away, and that a server remembers to have done. */
const KEPT = 5000;
const PATIENCE_MS = 2000;
/** A connection that only listens learns of its end by asking. */
const PING_EVERY_MS = 15_000;
/** Where Redis was not there, and where it has refused. */
const RETRY_MS = 500;
const RETRY_REFUSED_MS = 60_000;
/** For how long what Redis has forgotten is told again. */
const TOLD_AGAIN_MS = 3_600_000;
/** Removals done without a pause: each looks at every key in memory. */
const SLICE = 20;

export function createRedisChannel(options: RedisChannelOptions): RedisChannel {
  const { name, client, isServer, onTrouble, patienceMs = PATIENCE_MS } = options;
  const inbox = `${name}:${crypto.randomUUID()}`;
  /** By token, oldest first: those that were done here. */
  const done = new Map<string, Done>();
  const waiting = new Map<string, (answer: Answer) => void>();
  const troubles = new Set<string>();
  let remove: ((prefix: string) => Promise<number>) | undefined;
  let listener: RedisClient | undefined;
  let hasCaughtUp = false;
  let isListening = false;
  let isClosed = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let ready = Promise.withResolvers<void>();

  function start(): void {
    listener ??= options.connect({
      onMessage(channel, message) {
        if (channel === inbox) answered(message);
        else void heard(message);
      },
      onChange(isConnected) {
        clearTimeout(timer);
        if (isConnected) return void catchUp();
        isListening = false;
        ready = Promise.withResolvers();
      },
    });
  }

  async function catchUp(): Promise<void> {
    try {
      // First to listen, then to read: so nothing falls between.
      await listener!.call("SUBSCRIBE", inbox);
      if (remove) {
        await listener!.call("SUBSCRIBE", name);
        isListening = true;
        await readLog();
      }
      ready.resolve();
      keepAlive();
    } catch (error) {
      if (isClosed) return;
      trouble(error);
      timer = setTimeout(catchUp, isRefusal(error) ? RETRY_REFUSED_MS : RETRY_MS);
    }
  }

  function keepAlive(): void {
    clearTimeout(timer);
    if (isClosed) return;
    timer = setTimeout(() => {
      // One that is dead ends by this, and the next one catches up.
      listener!.call("PING").catch(() => {}).finally(keepAlive);
    }, PING_EVERY_MS);
  }

  async function readLog(): Promise<void> {
    const log = (await client.call("XRANGE", name, "-", "+") as LogEntry[]).map(removalIn);
    const missed = log.filter((removal) => removal && !done.has(removal.token)) as Removal[];
    // More may have been told meanwhile than is kept: then nothing can be relied on.
    const isGap = hasCaughtUp && log.length >= KEPT && missed.length === log.length;
    const told = new Set(log.map((removal) => removal?.token));
    const since = performance.now() - TOLD_AGAIN_MS;
    const untold = [...done.values()].filter(({ token, at }) => at > since && !told.has(token));
    hasCaughtUp = true;
    for (const removal of missed) note(removal);
    const prefixes = isGap ? [""] : [...new Set(missed.map(({ prefix }) => prefix))];
    for (const [index, prefix] of prefixes.entries()) {
      await remove?.(prefix);
      if (index % SLICE === SLICE - 1) await new Promise((resolve) => setTimeout(resolve, 0));
    }
    for (const { token, prefix } of untold) await tell({ token, prefix });
  }

  /** How many were told, this one among them if it listens. */
  async function tell(removal: Removal): Promise<number> {
    const { token, prefix } = removal;
    const fields = ["token", token, "prefix", prefix];
    await client.call("XADD", name, "MAXLEN", "~", `${KEPT}`, "*", ...fields);
    const message = JSON.stringify({ ...removal, inbox });
    return await client.call("PUBLISH", name, message) as number;
  }

  async function heard(message: string): Promise<void> {
    const { inbox: from, ...removal } = parse(message);
    if (!isRemoval(removal) || typeof from !== "string" || from === inbox) return;
    const isNews = !done.has(removal.token);
    note(removal);
    const removed = isNews ? await remove!(removal.prefix) : 0;
    const answer: Answer = { token: removal.token, removed, isServer };
    await client.call("PUBLISH", from, JSON.stringify(answer)).catch(trouble);
  }

  function answered(message: string): void {
    const answer = parse(message);
    if (isAnswer(answer)) waiting.get(answer.token)?.(answer);
  }

  function note({ token, prefix }: Removal): void {
    done.set(token, { token, prefix, at: performance.now() });
    const [oldest] = done.keys();
    if (done.size > KEPT && oldest !== undefined) done.delete(oldest);
  }

  /** What the connection itself suffers from is told by it. */
  function trouble(error: unknown): void {
    const text = String(error);
    if (isClosed || !isRefusal(error) || troubles.has(text)) return;
    troubles.add(text);
    onTrouble(error);
  }

  async function announce(prefix: string): Promise<Reach> {
    const removal = { token: crypto.randomUUID(), prefix };
    const answers: Answer[] = [];
    const enough = Promise.withResolvers<void>();
    let awaited = Infinity;
    const deadline = setTimeout(enough.resolve, patienceMs);
    waiting.set(removal.token, (answer) => {
      answers.push(answer);
      if (answers.length >= awaited) enough.resolve();
    });
    try {
      // Told when Redis is there, if it is not now.
      note(removal);
      start();
      await Promise.race([ready.promise, enough.promise]);
      awaited = await tell(removal) - (isListening ? 1 : 0);
      if (answers.length < awaited) await enough.promise;
    } catch (error) {
      trouble(error);
      awaited = answers.length;
    } finally {
      clearTimeout(deadline);
      waiting.delete(removal.token);
    }
    return {
      servers: answers.filter((answer) => answer.isServer).length + (isServer ? 1 : 0),
      removed: answers.reduce((sum, { removed }) => sum + removed, 0),
      missing: Math.max(0, awaited - answers.length),
    };
  }

  return {
    announce,
    listen(given) {
      remove = given;
      start();
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await listener?.close();
    },
  };
}

interface Answer {
  readonly token: string;
  readonly removed: number;
  readonly isServer: boolean;
}

type LogEntry = [id: Uint8Array, fields: Uint8Array[]];

function removalIn([_id, fields]: LogEntry): Removal | undefined {
  const texts = fields.map((field) => new TextDecoder().decode(field));
  const removal = { token: texts[1], prefix: texts[3] };
  return isRemoval(removal) ? removal : undefined;
}

function isRemoval(value: { token?: unknown; prefix?: unknown }): value is Removal {
  return typeof value.token === "string" && typeof value.prefix === "string";
}

function isAnswer(value: Record<string, unknown>): value is Record<string, unknown> & Answer {
  return typeof value.token === "string" && typeof value.removed === "number" &&
    typeof value.isServer === "boolean";
}

/** Whether Redis answered, and said no: its errors begin with a word in capitals. */
function isRefusal(error: unknown): boolean {
  return error instanceof Error && /^[A-Z]+ /.test(error.message);
}

/** What somebody else may have written there is nothing to us. */
function parse(message: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : {};
  } catch {
    return {};
  }
}
