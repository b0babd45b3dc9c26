// One request to an origin and its answer, with a limit on every way in which the answer can be too slow or
// too much. It is read at the reader's pace: what is not read from the connection waits at the origin.

import { Buffer } from "node:buffer";
import { ProxyError } from "../../errors.ts";
import type { Connection, ConnectionPool } from "./connection_pool.ts";
import type { Deadline } from "./deadline.ts";
import type { HttpProxy } from "./http_proxy.ts";
import { originError, tooLarge } from "./origin_error.ts";
import type { OriginUrl } from "./origin_url.ts";
import type { ResponseHead } from "./response_head.ts";
import { createResponseReader } from "./response_reader.ts";

export interface ExchangeOptions {
  headers: Record<string, string>;
  /** The proxy that the request goes to, if it is one of plain http. */
  proxy: HttpProxy | undefined;
  deadline: Deadline;
  /** Milliseconds from sending the request to the end of the response headers. */
  firstByteTimeout: number;
  /** Milliseconds between two pieces of the body. */
  idleTimeout: number;
  /** Bytes of the response headers. */
  maxHeaderBytes: number;
  /** Bytes of the body as transferred. */
  maxBytes: number;
  /** Called once, when the connection is free or closed, in whatever way. */
  onDone: () => void;
}

export interface Exchange {
  status: number;
  /** Names in lower case, values one character a byte. */
  headers: [name: string, value: string][];
  body: ReadableStream<Uint8Array>;
  /** Where the pieces of the body come to lie one behind the other, if its length was said and is no large one. */
  room: Uint8Array | undefined;
  /** Settles when nothing more will come, for better or worse. */
  done: Promise<void>;
  /** Ends the exchange without the body, keeping the connection if little is left to come. */
  discard(): void;
}

/** How much a connection is worth: a body as small as this is read to its end to keep it. */
const DISCARD = { maxBytes: 16 * 1024, timeout: 1000 };
const BUFFERED_BYTES = 256 * 1024;
const HEAD_READ = 16 * 1024;
const BODY_READ = 64 * 1024;
/**
 * Bytes of a body that gets its room at the head: what is only said costs address space, but V8 counts it. Each piece
 * in an array of its own would be copied once more, and all of them left to collect.
 */
const MAX_ROOM = 2 << 20;
/** Read at once of such a body. */
const ROOM_READ = BUFFERED_BYTES;

/** How long, in milliseconds, an idle connection is kept where its origin says nothing, and at most. */
const KEEP_ALIVE = { usual: 4_000, most: 10_000 };

/** Sends a GET. Rejects, and errors the body, with a ProxyError or the reason of the caller's signal. */
export async function exchange(
  pool: ConnectionPool,
  url: OriginUrl,
  options: ExchangeOptions,
): Promise<Exchange> {
  let connection: Connection;
  try {
    connection = await pool.acquire(url, options.deadline.signal);
  } catch (error) {
    options.onDone();
    throw error;
  }
  return await converse(connection, requestOf(url, options), options);
}

