// Object stores speak HTTP: one call with a deadline, a few attempts and the answer read whole, so
// that no driver leaves a body unread or waits for ever.

import { setTimeout as delay } from "node:timers/promises";

export interface HttpAnswer {
  status: number;
  ok: boolean;
  body: Uint8Array;
  text(): string;
}

export interface HttpCaller {
  /** Sends what `makeRequest` gives, anew for every attempt; rejects unless an answer below 500 comes. */
  call(makeRequest: () => Promise<Request>, signal?: AbortSignal): Promise<HttpAnswer>;
  /** Ends the calls in progress. */
  close(): void;
}

export interface HttpCallerOptions {
  fetch: typeof fetch;
  /** Milliseconds for a call with all its attempts. */
  timeoutMs: number;
}

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 50;

export function createHttpCaller({ fetch, timeoutMs }: HttpCallerOptions): HttpCaller {
  const closing = new AbortController();

  async function attempt(request: Request, signal: AbortSignal): Promise<HttpAnswer> {
    const response = await fetch(request, { signal, redirect: "manual" });
    const body = new Uint8Array(await response.arrayBuffer());
    const { status, ok } = response;
    return { status, ok, body, text: () => new TextDecoder().decode(body) };
  }

  return {
    async call(makeRequest, signal) {
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
          const request = await makeRequest();
          try {
            const answer = await attempt(request, until);
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
export function unexpected(request: Pick<Request, "method" | "url">, answer: HttpAnswer): Error {
  const { origin, pathname } = new URL(request.url);
  const said = xmlText(answer.text(), "Code") ?? xmlText(answer.text(), "Message") ?? "";
  return new Error(
    `${request.method} ${origin}${pathname} was answered ${answer.status} ${said}`.trimEnd(),
  );
}

/** The text of the first element of that name, with its entities decoded. */
export function xmlText(xml: string, name: string): string | undefined {
  return xmlAll(xml, name)[0];
}

/** The texts of all elements of that name. Enough for the flat listings of object stores. */
export function xmlAll(xml: string, name: string): string[] {
  const elements = xml.matchAll(new RegExp(`<${name}(?:\\s[^>]*)?>([^]*?)</${name}>`, "g"));
  return Array.from(elements, ([, text]) => decodeEntities(text!));
}

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function decodeEntities(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name) return ENTITIES[name] ?? whole;
    return String.fromCodePoint(hex ? parseInt(hex, 16) : Number(decimal));
  });
}
