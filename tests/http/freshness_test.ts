import assert from "node:assert/strict";
import fc from "fast-check";
import {
  ageAt,
  assess,
  cacheHeaders,
  type FreshnessPolicy,
  isOriginFailure,
  judge,
  mayServeOnError,
  type TimedResponse,
  type Verdict,
} from "../../src/http/freshness.ts";
import { type HeaderMap, headerMap } from "../../src/http/header_map.ts";
import { formatHttpDate } from "../../src/http/http_date.ts";

// The fake clock: every time below is in seconds after this moment, at which the response arrived.
const T0 = Date.UTC(2026, 0, 15, 12, 0, 0);
const date = (seconds: number) => formatHttpDate(T0 + seconds * 1000);
const DAY = 86_400;

const POLICY: FreshnessPolicy = {
  defaultLifetime: 0,
  heuristicCap: 7 * DAY,
  minLifetime: 0,
  notFoundLifetime: 0,
  serverErrorLifetime: 0,
  staleWhileRevalidate: 0,
  staleIfError: 0,
  forceCache: false,
};

function response(headers: HeaderMap, { status = 200, tookMs = 0 } = {}): TimedResponse {
  return {
    status,
    headers: { date: date(0), ...headers },
    requestedAt: T0 - tookMs,
    receivedAt: T0,
  };
}

const F: Verdict = "fresh";
const S: Verdict = "stale-while-revalidate";
const R: Verdict = "revalidate";

interface Row {
  readonly section: string;
  readonly name: string;
  readonly headers: HeaderMap;
  readonly status?: number;
  readonly tookMs?: number;
  readonly policy?: Partial<FreshnessPolicy>;
  readonly client?: HeaderMap;
  /** Seconds after receipt → the verdict then. */
  readonly at: Readonly<Record<number, Verdict>>;
}

const cc = (value: string, more: HeaderMap = {}): HeaderMap => ({
  "cache-control": value,
  ...more,
});

