import assert from "node:assert/strict";
import type { FreshnessPolicy } from "../../src/http/freshness.ts";
import type { HeaderMap } from "../../src/http/header_map.ts";
import { isTakenDown, rememberedUntil, retryTime } from "../../src/http/refusals.ts";

const T0 = Date.UTC(2026, 0, 15, 12, 0, 0);

const POLICY: FreshnessPolicy = {
  defaultLifetime: 3600,
  heuristicCap: 3600,
  minLifetime: 0,
  notFoundLifetime: 60,
  serverErrorLifetime: 10,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  forceCache: false,
};
const NOTHING = { notFoundLifetime: 0, serverErrorLifetime: 0 };
const cc = (value: string): HeaderMap => ({ "cache-control": value });
const dated: HeaderMap = { "last-modified": "Thu, 15 Jan 2026 11:00:00 GMT" };

// The seconds for which an origin that answered so is not asked again.
// deno-fmt-ignore
const ROWS: readonly (readonly [status: number, name: string, HeaderMap, seconds: number, Partial<FreshnessPolicy>?])[] = [
  ...[400, 401, 402, 403, 404, 405, 410, 429, 451, 499].map((status) => [status, "silent", {}, 60] as const),
  ...[500, 501, 502, 503, 504, 599].map((status) => [status, "silent", {}, 10] as const),
  [403, "that says less", cc("max-age=5"), 5],
  [403, "that says more", cc("max-age=500"), 60],
  [403, "that says less to shared caches", { ...cc("max-age=50"), "cdn-cache-control": "max-age=5" }, 5],
  [404, "with no-store", cc("no-store"), 0],
  [404, "with no-store, overruled", cc("no-store"), 60, { forceCache: true }],
  [404, "with no-cache", cc("no-cache"), 0],
  [502, "with max-age=0", cc("max-age=0"), 0],
  [404, "where none is remembered", {}, 0, NOTHING],
  [503, "where none is remembered", { "retry-after": "60" }, 0, NOTHING],
  [429, "with Retry-After", { "retry-after": "200" }, 200],
  [503, "with Retry-After", { "retry-after": "200" }, 200],
  [503, "with Retry-After and no-store", { ...cc("no-store"), "retry-after": "200" }, 200],
  [503, "with a short Retry-After", { "retry-after": "2" }, 2],
  [503, "with Retry-After 0", { "retry-after": "0" }, 0],
  [503, "with a date to retry at", { "retry-after": "Thu, 15 Jan 2026 12:03:20 GMT" }, 200],
  [503, "with a Retry-After of a year", { "retry-after": "31536000" }, 3600],
  [503, "with a Retry-After that is none", { "retry-after": "soon" }, 10],
  [502, "with Retry-After, which means nothing there", { "retry-after": "200" }, 10],
  // RFC 9111 section 4.2.2, for pages that take part in caching.
  ...[404, 405, 410, 414, 501].map((status) => [status, "that is dated", dated, status < 500 ? 60 : 10] as const),
  ...[401, 403, 500, 502, 503, 504, 599].map((status) => [status, "that is dated", dated, 0] as const),
  [599, "that is dated and public", { ...dated, ...cc("public") }, 10],
  [403, "that is dated and has a lifetime", { ...dated, ...cc("max-age=30") }, 30],
];

for (const [status, name, headers, seconds, policy] of ROWS) {
  Deno.test(`rememberedUntil() of a ${status} ${name}: ${seconds} s`, () => {
    const response = { status, headers, requestedAt: T0, receivedAt: T0 };
    const until = rememberedUntil(response, { ...POLICY, ...policy });
    assert.equal(Math.max(0, until - T0), seconds * 1000);
  });
}

Deno.test("retryTime() is told whatever is remembered", () => {
  const response = { status: 503, headers: { "retry-after": "31536000" } };
  const retryAt = retryTime({ ...response, receivedAt: T0 });
  assert.equal(retryAt, T0 + 31_536_000_000);
});

Deno.test("isTakenDown() leaves out what may pass by itself, or with another request", () => {
  const statuses = [200, 304, 400, 401, 403, 404, 408, 410, 425, 429, 431, 451, 500, 503];
  assert.deepEqual(statuses.filter(isTakenDown), [401, 403, 404, 410, 451]);
});
