// Originals as the proxy has them: from the cache while the origin's own rules allow it, asked after
// when they have become stale, fetched otherwise.
import { digestOf, type EntryMeta } from "../cache/entry.ts";
import { originalKey } from "../cache/key.ts";
import { type ErrorCode, ProxyError } from "../errors.ts";
import { type BodyUse, type StreamedBody, wholeIfThere } from "../http/body.ts";
import type { TimedResponse } from "../http/freshness.ts";
import type { HeaderMap } from "../http/header_map.ts";
import { placeOf } from "../http/place.ts";
import { HIDDEN } from "../request/hidden_url.ts";
import { isOriginal, statusError } from "../http/origin/origin_answer.ts";
import { isPersonal } from "../http/origin_headers.ts";
import { blamesRequest, rememberedUntil, retryTime } from "../http/refusals.ts";
import { conditionalHeaders, renewBy304 } from "../http/revalidation.ts";
import { headersToStore, whyNotStored } from "../http/storable.ts";
import { varyOf } from "../http/vary.ts";
import { timed, type Trace } from "../ops/trace.ts";
import { cachedUrl, type ImageRequest } from "../request/image_request.ts";
import type { Ask, OriginAnswer, Question } from "./asking.ts";
import type { PolicyFinder } from "./freshness_policies.ts";
import type { Present } from "./cached_response.ts";
import { secondsUntil } from "./failures.ts";
import { hasEnded, type Making, type Served, type Shelf, type Want } from "./shelf.ts";

export interface OriginalWish {
  readonly request: ImageRequest;
  readonly signed: boolean;
  /** Whether the log may not tell what the remote URL is. */
  readonly isSecret: boolean;
  /** The client's headers that are passed on, by lower-case name. */
  readonly sent: HeaderMap;
  /** The servers of this program that the request has come through, as in CDN-Loop. */
  readonly cameThrough?: string | undefined;
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
  readonly ask: Ask;
  readonly policyOf: PolicyFinder;
  readonly present: Present;
  /** Milliseconds since 1970. */
  now(): number;
}

