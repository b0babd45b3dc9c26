// One question to an origin: its answer with the redirects that led to it, each with its own times, as the
// cache judges them.
import type { EntryMeta } from "../cache/entry.ts";
import type { StreamedBody } from "../http/body.ts";
import type { Hop, TimedResponse } from "../http/freshness.ts";
import { type HeaderMap, pick } from "../http/header_map.ts";
import { readWhole } from "../http/origin/arriving_body.ts";
import type { ByteBudget } from "../http/origin/byte_budget.ts";
import { declaredLength, isOriginal } from "../http/origin/origin_answer.ts";
import type { OriginFetcher } from "../http/origin/original.ts";

/** An origin's answer; the source is where redirects led to. */
export type OriginAnswer = TimedResponse & Pick<EntryMeta, "source">;

export interface Question {
  readonly url: string;
  /** What figures call where it is asked. */
  readonly place: string;
  /** Whether the log may not tell what the URL is. */
  readonly isSecret: boolean;
  readonly headers: HeaderMap;
  /** What gave the validators among the headers; the URL itself unless told. */
  readonly validates: string | undefined;
  readonly signed: boolean;
  /** The servers of this program that the request has come through. */
  readonly cameThrough?: string | undefined;
  readonly signal: AbortSignal;
  /** Called when the costly part begins; what it throws ends it. */
  onStart(): void;
  /** Told of an original that is large, while the rest is still to come. */
  onLarge(answer: OriginAnswer, body: StreamedBody): void;
}

export interface AskingOptions {
  readonly fetcher: OriginFetcher;
  /** What all originals that are on their way in share; no bound unless told. */
  readonly arrivals?: ByteBudget | undefined;
  /** Told of every answer of an origin, and with no bytes where it was none of use. */
  onFetched?:
    | ((place: string, fetched: { milliseconds: number; bytes: number | undefined }) => void)
    | undefined;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Answers with whatever status the origin does; rejects with a ProxyError where it does not. */
export type Ask = (question: Question) => Promise<{ response: OriginAnswer; body: Uint8Array }>;

/** What a response is judged by that is no picture of its own, and all of it that is kept. */
export const GOVERNING = [
  ...["age", "cache-control", "cdn-cache-control", "date", "expires", "last-modified", "vary"],
];

export function createAsk({ fetcher, arrivals, onFetched, now }: AskingOptions): Ask {
  return async ({ url, place, onLarge, ...request }) => {
    const hops: Hop[] = [];
    const started = performance.now();
    let requestedAt = now();
    let bytes: number | undefined;
    try {
      const answer = await fetcher.streamOriginal(url, {
        ...request,
        onRedirect(redirect) {
          const receivedAt = now();
          const headers = pick(redirect.headers, GOVERNING);
          hops.push({ ...redirect, headers, requestedAt, receivedAt });
          requestedAt = receivedAt;
        },
        anyStatus: true,
      });
      const { status, headers } = answer;
      const redirected = hops.length > 0 ? { hops, source: answer.url } : {};
      const response = { status, headers, requestedAt, receivedAt: now(), ...redirected };
      const body = await readWhole(answer.body, {
        budget: arrivals,
        ...(isOriginal(status) && {
          size: declaredLength(headers),
          room: answer.room,
          onLarge: (arriving) => onLarge(response, arriving),
        }),
      });
      if (isOriginal(status) || status === 304) bytes = body.byteLength;
      return { response, body };
    } finally {
      onFetched?.(place, { milliseconds: performance.now() - started, bytes });
    }
  };
}

/**
 * Whether what redirects led to is for those who may be led there: a list of hosts may have changed since,
 * or a signature have opened it to another.
 */
export function isOpen(
  { hops = [], source }: EntryMeta,
  { signed, mayFetch }: { signed: boolean; mayFetch: OriginFetcher["mayFetch"] },
): boolean {
  if (source === undefined) return true;
  const followed = [...hops.slice(1).map(({ url }) => url), source];
  return followed.every((url) => mayFetch(url, { signed }));
}
