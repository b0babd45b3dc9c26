// One request to an origin and its answer, with a limit on every way in which the answer can be too slow or
// too much. undici's own timers are coarse to a second and cannot be told apart, so the timers are kept here.

import type { Dispatcher } from "undici";
import { ProxyError } from "../../errors.ts";
import type { Deadline } from "./deadline.ts";
import { originError, tooLarge } from "./origin_error.ts";
import type { OriginUrl } from "./origin_url.ts";

export interface ExchangeOptions {
  headers: Record<string, string>;
  deadline: Deadline;
  /** Milliseconds from sending the request to the end of the response headers. */
  firstByteTimeout: number;
  /** Milliseconds between two pieces of the body. */
  idleTimeout: number;
  /** Bytes of the body as transferred. */
  maxBytes: number;
  /** Called once, when undici is done with the request in whatever way. */
  onDone: () => void;
}

export interface Exchange {
  status: number;
  /** Names in lower case, values one character a byte. */
  headers: [name: string, value: string][];
  body: ReadableStream<Uint8Array>;
  /** Settles when nothing more will come, for better or worse. */
  done: Promise<void>;
  /** Ends the exchange without the body, keeping the connection if little is left to come. */
  discard(): void;
}

/** How much a connection is worth: a body as small as this is read to its end to keep it. */
const DISCARD = { maxBytes: 16 * 1024, timeout: 1000 };
const BUFFERED_BYTES = 256 * 1024;

/** Sends a GET. Rejects, and errors the body, with a ProxyError or the reason of the caller's signal. */
export function exchange(
  dispatcher: Dispatcher,
  url: OriginUrl,
  options: ExchangeOptions,
): Promise<Exchange> {
  const { deadline, maxBytes, idleTimeout } = options;
  let controller: Dispatcher.DispatchController | undefined;
  let stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failure: { reason: unknown } | undefined;
  let discarding = false;
  let ended = false;
  let received = 0;
  const finished = Promise.withResolvers<void>();

  return new Promise((resolve, reject) => {
    const onAbort = () => fail(deadline.signal.reason);

    function arm(milliseconds: number, message: string): void {
      clearTimeout(timer);
      timer = setTimeout(() => fail(new ProxyError("timeout", message)), milliseconds);
    }
    const armIdle = () => arm(idleTimeout, "The origin stopped sending");

    // Before the connection is up undici cannot be told to stop: the caller is answered at once, and
    // the request is stopped when it starts.
    function fail(reason: unknown): void {
      if (failure) return;
      failure = { reason };
      clearTimeout(timer);
      reject(reason);
      if (!discarding) stream?.error(reason);
      controller?.abort(reason instanceof Error ? reason : new Error("aborted", { cause: reason }));
    }

    function done(): void {
      ended = true;
      clearTimeout(timer);
      deadline.signal.removeEventListener("abort", onAbort);
      options.onDone();
      finished.resolve();
    }

    function readBody(): Exchange["body"] {
      const strategy = { highWaterMark: BUFFERED_BYTES, size: (chunk: Uint8Array) => chunk.length };
      return new ReadableStream<Uint8Array>({
        start(started) {
          stream = started;
        },
        pull() {
          if (!controller?.paused) return;
          deadline.resume();
          armIdle();
          controller.resume();
        },
        cancel(reason) {
          stream = undefined;
          fail(reason ?? new ProxyError("bad_origin", "The answer is not wanted"));
        },
      }, strategy);
    }

    deadline.signal.addEventListener("abort", onAbort);
    if (deadline.signal.aborted) {
      onAbort();
      return done();
    }
    dispatcher.dispatch({
      origin: url.origin,
      path: url.target,
      method: "GET",
      headers: options.headers,
    }, {
      onRequestStart(started) {
        controller = started;
        if (failure) return started.abort(new Error("aborted", { cause: failure.reason }));
        arm(options.firstByteTimeout, "The origin took too long to answer");
      },

      onResponseStart(_, status) {
        if (status < 200) return;
        const headers = readHeaders(controller?.rawHeaders);
        const length = contentLength(headers);
        if (length !== undefined && length > maxBytes) return fail(tooLarge(maxBytes));
        armIdle();
        resolve({
          status,
          headers,
          body: readBody(),
          done: finished.promise,
          discard() {
            if (failure || ended) return;
            discarding = true;
            if (length === undefined || length > DISCARD.maxBytes) {
              return fail(new ProxyError("bad_origin", "The answer is not wanted"));
            }
            arm(DISCARD.timeout, "The origin stopped sending");
            controller?.resume();
          },
        });
      },

      onResponseData(_, chunk) {
        received += chunk.length;
        if (received > maxBytes) return fail(tooLarge(maxBytes));
        if (discarding || !stream) return;
        stream.enqueue(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
        if ((stream.desiredSize ?? 0) > 0) return armIdle();
        clearTimeout(timer);
        deadline.pause();
        controller?.pause();
      },

      onResponseEnd() {
        done();
        if (!failure && !discarding) stream?.close();
      },

      onResponseError(_, error) {
        done();
        fail(originError(error));
      },
    });
  });
}

function readHeaders(raw: Dispatcher.DispatchController["rawHeaders"]): Exchange["headers"] {
  const texts = (Array.isArray(raw) ? raw : []).map((item) => item.toString("latin1"));
  return Array.from(
    { length: texts.length / 2 },
    (_, index) => [texts[2 * index]!.toLowerCase(), texts[2 * index + 1]!],
  );
}

function contentLength(headers: Exchange["headers"]): number | undefined {
  const value = headers.find(([name]) => name === "content-length")?.[1];
  return value !== undefined && /^\d+$/.test(value) ? Number(value) : undefined;
}
