// How old a response was when it came, and for how long it says that it may be used
// (RFC 9111 sections 4.2.1 to 4.2.3).

import { type CacheControl, parseDelta } from "./cache_control.ts";
import type { Governing } from "./governing.ts";
import type { HeaderMap } from "./header_map.ts";
import { parseHttpDate } from "./http_date.ts";

/** RFC 9110 section 15.1, and RFC 7725 section 3 for 451. */
const HEURISTIC_STATUSES = new Set([200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 451, 501]);

/** Whether section 4.2.2 lets a response without a stated lifetime be given one. */
export function allowsImpliedLifetime(status: number, control: CacheControl): boolean {
  return control.public || HEURISTIC_STATUSES.has(status);
}

/** The lifetime in seconds that the response itself states, section 4.2.1. `date` and `receivedAt` are in ms. */
export function statedLifetime(
  { control, expires }: Governing,
  { date, receivedAt }: { date: number; receivedAt: number },
): number | undefined {
  const stated = control.sMaxAge ?? control.maxAge;
  if (stated !== undefined) return stated;
  if (expires === undefined) return undefined;
  // Section 5.3: what is no date, "0" above all, is in the past.
  const time = parseHttpDate(expires, receivedAt) ?? -Infinity;
  return Math.max(0, Math.floor((time - date) / 1000));
}

/** A tenth of the time since Last-Modified, in seconds and at most `cap`; undefined where nothing tells. */
export function heuristicLifetime(
  lastModified: string | undefined,
  { date, receivedAt, cap }: { date: number; receivedAt: number; cap: number },
): number | undefined {
  const modified = parseHttpDate(lastModified, receivedAt);
  if (modified === undefined || modified > date) return undefined;
  return Math.min(Math.floor((date - modified) / 10_000), cap);
}

/** Section 4.2.3, in ms. Date has no fraction, so neither has the age that follows from it. */
export function initialAge(
  { headers, requestedAt, receivedAt }: {
    readonly headers: HeaderMap;
    readonly requestedAt: number;
    readonly receivedAt: number;
  },
  date: number,
): number {
  const apparent = Math.max(0, Math.floor((receivedAt - date) / 1000) * 1000);
  // Section 5.1: of a list the first member, and nothing if that is no number.
  const age = parseDelta(headers.age?.split(",")[0]?.trim()) ?? 0;
  return Math.max(apparent, age * 1000 + Math.max(0, receivedAt - requestedAt));
}
