// Originals as the proxy has them: from the cache while the origin's own rules allow it, asked after
// when they have become stale, fetched otherwise.
import { type BodyUse, type StreamedBody, wholeIfThere } from "../http/body.ts";
import { digestOf, type EntryMeta } from "../cache/entry.ts";
import { originalKey } from "../cache/key.ts";
import type { Present } from "./cached_response.ts";
import { type ErrorCode, ProxyError } from "../errors.ts";
import { readWhole } from "../http/origin/arriving_body.ts";
import type { ByteBudget } from "../http/origin/byte_budget.ts";
import { assess, type FreshnessPolicy, type TimedResponse } from "../http/freshness.ts";
import type { HeaderMap } from "../http/header_map.ts";
import {
  declaredLength,
  isOriginal,
  type OriginFetcher,
  statusError,
} from "../http/origin/original.ts";
import { conditionalHeaders, renewBy304 } from "../http/revalidation.ts";
import { headersToStore, whyNotStored } from "../http/storable.ts";
import { timed, type Trace } from "../ops/trace.ts";
import type { ImageRequest } from "../request/image_request.ts";
import type { Making, Served, Shelf, Want } from "./shelf.ts";

export interface OriginalWish {
  readonly request: ImageRequest;
  readonly signed: boolean;
  /** The client's headers that are passed on, by lower-case name. */
  readonly sent: HeaderMap;
  readonly client?: HeaderMap | undefined;
  readonly settlesForStale?: boolean;
  readonly bodyUse?: BodyUse;
  readonly signal?: AbortSignal | undefined;
  /** Where to note how long it took. */
  readonly trace?: Trace | undefined;
}

export interface Originals {
  /** At once if it is fresh in memory. Rejects with a ProxyError. */
  get(wish: OriginalWish): Served | Promise<Served>;
  /** Whether it is stored, fresh or not. */
  has(wish: OriginalWish): boolean | Promise<boolean>;
  /** Only if it is fresh in memory. */
  peek(wish: OriginalWish): Served<Uint8Array> | undefined;
}

export interface OriginalsOptions {
  readonly shelf: Shelf;
  readonly fetcher: OriginFetcher;
  /** What all originals that are on their way in share; no bound unless told. */
  readonly arrivals?: ByteBudget;
  readonly policy: FreshnessPolicy;
  readonly present: Present;
  /** Told of every answer of an origin, and with no bytes where it was none of use. */
  onFetched?(url: string, fetched: { milliseconds: number; bytes: number | undefined }): void;
  /** Milliseconds since 1970. */
  now(): number;
}