// deno-fmt-ignore
const JUDGED: readonly Row[] = [
  // Where the lifetime comes from.
  { section: "9111 5.2.2.1", name: "max-age", headers: cc("max-age=60"), at: { 0: F, 59: F, 60: R } },
  { section: "9111 4.2", name: "age equal to the lifetime is stale", headers: cc("max-age=1"), at: { 0.999: F, 1: R } },
  { section: "9111 5.2.2.10", name: "s-maxage beats max-age", headers: cc("max-age=10, s-maxage=60"), at: { 30: F, 60: R } },
  { section: "9111 5.2.2.10", name: "s-maxage beats a longer max-age too", headers: cc("max-age=600, s-maxage=60"), at: { 59: F, 60: R } },
  { section: "9111 5.3", name: "max-age beats Expires", headers: cc("max-age=60", { expires: date(10) }), at: { 30: F, 60: R } },
  { section: "9111 5.3", name: "s-maxage beats Expires", headers: cc("s-maxage=60", { expires: date(600) }), at: { 59: F, 60: R } },
  { section: "9111 4.2.1", name: "Expires minus Date", headers: { expires: date(60) }, at: { 59: F, 60: R } },
  { section: "9111 4.2.1", name: "Expires counts from Date, not from receipt", headers: { date: date(3600), expires: date(3660) }, at: { 59: F, 60: R } },
  { section: "9111 5.3", name: "Expires equal to Date is stale", headers: { expires: date(0) }, at: { 0: R } },
  { section: "9111 5.3", name: "Expires of 0 is in the past", headers: { expires: "0" }, policy: { defaultLifetime: 60 }, at: { 0: R } },
  { section: "9111 5.3", name: "Expires of -1 is in the past", headers: { expires: "-1" }, policy: { defaultLifetime: 60 }, at: { 0: R } },
  { section: "9111 5.3", name: "an empty Expires is in the past", headers: { expires: "" }, policy: { defaultLifetime: 60 }, at: { 0: R } },
  { section: "9111 4.2.1", name: "two Expires lines are stale", headers: { expires: `${date(60)}, ${date(90)}` }, at: { 0: R } },
  { section: "9111 4.2", name: "Expires in another time zone is invalid", headers: { expires: "Thu, 15 Jan 2026 18:00:00 EST" }, at: { 0: R } },
  { section: "9111 4.2", name: "Expires in lower case and UTC", headers: { expires: "thu, 15 jan 2026 12:01:00 utc" }, at: { 59: F, 60: R } },
  { section: "9110 5.6.7", name: "Expires as an RFC 850 date", headers: { expires: "Thursday, 15-Jan-26 12:01:00 GMT" }, at: { 59: F, 60: R } },
  { section: "9110 5.6.7", name: "Expires as an asctime date", headers: { expires: "Thu Jan 15 12:01:00 2026" }, at: { 59: F, 60: R } },
  { section: "9110 6.6.1", name: "without Date, Expires counts from receipt", headers: { date: "", expires: date(60) }, at: { 59: F, 60: R } },
  { section: "9110 6.6.1", name: "an invalid Date is as none", headers: { date: "yesterday", expires: date(60) }, at: { 59: F, 60: R } },

  // How directives are read.
  { section: "9111 5.2", name: "directives in any case", headers: cc("Max-Age=60"), at: { 59: F, 60: R } },
  { section: "9111 5.2", name: "quoted seconds", headers: cc('max-age="60"'), at: { 59: F, 60: R } },
  { section: "9111 5.2.3", name: "unknown directives are ignored", headers: cc("max-age=60, fancy, x=y"), at: { 59: F, 60: R } },
  { section: "9111 4.2.1", name: "of two max-age the first counts", headers: cc("max-age=60, max-age=600"), at: { 59: F, 60: R } },
  { section: "9111 4.2.1", name: "of two max-age the first counts, shorter or not", headers: cc("max-age=600, max-age=60"), at: { 599: F, 600: R } },
  { section: "9111 4.2.1", name: "a max-age that is no integer is stale", headers: cc("max-age=soon"), policy: { defaultLifetime: 60 }, at: { 0: R } },
  { section: "9111 1.2.2", name: "a negative max-age is stale", headers: cc("max-age=-60"), policy: { defaultLifetime: 60 }, at: { 0: R } },
  { section: "9111 1.2.2", name: "a fractional max-age is stale", headers: cc("max-age=60.5"), at: { 0: R } },
  { section: "9111 4.2.1", name: "max-age without a value is stale", headers: cc("max-age"), policy: { defaultLifetime: 60 }, at: { 0: R } },
  { section: "9111 1.2.2", name: "an overflowing max-age is 2^31 s", headers: cc("max-age=99999999999999999999"), at: { [2 ** 31 - 1]: F, [2 ** 31]: R } },
  { section: "9111 4.2.1", name: "an invalid s-maxage is stale in spite of max-age", headers: cc("s-maxage=x, max-age=60"), at: { 0: R } },

  // What is said to shared caches alone.
  { section: "9213 2.2", name: "CDN-Cache-Control beats a longer max-age", headers: cc("max-age=600", { "cdn-cache-control": "max-age=60" }), at: { 59: F, 60: R } },
  { section: "9213 2.2", name: "and a shorter one", headers: cc("max-age=1, s-maxage=2", { "cdn-cache-control": "max-age=60" }), at: { 59: F, 60: R } },
  { section: "9213 2.2", name: "and Expires", headers: { expires: date(600), "cdn-cache-control": "max-age=60" }, at: { 59: F, 60: R } },
  { section: "9213 2.2", name: "and no-cache", headers: cc("no-cache", { "cdn-cache-control": "max-age=60" }), at: { 59: F, 60: R } },
  { section: "9213 2.2", name: "without a lifetime it leaves that of Cache-Control out too", headers: cc("max-age=600", { "cdn-cache-control": "public" }), policy: { defaultLifetime: 60 }, at: { 59: F, 60: R } },
  { section: "9213 2.2", name: "no-cache in it", headers: cc("max-age=60", { "cdn-cache-control": "no-cache" }), at: { 0: R } },
  { section: "5861 3", name: "stale-while-revalidate in it", headers: cc("max-age=1", { "cdn-cache-control": "max-age=60, stale-while-revalidate=30" }), at: { 59: F, 60: S, 90: R } },
  { section: "9213 2.1", name: "unknown directives and parameters in it are ignored", headers: { "cdn-cache-control": "foobar, x=y, max-age=60;z=1" }, at: { 59: F, 60: R } },
  { section: "9213 2.1", name: "one that cannot be parsed is as none", headers: cc("max-age=60", { "cdn-cache-control": "max-age=600, &&&&&" }), at: { 59: F, 60: R } },
  { section: "9213 2.1", name: "one with seconds in quotes is as none", headers: cc("max-age=60", { "cdn-cache-control": 'max-age="600"' }), at: { 59: F, 60: R } },
  { section: "9213 2.1", name: "one with half seconds is as none", headers: cc("max-age=60", { "cdn-cache-control": "max-age=600.5" }), at: { 59: F, 60: R } },
  { section: "9213 2.1", name: "an empty one is as none", headers: cc("max-age=60", { "cdn-cache-control": " " }), at: { 59: F, 60: R } },
  { section: "9213 2.1", name: "a negative number in it is stale", headers: cc("max-age=60", { "cdn-cache-control": "max-age=-1" }), at: { 0: R } },

  // No lifetime stated.
  { section: "9111 4.2.2", name: "a tenth of the time since Last-Modified", headers: { "last-modified": date(-1000) }, at: { 99: F, 100: R } },
  { section: "9111 4.2.2", name: "the heuristic is capped", headers: { "last-modified": date(-3650 * DAY) }, policy: { heuristicCap: DAY }, at: { [DAY - 1]: F, [DAY]: R } },
  { section: "9111 4.2.2", name: "no heuristic where a lifetime is stated", headers: cc("max-age=0", { "last-modified": date(-1000) }), at: { 0: R } },
  { section: "9111 4.2.2", name: "a Last-Modified in the future is no basis", headers: { "last-modified": date(1000) }, policy: { defaultLifetime: 60 }, at: { 59: F, 60: R } },
  { section: "9111 4.2.2", name: "an invalid Last-Modified is no basis", headers: { "last-modified": "never" }, policy: { defaultLifetime: 60 }, at: { 59: F, 60: R } },
  { section: "9111 4.2.2", name: "no heuristic for 302", status: 302, headers: { "last-modified": date(-1000) }, policy: { defaultLifetime: 60 }, at: { 0: R } },
  { section: "9111 4.2.2", name: "public allows a heuristic for 302", status: 302, headers: cc("public", { "last-modified": date(-1000) }), at: { 99: F, 100: R } },
  { section: "setting", name: "default lifetime of a silent origin", headers: {}, policy: { defaultLifetime: 60 }, at: { 59: F, 60: R } },
  { section: "setting", name: "default lifetime of 0", headers: {}, at: { 0: R } },
  { section: "8246 2", name: "immutable alone states no lifetime", headers: cc("immutable"), policy: { defaultLifetime: 60 }, at: { 59: F, 60: R } },
  { section: "9111 5.2.2.9", name: "public alone states no lifetime", headers: cc("public"), policy: { defaultLifetime: 60 }, at: { 59: F, 60: R } },

  // Age.
  { section: "9111 5.1", name: "Age uses up the lifetime", headers: cc("max-age=60", { age: "50" }), at: { 9: F, 10: R } },
  { section: "9111 5.1", name: "Age beyond the lifetime is stale on arrival", headers: cc("max-age=60", { age: "61" }), at: { 0: R } },
  { section: "9111 5.1", name: "of a list of ages the first counts", headers: cc("max-age=60", { age: "50, 0" }), at: { 9: F, 10: R } },
  { section: "9111 5.1", name: "an invalid Age is ignored", headers: cc("max-age=60", { age: "old" }), at: { 59: F, 60: R } },
  { section: "9111 5.1", name: "a negative Age is ignored", headers: cc("max-age=60", { age: "-5" }), at: { 59: F, 60: R } },
  { section: "9111 4.2.3", name: "apparent age from Date", headers: cc("max-age=60", { date: date(-20) }), at: { 39: F, 40: R } },
  { section: "9111 4.2.3", name: "the greater of apparent and stated age counts", headers: cc("max-age=60", { date: date(-20), age: "30" }), at: { 29: F, 30: R } },
  { section: "9111 4.2.3", name: "a Date in the future gives no negative age", headers: cc("max-age=60", { date: date(500) }), at: { 59: F, 60: R } },
  { section: "9111 4.2.3", name: "the response delay is added to Age", headers: cc("max-age=60", { age: "50" }), tookMs: 5000, at: { 4: F, 5: R } },
  { section: "9111 4.2.3", name: "the response delay counts without Age", headers: cc("max-age=60"), tookMs: 5000, at: { 54: F, 55: R } },

  // Directives that ask for validation.
  { section: "9111 5.2.2.4", name: "no-cache is never fresh", headers: cc("no-cache, max-age=60"), at: { 0: R, 30: R } },
  { section: "9111 5.2.2.4", name: "no-cache rules out stale use", headers: cc("no-cache, max-age=0, stale-while-revalidate=60"), at: { 0: R, 30: R } },
  { section: "9111 5.2.2.4", name: "qualified no-cache leaves the rest fresh", headers: cc('no-cache="set-cookie", max-age=60'), at: { 59: F, 60: R } },
  { section: "9111 4.2.1", name: "the stricter no-cache counts", headers: cc('no-cache="set-cookie", no-cache, max-age=60'), at: { 0: R } },
  { section: "9111 3.1", name: "no-cache of a governing field is unqualified", headers: cc('no-cache="ETag", max-age=60'), at: { 0: R } },
  { section: "9111 5.2.2.2", name: "must-revalidate does not touch what is fresh", headers: cc("must-revalidate, max-age=60"), at: { 59: F, 60: R } },
  { section: "9111 5.2.2.2", name: "must-revalidate rules out stale use", headers: cc("must-revalidate, max-age=60, stale-while-revalidate=60"), at: { 59: F, 60: R } },
  { section: "9111 5.2.2.2", name: "must-revalidate rules out stale use by setting", headers: cc("must-revalidate, max-age=60"), policy: { staleWhileRevalidate: 60 }, at: { 60: R } },
  { section: "9111 5.2.2.8", name: "proxy-revalidate does not touch what is fresh", headers: cc("proxy-revalidate, max-age=60"), at: { 59: F } },
  { section: "9111 5.2.2.8", name: "proxy-revalidate rules out stale use", headers: cc("proxy-revalidate, max-age=60, stale-while-revalidate=60"), at: { 60: R } },
  { section: "9111 5.2.2.10", name: "s-maxage rules out stale use by setting", headers: cc("s-maxage=60"), policy: { staleWhileRevalidate: 60 }, at: { 60: R } },

  // Stale while revalidate.
  { section: "5861 3", name: "stale-while-revalidate", headers: cc("max-age=60, stale-while-revalidate=30"), at: { 59: F, 60: S, 89: S, 90: R } },
  { section: "5861 3", name: "beside s-maxage, as written by the origin", headers: cc("s-maxage=60, stale-while-revalidate=30"), at: { 60: S, 90: R } },
  { section: "5861 3", name: "beside Expires", headers: cc("stale-while-revalidate=30", { expires: date(60) }), at: { 59: F, 60: S, 90: R } },
  { section: "5861 3", name: "a malformed window is none", headers: cc("max-age=60, stale-while-revalidate=long"), policy: { staleWhileRevalidate: 30 }, at: { 60: R } },
  { section: "setting", name: "stale-while-revalidate by setting", headers: cc("max-age=60"), policy: { staleWhileRevalidate: 30 }, at: { 59: F, 60: S, 89: S, 90: R } },
  { section: "setting", name: "the origin's own window beats the setting", headers: cc("max-age=60, stale-while-revalidate=0"), policy: { staleWhileRevalidate: 30 }, at: { 60: R } },
  { section: "setting", name: "the window follows the default lifetime", headers: {}, policy: { defaultLifetime: 60, staleWhileRevalidate: 30 }, at: { 59: F, 60: S, 90: R } },

  // minCacheDuration and forceCache.
  { section: "setting", name: "a short lifetime is raised", headers: cc("max-age=10"), policy: { minLifetime: 60 }, at: { 59: F, 60: R } },
  { section: "setting", name: "a long lifetime is left", headers: cc("max-age=100"), policy: { minLifetime: 60 }, at: { 99: F, 100: R } },
  { section: "setting", name: "a lifetime of 0 is raised", headers: cc("max-age=0"), policy: { minLifetime: 60 }, at: { 59: F, 60: R } },
  { section: "setting", name: "the least lifetime counts from receipt, whatever the age", headers: cc("max-age=10", { age: "500" }), policy: { minLifetime: 60 }, at: { 59: F, 60: R } },
  { section: "setting", name: "an expired Expires is raised", headers: { expires: "0" }, policy: { minLifetime: 60 }, at: { 59: F, 60: R } },
  { section: "9111 5.2.2.4", name: "no-cache is not raised", headers: cc("no-cache"), policy: { minLifetime: 60 }, at: { 0: R } },
  { section: "setting", name: "forceCache with a least lifetime keeps no-store", headers: cc("no-store"), policy: { forceCache: true, minLifetime: 60 }, at: { 59: F, 60: R } },

  // Errors.
  { section: "setting", name: "404 is remembered briefly", status: 404, headers: {}, policy: { notFoundLifetime: 60 }, at: { 59: F, 60: R } },
  { section: "setting", name: "410 is remembered briefly", status: 410, headers: {}, policy: { notFoundLifetime: 60 }, at: { 59: F, 60: R } },
  { section: "setting", name: "a 404 that claims a year is remembered briefly", status: 404, headers: cc("max-age=31536000"), policy: { notFoundLifetime: 60 }, at: { 59: F, 60: R } },
  { section: "9111 4.2.1", name: "a 404 that claims less is remembered for that", status: 404, headers: cc("max-age=5"), policy: { notFoundLifetime: 60 }, at: { 4: F, 5: R } },
  { section: "setting", name: "503 is remembered briefly", status: 503, headers: {}, policy: { serverErrorLifetime: 5 }, at: { 4: F, 5: R } },
  { section: "setting", name: "404 and 5xx have settings of their own", status: 500, headers: {}, policy: { notFoundLifetime: 60, serverErrorLifetime: 5 }, at: { 4: F, 5: R } },
  { section: "setting", name: "minCacheDuration does not keep errors", status: 404, headers: {}, policy: { notFoundLifetime: 5, minLifetime: 60 }, at: { 4: F, 5: R } },
  { section: "setting", name: "errors have no stale use", status: 404, headers: cc("max-age=5, stale-while-revalidate=60"), policy: { notFoundLifetime: 60, staleWhileRevalidate: 60 }, at: { 4: F, 5: R } },

  // What clients ask for, where the operator lets them.
  { section: "9111 5.2.1.4", name: "client no-cache, obeyed", headers: cc("max-age=60"), client: cc("no-cache"), at: { 0: R } },
  { section: "9111 5.4", name: "client Pragma, obeyed", headers: cc("max-age=60"), client: { pragma: "no-cache" }, at: { 0: R } },
  { section: "9111 5.4", name: "an origin's Pragma alone", headers: { pragma: "x, No-Cache", expires: date(60) }, policy: { defaultLifetime: 60 }, at: { 0: R } },
  { section: "9111 5.4", name: "an origin's Pragma beside Cache-Control", headers: cc("max-age=60", { pragma: "no-cache" }), at: { 30: F } },
  { section: "9111 5.4", name: "Pragma beside Cache-Control is ignored", headers: cc("max-age=60"), client: cc("max-age=100", { pragma: "no-cache" }), at: { 30: F } },
  { section: "9111 5.2.1.1", name: "client max-age=0, obeyed", headers: cc("max-age=60"), client: cc("max-age=0"), at: { 0: F, 1: R } },
  { section: "9111 5.2.1.1", name: "client max-age above the age", headers: cc("max-age=60"), client: cc("max-age=30"), at: { 30: F, 31: R } },
  { section: "9111 5.2.1.3", name: "client min-fresh, obeyed", headers: cc("max-age=60"), client: cc("min-fresh=20"), at: { 40: F, 41: R } },
  { section: "8246 2", name: "immutable is not looked at again on reload", headers: cc("max-age=60, immutable"), client: cc("max-age=0"), at: { 30: F, 60: R } },
  { section: "8246 2", name: "immutable yields to a forced reload", headers: cc("max-age=60, immutable"), client: cc("no-cache"), at: { 30: R } },
  { section: "9111 5.2.1.2", name: "client max-stale stretches nothing", headers: cc("max-age=60"), client: cc("max-stale"), at: { 60: R } },
];

