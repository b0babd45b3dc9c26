import assert from "node:assert/strict";
import type { TimedResponse } from "../../src/http/freshness.ts";
import type { HeaderMap } from "../../src/http/header_map.ts";
import { conditionalHeaders, renewBy304, renewByOriginal } from "../../src/http/revalidation.ts";

const stored = (headers: HeaderMap, status = 200): TimedResponse => ({
  status,
  headers,
  requestedAt: 1000,
  receivedAt: 2000,
});

// deno-fmt-ignore
const CONDITIONS: readonly (readonly [name: string, TimedResponse, HeaderMap])[] = [
  ["an entity tag", stored({ etag: '"a"' }), { "if-none-match": '"a"' }],
  ["a weak entity tag", stored({ etag: 'W/"a"' }), { "if-none-match": 'W/"a"' }],
  ["Last-Modified, as it was written", stored({ "last-modified": "once" }), { "if-modified-since": "once" }],
  ["both", stored({ etag: '"a"', "last-modified": "once" }), { "if-none-match": '"a"', "if-modified-since": "once" }],
  ["no validator", stored({}), {}],
  ["an error", stored({ etag: '"a"' }, 404), {}],
];

for (const [name, response, expected] of CONDITIONS) {
  Deno.test(`conditionalHeaders() [9111 4.3.1] of ${name}`, () => {
    assert.deepEqual(conditionalHeaders(response), expected);
  });
}

const OLD: HeaderMap = {
  age: "500",
  "cache-control": "max-age=10",
  "content-length": "100",
  "content-type": "image/png",
  date: "then",
  etag: '"a"',
  "last-modified": "once",
  "x-kept": "1",
};

// deno-fmt-ignore
const RENEWED: readonly (readonly [section: string, name: string, HeaderMap, HeaderMap | undefined])[] = [
  ["9111 3.2", "fields that it brings replace the stored ones", { date: "now", etag: '"a"', "cache-control": "max-age=60" },
    { "cache-control": "max-age=60", "content-length": "100", "content-type": "image/png", date: "now", etag: '"a"', "last-modified": "once", "x-kept": "1" }],
  ["9111 3.2", "fields that were not stored are added", { date: "now", expires: "later" },
    { "cache-control": "max-age=10", "content-length": "100", "content-type": "image/png", date: "now", etag: '"a"', expires: "later", "last-modified": "once", "x-kept": "1" }],
  ["9111 3.2", "what describes the body stays", { "content-length": "0", "content-type": "text/html", "content-encoding": "gzip", "content-range": "x" },
    { "cache-control": "max-age=10", "content-length": "100", "content-type": "image/png", etag: '"a"', "last-modified": "once", "x-kept": "1" }],
  ["9111 3.2", "what is never stored is not merged", { "set-cookie": "a", connection: "x-hop", "x-hop": "1" },
    { "cache-control": "max-age=10", "content-length": "100", "content-type": "image/png", etag: '"a"', "last-modified": "once", "x-kept": "1" }],
  ["9111 3.1", "what it withholds leaves the store", { "cache-control": 'private="x-kept", max-age=60' },
    { "cache-control": 'private="x-kept", max-age=60', "content-length": "100", "content-type": "image/png", etag: '"a"', "last-modified": "once" }],
  ["9111 4.2.3", "its own age counts, not the stored one", { age: "3" },
    { "cache-control": "max-age=10", "content-length": "100", "content-type": "image/png", etag: '"a"', "last-modified": "once", "x-kept": "1", age: "3" }],
  ["9111 4.3.4", "a weak form of the tag renews too", { etag: 'W/"a"' },
    { "cache-control": "max-age=10", "content-length": "100", "content-type": "image/png", etag: 'W/"a"', "last-modified": "once", "x-kept": "1" }],
  ["9111 4.3.4", "another tag renews nothing", { etag: '"b"' }, undefined],
  ["9111 4.3.4", "another weak tag renews nothing", { etag: 'W/"b"' }, undefined],
  ["9111 4.3.4", "without a tag, another Last-Modified renews nothing", { "last-modified": "twice" }, undefined],
];

for (const [section, name, headers, expected] of RENEWED) {
  Deno.test(`renewBy304() [${section}] ${name}`, () => {
    const renewed = renewBy304(stored(OLD), { headers, requestedAt: 8000, receivedAt: 9000 });
    assert.deepEqual(
      renewed,
      expected && { status: 200, headers: expected, requestedAt: 8000, receivedAt: 9000 },
    );
  });
}

Deno.test("renewBy304() [9111 4.3.4] takes a strong tag only for the same strong tag", () => {
  const times = { requestedAt: 8000, receivedAt: 9000 };
  assert.equal(
    renewBy304(stored({ etag: 'W/"a"' }), { headers: { etag: '"a"' }, ...times }),
    undefined,
  );
  assert.equal(renewBy304(stored({}), { headers: { etag: '"a"' }, ...times }), undefined);
});

Deno.test("renewByOriginal() gives a result the lifetime of its original and leaves the rest", () => {
  const result = stored({ ...OLD, etag: '"result"', "content-type": "image/webp" });
  const original: TimedResponse = {
    status: 200,
    headers: {
      "cache-control": "max-age=60",
      date: "now",
      etag: '"a"',
      "content-type": "image/png",
    },
    requestedAt: 8000,
    receivedAt: 9000,
  };
  assert.deepEqual(renewByOriginal(result, original), {
    status: 200,
    headers: {
      "cache-control": "max-age=60",
      "content-length": "100",
      "content-type": "image/webp",
      date: "now",
      etag: '"result"',
      "x-kept": "1",
    },
    requestedAt: 8000,
    receivedAt: 9000,
  });
});

Deno.test("renewByOriginal() renews what else clients are shown of the original", () => {
  const result = stored({ etag: '"result"', "content-type": "image/webp", link: "<old>" });
  const hops = [{
    url: "http://a/",
    status: 301,
    headers: {},
    requestedAt: 7000,
    receivedAt: 7500,
  }];
  const headers = {
    etag: '"b"',
    link: "<new>",
    "cdn-cache-control": "max-age=5",
    "content-type": "image/png",
  };
  const times = { requestedAt: 8000, receivedAt: 9000 };
  assert.deepEqual(renewByOriginal(result, { status: 200, headers, ...times, hops }), {
    status: 200,
    headers: {
      etag: '"result"',
      link: "<new>",
      "cdn-cache-control": "max-age=5",
      "content-type": "image/webp",
    },
    ...times,
    hops,
  });
});
