// An origin that refuses or fails is not asked again at once: for how long its answer is remembered, and what
// it means for what was stored before. This is no storing of a response, so what may not be stored without a
// word of the origin (RFC 9111 section 3) may be remembered all the same.

import { parseDelta } from "./cache_control.ts";
import { assess, type FreshnessPolicy, type TimedResponse } from "./freshness.ts";
import { governing } from "./governing.ts";
import { parseHttpDate } from "./http_date.ts";
import { allowsImpliedLifetime, statedLifetime } from "./lifetime.ts";

/** The longest wish not to be asked that is granted, in seconds. */
const LONGEST_WAIT = 3600;

/**
 * Until when a 4xx or 5xx answers for its origin, in ms since the epoch; 0 for not at all. 429 and 503 do
 * until the moment that their Retry-After names, others for as long as the policy says, or less where they say so.
 */
export function rememberedUntil(response: TimedResponse, policy: FreshnessPolicy): number {
  const { status, headers, receivedAt } = response;
  const most = status < 500 ? policy.notFoundLifetime : policy.serverErrorLifetime;
  if (most <= 0) return 0;
  const retryAt = retryTime(response);
  if (retryAt !== undefined) return Math.min(retryAt, receivedAt + LONGEST_WAIT * 1000);
  const governed = governing(headers);
  const { noStore, private: isPrivate } = governed.control;
  if ((noStore || isPrivate) && !policy.forceCache) return 0;
  // A page that its origin dates takes part in caching, and section 4.2.2 says which of those may be
  // reused without a lifetime.
  const isSilent = headers["last-modified"] === undefined;
  const stated = statedLifetime(governed, { date: receivedAt, receivedAt });
  const lasts = isSilent || stated !== undefined ||
    allowsImpliedLifetime(status, governed.control);
  return lasts ? assess(response, policy).freshUntil : 0;
}

/** When an origin that is busy wants to be asked again, in ms since the epoch (RFC 9110 section 10.2.3). */
export function retryTime(
  { status, headers, receivedAt }: Pick<TimedResponse, "status" | "headers" | "receivedAt">,
): number | undefined {
  if (status !== 429 && status !== 503) return undefined;
  const value = headers["retry-after"]?.trim();
  const seconds = parseDelta(value);
  return seconds === undefined ? parseHttpDate(value, receivedAt) : receivedAt + seconds * 1000;
}

/** Whether a status says that there is nothing to be had any more: not only at the moment, nor by this request. */
export function isTakenDown(status: number): boolean {
  return status >= 400 && status < 500 && !PASSING.has(status) && !BLAMING.has(status);
}

/** Of the client errors those that the same request may not meet the next time: 408, 425 (RFC 8470), 429. */
const PASSING = new Set([408, 425, 429]);

/**
 * Whether a refusal finds fault with the request itself, or may: what guards an origin says 403 to a header that it
 * takes for an attack. Whoever passes a bad header to an origin must not have all others refused for it.
 */
export function blamesRequest(status: number): boolean {
  return BLAMING.has(status) || GUARDED.has(status);
}

/** Said of the picture as well as of the request. */
const GUARDED = new Set([401, 403, 405, 501]);

const BLAMING = new Set([
  400,
  406,
  408,
  411,
  412,
  413,
  414,
  415,
  416,
  417,
  421,
  422,
  426,
  428,
  431,
]);
