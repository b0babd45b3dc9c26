// What originals and results have in common: look a response up, judge it, and make it once for all who
// ask while it is missing or stale. The rules are RFC 9111's; how a response is made is the caller's.
import type { Body, BodyUse, StreamedBody } from "../http/body.ts";
import { createMemoryTier } from "../cache/memory_tier.ts";
import {
  createSingleFlight,
  type Flight,
  type JoinOptions,
  type SingleFlight,
} from "../cache/single_flight.ts";
import type { TieredCache } from "../cache/tiers.ts";
import type { CachedResponse } from "./cached_response.ts";
import { ProxyError } from "../errors.ts";
import type { CacheState } from "../http/cache_state.ts";
import { isOriginFailure, judge, mayServeOnError } from "../http/freshness.ts";
import type { HeaderMap } from "../http/header_map.ts";
import { timed, type Trace } from "../ops/trace.ts";
import { matchesVary, selectVary } from "../http/vary.ts";

export interface Served<B extends Body = Body> {
  readonly response: CachedResponse<B>;
  readonly state: CacheState;
  /** How the original of a result that had to be made or renewed was come by. */
  readonly original?: CacheState;
}

/** What is wanted. Wants that differ in nothing but the signal share their work. */
export interface Want {
  readonly key: string;
  /** The key of the variant that a Vary selects by these digests. */
  variantKey(selected: HeaderMap): string;
  /** The client's headers that go to the origin, by which Vary selects. */
  readonly sent: HeaderMap;
  /** Whatever else of the request the outcome depends on, but the cache does not. */
  readonly lane: string;
  /** A client's headers, where clients may have what is cached checked. */
  readonly client?: HeaderMap | undefined;
  /** Whether a response past its lifetime will do while it is refreshed. */
  readonly settlesForStale: boolean;
  /** Says where the response's body may be. */
  readonly bodyUse: BodyUse;
  readonly signal?: AbortSignal | undefined;
  /** Where to note how long it took. */
  readonly trace?: Trace | undefined;
}

/** Where a response is stored. */
export interface Place {
  readonly key: string;
  readonly selected?: HeaderMap;
}

export interface Making {
  /** The stored response that is no longer fresh. */
  readonly stale: CachedResponse<Body> | undefined;
  readonly flight: Flight<Served>;
  /** The place of a response that has this Vary. */
  place(vary: string | undefined): Promise<Place>;
  /** Stores a response, unless what it was made from was purged meanwhile. */
  store(response: CachedResponse): void;
  /** Answers with this error for so many milliseconds. */
  remember(error: ProxyError, milliseconds: number): void;
}

export interface Shelf {
  /** At once where it is fresh and in memory. Rejects with what `make` did, or the signal's reason. */
  get(want: Want, make: (making: Making) => Promise<Served>): Served | Promise<Served>;
  /** Only if it is fresh and in memory. */
  peek(want: Pick<Want, "key" | "sent" | "client">): Served<Uint8Array> | undefined;
  /** Whether anything is stored for a want, fresh or not. */
  has(want: Want): boolean | Promise<boolean>;
  /** Forgets the errors under keys that begin so, and lets nothing be stored that is being made now. */
  forget(prefix: string): void;
  /** Resolves when nothing is being made any more, whether somebody waits for it or not. */
  idle(): Promise<void>;
}

export interface ShelfOptions {
  readonly cache: TieredCache<CachedResponse, CachedResponse<StreamedBody>>;
  /** Milliseconds since 1970. */
  now(): number;
  /** Told what went wrong where no request waits for it. */
  onBackgroundFailure(error: unknown): void;
}

type Make = (making: Making) => Promise<Served>;
type Stored = CachedResponse<Body> | undefined;

const REMEMBERED_ERRORS = 10_000;