for (const row of JUDGED) {
  Deno.test(`judge() [${row.section}] ${row.name}`, () => {
    const freshness = assess(response(row.headers, row), { ...POLICY, ...row.policy });
    for (const [seconds, verdict] of Object.entries(row.at)) {
      const now = T0 + Number(seconds) * 1000;
      assert.equal(judge(freshness, now, row.client), verdict, `at ${seconds} s`);
    }
  });
}

// Seconds after receipt until which a stale response may stand in for a failed origin.
// deno-fmt-ignore
const ON_ERROR: readonly (Omit<Row, "at"> & { readonly until: number })[] = [
  { section: "5861 4", name: "stale-if-error", headers: cc("max-age=60, stale-if-error=600"), until: 660 },
  { section: "5861 4", name: "beside s-maxage, as written by the origin", headers: cc("s-maxage=60, stale-if-error=600"), until: 660 },
  { section: "setting", name: "by setting", headers: cc("max-age=60"), policy: { staleIfError: 600 }, until: 660 },
  { section: "setting", name: "the origin's own window beats the setting", headers: cc("max-age=60, stale-if-error=10"), policy: { staleIfError: 600 }, until: 70 },
  { section: "9111 5.2.2.10", name: "not by setting beside s-maxage", headers: cc("s-maxage=60"), policy: { staleIfError: 600 }, until: 60 },
  { section: "9111 5.2.2.2", name: "not with must-revalidate", headers: cc("max-age=60, must-revalidate, stale-if-error=600"), until: 60 },
  { section: "9111 5.2.2.8", name: "not with proxy-revalidate", headers: cc("max-age=60, proxy-revalidate, stale-if-error=600"), until: 60 },
  { section: "9111 5.2.2.4", name: "not with no-cache", headers: cc("no-cache, stale-if-error=600"), policy: { staleIfError: 600 }, until: 0 },
  { section: "setting", name: "not in place of one error by another", status: 404, headers: {}, policy: { notFoundLifetime: 60, staleIfError: 600 }, until: 60 },
];

