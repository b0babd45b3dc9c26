import assert from "node:assert/strict";
import type { HeaderMap } from "../../src/http/header_map.ts";
import { matchesVary, selectVary, variantOf, varyOf } from "../../src/http/vary.ts";

// Two requests, the second asking for what was stored for the first, RFC 9111 section 4.1.
// deno-fmt-ignore
const ROWS: readonly (readonly [name: string, vary: string | undefined, HeaderMap, HeaderMap, boolean])[] = [
  ["no Vary", undefined, { accept: "a" }, { accept: "b" }, true],
  ["an empty Vary", "", { accept: "a" }, { accept: "b" }, true],
  ["the same value", "Accept", { accept: "a" }, { accept: "a" }, true],
  ["another value", "Accept", { accept: "a" }, { accept: "b" }, false],
  ["a field that Vary does not name", "Accept", { accept: "a", x: "1" }, { accept: "a", x: "2" }, true],
  ["names in any case", "ACCEPT", { accept: "a" }, { accept: "b" }, false],
  ["absent from both", "Accept", {}, {}, true],
  ["absent from the second", "Accept", { accept: "a" }, {}, false],
  ["absent from the first", "Accept", {}, { accept: "a" }, false],
  ["absent is not empty", "Accept", {}, { accept: "" }, false],
  ["one of two fields", "Accept, Origin", { accept: "a", origin: "x" }, { accept: "a", origin: "y" }, false],
  ["white space around commas", "Accept", { accept: "a,b" }, { accept: " a ,  b " }, true],
  ["white space around semicolons", "Accept", { accept: "a;q=1" }, { accept: "a ; q=1" }, true],
  ["case where it means nothing", "Accept-Encoding", { "accept-encoding": "GZIP" }, { "accept-encoding": "gzip" }, true],
  ["case where it may mean something", "X-User", { "x-user": "A" }, { "x-user": "a" }, false],
  ["order, which may be preference", "Accept-Language", { "accept-language": "de, en" }, { "accept-language": "en, de" }, false],
  ["*", "*", { accept: "a" }, { accept: "a" }, false],
  ["* among others", "Accept, *", { accept: "a" }, { accept: "a" }, false],
  ["names that every object has", "constructor, __proto__", {}, {}, true],
];

for (const [name, vary, first, second, expected] of ROWS) {
  Deno.test(`matchesVary() [9111 4.1] ${name}: ${expected}`, () => {
    const selected = selectVary(vary, first) ?? {};
    assert.equal(matchesVary(vary, { selected, request: second }), expected);
  });
}

Deno.test("selectVary() keeps no value that a request brought", () => {
  const selected = selectVary("Authorization, Cookie", {
    authorization: "secret",
    cookie: "secret",
  });
  assert.deepEqual(Object.keys(selected ?? {}), ["authorization", "cookie"]);
  assert.doesNotMatch(JSON.stringify(selected), /secret/);
});

Deno.test("variantOf() tells a field that is absent from none at all, and from an empty one", () => {
  const variants = [undefined, "", "a"].map((value) =>
    JSON.stringify(variantOf("X-A", value === undefined ? {} : { "x-a": value }))
  );
  assert.equal(new Set([...variants, JSON.stringify(variantOf(undefined, {}))]).size, 4);
});

Deno.test("varyOf() names what the response and every redirect before it depend on", () => {
  const hops = [{ headers: { vary: "X-A" } }, { headers: {} }, { headers: { vary: "X-B, X-C" } }];
  assert.equal(varyOf({ headers: {}, hops: [] }), undefined);
  assert.equal(varyOf({ headers: { vary: "X-D" }, hops }), "X-D, X-A, X-B, X-C");
});

// What was stored for a request in English, and what another wants, RFC 9110 section 12.5.4.
// deno-fmt-ignore
const LANGUAGES: readonly (readonly [name: string, language: string | undefined, accepted: string, boolean])[] = [
  ["the one that is wanted most", "de", "fr;q=0.5, de;q=1.0", true],
  ["in another case", "DE", "de", true],
  ["one of two that are wanted as much", "de", "de, fr", false],
  ["one that is wanted less", "fr", "fr;q=0.5, de", false],
  ["a region of it", "de-AT", "de", false],
  ["none", undefined, "de", false],
  ["several", "de, fr", "de", false],
];

for (const [name, language, accepted, expected] of LANGUAGES) {
  Deno.test(`matchesVary() of a response in ${name}: ${expected}`, () => {
    const vary = "Accept-Language, X-A";
    const selected = selectVary(vary, { "accept-language": "en", "x-a": "1" }) ?? {};
    const request = { "accept-language": accepted, "x-a": "1" };
    assert.equal(matchesVary(vary, { selected, request, language }), expected);
    const other = { ...request, "x-a": "2" };
    assert.equal(matchesVary(vary, { selected, request: other, language }), false);
  });
}
