// A shared cache's judgement of time: how long a stored response is fresh, how long it may be used
// after that, and what to tell clients about it (RFC 9111 section 4.2, RFC 5861, RFC 8246).
// assess() does the parsing once per stored response; judge() only compares numbers.

import { type CacheControl, parseCacheControl } from "./cache_control.ts";
import { fieldsToSend, restrictionsOf } from "./fields_to_send.ts";
import { type Governing, governing } from "./governing.ts";
import type { HeaderMap } from "./header_map.ts";
import { parseHttpDate } from "./http_date.ts";
import {
  allowsImpliedLifetime,
  heuristicLifetime,
  initialAge,
  statedLifetime,
} from "./lifetime.ts";

/** A response as it came: when it was asked for and when its header arrived, in ms since the epoch. */
export interface TimedResponse {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly requestedAt: number;
  readonly receivedAt: number;
  /** The redirects that led to it, in their order: each has a lifetime, and a say in storage, of its own. */
  readonly hops?: readonly Hop[];
  /** What else went into it: it lasts no longer than each of them. */
  readonly parts?: readonly Part[];
  /** When it was found to show only a part of a damaged picture: from then on it lasts as long as a failure does. */
  readonly partialSince?: number;
}

/** A response that another was made with, besides the one that it is of. */
export interface Part extends Omit<TimedResponse, "parts" | "partialSince"> {
  readonly url: string;
}

/** A redirect on the way to a response. */
export interface Hop extends Omit<TimedResponse, "hops" | "parts" | "partialSince"> {
  /** What was asked for, as it was sent. */
  readonly url: string;
}

/** What the operator decides. All durations are in seconds. */
export interface FreshnessPolicy {
  /** For successful responses that say nothing about their lifetime. */
  readonly defaultLifetime: number;
  /** The most that a tenth of the time since Last-Modified may come to; undefined where it does not count. */
  readonly heuristicCap: number | undefined;
  /** Successful responses are kept fresh at least this long after they arrived. */
  readonly minLifetime: number;
  /** The most, and the default, for 4xx responses; 0 forgets them. */
  readonly notFoundLifetime: number;
  /** The most, and the default, for 5xx responses; 0 forgets them. */
  readonly serverErrorLifetime: number;
  /** For responses that do not say it themselves. */
  readonly staleWhileRevalidate: number;
  /** For responses that do not say it themselves. */
  readonly staleIfError: number;
  /** Store in spite of `private` and `no-store`. */
  readonly forceCache: boolean;
}

/** The outcome of assess(); points in time are in ms since the epoch by this machine's clock. */
export interface Freshness {
  /** The moment at which the response's age was zero. */
  readonly bornAt: number;
  readonly freshUntil: number;
  /** Never before `freshUntil`, unless the response may not be used without validation at all. */
  readonly staleWhileRevalidateUntil: number;
  readonly staleIfErrorUntil: number;
  readonly immutable: boolean;
  /** The fields to send that do not change with time; `age` is added by cacheHeaders(). */
  readonly headers: HeaderMap;
}

/**
 * `fresh`: serve. `stale-while-revalidate`: serve, and revalidate in the background.
 * `revalidate`: ask the origin first; if that fails, mayServeOnError() says whether to serve it yet.
 */
export type Verdict = "fresh" | "stale-while-revalidate" | "revalidate";

/**
 * Works out a stored response's times and the cache headers that are true of it. The policy is that of its own
 * place; its parts, which may be of others, have theirs.
 */
