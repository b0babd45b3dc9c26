import assert from "node:assert/strict";
import fc from "fast-check";
import { resultKey, urlPrefix } from "../../../src/cache/key.ts";
import { keyOfName, nameOfKey, namePrefixes } from "../../../src/cache/drivers/entry_name.ts";

const hex = fc.string({
  unit: fc.constantFrom(..."0123456789abcdef"),
  minLength: 64,
  maxLength: 64,
});
const key = fc.oneof(
  hex.map((hash) => `${hash.slice(0, 2)}:${hash.slice(2, 4)}:${hash}`),
  fc.tuple(hex, fc.constantFrom("o", "r"), hex).map(([hash, kind, rest]) =>
    `${hash.slice(0, 2)}:${hash.slice(2, 4)}:${hash}-${kind}${rest.slice(0, 32)}`
  ),
  hex.map((hash) => `${hash.slice(0, 2)}:${hash}`),
  fc.string({ minLength: 1, maxLength: 25, unit: "binary" }).filter((text) => text.isWellFormed()),
);

Deno.test("keyOfName() undoes nameOfKey(), and each key has a name of its own", () => {
  fc.assert(fc.property(key, (key) => {
    assert.equal(keyOfName(nameOfKey(key)), key);
    assert.match(nameOfKey(key), /^(?:[0-9a-f]{2}|_)\/[0-9a-zA-Z%_-]{1,255}$/);
  }));
});

Deno.test("namePrefixes() of any start of a key covers its name", () => {
  fc.assert(fc.property(key, fc.nat(110), (key, length) => {
    // Cutting a surrogate pair in two leaves no text that a key could start with.
    const start = key.slice(0, length);
    fc.pre(start.isWellFormed());
    const name = nameOfKey(key);
    assert.ok(namePrefixes(start).some((prefix) => name.startsWith(prefix)), start);
  }));
});

Deno.test("keys of key.ts are spread over folders, and all keys of a URL share a narrow prefix", () => {
  const url = "https://images.example.com/a.jpg";
  const key = resultKey(url, { options: "200x0" });
  assert.match(nameOfKey(key), /^[0-9a-f]{2}\/[0-9a-f]{64}-r[0-9a-f]{32}$/);
  const [prefix] = namePrefixes(urlPrefix(url));
  assert.equal(prefix!.length, 3 + 64);
  assert.ok(nameOfKey(key).startsWith(prefix!));
});

for (
  const name of ["ab/cd", "_/A", "_/%61", "_/%zz", "tmp/x", "ab", "", `ab/cd${"0".repeat(62)}`]
) {
  Deno.test(`keyOfName() does not take "${name.slice(0, 10)}" for ours`, () => {
    assert.equal(keyOfName(name), undefined);
  });
}

for (const key of ["", "\ud800", "x".repeat(256)]) {
  Deno.test(`nameOfKey() refuses ${JSON.stringify(key.slice(0, 10))} of length ${key.length}`, () => {
    assert.throws(() => nameOfKey(key), /Cannot store under the key/);
  });
}
