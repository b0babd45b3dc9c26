import assert from "node:assert/strict";
import fc from "fast-check";
import {
  compareStrongly,
  compareWeakly,
  headersOf304,
  isNotModified,
} from "../../src/http/conditional.ts";
import type { HeaderMap } from "../../src/http/header_map.ts";
import { assertWithin } from "../testing/quickly.ts";

const NOW = Date.UTC(2026, 0, 15);
const MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";
const OURS: HeaderMap = { etag: '"a"', "last-modified": MODIFIED };
const inm = (value: string): HeaderMap => ({ "if-none-match": value });
const ims = (value: string): HeaderMap => ({ "if-modified-since": value });

// deno-fmt-ignore
const ROWS: readonly (readonly [section: string, name: string, HeaderMap, HeaderMap, boolean])[] = [
  ["9110 13.1.2", "no condition", OURS, {}, false],
  ["9110 13.1.2", "the tag", OURS, inm('"a"'), true],
  ["9110 13.1.2", "another tag", OURS, inm('"b"'), false],
  ["9110 13.1.2", "the tag in a list", OURS, inm('"x", "a", "y"'), true],
  ["9110 13.1.2", "the tag in a list without spaces", OURS, inm('"x","a"'), true],
  ["9110 13.1.2", "the tag nowhere in a list", OURS, inm('"x", "y"'), false],
  ["9110 13.1.2", "*", OURS, inm("*"), true],
  ["9110 13.1.2", "* with spaces", OURS, inm(" * "), true],
  ["9110 13.1.2", "* where there is no tag", {}, inm("*"), true],
  ["9110 13.1.2", "a quoted *", OURS, inm('"*"'), false],
  ["9110 13.1.2", "a tag where there is none", {}, inm('"a"'), false],
  ["9110 8.8.3.2", "a weak form of our tag", OURS, inm('W/"a"'), true],
  ["9110 8.8.3.2", "a strong form of our weak tag", { etag: 'W/"a"' }, inm('"a"'), true],
  ["9110 8.8.3.2", "two weak forms", { etag: 'W/"a"' }, inm('W/"a"'), true],
  ["9110 8.8.3", "w/ in lower case is no weak tag", OURS, inm('w/"a"'), false],
  ["9110 8.8.3", "tags are sensitive to case", OURS, inm('"A"'), false],
  ["9110 8.8.3", "a comma within a tag", { etag: '"a,b"' }, inm('"x", "a,b"'), true],
  ["9110 8.8.3", "a part of a tag with commas", { etag: '"a"' }, inm('"x,a,y"'), false],
  ["9110 8.8.3", "an empty tag", { etag: '""' }, inm('""'), true],
  ["9110 8.8.3", "a tag without quotes", OURS, inm("a"), false],
  ["9110 8.8.3", "the tag as the origin wrote it, without quotes", { etag: "a" }, inm(" a "), true],
  ["9110 8.8.3", "nothing, where the origin wrote nothing", { etag: "" }, inm(" "), false],
  ["9110 8.8.3", "another tag without quotes", { etag: "a" }, inm("b"), false],
  ["9110 8.8.3", "a tag after rubbish", OURS, inm('rubbish, "a"'), true],
  ["9110 8.8.3", "a tag that is not closed", OURS, inm('"a'), false],
  ["9110 5.6.1", "empty members", OURS, inm(', ,"a",'), true],
  ["9110 13.1.3", "modified then", OURS, ims(MODIFIED), true],
  ["9110 13.1.3", "modified before", OURS, ims("Sun, 06 Nov 1994 08:49:38 GMT"), true],
  ["9110 13.1.3", "modified since", OURS, ims("Sun, 06 Nov 1994 08:49:36 GMT"), false],
  ["9110 13.1.3", "a date in the future", OURS, ims("Fri, 06 Nov 2054 08:49:36 GMT"), true],
  ["9110 5.6.7", "an RFC 850 date", OURS, ims("Sunday, 06-Nov-94 08:49:37 GMT"), true],
  ["9110 5.6.7", "an asctime date", OURS, ims("Sun Nov  6 08:49:37 1994"), true],
  ["9110 13.1.3", "no date", OURS, ims("lately"), false],
  ["9110 13.1.3", "two dates", OURS, ims(`${MODIFIED}, ${MODIFIED}`), false],
  ["9110 13.1.3", "no Last-Modified of ours", { etag: '"a"' }, ims(MODIFIED), false],
  ["9110 13.1.3", "a tag that differs beats a date that fits", OURS, { ...inm('"b"'), ...ims(MODIFIED) }, false],
  ["9110 13.1.3", "a tag that fits beats a date that does not", OURS, { ...inm('"a"'), ...ims("Sun, 06 Nov 1994 08:49:36 GMT") }, true],
  ["9110 13.1.3", "a malformed tag beats a date that fits", OURS, { ...inm("rubbish"), ...ims(MODIFIED) }, false],
];

