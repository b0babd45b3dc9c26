import assert from "node:assert/strict";
import type { FreshnessPolicy, TimedResponse } from "../../src/http/freshness.ts";
import type { HeaderMap } from "../../src/http/header_map.ts";
import { headersToStore, type Refusal, whyNotStored } from "../../src/http/storable.ts";

const T0 = Date.UTC(2026, 0, 15, 12, 0, 0);

const POLICY: FreshnessPolicy = {
  defaultLifetime: 60,
  heuristicCap: 60,
  minLifetime: 0,
  notFoundLifetime: 30,
  serverErrorLifetime: 5,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  forceCache: false,
};

interface Row {
  readonly section: string;
  readonly name: string;
  readonly headers?: HeaderMap;
  readonly status?: number;
  readonly method?: string;
  readonly request?: HeaderMap;
  /** The headers of what else went into it. */
  readonly part?: HeaderMap;
  /** The headers of a redirect that led to it. */
  readonly redirect?: HeaderMap;
  readonly policy?: Partial<FreshnessPolicy>;
  readonly why: Refusal | undefined;
}

const cc = (value: string, more: HeaderMap = {}): HeaderMap => ({
  "cache-control": value,
  ...more,
});
const auth: HeaderMap = { authorization: "Bearer x" };

// deno-fmt-ignore
const ROWS: readonly Row[] = [
  { section: "9111 3", name: "a silent 200", why: undefined },
  { section: "9111 3", name: "HEAD", method: "HEAD", headers: cc("max-age=60"), why: "method" },
  { section: "9111 3", name: "POST", method: "POST", headers: cc("max-age=60"), why: "method" },
  { section: "9111 3", name: "an interim response", status: 103, headers: cc("max-age=60"), why: "status" },
  { section: "9111 3.3", name: "a partial response", status: 206, headers: cc("max-age=60"), why: "status" },
  { section: "9111 3", name: "a 304", status: 304, headers: cc("max-age=60"), why: "status" },
  { section: "9111 5.2.2.5", name: "no-store", headers: cc("no-store, max-age=60"), why: "no-store" },
  { section: "9111 5.2", name: "No-Store in any case", headers: cc("No-Store"), why: "no-store" },
  { section: "9111 5.2.2.5", name: "no-store with an argument", headers: cc('no-store="x"'), why: "no-store" },
  { section: "9111 5.2.2.5", name: "no-store beats public", headers: cc("public, no-store, max-age=60"), why: "no-store" },
  { section: "9111 5.2.2.7", name: "private", headers: cc("private, max-age=60"), why: "private" },
  { section: "9111 5.2.2.7", name: "private beats public", headers: cc("public, private, max-age=60"), why: "private" },
  { section: "9111 5.2.2.7", name: "private beats s-maxage", headers: cc("private, s-maxage=60"), why: "private" },
  { section: "9111 5.2.2.7", name: "qualified private", headers: cc('private="set-cookie", max-age=60'), why: undefined },
  { section: "9111 5.2.2.7", name: "private qualified by what the cache needs", headers: cc('private="vary", max-age=60'), why: "private" },
  { section: "9111 5.2.2.3", name: "must-understand with a status understood", headers: cc("must-understand, no-store, max-age=60"), why: undefined },
  { section: "9111 5.2.2.3", name: "must-understand with a status unknown", status: 299, headers: cc("must-understand, max-age=60"), why: "status" },
  { section: "9111 5.2.2.4", name: "no-cache with a validator", headers: cc("no-cache", { etag: '"a"' }), why: undefined },
  { section: "setting", name: "no-cache without a validator", headers: cc("no-cache"), why: "never usable" },
  { section: "overlays", name: "made with what is no-store", headers: cc("max-age=60"), part: cc("no-store"), why: "no-store" },
  { section: "overlays", name: "made with what is private", headers: cc("max-age=60"), part: cc("private, max-age=60"), why: "private" },
  { section: "overlays", name: "made with what varies by everything", headers: cc("max-age=60"), part: cc("max-age=60", { vary: "*" }), why: "vary" },
  { section: "overlays", name: "made with what is stale at once", headers: cc("max-age=60"), part: cc("max-age=0"), why: "never usable" },
  { section: "overlays", name: "made with what lasts", headers: cc("max-age=60"), part: cc("max-age=10"), why: undefined },
  { section: "setting", name: "max-age=0 with Last-Modified", headers: cc("max-age=0", { "last-modified": "Thu, 15 Jan 2026 11:00:00 GMT" }), why: undefined },
  { section: "setting", name: "max-age=0 without a validator", headers: cc("max-age=0"), why: "never usable" },
  { section: "setting", name: "max-age=0 with a stale window", headers: cc("max-age=0, stale-while-revalidate=60"), why: undefined },
  { section: "setting", name: "max-age=0 with a stale-if-error setting", headers: cc("max-age=0"), policy: { staleIfError: 60 }, why: undefined },
  { section: "setting", name: "max-age=0 raised", headers: cc("max-age=0"), policy: { minLifetime: 60 }, why: undefined },
  { section: "9111 3.5", name: "Authorization", request: auth, headers: cc("max-age=60"), why: "authorization" },
  { section: "issue 7", name: "Authorization and public", request: auth, headers: cc("public, max-age=60"), why: "authorization" },
  { section: "issue 7", name: "Authorization and s-maxage", request: auth, headers: cc("s-maxage=60"), why: "authorization" },
  { section: "issue 7", name: "Authorization and must-revalidate", request: auth, headers: cc("must-revalidate, max-age=60"), why: "authorization" },
  { section: "9111 3.5", name: "Authorization and proxy-revalidate", request: auth, headers: cc("proxy-revalidate, max-age=60"), why: "authorization" },
  { section: "9111 3.5", name: "Authorization and forceCache", request: auth, headers: cc("max-age=60"), policy: { forceCache: true }, why: "authorization" },
  { section: "issue 7", name: "Cookie and public", request: { cookie: "a=b" }, headers: cc("public, max-age=60"), why: "authorization" },
  { section: "9111 4.1", name: "Vary of *", headers: { vary: "*" }, why: "vary" },
  { section: "9111 4.1", name: "Vary of * among others", headers: { vary: "accept, *" }, why: "vary" },
  { section: "9111 4.1", name: "Vary of * and forceCache", headers: { vary: "*" }, policy: { forceCache: true }, why: "vary" },
  { section: "9111 4.1", name: "Vary of a field", headers: { vary: "accept" }, why: undefined },
  { section: "9111 7.3", name: "Set-Cookie forbids nothing", headers: cc("max-age=60", { "set-cookie": "a=b" }), why: undefined },
  { section: "setting", name: "forceCache and private", headers: cc("private"), policy: { forceCache: true }, why: undefined },
  { section: "setting", name: "forceCache and no-store", headers: cc("no-store, max-age=60"), policy: { forceCache: true }, why: undefined },
  { section: "9213 2.2", name: "CDN-Cache-Control that allows what no-store forbids", headers: cc("no-store", { "cdn-cache-control": "max-age=60" }), why: undefined },
  { section: "9213 2.2", name: "CDN-Cache-Control with no-store", headers: cc("max-age=60", { "cdn-cache-control": "no-store" }), why: "no-store" },
  { section: "9213 2.2", name: "CDN-Cache-Control with private", headers: cc("max-age=60", { "cdn-cache-control": "private" }), why: "private" },
  { section: "9213 2.1", name: "CDN-Cache-Control that is none", headers: cc("no-store", { "cdn-cache-control": "max-age=60, &" }), why: "no-store" },
  { section: "DESIGN 5", name: "behind a redirect with no-store", redirect: cc("no-store"), why: "no-store" },
  { section: "DESIGN 5", name: "behind a private redirect", redirect: cc("private"), why: "private" },
  { section: "DESIGN 5", name: "behind a private redirect and forceCache", redirect: cc("private, max-age=5"), policy: { forceCache: true }, why: undefined },
  { section: "DESIGN 5", name: "behind a redirect with a Vary of *", redirect: cc("max-age=60", { vary: "*" }), why: "vary" },
  { section: "DESIGN 5", name: "behind a redirect that is not reused, with nothing to ask by", redirect: {}, why: "never usable" },
  { section: "DESIGN 5", name: "behind a redirect that is not reused, with a tag to ask by", headers: { etag: '"a"' }, redirect: {}, why: undefined },
  { section: "9110 15.1", name: "a silent 203", status: 203, why: undefined },
  { section: "9110 15.1", name: "a silent 301", status: 301, why: undefined },
  { section: "9110 15.1", name: "a silent 302", status: 302, why: "no lifetime" },
  { section: "9110 15.1", name: "a silent 307", status: 307, why: "no lifetime" },
  { section: "9111 3", name: "a 302 with max-age", status: 302, headers: cc("max-age=60"), why: undefined },
  { section: "9111 3", name: "a 302 with Expires", status: 302, headers: { expires: "Thu, 15 Jan 2026 13:00:00 GMT" }, why: undefined },
  { section: "9111 3", name: "a public 302", status: 302, headers: cc("public", { etag: '"a"' }), why: undefined },
  { section: "9110 15.1", name: "a silent 404", status: 404, why: undefined },
  { section: "9110 15.1", name: "a silent 410", status: 410, why: undefined },
  { section: "7725 3", name: "a silent 451", status: 451, why: undefined },
  { section: "9110 15.1", name: "a silent 403", status: 403, why: "no lifetime" },
  { section: "9111 3", name: "a 403 with max-age", status: 403, headers: cc("max-age=60"), why: undefined },
  { section: "setting", name: "a 404 where none is remembered", status: 404, policy: { notFoundLifetime: 0 }, why: "never usable" },
  { section: "setting", name: "a 404 with a validator where none is remembered", status: 404, headers: { etag: '"a"' }, policy: { notFoundLifetime: 0 }, why: "never usable" },
  { section: "9111 5.2.2.5", name: "a 404 with no-store", status: 404, headers: cc("no-store"), why: "no-store" },
  { section: "setting", name: "a silent 500", status: 500, why: undefined },
  { section: "setting", name: "a silent 503", status: 503, why: undefined },
  { section: "9110 15.1", name: "a silent 500 where none is remembered", status: 500, policy: { serverErrorLifetime: 0 }, why: "no lifetime" },
  { section: "setting", name: "a 503 with max-age where none is remembered", status: 503, headers: cc("max-age=60"), policy: { serverErrorLifetime: 0 }, why: "never usable" },
  { section: "9111 5.3", name: "an expired 404", status: 404, headers: { expires: "0" }, why: "never usable" },
];

