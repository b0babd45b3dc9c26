// What a shared cache may keep of an origin's answer to GET, and under which conditions
// (RFC 9111 section 3).

import { assess, type FreshnessPolicy, type TimedResponse } from "./freshness.ts";
import { governing } from "./governing.ts";
import type { HeaderMap } from "./header_map.ts";
import { allowsImpliedLifetime, statedLifetime } from "./lifetime.ts";
import { isPersonal } from "./origin_headers.ts";

/** Why a response may not or need not be stored; the words are for logs and tests. */
export type Refusal =
  | "method"
  | "status"
  | "no-store"
  | "private"
  | "authorization"
  | "vary"
  | "no lifetime"
  | "never usable";

/** RFC 9111 section 3.1, and the credentials of section 7.3: these are nobody else's business. */
const NEVER_STORED = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-authorization",
  "proxy-connection",
  "set-cookie",
  "set-cookie2",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/**
 * Says why a response must stay out of a shared cache, or `undefined` if it may be stored.
 * `request` is what was sent to the origin, so that credentials passed on for one client count.
 */
export function whyNotStored(
  response: TimedResponse,
  { request, policy }: {
    request: { readonly method: string; readonly headers: HeaderMap };
    policy: FreshnessPolicy;
  },
): Refusal | undefined {
  const { status, headers, hops = [], parts = [] } = response;
  const governed = governing(headers);
  const { control } = governed;
  if (request.method !== "GET") return "method";
  // Parts and validations are no responses of their own here.
  if (status < 200 || status === 206 || status === 304) return "status";
  // Section 5.2.2.3: must-understand takes the place of no-store for who knows the status code.
  const understood = allowsImpliedLifetime(status, { ...control, public: false });
  if (control.mustUnderstand && !understood) return "status";
  // What a redirect leads to is kept under the URL that redirects, so the redirect has its say; and so has
  // whatever else went into the response.
  const others = [...hops, ...parts.flatMap((part) => [part, ...part.hops ?? []])];
  const all = [headers, ...others.map((other) => other.headers)];
  const controls = [control, ...others.map((other) => governing(other.headers).control)];
  if (!policy.forceCache) {
    if (controls.some((each) => each.noStore && !each.mustUnderstand)) return "no-store";
    if (controls.some((each) => each.private)) return "private";
  }
  // Section 3.5, and stricter: an origin's "public" is often set for all paths alike, and a cookie opens
  // accounts as well. forceCache does not reach here: it speaks of images, not of other people's accounts.
  if (isPersonal(request.headers)) return "authorization";
  // Section 4.1: a Vary of * never matches another request.
  if (all.some(({ vary }) => vary?.split(",").some((name) => name.trim() === "*"))) return "vary";

  const remembered = status >= 500 ? policy.serverErrorLifetime > 0 : false;
  const lasts = remembered || allowsImpliedLifetime(status, control) ||
    statedLifetime(governed, { date: response.receivedAt, receivedAt: response.receivedAt }) !==
      undefined;
  if (!lasts) return "no lifetime";
  return canBeUsed(response, policy) ? undefined : "never usable";
}

/** The fields of a response that may be stored, RFC 9111 sections 3.1 and 7.3. */
export function headersToStore(headers: HeaderMap): HeaderMap {
  const withheld = new Set(governing(headers).control.withheldFields);
  for (const name of headers.connection?.split(",") ?? []) {
    withheld.add(name.trim().toLowerCase());
  }
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !NEVER_STORED.has(name) && !withheld.has(name)),
  );
}

// The RFC lets a response be stored that is stale at once and has nothing to be validated by; it
// would only push useful ones out.
function canBeUsed(response: TimedResponse, policy: FreshnessPolicy): boolean {
  const { freshUntil, staleWhileRevalidateUntil, staleIfErrorUntil } = assess(response, policy);
  const until = Math.max(freshUntil, staleWhileRevalidateUntil, staleIfErrorUntil);
  if (until > response.receivedAt) return true;
  const { etag, "last-modified": lastModified } = response.headers;
  return response.status < 400 && (etag !== undefined || lastModified !== undefined);
}