for (const [section, name, headers, request, expected] of ROWS) {
  Deno.test(`isNotModified() [${section}] ${name}: ${expected}`, () => {
    assert.equal(isNotModified(headers, { request, now: NOW }), expected);
  });
}

// The table of RFC 9110 section 8.8.3.2.
// deno-fmt-ignore
const COMPARED: readonly (readonly [a: string, b: string, strongly: boolean, weakly: boolean])[] = [
  ['W/"1"', 'W/"1"', false, true],
  ['W/"1"', 'W/"2"', false, false],
  ['W/"1"', '"1"', false, true],
  ['"1"', '"1"', true, true],
];

for (const [a, b, strongly, weakly] of COMPARED) {
  Deno.test(`compareStrongly(), compareWeakly() [9110 8.8.3.2] ${a} and ${b}`, () => {
    assert.deepEqual([compareStrongly(a, b), compareWeakly(a, b)], [strongly, weakly]);
  });
}

Deno.test("isNotModified() finds a tag in every list that holds it", () => {
  const tags = fc.string({ unit: fc.constantFrom("a", "b", ",", "/", "W") })
    .map((text) => `"${text}"`);
  fc.assert(fc.property(fc.array(tags), tags, fc.array(tags), (before, tag, after) => {
    const request = inm([...before, tag, ...after].join(", "));
    assert.equal(isNotModified({ etag: tag }, { request, now: NOW }), true);
  }));
});

Deno.test("isNotModified() takes time in proportion to the length of a hostile list", async () => {
  for (const piece of [",", '"', '"a', "W/", '",', '"a" ', " ", ' "']) {
    const request = inm(piece.repeat(Math.ceil(64_000 / piece.length)));
    await assertWithin(
      500,
      () => isNotModified(OURS, { request, now: NOW }),
      JSON.stringify(piece),
    );
  }
});

Deno.test("headersOf304() [9110 15.4.5] drops what describes the missing body", () => {
  const headers = headersOf304({
    "access-control-allow-origin": "*",
    age: "1",
    "cache-control": "max-age=60",
    "content-length": "5",
    "content-location": "/x",
    "content-security-policy": "default-src 'none'",
    "content-type": "image/png",
    date: "now",
    etag: '"a"',
    expires: "later",
    "last-modified": MODIFIED,
    link: "<x>",
    vary: "accept",
    "x-content-type-options": "nosniff",
  });
  assert.deepEqual(Object.keys(headers), [
    "access-control-allow-origin",
    "age",
    "cache-control",
    "content-location",
    "content-security-policy",
    "date",
    "etag",
    "expires",
    "link",
    "vary",
    "x-content-type-options",
  ]);
});

Deno.test("headersOf304() [9110 15.4.5] keeps Last-Modified where there is no tag", () => {
  assert.deepEqual(headersOf304({ "last-modified": MODIFIED }), { "last-modified": MODIFIED });
});