for (const row of ROWS) {
  Deno.test(`whyNotStored() [${row.section}] ${row.name}: ${row.why ?? "stored"}`, () => {
    const response: TimedResponse = {
      status: row.status ?? 200,
      headers: row.headers ?? {},
      requestedAt: T0,
      receivedAt: T0,
      ...(row.part && {
        parts: [{
          url: "http://b/",
          status: 200,
          headers: row.part,
          requestedAt: T0,
          receivedAt: T0,
        }],
      }),
      ...(row.redirect && {
        hops: [{
          url: "http://a/",
          status: 302,
          headers: row.redirect,
          requestedAt: T0,
          receivedAt: T0,
        }],
      }),
    };
    const request = { method: row.method ?? "GET", headers: row.request ?? {} };
    const policy = { ...POLICY, ...row.policy };
    assert.equal(whyNotStored(response, { request, policy }), row.why);
  });
}

Deno.test("headersToStore() [9111 3.1, 7.3] leaves out hop-by-hop, named and withheld fields and cookies", () => {
  const stored = headersToStore({
    "cache-control": 'private="X-User", no-cache="x-token", max-age=60',
    connection: "close, X-Hop",
    "content-type": "image/png",
    etag: '"a"',
    "keep-alive": "timeout=5",
    "proxy-authenticate": "Basic",
    "set-cookie": "a=b",
    te: "trailers",
    trailer: "x",
    "transfer-encoding": "chunked",
    upgrade: "h2c",
    "x-hop": "1",
    "x-token": "2",
    "x-user": "3",
    "x-kept": "4",
  });
  assert.deepEqual(Object.keys(stored), ["cache-control", "content-type", "etag", "x-kept"]);
});