for (const row of ON_ERROR) {
  Deno.test(`mayServeOnError() [${row.section}] ${row.name}`, () => {
    const freshness = assess(response(row.headers, row), { ...POLICY, ...row.policy });
    if (row.until > 0) assert.equal(mayServeOnError(freshness, T0 + row.until * 1000 - 1), true);
    assert.equal(mayServeOnError(freshness, T0 + row.until * 1000), false);
  });
}

Deno.test("isOriginFailure() [5861 4] names 500, 502, 503 and 504 only", () => {
  const failures = [200, 304, 404, 500, 501, 502, 503, 504, 505].filter(isOriginFailure);
  assert.deepEqual(failures, [500, 502, 503, 504]);
});

// deno-fmt-ignore
const SENT: readonly (Omit<Row, "at"> & { readonly at: number; readonly sent: HeaderMap })[] = [
  { section: "9111 4", name: "what the origin said, with the age", headers: cc("public, max-age=60"), at: 10, sent: { date: date(0), "cache-control": "public, max-age=60", age: "10" } },
  { section: "9111 5.1", name: "the age that came with it is counted", headers: cc("max-age=600", { age: "50" }), at: 10, sent: { date: date(0), "cache-control": "max-age=600", age: "60" } },
  { section: "9111 4.2.4", name: "stale shows in the age", headers: cc("max-age=60, stale-while-revalidate=30"), at: 75, sent: { date: date(0), "cache-control": "max-age=60, stale-while-revalidate=30", age: "75" } },
  { section: "9111 5.3", name: "Expires stays while it is true", headers: { expires: date(60) }, at: 0, sent: { date: date(0), expires: date(60), age: "0" } },
  { section: "setting", name: "a raised lifetime is restated", headers: cc("public, max-age=10, s-maxage=20", { expires: date(10) }), policy: { minLifetime: 60 }, at: 5, sent: { date: date(0), "cache-control": "public, max-age=60", age: "5" } },
  { section: "setting", name: "where lifetimes are raised, a long Expires becomes max-age", headers: { expires: date(600) }, policy: { minLifetime: 60 }, at: 5, sent: { date: date(0), "cache-control": "max-age=600", age: "5" } },
  { section: "setting", name: "a raised lifetime is restated on top of the age", headers: cc("max-age=10", { age: "100" }), policy: { minLifetime: 60 }, at: 0, sent: { date: date(0), "cache-control": "max-age=160", age: "100" } },
  { section: "setting", name: "a supplied lifetime is stated", headers: {}, policy: { defaultLifetime: 300 }, at: 0, sent: { date: date(0), "cache-control": "max-age=300", age: "0" } },
  { section: "9111 4.2.2", name: "a heuristic lifetime is stated", headers: { "last-modified": date(-1000) }, at: 0, sent: { date: date(0), "cache-control": "max-age=100", age: "0" } },
  { section: "setting", name: "a shortened lifetime is restated", status: 404, headers: cc("max-age=31536000"), policy: { notFoundLifetime: 60 }, at: 0, sent: { date: date(0), "cache-control": "max-age=60", age: "0" } },
  { section: "setting", name: "forceCache takes back private and no-store", headers: cc("private, no-store, max-age=60"), policy: { forceCache: true }, at: 0, sent: { date: date(0), "cache-control": "max-age=60", age: "0" } },
  { section: "9111 5.2.2.7", name: "private is passed on untouched", headers: cc("private"), policy: { defaultLifetime: 60, minLifetime: 60 }, at: 0, sent: { date: date(0), "cache-control": "private", age: "0" } },
  { section: "9111 5.2.2.5", name: "no-store is passed on untouched", headers: cc("No-Store"), policy: { minLifetime: 60 }, at: 0, sent: { date: date(0), "cache-control": "No-Store", age: "0" } },
  { section: "9111 5.2.2.4", name: "no-cache is passed on untouched", headers: cc("no-cache"), policy: { minLifetime: 60 }, at: 0, sent: { date: date(0), "cache-control": "no-cache", age: "0" } },
  { section: "9111 3.1", name: "a qualified form goes with its fields", headers: cc('private="set-cookie", max-age=60'), at: 0, sent: { date: date(0), "cache-control": "max-age=60", age: "0" } },
  { section: "9111 5.1", name: "an age beyond the lifetime does not lengthen it", headers: cc("max-age=3600", { age: "7200" }), at: 0, sent: { date: date(0), "cache-control": "max-age=3600", age: "7200" } },
  { section: "9111 5.1", name: "an age of 2^31 neither", headers: cc("max-age=3600", { age: "2147483648" }), at: 5, sent: { date: date(0), "cache-control": "max-age=3600", age: "2147483653" } },
  { section: "9111 4.2.3", name: "nor does an origin's clock that is slow", headers: { date: date(-600), expires: date(-60) }, at: 0, sent: { date: date(-600), expires: date(-60), age: "600" } },
  { section: "9111 4.2.3", name: "or fast", headers: { date: date(600), expires: date(660), age: "90" }, at: 0, sent: { date: date(600), expires: date(660), age: "90" } },
  { section: "setting", name: "unless the operator raises lifetimes", headers: cc("max-age=60", { age: "500" }), policy: { minLifetime: 60 }, at: 0, sent: { date: date(0), "cache-control": "max-age=560", age: "500" } },
  { section: "9213 2.2", name: "each hears what is meant for it", headers: cc("max-age=5, public", { "cdn-cache-control": "max-age=600, foo;a=1", expires: date(5) }), at: 10, sent: { date: date(0), "cdn-cache-control": "max-age=600, foo", "cache-control": "max-age=5, public", expires: date(5), age: "10" } },
  { section: "setting", name: "a raised lifetime is restated to each", headers: cc("max-age=5", { "cdn-cache-control": "max-age=7", expires: date(5) }), policy: { minLifetime: 60 }, at: 0, sent: { date: date(0), "cdn-cache-control": "max-age=60", "cache-control": "max-age=60", age: "0" } },
  { section: "setting", name: "who was not to store is not told to by a raise", headers: cc("no-store", { "cdn-cache-control": "max-age=7" }), policy: { minLifetime: 60 }, at: 0, sent: { date: date(0), "cdn-cache-control": "max-age=60", "cache-control": "no-store", age: "0" } },
  { section: "9110 6.6.1", name: "a missing Date is supplied", headers: cc("max-age=60", { date: "" }), at: 3, sent: { date: date(0), "cache-control": "max-age=60", age: "3" } },
  { section: "9111 4.2.3", name: "a clock set back gives no negative age", headers: cc("max-age=60"), at: -5, sent: { date: date(0), "cache-control": "max-age=60", age: "0" } },
];