export function assess(
  response: TimedResponse,
  policy: FreshnessPolicy,
  policyOf: (url: string) => FreshnessPolicy = () => policy,
): Freshness {
  const { hops = [], parts = [] } = response;
  const own = assessAlone(response, policy);
  const others = [
    ...hops.map((hop) => assessAlone(hop, policy)),
    ...parts.flatMap((part) =>
      [part, ...part.hops ?? []].map((each) => assessAlone(each, policyOf(part.url)))
    ),
  ];
  const { partialSince = Infinity } = response;
  const isPartial = partialSince !== Infinity;
  const partialUntil = partialSince + policy.serverErrorLifetime * 1000;
  const usable = earliest([
    ...[own, ...others].map(({ times }) => times),
    timesUntil(partialUntil),
  ]);
  return {
    bornAt: own.bornAt,
    ...usable,
    immutable: own.governing.control.immutable && others.length === 0 && !isPartial,
    headers: fieldsToSend(response.headers, {
      ...own,
      lifetime: (own.keptUntil - own.bornAt) / 1000,
      // What a redirect leads to is reached for no longer than the redirect itself holds; and what was made of
      // several is as it is for no longer than each of them.
      limit: (Math.min(partialUntil, ...others.map(({ keptUntil }) => keptUntil)) - own.bornAt) /
        1000,
      restrictions: others.flatMap(({ governing }) => restrictionsOf(governing.control)),
      withdrawn: [
        ...(usable.staleWhileRevalidateUntil < own.times.staleWhileRevalidateUntil
          ? ["stale-while-revalidate"]
          : []),
        ...(usable.staleIfErrorUntil < own.times.staleIfErrorUntil ? ["stale-if-error"] : []),
        ...(isPartial || parts.length > 0 ? ["immutable"] : []),
      ],
      forced: policy.forceCache,
      raises: policy.minLifetime > 0 && response.status < 400,
    }),
  };
}

type Times = Pick<Freshness, "freshUntil" | "staleWhileRevalidateUntil" | "staleIfErrorUntil">;

interface Assessment {
  readonly governing: Governing;
  /** The response's own, or when it came; in ms. */
  readonly date: number;
  readonly bornAt: number;
  /** In seconds; undefined where the response states none. */
  readonly stated: number | undefined;
  /** When its lifetime ends, whether it may be used without validation until then or not. */
  readonly keptUntil: number;
  readonly times: Times;
}

function assessAlone(response: TimedResponse, policy: FreshnessPolicy): Assessment {
  const { status, headers, receivedAt } = response;
  const governed = governing(headers);
  const { control } = governed;
  // RFC 9110 section 6.6.1: without a date, the time of receipt stands in.
  const date = parseHttpDate(headers.date, receivedAt) ?? receivedAt;
  const bornAt = receivedAt - initialAge(response, date);

  const stated = statedLifetime(governed, { date, receivedAt });
  const lifetime = cap(stated ?? impliedLifetime(response, { control, date, policy }), {
    status,
    policy,
  });
  // What is stale when it arrives stays so, unless the operator wants a least time for all.
  const least = status < 400 && policy.minLifetime > 0
    ? receivedAt + policy.minLifetime * 1000
    : -Infinity;
  const keptUntil = Math.max(bornAt + lifetime * 1000, least);
  const freshUntil = control.noCache ? 0 : keptUntil;
  const windows = staleWindows(status, { control, policy });
  const times = {
    freshUntil,
    staleWhileRevalidateUntil: freshUntil + windows.whileRevalidate * 1000,
    staleIfErrorUntil: freshUntil + windows.ifError * 1000,
  };
  return { governing: governed, date, bornAt, stated, keptUntil, times };
}

function timesUntil(time: number): Times {
  return { freshUntil: time, staleWhileRevalidateUntil: time, staleIfErrorUntil: time };
}

function earliest(times: readonly Times[]): Times {
  const least = (name: keyof Times) => Math.min(...times.map((each) => each[name]));
  return {
    freshUntil: least("freshUntil"),
    staleWhileRevalidateUntil: least("staleWhileRevalidateUntil"),
    staleIfErrorUntil: least("staleIfErrorUntil"),
  };
}

/**
 * Judges an assessed response at `now` (ms). A client's Cache-Control and Pragma count only where
 * its headers are passed in, which by default they should not be: anyone could bust the cache.
 */