export function createShelf({ cache, now, onBackgroundFailure }: ShelfOptions): Shelf {
  const lookups = createSingleFlight<Served>();
  const makings = createSingleFlight<Served>();
  // In memory only: an error is worth no write to a backend, and must not push out what it may outlast.
  const failures = createMemoryTier<{ error: ProxyError; until: number }>({
    maxBytes: REMEMBERED_ERRORS,
    size: () => 1,
    now,
  });
  let purges = 0;

  function find(want: Want): Stored | Promise<Stored> {
    const first = read(want.key, want);
    return first instanceof Promise
      ? first.then((response) => rightVariant(response, want))
      : rightVariant(first, want);
  }

  function read(key: string, want: Want): Stored | Promise<Stored> {
    return want.bodyUse === "whole" ? cache.get(key, want) : cache.open(key, want);
  }

  // RFC 9111 section 4.1: the response in the first place says what the variants are told apart by.
  function rightVariant(first: Stored, want: Want): Stored | Promise<Stored> {
    if (first === undefined || selects(first, want)) return first;
    const key = want.variantKey(selectVary(first.meta.headers.vary, want.sent) ?? {});
    const second = read(key, want);
    const checked = (response: Stored) =>
      response && selects(response, want) ? response : undefined;
    return second instanceof Promise ? second.then(checked) : checked(second);
  }

  async function lookUp(want: Want, make: Make): Promise<Served> {
    const stored = await timed(want.trace, "cache", { work: async () => await find(want) });
    const hit = ifFresh(stored, want);
    if (hit) return hit;
    const verdict = stored && judge(stored.freshness, now(), want.client);
    const failure = failures.get(want.key + want.lane);
    const failed = failure !== undefined && now() < failure.until;
    const isCovered = stored !== undefined && mayServeOnError(stored.freshness, now());
    if (stored && verdict === "stale-while-revalidate" && want.settlesForStale) {
      const unhurried = { ...want, signal: undefined };
      if (!failed) makeOnce(unhurried, { stored, make, whole: true }).catch(onBackgroundFailure);
      return { response: stored, state: "stale" };
    }
    try {
      if (failed) throw failure.error;
      // An origin may fail half-way too: where there is something to stand in, the end is waited for.
      const whole = isCovered || want.bodyUse !== "stream";
      return await makeOnce(want, { stored, make, whole });
    } catch (error) {
      if (stored && isFailure(error) && mayServeOnError(stored.freshness, now())) {
        return { response: stored, state: "stale" };
      }
      throw error;
    }
  }

  function makeOnce(
    want: Want,
    { stored, make, whole }: { stored: Stored; make: Make; whole: boolean },
  ): Promise<Served> {
    return joined(makings, {
      key: want.key + want.lane + wishOf(want),
      signal: want.signal,
      takesAnnounced: !whole,
      work(flight) {
        const purgesBefore = purges;
        return make({
          stale: stored,
          flight,
          place: (vary) => placeOf(want, vary),
          store(response) {
            if (purges === purgesBefore) cache.set(response.meta.key, response);
          },
          remember(error, milliseconds) {
            if (milliseconds <= 0 || purges !== purgesBefore) return;
            failures.set(want.key + want.lane, { error, until: now() + milliseconds });
          },
        });
      },
    });
  }

  async function placeOf(want: Want, vary: string | undefined): Promise<Place> {
    const { key } = want;
    if (vary === undefined) return { key };
    const selected = selectVary(vary, want.sent) ?? {};
    const first = await cache.get(key);
    if (first === undefined || selects(first, want)) return { key, selected };
    return { key: want.variantKey(selectVary(first.meta.headers.vary, want.sent) ?? {}), selected };
  }

  function ifFresh<B extends Body>(
    stored: CachedResponse<B> | undefined,
    { client }: Pick<Want, "client">,
  ): Served<B> | undefined {
    if (stored === undefined || judge(stored.freshness, now(), client) !== "fresh") {
      return undefined;
    }
    return { response: stored, state: "hit" };
  }

  function peek(want: Pick<Want, "key" | "sent" | "client">): Served<Uint8Array> | undefined {
    const first = cache.peek(want.key);
    return first && selects(first, want) ? ifFresh(first, want) : undefined;
  }

  return {
    peek,
    get(want, make) {
      const atHand = peek(want);
      if (atHand !== undefined) return atHand;
      // Looking up is shared too: 500 requests for what is on a disk read it once.
      return joined(lookups, {
        key: `${want.key}${want.lane}${wishOf(want)} ${settlingOf(want)}`,
        signal: want.signal,
        work: ({ signal }) => lookUp({ ...want, signal }, make),
      });
    },
    has(want) {
      const found = find(want);
      return found instanceof Promise ? found.then((it) => it !== undefined) : found !== undefined;
    },
    idle: makings.idle,
    forget(prefix) {
      purges++;
      for (const key of [...failures.keys()]) if (key.startsWith(prefix)) failures.delete(key);
    },
  };
}

function selects({ meta }: CachedResponse<Body>, { sent }: Pick<Want, "sent">): boolean {
  const { vary } = meta.headers;
  return vary === undefined || matchesVary(vary, { selected: meta.selected ?? {}, request: sent });
}

/** What a client's own wish for something newer adds to a key. */
function wishOf({ client }: Want): string {
  return client === undefined ? "" : ` ${client["cache-control"]} ${client.pragma}`;
}

function settlingOf({ settlesForStale, bodyUse }: Want): string {
  return `${settlesForStale} ${bodyUse}`;
}

/** What stale-if-error covers: an origin, or an engine, that cannot answer now (RFC 5861 section 4). */
function isFailure(error: unknown): boolean {
  if (!(error instanceof ProxyError)) return false;
  if (typeof error.cause === "number") return isOriginFailure(error.cause);
  return error.code === "bad_origin" || error.code === "timeout" || error.code === "busy";
}

async function joined(
  flights: SingleFlight<Served>,
  { key, work, ...options }: JoinOptions & {
    key: string;
    work(flight: Flight<Served>): Promise<Served>;
  },
): Promise<Served> {
  let isFirst = false;
  const served = await flights.run(key, (flight) => {
    isFirst = true;
    return work(flight);
  }, options);
  return isFirst ? served : { ...served, state: "coalesced" };
}
