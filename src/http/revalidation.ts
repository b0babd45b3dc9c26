// Asking an origin whether a stored response still holds, and renewing it when it does
// (RFC 9111 sections 3.2 and 4.3).

import { compareStrongly, compareWeakly } from "./conditional.ts";
import type { HeaderMap } from "./header_map.ts";
import { headersToStore } from "./storable.ts";
import type { TimedResponse } from "./freshness.ts";

/** Section 3.2: these describe the stored bytes, which a 304 does not bring anew. */
const BOUND_TO_BODY = new Set([
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
]);

/** What a response's lifetime follows from; a result has these from its original. */
const LIFETIME_FIELDS = [
  ...["age", "cache-control", "cdn-cache-control", "date", "expires", "last-modified"],
];

/** The fields that make a request conditional on a stored response; none if it has no validator. */
export function conditionalHeaders(stored: TimedResponse): HeaderMap {
  const { etag, "last-modified": lastModified } = stored.headers;
  // A stored error is forgotten, not renewed.
  if (stored.status >= 400) return {};
  return {
    ...(etag === undefined ? {} : { "if-none-match": etag }),
    ...(lastModified === undefined ? {} : { "if-modified-since": lastModified }),
  };
}

/**
 * The stored response as a 304 renews it, or `undefined` if the 304 speaks of another one (section
 * 4.3.4) and the origin has to be asked again without conditions.
 */
export function renewBy304(
  stored: TimedResponse,
  notModified: Omit<TimedResponse, "status">,
): TimedResponse | undefined {
  if (!selects(notModified.headers, stored.headers)) return undefined;
  // Age and Date tell of the answer that carried them; the 304 is the newer answer.
  const { age: _age, date: _date, ...kept } = stored.headers;
  const brought = Object.entries(headersToStore(notModified.headers))
    .filter(([name]) => !BOUND_TO_BODY.has(name));
  return {
    status: stored.status,
    headers: headersToStore({ ...kept, ...Object.fromEntries(brought) }),
    ...timesOf(notModified),
  };
}

/** A result with the fields of its renewed original, but for its own: those, and what only it has, stay. */
export function renewByOriginal(result: TimedResponse, original: TimedResponse): TimedResponse {
  const { etag } = result.headers;
  const headers: Record<string, string> = { ...result.headers };
  for (const name of LIFETIME_FIELDS) delete headers[name];
  for (const [name, value] of Object.entries(original.headers)) {
    if (!BOUND_TO_BODY.has(name)) headers[name] = value;
  }
  if (etag !== undefined) headers.etag = etag;
  return { status: result.status, headers, ...timesOf(original) };
}

function timesOf({ requestedAt, receivedAt, hops }: Omit<TimedResponse, "status" | "headers">) {
  return { requestedAt, receivedAt, ...(hops ? { hops } : {}) };
}

function selects(notModified: HeaderMap, stored: HeaderMap): boolean {
  const etag = notModified.etag;
  if (etag !== undefined) {
    // A weak validator suffices to renew; a strong one must be the very same.
    const compare = etag.startsWith("W/") ? compareWeakly : compareStrongly;
    return stored.etag !== undefined && compare(etag, stored.etag);
  }
  const modified = notModified["last-modified"];
  return modified === undefined || stored["last-modified"] === undefined ||
    modified === stored["last-modified"];
}