export function createOriginals(
  { shelf, ask, policyOf, present, now }: OriginalsOptions,
): Originals {
  // A key is two hashes, which is much beside a hit in memory.
  const keys = new WeakMap<ImageRequest, string>();

  function keyOf(request: ImageRequest): string {
    let key = keys.get(request);
    if (key === undefined) keys.set(request, key = variantKey(request, {}));
    return key;
  }

  function variantKey(request: ImageRequest, variant: HeaderMap): string {
    return originalKey(cachedUrl(request), { version: request.options.cacheBuster, variant });
  }

  function wantOf(wish: OriginalWish): Want {
    return createWant(wish, {
      key: keyOf(wish.request),
      variantKey: (selected) => variantKey(wish.request, selected),
    });
  }

  async function fetchAnew(wish: OriginalWish, making: Making): Promise<Served> {
    const { stale } = making;
    const announced = Promise.withResolvers<void>();
    const asked = askFor(wish, {
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
      const { hops: _hops, ...meta } = stale.meta;
      const entry = { meta: { ...meta, ...renewed }, body: kept };
      return keep(entry, { state: "revalidated", wish, making });
    }
    if (!isOriginal(response.status)) throw refused(response, { wish, making });
    const meta = { ...metaOf(response, wish), digest: await digestOf(body) };
    return keep({ meta, body }, { state: "miss", wish, making });
  }

  async function askFor(
    { request, signed, isSecret, sent, cameThrough }: OriginalWish,
    { making, onLarge }: { making: Making; onLarge: Question["onLarge"] },
  ): ReturnType<Ask> {
    const { stale, flight } = making;
    try {
      return await ask({
        url: request.remoteUrl,
        place: request.isHidden ? HIDDEN : placeOf(request.remoteUrl),
        isSecret,
        headers: { ...sent, ...(stale && conditionalHeaders(stale.meta)) },
        validates: stale?.meta.source,
        signed,
        cameThrough,
        signal: flight.signal,
        onStart: flight.started,
        onLarge,
      });
    } catch (error) {
      // Origins that are down or send too much are asked no more often than those that answer 5xx.
      if (error instanceof ProxyError && REMEMBERED.has(error.code) && !isPersonal(sent)) {
        making.remember({
          error,
          until: now() + policyOf(request.remoteUrl).serverErrorLifetime * 1000,
        });
      }
      throw error;
    }
  }

  /** What an answer that is no picture means for the client, for those after it, and for what was stored. */
  function refused(
    response: OriginAnswer,
    { wish, making }: { wish: OriginalWish; making: Making },
  ): ProxyError {
    const { request, sent } = wish;
    const { status } = response;
    const retryAt = retryTime(response);
    const error = statusError(status, retryAt && secondsUntil(retryAt, now()));
    // What credentials met with is nobody else's.
    if (isPersonal(sent)) return error;
    const vary = blamesRequest(status) ? Object.keys(sent).join(", ") : varyOf(response);
    making.remember({
      error,
      until: rememberedUntil(response, policyOf(request.remoteUrl)),
      vary,
      retryAt,
    });
    if (endsCopies(error, wish)) making.supersede();
    return error;
  }

  /** Lets those who can do with it have an original of which the rest is still to come. */
  function announce(
    response: OriginAnswer,
    { body, wish, making }: { body: StreamedBody; wish: OriginalWish; making: Making },
  ): void {
    making.flight.announce(() => ({
      response: present({ meta: metaOf(response, wish), body }),
      state: refusal(response, wish) === undefined ? "miss" : "bypass",
    }));
  }

  function metaOf(response: OriginAnswer, { request }: OriginalWish): EntryMeta {
    return {
      kind: "original",
      key: keyOf(request),
      url: request.remoteUrl,
      options: "",
      ...response,
      headers: headersToStore(response.headers),
    };
  }

  async function keep(
    entry: { meta: EntryMeta; body: Uint8Array },
    { state, wish, making }: { state: "revalidated" | "miss"; wish: OriginalWish; making: Making },
  ): Promise<Served> {
    const response = present(entry);
    if (refusal(entry.meta, wish) !== undefined) {
      if (!isPersonal(wish.sent)) making.supersede();
      return { response, state: "bypass" };
    }
    await making.store(response);
    return { response, state };
  }

  function refusal(response: TimedResponse, { request, sent }: OriginalWish) {
    const policy = policyOf(request.remoteUrl);
    return whyNotStored(response, { request: { method: "GET", headers: sent }, policy });
  }

  return {
    peek: ({ request, sent, signed, client }) =>
      shelf.peek({ key: keyOf(request), sent, signed, client }),
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
  const { sent, signed, client, signal, trace, settlesForStale = true, bodyUse = "whole" } = wish;
  const errorLane = errorLaneOf(wish);
  // Before an answer came nobody knows which headers it depends on.
  const lane = `${errorLane} ${JSON.stringify(Object.entries(sent).sort())}`;
  return {
    key,
    variantKey,
    sent,
    signed,
    lane,
    errorLane,
    client,
    settlesForStale,
    bodyUse,
    signal,
    trace,
  };
}

/**
 * A signature opens hosts to redirects; what an origin answers to one of its own is not for another; and what one
 * says of where a request has been is that client's word.
 */
function errorLaneOf({ request, signed, cameThrough }: OriginalWish): string {
  const { cachedAs, remoteUrl } = request;
  const way = cameThrough === undefined ? "" : ` by ${cameThrough}`;
  return ` ${signed}${cachedAs === undefined ? "" : ` ${remoteUrl}`}${way}`;
}

/** Whether an error ends what was stored: what this one's credentials, headers or signature met with does not. */
export function endsCopies(error: unknown, { request, sent }: OriginalWish): boolean {
  if (!(error instanceof ProxyError) || !hasEnded(error) || isPersonal(sent)) return false;
  const isRefused = typeof error.cause === "number" && blamesRequest(error.cause);
  const isOwn = request.cachedAs !== undefined || Object.keys(sent).length > 0;
  return !(isRefused && isOwn);
}
