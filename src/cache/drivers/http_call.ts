// Object stores speak HTTP: one call with a deadline, a few attempts and the answer read whole, so
// that no driver leaves a body unread or waits for ever.

import { setTimeout as delay } from "node:timers/promises";
import type { BucketRequest, Sign } from "../../cloud/bucket.ts";
import { xmlText } from "../../cloud/xml.ts";

export interface HttpAnswer {
  status: number;
  ok: boolean;
  body: Uint8Array;
  text(): string;
}

export interface HttpCaller {
  /** Sends a request, signed anew for every attempt; rejects unless an answer below 500 comes. */
  call(request: BucketRequest, signal?: AbortSignal): Promise<HttpAnswer>;
  /** Ends the calls in progress. */
  close(): void;
}

export interface HttpCallerOptions {
  sign: Sign;
  fetch: typeof fetch;
  /** Milliseconds for a call with all its attempts. */
  timeoutMs: number;
}

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 50;

export function createHttpCaller({ sign, fetch, timeoutMs }: HttpCallerOptions): HttpCaller {
  const closing = new AbortController();

  async function attempt(
    { request, headers, signal }: {
      request: BucketRequest;
      headers: Record<string, string>;
      signal: AbortSignal;
    },
  ): Promise<HttpAnswer> {
    const { method, url } = request;
    const content = request.body ? { body: request.body as Uint8Array<ArrayBuffer> } : {};
    const signed = new Request(url, { method, headers, ...content });
    const response = await fetch(signed, { signal, redirect: "manual" });
    const body = new Uint8Array(await response.arrayBuffer());
    const { status, ok } = response;
    return { status, ok, body, text: () => new TextDecoder().decode(body) };
  }

  return {
    async call(request, signal) {
      // Not AbortSignal.timeout, whose timer would outlive the call.
      const deadline = new AbortController();
      const timer = setTimeout(
        () => deadline.abort(new DOMException(`No answer in ${timeoutMs} ms`, "TimeoutError")),
        timeoutMs,
      );
      const until = AbortSignal.any([closing.signal, deadline.signal, ...(signal ? [signal] : [])]);
      try {
        for (let made = 1;; made++) {
          until.throwIfAborted();
          const headers = await sign(request);
          try {
            const answer = await attempt({ request, headers, signal: until });
            if (answer.status < 500 && answer.status !== 429) return answer;
            if (made === ATTEMPTS) throw unexpected(request, answer);
          } catch (error) {
            until.throwIfAborted();
            if (made === ATTEMPTS) throw error;
          }
          // Jitter, so that requests that failed together do not come back together.
          const pause = FIRST_DELAY_MS * 2 ** (made - 1) * (0.5 + Math.random());
          await delay(pause, undefined, { signal: until }).catch(() => until.throwIfAborted());
        }
      } finally {
        clearTimeout(timer);
      }
    },
    close: () => closing.abort(new Error("The cache was closed")),
  };
}

/** The error for an answer that means failure. The query may hold a signature: it is left out. */
export function unexpected(
  request: Pick<BucketRequest, "method" | "url">,
  answer: HttpAnswer,
): Error {
  const { origin, pathname } = new URL(request.url);
  const said = xmlText(answer.text(), "Code") ?? xmlText(answer.text(), "Message") ?? "";
  return new Error(
    `${request.method} ${origin}${pathname} was answered ${answer.status} ${said}`.trimEnd(),
  );
}
