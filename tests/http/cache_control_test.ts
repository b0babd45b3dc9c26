import assert from "node:assert/strict";
import fc from "fast-check";
import { type CacheControl, parseCacheControl } from "../../src/http/cache_control.ts";
import { assertWithin } from "../testing/quickly.ts";

type Said = Partial<Omit<CacheControl, "directives">>;

const NOTHING: Said = {
  maxAge: undefined,
  sMaxAge: undefined,
  minFresh: undefined,
  staleWhileRevalidate: undefined,
  staleIfError: undefined,
  noStore: false,
  noCache: false,
  private: false,
  withheldFields: [],
  public: false,
  mustRevalidate: false,
  proxyRevalidate: false,
  mustUnderstand: false,
  immutable: false,
};

// deno-fmt-ignore
const ROWS: readonly (readonly [section: string, value: string | undefined, said: Said])[] = [
  ["9111 5.2", undefined, {}],
  ["9111 5.2", "", {}],
  ["9110 5.6.1", " , ,", {}],
  ["9111 5.2", "MAX-AGE=1, S-MaxAge=2", { maxAge: 1, sMaxAge: 2 }],
  ["9111 5.2", "max-age = 1", { maxAge: 1 }],
  ["9111 5.2", 'max-age="1"', { maxAge: 1 }],
  ["9111 5.2", "No-Store, NO-CACHE, Private", { noStore: true, noCache: true, private: true }],
  ["9111 5.2", "public,must-revalidate,proxy-revalidate", { public: true, mustRevalidate: true, proxyRevalidate: true }],
  ["9111 5.2.2.3", "must-understand, no-store", { mustUnderstand: true, noStore: true }],
  ["8246 2", "immutable, max-age=5", { immutable: true, maxAge: 5 }],
  ["5861 3", "stale-while-revalidate=7, stale-if-error=8", { staleWhileRevalidate: 7, staleIfError: 8 }],
  ["9111 5.2.3", 'community="UCI, no-store", max-age=3', { maxAge: 3 }],
  ["9111 5.2.3", 'x="a\\", no-store", max-age=3', { maxAge: 3 }],
  ["9111 5.2.2.7", 'private="Set-Cookie, X-User"', { withheldFields: ["set-cookie", "x-user"] }],
  ["9111 5.2.2.7", "private=x-user", { withheldFields: ["x-user"] }],
  ["9111 5.2.2.7", 'private=""', { private: true }],
  ["9111 5.2.2.7", 'private="a b"', { private: true }],
  ["9111 4.2.1", 'private="x-user", private', { private: true, withheldFields: ["x-user"] }],
  ["9111 3.1", 'private="cache-control"', { private: true, withheldFields: ["cache-control"] }],
  ["9111 5.2.2.4", 'no-cache="a", no-cache="b"', { withheldFields: ["a", "b"] }],
  ["9111 5.2.2.5", 'no-store="x-user"', { noStore: true }],
  ["9111 4.2.1", "max-age=1, max-age=2", { maxAge: 1 }],
  ["9111 4.2.1", "max-age=, max-age=2", { maxAge: 0 }],
  ["9111 1.2.2", "max-age=2147483649", { maxAge: 2 ** 31 }],
  ["9111 1.2.2", "max-age=1e3", { maxAge: 0 }],
  ["9111 1.2.2", "max-age=+1", { maxAge: 0 }],
  ["9111 5.2", "max-age: 60", {}],
  ["robust", "private; max-age=0", { private: true, maxAge: 0 }],
  ["robust", 'max-age=60, x="open, no-store', { maxAge: 60 }],
  ["robust", 'private="x-user, max-age=60', { private: true }],
  ["robust", 'max-age=60, x="\\', { maxAge: 60 }],
  ["robust", "no-store no-cache", {}],
  ["robust", "=, =60, \u0000", {}],
];

for (const [section, value, said] of ROWS) {
  Deno.test(`parseCacheControl() [${section}] reads ${JSON.stringify(value)}`, () => {
    const { directives: _, ...read } = parseCacheControl(value);
    assert.deepEqual(read, { ...NOTHING, ...said });
  });
}

Deno.test("parseCacheControl() keeps the text of what it understood, in order", () => {
  const { directives } = parseCacheControl('Public, a/b, X="1, 2" ;max-age=5');
  assert.deepEqual(directives.map(({ name, text }) => [name, text]), [
    ["public", "Public"],
    ["x", 'X="1, 2"'],
    ["max-age", "max-age=5"],
  ]);
});

Deno.test("parseCacheControl() never throws and yields no negative or fractional seconds", () => {
  const pieces = fc.constantFrom(
    '"',
    "\\",
    ",",
    ";",
    "=",
    " ",
    "max-age",
    "private",
    "1",
    "-",
    "é",
  );
  const values = fc.oneof(fc.string(), fc.array(pieces).map((parts) => parts.join("")));
  fc.assert(fc.property(values, (value) => {
    const { maxAge, sMaxAge } = parseCacheControl(value);
    for (const seconds of [maxAge, sMaxAge]) {
      assert.ok(seconds === undefined || (Number.isInteger(seconds) && seconds >= 0));
    }
  }));
});

Deno.test("parseCacheControl() takes time in proportion to the length of a hostile field", async () => {
  for (const piece of [",", '"', "\\", '="', "private=a,", ";;", " "]) {
    const field = piece.repeat(Math.ceil(64_000 / piece.length));
    await assertWithin(500, () => parseCacheControl(field), JSON.stringify(piece));
  }
});