for (const row of SENT) {
  Deno.test(`cacheHeaders() [${row.section}] ${row.name}`, () => {
    const freshness = assess(response(row.headers, row), { ...POLICY, ...row.policy });
    assert.deepEqual(cacheHeaders(freshness, T0 + row.at * 1000), row.sent);
  });
}

// A response that is fresh for 600 s, and usable for as long after that, behind redirects.
// deno-fmt-ignore
const REDIRECTED: readonly (readonly [name: string, hops: readonly (readonly [status: number, headers: HeaderMap])[], at: Row["at"], sent: string, policy?: Partial<FreshnessPolicy>])[] = [
  ["a redirect that lasts longer", [[301, cc("max-age=9999")]], { 599: F, 600: S, 1200: R }, "max-age=600, stale-while-revalidate=600"],
  ["the shortest of several", [[301, cc("max-age=90")], [302, cc("max-age=60")], [308, cc("max-age=9999")]], { 59: F, 60: R }, "max-age=60"],
  ["stale windows end with the shortest", [[301, cc("max-age=60, stale-while-revalidate=30")]], { 59: F, 60: S, 89: S, 90: R }, "max-age=60"],
  ["a temporary one that says nothing", [[302, {}]], { 0: R }, "max-age=0"],
  ["a permanent one that says nothing", [[301, {}]], { 59: F, 60: R }, "max-age=60", { defaultLifetime: 60 }],
  ["one that is stale when it arrives", [[301, cc("max-age=60", { age: "100" })]], { 0: R }, "max-age=0"],
  ["one of some age", [[301, cc("max-age=60", { age: "20" })]], { 39: F, 40: R }, "max-age=40"],
  ["no-cache", [[301, cc("no-cache")]], { 0: R }, "no-cache, max-age=0"],
  ["private", [[301, cc("private, max-age=60")]], { 59: F, 60: R }, "private, max-age=60"],
  ["private, overruled", [[301, cc("private, max-age=60")]], { 59: F, 60: R }, "max-age=60", { forceCache: true }],
  ["a qualified private binds nobody", [[301, cc('private="set-cookie", max-age=60')]], { 59: F, 60: R }, "max-age=60"],
  ["one whose lifetime is raised", [[302, cc("max-age=0")]], { 59: F, 60: R }, "max-age=60", { minLifetime: 60 }],
];