export function createOriginals(
  { shelf, fetcher, arrivals, policy, present, onFetched, now }: OriginalsOptions,
): Originals {
  // A key is two hashes, which is much beside a hit in memory.
  const keys = new WeakMap<ImageRequest, string>();

  function keyOf(request: ImageRequest): string {
    let key = keys.get(request);
    if (key === undefined) keys.set(request, key = originalKey(request.remoteUrl));
    return key;
  }

  function wantOf(wish: OriginalWish): Want {
    return createWant(wish, {
      key: keyOf(wish.request),
      variantKey: (selected) => originalKey(wish.request.remoteUrl, selected),
    });
  }

  async function fetchAnew(wish: OriginalWish, making: Making): Promise<Served> {
    const { stale } = making;
    const conditions = stale === undefined ? {} : conditionalHeaders(stale.meta);
    const announced = Promise.withResolvers<void>();
    const asked = ask(wish, {
      conditions,
      making,
      onLarge(response, body) {
        announce(response, { body, wish, making });
        if (wish.bodyUse === "stream") announced.resolve();
      },
    });
    await timed(wish.trace, "fetch", { work: () => Promise.race([asked, announced.promise]) });
    const { response, body } = await asked;
    if (response.status === 304 && stale !== undefined) {
      const renewed = renewBy304(stale.meta, response);
      const kept = renewed && await wholeIfThere(stale.body);
      // RFC 9111 section 4.3.4: a 304 about another response says nothing about this one.
      if (kept === undefined) return fetchAnew(wish, { ...making, stale: undefined });
      const entry = { meta: { ...stale.meta, ...renewed }, body: kept };
      return keep(entry, { state: "revalidated", wish, making });
    }
    if (!isOriginal(response.status)) {
      const error = statusError(response.status);
      if (refusal(response, wish) === undefined) {
        making.remember(error, assess(response, policy).freshUntil - now());
      }
      throw error;
    }
    const place = await making.place(response.headers.vary);
    const meta = { ...metaOf(response, wish), ...place, digest: await digestOf(body) };
    return keep({ meta, body }, { state: "miss", wish, making });
  }

  /** Lets those who can do with it have an original of which the rest is still to come. */
  function announce(
    response: TimedResponse,
    { body, wish, making }: { body: StreamedBody; wish: OriginalWish; making: Making },
  ): void {
    const state = refusal(response, wish) === undefined ? "miss" : "bypass";
    making.flight.announce({ response: present({ meta: metaOf(response, wish), body }), state });
  }

  function metaOf(response: TimedResponse, { request }: OriginalWish): EntryMeta {
    return {
      kind: "original",
      key: keyOf(request),
      url: request.remoteUrl,
      options: "",
      ...response,
      headers: headersToStore(response.headers),
    };
  }

  async function ask(
    { request, signed, sent }: OriginalWish,
    { conditions, making, onLarge }: {
      conditions: HeaderMap;
      making: Making;
      onLarge: (response: TimedResponse, body: StreamedBody) => void;
    },
  ): Promise<{ response: TimedResponse; body: Uint8Array }> {
    const requestedAt = now();
    const started = performance.now();
    let bytes: number | undefined;
    try {
      const { status, headers, body } = await fetcher.streamOriginal(request.remoteUrl, {
        headers: { ...sent, ...conditions },
        signed,
        signal: making.flight.signal,
        onStart: making.flight.started,
        anyStatus: true,
      });
      const response = { status, headers, requestedAt, receivedAt: now() };
      const whole = await readWhole(body, {
        budget: arrivals,
        ...(isOriginal(status) && {
          size: declaredLength(headers),
          onLarge: (arriving) => onLarge(response, arriving),
        }),
      });
      if (isOriginal(status) || status === 304) bytes = whole.byteLength;
      return { response, body: whole };
    } catch (error) {
      // Origins that are down or send too much are asked no more often than those that answer 5xx.
      if (error instanceof ProxyError && REMEMBERED.has(error.code)) {
        making.remember(error, policy.serverErrorLifetime * 1000);
      }
      throw error;
    } finally {
      onFetched?.(request.remoteUrl, { milliseconds: performance.now() - started, bytes });
    }
  }

  function keep(
    entry: { meta: EntryMeta; body: Uint8Array },
    { state, wish, making }: { state: "revalidated" | "miss"; wish: OriginalWish; making: Making },
  ): Served {
    const response = present(entry);
    if (refusal(entry.meta, wish) !== undefined) return { response, state: "bypass" };
    making.store(response);
    return { response, state };
  }

  function refusal(response: TimedResponse, { sent }: OriginalWish) {
    return whyNotStored(response, { request: { method: "GET", headers: sent }, policy });
  }

  return {
    peek: ({ request, sent, client }) => shelf.peek({ key: keyOf(request), sent, client }),
    get: (wish) => shelf.get(wantOf(wish), (making) => fetchAnew(wish, making)),
    has: (wish) => shelf.has(wantOf(wish)),
  };
}

const REMEMBERED: ReadonlySet<ErrorCode> = new Set(["bad_origin", "timeout", "too_large"]);

/** What a wish looks up, under the keys that it has there. */
export function createWant(
  wish: OriginalWish,
  { key, variantKey }: Pick<Want, "key" | "variantKey">,
): Want {
  const { sent, client, signal, trace, settlesForStale = true, bodyUse = "whole" } = wish;
  const lane = laneOf(wish);
  return { key, variantKey, sent, lane, client, settlesForStale, bodyUse, signal, trace };
}

/** A signature opens hosts to redirects, and before an answer came nobody knows which headers it depends on. */
function laneOf({ signed, sent }: { signed: boolean; sent: HeaderMap }): string {
  return ` ${signed} ${JSON.stringify(Object.entries(sent).sort())}`;
}