function converse(
  connection: Connection,
  request: Uint8Array,
  { deadline, firstByteTimeout, idleTimeout, maxHeaderBytes, maxBytes, onDone }: ExchangeOptions,
): Promise<Exchange> {
  const answered = Promise.withResolvers<Exchange>();
  const finished = Promise.withResolvers<void>();
  let head: ResponseHead | undefined;
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let discardTimer: ReturnType<typeof setTimeout> | undefined;
  let isEnded = false;
  let isDiscarding = false;
  let isPaused = false;
  let received = 0;
  let room: Uint8Array | undefined;

  const onAbort = () => fail(deadline.signal.reason);

  function arm(milliseconds: number, message: string): void {
    clearTimeout(timer);
    timer = setTimeout(() => fail(new ProxyError("timeout", message)), milliseconds);
  }

  function end(keepFor: number): void {
    isEnded = true;
    clearTimeout(timer);
    clearTimeout(discardTimer);
    deadline.signal.removeEventListener("abort", onAbort);
    connection.keep(keepFor);
    onDone();
    finished.resolve();
  }

  function fail(reason: unknown): void {
    if (isEnded) return;
    end(0);
    answered.reject(reason);
    stream?.error(reason);
  }

  /** Reads as far ahead as it may from the moment on that the head is there, so that the connection is soon free. */
  function openBody(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      start(controller) {
        stream = controller;
      },
      async pull(controller) {
        if (isPaused) deadline.resume();
        isPaused = false;
        // A step may bring nothing for the reader, such as a part of a chunk's size.
        for (const before = received; !isEnded && (received === before || isDiscarding);) {
          arm(idleTimeout, "The origin stopped sending");
          await step(readBody);
          clearTimeout(timer);
        }
        if (isEnded || (controller.desiredSize ?? 0) > 0) return;
        isPaused = true;
        deadline.pause();
      },
      cancel(reason) {
        stream = undefined;
        fail(reason ?? new ProxyError("bad_origin", "The answer is not wanted"));
      },
    }, { highWaterMark: BUFFERED_BYTES, size: (piece) => piece.length });
  }

  function discard(): void {
    if (isEnded || !head) return;
    isDiscarding = true;
    const notWanted = new ProxyError("bad_origin", "The answer is not wanted");
    const { framing } = head;
    if (framing.kind !== "length" || framing.bytes > DISCARD.maxBytes) return fail(notWanted);
    discardTimer = setTimeout(() => fail(notWanted), DISCARD.timeout);
  }

  const reader = createResponseReader({
    onHead(parsed) {
      head = parsed;
      clearTimeout(timer);
      const { status, headers, framing } = head;
      if (framing.kind === "length" && framing.bytes > maxBytes) return fail(tooLarge(maxBytes));
      // With a byte more than the body has, so that bytes behind it do not go unnoticed.
      if (framing.kind === "length" && framing.bytes <= MAX_ROOM) {
        room = new Uint8Array(framing.bytes + 1);
      }
      answered.resolve({
        status,
        headers,
        body: openBody(),
        room,
        done: finished.promise,
        discard,
      });
    },
    onData(piece) {
      if (isEnded) return;
      const placed = room ? placedIn(room, piece, received) : piece;
      received += piece.length;
      if (received > maxBytes) fail(tooLarge(maxBytes));
      else if (!isDiscarding) stream?.enqueue(placed);
    },
    onEnd({ isReusable }) {
      if (isEnded) return;
      end(isReusable ? keepAliveOf(head?.keepAliveSeconds) : 0);
      stream?.close();
    },
  }, { maxHeadBytes: maxHeaderBytes });

  const readHead = () => connection.read(HEAD_READ);
  const readBody = () =>
    room
      ? connection.readInto(room.subarray(received, received + ROOM_READ))
      : connection.read(BODY_READ);

  /** Takes the next bytes of the connection, or its end. */
  async function step(read: () => Promise<Uint8Array | null>): Promise<void> {
    try {
      const bytes = await read();
      if (isEnded) return;
      if (bytes === null) reader.end();
      else reader.push(bytes);
    } catch (error) {
      fail(originError(error));
    }
  }

  deadline.signal.addEventListener("abort", onAbort);
  if (deadline.signal.aborted) onAbort();
  else arm(firstByteTimeout, "The origin took too long to answer");
  connection.write(request).catch((error) => fail(originError(error)));
  (async () => {
    while (!head && !isEnded) await step(readHead);
  })();
  return answered.promise;
}

/** The piece where it belongs: that which came with the head is brought there. */
function placedIn(room: Uint8Array, piece: Uint8Array, at: number): Uint8Array {
  if (piece.buffer === room.buffer) return piece;
  room.set(piece, at);
  return room.subarray(at, at + piece.length);
}

/** For how many milliseconds a connection is kept: a second less than the origin keeps it, if it says so. */
function keepAliveOf(seconds: number | undefined): number {
  return seconds === undefined ? KEEP_ALIVE.usual : Math.min(KEEP_ALIVE.most, (seconds - 1) * 1000);
}

/** The bytes of a GET. Header names are written as they always were: some old servers compare them so. */
function requestOf(
  url: OriginUrl,
  { headers, proxy }: Pick<ExchangeOptions, "headers" | "proxy">,
): Uint8Array {
  const lines = [
    `GET ${proxy ? url.origin : ""}${url.target} HTTP/1.1`,
    `Host: ${url.origin.slice(url.origin.indexOf("//") + 2)}`,
    "Connection: keep-alive",
    ...(proxy?.authorization ? [`Proxy-Authorization: ${proxy.authorization}`] : []),
    ...Object.entries(headers).map(([name, value]) => `${titled(name)}: ${value}`),
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

function titled(name: string): string {
  return name.replace(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}