for (const [name, hops, at, sent, policy] of REDIRECTED) {
  Deno.test(`assess() [DESIGN 5] behind redirects: ${name}`, () => {
    const target = response(cc("max-age=600, stale-while-revalidate=600"));
    const freshness = assess({
      ...target,
      hops: hops.map(([status, headers]) => ({
        ...response(headers, { status }),
        url: "http://a/",
      })),
    }, { ...POLICY, ...policy });
    for (const [seconds, verdict] of Object.entries(at)) {
      const now = T0 + Number(seconds) * 1000;
      assert.equal(judge(freshness, now), verdict, `at ${seconds} s`);
    }
    assert.equal(freshness.headers["cache-control"], sent);
  });
}

// The same, made with another response, which is of a place with rules of its own.
// deno-fmt-ignore
const MADE_WITH: readonly (readonly [name: string, part: HeaderMap, hops: readonly HeaderMap[], at: Row["at"], sent: string])[] = [
  ["one that lasts longer", cc("max-age=9999"), [], { 599: F, 600: S, 1200: R }, "max-age=600, stale-while-revalidate=600"],
  ["one that lasts less long", cc("max-age=60, stale-while-revalidate=30"), [], { 59: F, 60: S, 89: S, 90: R }, "max-age=60"],
  ["one that says nothing, where its place has a default", {}, [], { 44: F, 45: R }, "max-age=45"],
  ["one behind a redirect that lasts less long", cc("max-age=9999"), [cc("max-age=30")], { 29: F, 30: R }, "max-age=30"],
  ["one that is private", cc("private, max-age=60"), [], { 59: F, 60: R }, "private, max-age=60"],
  ["one that must be asked after", cc("no-cache"), [], { 0: R }, "no-cache, max-age=45"],
];