export function judge(freshness: Freshness, now: number, client?: HeaderMap): Verdict {
  if (client !== undefined && asksForNewer(freshness, now, client)) return "revalidate";
  if (now < freshness.freshUntil) return "fresh";
  return now < freshness.staleWhileRevalidateUntil ? "stale-while-revalidate" : "revalidate";
}

/** Whether a stale response may stand in for an origin that failed (RFC 5861 section 4). */
export function mayServeOnError(freshness: Freshness, now: number): boolean {
  return now < freshness.staleIfErrorUntil;
}

/** Whether an origin's answer counts as a failure that stale-if-error covers (RFC 5861 section 4). */
export function isOriginFailure(status: number): boolean {
  return status === 500 || status === 502 || status === 503 || status === 504;
}

/** Age in whole seconds at `now` (ms), RFC 9111 section 4.2.3; never negative. */
export function ageAt(freshness: Freshness, now: number): number {
  return Math.max(0, Math.floor((now - freshness.bornAt) / 1000));
}

/** Cache-Control, Expires, Date and Age as they are true for an answer sent at `now` (ms). */
export function cacheHeaders(freshness: Freshness, now: number): HeaderMap {
  return { ...freshness.headers, age: String(ageAt(freshness, now)) };
}

function impliedLifetime(
  response: TimedResponse,
  { control, date, policy }: { control: CacheControl; date: number; policy: FreshnessPolicy },
): number {
  const { status, headers, receivedAt } = response;
  if (status >= 400) return Infinity; // the cap for errors is also their default
  if (!allowsImpliedLifetime(status, control)) return 0;
  const { heuristicCap: cap, defaultLifetime } = policy;
  if (cap === undefined) return defaultLifetime;
  const modified = headers["last-modified"];
  return heuristicLifetime(modified, { date, receivedAt, cap }) ?? defaultLifetime;
}

function cap(
  lifetime: number,
  { status, policy }: { status: number; policy: FreshnessPolicy },
): number {
  if (status < 400) return lifetime;
  return Math.min(lifetime, status < 500 ? policy.notFoundLifetime : policy.serverErrorLifetime);
}

// RFC 9111 section 4.2.4: must-revalidate, proxy-revalidate and no-cache forbid any use when stale.
// s-maxage does too (section 5.2.2.10), but an origin that writes a window of RFC 5861 beside it
// has said what it wants, so there only the operator's own windows are ruled out.
function staleWindows(
  status: number,
  { control, policy }: { control: CacheControl; policy: FreshnessPolicy },
): { whileRevalidate: number; ifError: number } {
  const forbidden = control.noCache || control.mustRevalidate || control.proxyRevalidate;
  // An error is remembered briefly to spare its origin, not kept alive.
  if (forbidden || status >= 400) return { whileRevalidate: 0, ifError: 0 };
  const byDefault = control.sMaxAge === undefined ? 1 : 0;
  return {
    whileRevalidate: control.staleWhileRevalidate ?? byDefault * policy.staleWhileRevalidate,
    ifError: control.staleIfError ?? byDefault * policy.staleIfError,
  };
}

function asksForNewer(freshness: Freshness, now: number, client: HeaderMap): boolean {
  const asked = client["cache-control"];
  // Pragma speaks only for clients that know no Cache-Control, RFC 9111 section 5.4.
  if (asked === undefined) return /\bno-cache\b/i.test(client.pragma ?? "");
  const control = parseCacheControl(asked);
  if (control.noCache) return true;
  // RFC 8246 section 2: a reload (max-age=0) need not look again at what cannot change.
  const immutable = freshness.immutable && now < freshness.freshUntil;
  if (control.maxAge !== undefined && !immutable && ageAt(freshness, now) > control.maxAge) {
    return true;
  }
  return control.minFresh !== undefined && freshness.freshUntil - now < control.minFresh * 1000;
}
