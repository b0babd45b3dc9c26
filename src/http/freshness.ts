// A shared cache's judgement of time: how long a stored response is fresh, how long it may be used
// after that, and what to tell clients about it (RFC 9111 section 4.2, RFC 5861, RFC 8246).
// assess() does the parsing once per stored response; judge() only compares numbers.

import { type CacheControl, parseCacheControl, parseDelta } from "./cache_control.ts";
import type { HeaderMap } from "./header_map.ts";
import { formatHttpDate, parseHttpDate } from "./http_date.ts";

/** A response as it came: when it was asked for and when its header arrived, in ms since the epoch. */
export interface TimedResponse {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly requestedAt: number;
  readonly receivedAt: number;
}

/** What the operator decides. All durations are in seconds. */
export interface FreshnessPolicy {
  /** For successful responses that say nothing about their lifetime. */
  readonly defaultLifetime: number;
  /** The most that a tenth of the time since Last-Modified may come to. */
  readonly heuristicCap: number;
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

/** RFC 9110 section 15.1, and RFC 7725 section 3 for 451. */
const HEURISTIC_STATUSES = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 451, 501]);

/** Works out a stored response's times and the cache headers that are true of it. */
export function assess(response: TimedResponse, policy: FreshnessPolicy): Freshness {
  const { status, headers, receivedAt } = response;
  const control = parseCacheControl(headers["cache-control"]);
  // RFC 9110 section 6.6.1: without a date, the time of receipt stands in.
  const date = parseHttpDate(headers.date, receivedAt) ?? receivedAt;
  const bornAt = receivedAt - initialAge(response, date);

  const stated = statedLifetime(response, control, date);
  const lifetime = cap(stated ?? impliedLifetime(response, { control, date, policy }), {
    status,
    policy,
  });
  const least = status < 400 ? receivedAt + policy.minLifetime * 1000 : 0;
  const freshUntil = Math.max(bornAt + lifetime * 1000, least);
  const usable = control.noCache ? 0 : freshUntil;
  const windows = staleWindows(status, { control, policy });

  return {
    bornAt,
    freshUntil: usable,
    staleWhileRevalidateUntil: usable + windows.whileRevalidate * 1000,
    staleIfErrorUntil: usable + windows.ifError * 1000,
    immutable: control.immutable,
    headers: headersToSend(headers, {
      control,
      date,
      forced: policy.forceCache,
      raises: policy.minLifetime > 0 && status < 400,
      lifetime: Math.floor((freshUntil - bornAt) / 1000),
      stated,
    }),
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

/** Whether RFC 9111 section 4.2.2 lets a response without a stated lifetime be given one. */
export function allowsImpliedLifetime(status: number, control: CacheControl): boolean {
  return control.public || HEURISTIC_STATUSES.has(status);
}

/** The lifetime in seconds that the response itself states, RFC 9111 section 4.2.1. */
export function statedLifetime(
  response: TimedResponse,
  control: CacheControl,
  date: number,
): number | undefined {
  const stated = control.sMaxAge ?? control.maxAge;
  if (stated !== undefined) return stated;
  const expires = response.headers.expires;
  if (expires === undefined) return undefined;
  // Section 5.3: what is no date, "0" above all, is in the past.
  const time = parseHttpDate(expires, response.receivedAt) ?? -Infinity;
  return Math.max(0, Math.floor((time - date) / 1000));
}

// RFC 9111 section 4.2.3, in ms. Date has no fraction, so neither has the age that follows from it.
function initialAge({ headers, requestedAt, receivedAt }: TimedResponse, date: number): number {
  const apparent = Math.max(0, Math.floor((receivedAt - date) / 1000) * 1000);
  // Section 5.1: of a list the first member, and nothing if that is no number.
  const age = parseDelta(headers.age?.split(",")[0]?.trim()) ?? 0;
  return Math.max(apparent, age * 1000 + Math.max(0, receivedAt - requestedAt));
}

function impliedLifetime(
  response: TimedResponse,
  { control, date, policy }: { control: CacheControl; date: number; policy: FreshnessPolicy },
): number {
  const { status, headers, receivedAt } = response;
  if (status >= 400) return Infinity; // the cap for errors is also their default
  if (!allowsImpliedLifetime(status, control)) return 0;
  const modified = parseHttpDate(headers["last-modified"], receivedAt);
  if (modified === undefined || modified > date) return policy.defaultLifetime;
  return Math.min(Math.floor((date - modified) / 10_000), policy.heuristicCap);
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

// The origin's words pass unchanged while they are true. Where the operator lengthened, shortened
// or supplied a lifetime, max-age and Expires say the one that this cache goes by.
function headersToSend(
  headers: HeaderMap,
  { control, date, forced, raises, lifetime, stated }: {
    control: CacheControl;
    date: number;
    forced: boolean;
    raises: boolean;
    lifetime: number;
    stated: number | undefined;
  },
): HeaderMap {
  const sent: Record<string, string> = { date: formatHttpDate(date) };
  const unstored = !forced && (control.private || control.noStore);
  const restated = (raises || stated !== lifetime) && !control.noCache && !unstored;

  const overruled = new Set<string>();
  if (forced) overruled.add("private").add("no-store");
  // Fields withheld from storage are withheld from clients: nothing is left for the form to say.
  if (!control.noCache) overruled.add("no-cache");
  if (!control.private) overruled.add("private");
  if (restated) overruled.add("max-age").add("s-maxage");
  const words = control.directives.filter(({ name }) => !overruled.has(name))
    .map(({ text }) => text);
  if (restated) words.push(`max-age=${lifetime}`);
  if (words.length > 0) sent["cache-control"] = words.join(", ");

  // Where short lifetimes are raised, max-age alone speaks, as in the Go program.
  if (headers.expires !== undefined && !(raises && restated)) {
    sent.expires = restated ? expiresAt(date + lifetime * 1000) : headers.expires;
  }
  return sent;
}

// The calendar of an HTTP-date ends with the year 9999.
function expiresAt(time: number): string {
  return formatHttpDate(Math.min(time, Date.UTC(9999, 11, 31, 23, 59, 59)));
}