for (const [name, part, hops, at, sent] of MADE_WITH) {
  Deno.test(`assess() of what was made with another response: ${name}`, () => {
    const url = "http://b/";
    const made = {
      ...response(cc("max-age=600, stale-while-revalidate=600, immutable")),
      parts: [{ ...response(part), url, hops: hops.map((each) => ({ ...response(each), url })) }],
    };
    const policyOf = (of: string) => of === url ? { ...POLICY, defaultLifetime: 45 } : POLICY;
    const freshness = assess(made, POLICY, policyOf);
    for (const [seconds, verdict] of Object.entries(at)) {
      assert.equal(judge(freshness, T0 + Number(seconds) * 1000), verdict, `at ${seconds} s`);
    }
    assert.equal(freshness.headers["cache-control"], sent);
    assert.equal(freshness.immutable, false);
  });
}

const anyControl = fc.array(
  fc.oneof(
    fc.constantFrom("public", "immutable", "must-revalidate", "no-cache", "private", "x"),
    fc.tuple(
      fc.constantFrom("max-age", "s-maxage", "stale-while-revalidate", "stale-if-error"),
      fc.nat(5000),
    ).map(([name, seconds]) => `${name}=${seconds}`),
  ),
).map((directives) => directives.join(", "));

const anyResponse = fc.record({
  control: fc.option(anyControl, { nil: undefined }),
  age: fc.option(fc.nat(5000), { nil: undefined }),
  expires: fc.option(fc.integer({ min: -5000, max: 5000 }), { nil: undefined }),
  modified: fc.option(fc.integer({ min: -90_000, max: 1000 }), { nil: undefined }),
  dated: fc.integer({ min: -3000, max: 3000 }),
  tookMs: fc.nat(10_000),
  status: fc.constantFrom(200, 404, 500),
}).map((it) =>
  response({
    date: date(it.dated),
    ...(it.control === undefined ? {} : { "cache-control": it.control }),
    ...(it.age === undefined ? {} : { age: String(it.age) }),
    ...(it.expires === undefined ? {} : { expires: date(it.expires) }),
    ...(it.modified === undefined ? {} : { "last-modified": date(it.modified) }),
  }, it)
);

