import assert from "node:assert/strict";
import fc from "fast-check";
import { kindOfKey, originalKey, resultKey, urlPrefix } from "../../src/cache/key.ts";

const SHAPE = /^([0-9a-f]{2}):([0-9a-f]{2}):\1\2[0-9a-f]{60}-[or][0-9a-f]{32}$/;
const url = fc.string({ unit: "binary" });

Deno.test("originalKey(), resultKey() are of one shape, safe in any backend", () => {
  fc.assert(fc.property(url, fc.string(), fc.string(), (remote, options, format) => {
    assert.match(originalKey(remote, { variant: { accept: format } }), SHAPE);
    assert.match(resultKey(remote, { options, format }), SHAPE);
  }));
});

Deno.test("originalKey(), resultKey() begin with the prefix of their URL and of no other", () => {
  fc.assert(fc.property(url, url, (a, b) => {
    fc.pre(a !== b);
    assert.ok(originalKey(a).startsWith(urlPrefix(a)));
    assert.ok(resultKey(a, { options: "0x0" }).startsWith(urlPrefix(a)));
    assert.ok(!originalKey(b).startsWith(urlPrefix(a)));
  }));
});

Deno.test("kindOfKey() tells originals from results", () => {
  assert.equal(kindOfKey(originalKey("http://a/")), "original");
  assert.equal(kindOfKey(resultKey("http://a/", { options: "0x0" })), "result");
});

Deno.test("originalKey() does not depend on the order of a variant", () => {
  assert.equal(
    originalKey("u", { variant: { a: "1", b: "2" } }),
    originalKey("u", { variant: { b: "2", a: "1" } }),
  );
});

Deno.test("resultKey() differs where anything differs, however it is split", () => {
  const keys = [
    originalKey("u"),
    originalKey("u", { variant: { a: "1" } }),
    originalKey("u", { variant: { a: "" } }),
    originalKey("u", { version: "" }),
    originalKey("u", { version: "1" }),
    originalKey("u", { version: "1", variant: { a: "1" } }),
    resultKey("u", { options: "" }),
    resultKey("u", { options: "ab" }),
    resultKey("u", { options: "a", format: "b" }),
    resultKey("u", { options: "", format: "ab" }),
    resultKey("u", { options: "a", variant: { b: "" } }),
    resultKey("u2", { options: "" }),
  ];
  assert.equal(new Set(keys).size, keys.length);
});

Deno.test("originalKey() stays what it was, or every cache is empty after an upgrade", () => {
  assert.equal(
    originalKey("http://example.com/a.png"),
    "16:31:163105454dbf4d71a503d94b39e79df32cec0836be18dfd6d960d55880cad300-ocf1cbb66a638b4860a516671fb74850e",
  );
  assert.equal(
    resultKey("http://example.com/a.png", { options: "100x0", format: "webp" }),
    "16:31:163105454dbf4d71a503d94b39e79df32cec0836be18dfd6d960d55880cad300-r696e321e0e3115f1cf6e1c73554aa6e3",
  );
});
