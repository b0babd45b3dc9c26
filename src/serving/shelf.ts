// What originals and results have in common: look a response up, judge it, and make it once for all who
// ask while it is missing or stale. The rules are RFC 9111's; how a response is made is the caller's.
import { urlPrefixOf } from "../cache/key.ts";
import {
  createSingleFlight,
  type Flight,
  type JoinOptions,
  type SingleFlight,
} from "../cache/single_flight.ts";
import { ProxyError } from "../errors.ts";
import type { Body, BodyUse } from "../http/body.ts";
import type { CacheState } from "../http/cache_state.ts";
import { isOriginFailure, judge, mayServeOnError } from "../http/freshness.ts";
import type { HeaderMap } from "../http/header_map.ts";
import { isTakenDown } from "../http/refusals.ts";
import { timed, type Trace } from "../ops/trace.ts";
import type { CachedResponse } from "./cached_response.ts";
import { createFailures, type Failure, type Where } from "./failures.ts";
import { createVariants, type Sought, type Stored, type VariantsOptions } from "./variants.ts";

export interface Served<B extends Body = Body> {
  readonly response: CachedResponse<B>;
  readonly state: CacheState;
  /** How the original of a result that had to be made or renewed was come by. */
  readonly original?: CacheState;
}

/** What is wanted. Wants that differ in nothing but the signal share their work. */
export interface Want extends Sought, Where {
  /** Whatever of the request the outcome depends on, before an answer says what it does not depend on. */
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

/** What a look into memory takes. */
export type Glance = Pick<Want, "key" | "sent" | "signed" | "client">;

export interface Making {
  /** The stored response that is no longer fresh. */
  readonly stale: CachedResponse<Body> | undefined;
  readonly flight: Flight<Served>;
  /** Stores a response, unless what it was made from was purged meanwhile. */
  store(response: CachedResponse): void | Promise<void>;
  /** Answers with this error as long as it says. */
  remember(failure: Failure): void;
  /** Removes what was stored before, for the origin has a newer answer that is not to be stored. */
  supersede(): void;
}

export interface Shelf {
  /** At once where it is fresh and in memory. Rejects with what `make` did, or the signal's reason. */
  get(want: Want, make: (making: Making) => Promise<Served>): Served | Promise<Served>;
  /** Only if it is fresh and in memory. */
  peek(want: Glance): Served<Uint8Array> | undefined;
  /** Whether anything is stored for a want, fresh or not. */
  has(want: Want): boolean | Promise<boolean>;
  /** Forgets the errors under keys that begin so, and lets nothing be stored that is being made now. */
  forget(prefix: string): void;
  /** Resolves when nothing is being made any more, whether somebody waits for it or not. */
  idle(): Promise<void>;
}

export interface ShelfOptions extends VariantsOptions {
  /** Milliseconds since 1970. */
  now(): number;
  /** Told what went wrong where no request waits for it. */
  onBackgroundFailure(error: unknown): void;
}

type Make = (making: Making) => Promise<Served>;

export function createShelf(
  { cache, isOpen, now, onBackgroundFailure }: ShelfOptions,
): Shelf {
  const lookups = createSingleFlight<Served>();
  const makings = createSingleFlight<Served>();
  const variants = createVariants({ cache, isOpen });
  const failures = createFailures({ now });
  /** What is being made, and whether it has been overtaken by a purge or a newer answer. */
  const underWay = new Set<{ readonly key: string; isOvertaken: boolean }>();
  const removals = new Set<Promise<unknown>>();

  async function lookUp(want: Want, make: Make): Promise<Served> {
    const find = async () => await variants.find(want, want);
    const stored = await timed(want.trace, "cache", { work: find });
    const hit = ifFresh(stored, want);
    if (hit) return hit;
    const verdict = stored && judge(stored.freshness, now(), want.client);
    const failure = failures.find(want);
    // What is taken down is not shown for as long as nobody asks again.
    if (failure && hasEnded(failure)) throw failure;
    const isCovered = stored !== undefined && mayServeOnError(stored.freshness, now());
    if (stored && verdict === "stale-while-revalidate" && want.settlesForStale) {
      const unhurried = { ...want, signal: undefined };
      if (!failure) makeOnce(unhurried, { stored, make, whole: true }).catch(onBackgroundFailure);
      return { response: stored, state: "stale" };
    }
    try {
      if (failure) throw failure;
      // An origin may fail half-way too: where there is something to stand in, the end is waited for.
      const whole = isCovered || want.bodyUse !== "stream";
      return await makeOnce(want, { stored, make, whole });
    } catch (error) {
      if (stored && isFailure(error) && mayServeOnError(stored.freshness, now())) {
        return { response: stored, state: "stale" };
      }
      // If it is remembered, it says for how long.
      const remembered = failures.find(want);
      throw remembered?.message === (error as Error).message ? remembered : error;
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
      async work(flight) {
        const self = { key: want.key, isOvertaken: false };
        underWay.add(self);
        try {
          return await make({
            stale: stored,
            flight,
            store: (response) => variants.store(want, response, () => !self.isOvertaken),
            remember(failure) {
              // What nobody waited for any more did not fail for the picture's sake.
              const isGivenUp = flight.signal.aborted;
              if (!self.isOvertaken && !isGivenUp) failures.remember(want, failure);
            },
            supersede() {
              if (stored) supersede(want.key, self);
            },
          });
        } finally {
          underWay.delete(self);
        }
      },
    });
  }

  function overtake(prefix: string, except?: object): void {
    for (const making of underWay) {
      if (making !== except && making.key.startsWith(prefix)) making.isOvertaken = true;
    }
  }

  function supersede(key: string, by: object): void {
    const prefix = urlPrefixOf(key);
    overtake(prefix, by);
    const removal = cache.removeAll(prefix).finally(() => removals.delete(removal));
    removals.add(removal);
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

  function peek(want: Glance): Served<Uint8Array> | undefined {
    return ifFresh(variants.peek(want), want);
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
      const found = variants.find(want, want);
      return found instanceof Promise ? found.then((it) => it !== undefined) : found !== undefined;
    },
    async idle() {
      await makings.idle();
      await Promise.all(removals);
    },
    forget(prefix) {
      overtake(prefix);
      failures.forget(prefix);
    },
  };
}

/** What a client's own wish for something newer adds to a key. */
function wishOf({ client }: Want): string {
  return client === undefined ? "" : ` ${client["cache-control"]} ${client.pragma}`;
}

function settlingOf({ settlesForStale, bodyUse }: Want): string {
  return `${settlesForStale} ${bodyUse}`;
}

/** Whether an error says that what was stored is gone from its origin. */
export function hasEnded(error: unknown): boolean {
  return error instanceof ProxyError && typeof error.cause === "number" && isTakenDown(error.cause);
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