const anyPolicy = fc.record({
  defaultLifetime: fc.nat(5000),
  heuristicCap: fc.nat(5000),
  minLifetime: fc.nat(5000),
  notFoundLifetime: fc.nat(100),
  serverErrorLifetime: fc.nat(100),
  staleWhileRevalidate: fc.nat(5000),
  staleIfError: fc.nat(5000),
  forceCache: fc.boolean(),
});

Deno.test("judge() never turns back to fresh as time passes", () => {
  const order: Record<Verdict, number> = {
    "fresh": 0,
    "stale-while-revalidate": 1,
    "revalidate": 2,
  };
  const times = fc.tuple(fc.nat(20_000), fc.nat(20_000));
  fc.assert(fc.property(anyResponse, anyPolicy, times, (stored, policy, [a, b]) => {
    const freshness = assess(stored, policy);
    const early = judge(freshness, T0 + Math.min(a, b) * 1000);
    const late = judge(freshness, T0 + Math.max(a, b) * 1000);
    assert.ok(order[early] <= order[late]);
  }));
});

Deno.test("cacheHeaders() let the next cache come to the same lifetime and age", () => {
  fc.assert(fc.property(anyResponse, anyPolicy, fc.nat(20_000), (stored, policy, seconds) => {
    const now = T0 + seconds * 1000;
    const here = assess(stored, policy);
    // What is private reaches no other shared cache, so its lifetime is nobody's.
    fc.pre(here.freshUntil > 0 && !/private/.test(here.headers["cache-control"] ?? ""));
    // The next cache's clock is the origin's, so that only our own words can put it wrong.
    const skew = Math.max(0, Date.parse(here.headers.date ?? "") - T0);
    const sent = headerMap(cacheHeaders(here, now));
    const next = assess(
      { status: 200, headers: sent, requestedAt: now + skew, receivedAt: now + skew },
      POLICY,
    );
    assert.equal(ageAt(next, now + skew) >= ageAt(here, now), true);
    if (judge(here, now) !== "fresh") assert.notEqual(judge(next, now + skew), "fresh");
  }));
});
