import assert from "node:assert/strict";
import { identityOf } from "../../src/http/url_identity.ts";

const PLAIN = "http://example.com/a.png";

// deno-fmt-ignore
const EQUAL: readonly (readonly [string, ...string[]])[] = [
  [PLAIN, "HTTP://Example.COM/a.png", "http://example.com:80/a.png", "http://example.com:/a.png", "http://example.com./a.png",
    "http://example.com/a.png?", "http://EXAMPLE.com.:80/a.png?", "http://example.com/%61.png", "http://example.com:080/a.png"],
  ["https://example.com/", "https://example.com", "https://example.com:443", "https://example.com?", "https://example.com/?"],
  ["http://example.com:8080/a?b=c", "http://example.com:8080/a?b=c", "http://Example.com.:8080/a?b=c", "http://example.com:8080/a?%62=c"],
  ["http://example.com/a%2Fb%20c~", "http://example.com/a%2fb%20c%7E", "http://example.com/a%2Fb%20c%7e"],
  ["http://[2001:db8::1]/a", "http://[2001:DB8:0::1]/a", "http://[2001:db8::1]:80/a"],
  ["http://xn--bcher-kva.example/a", "http://XN--BCHER-kva.example/a"],
];

for (const [canonical, ...spellings] of EQUAL) {
  for (const spelling of spellings) {
    Deno.test(`identityOf() [3986 6.2] takes ${spelling} for ${canonical}`, () => {
      assert.equal(identityOf(spelling), canonical);
    });
  }
}

// deno-fmt-ignore
const DIFFERENT = [
  PLAIN, "https://example.com/a.png", "http://www.example.com/a.png", "http://example.com:443/a.png", "http://example.com/A.png",
  "http://example.com/a.png?x", "http://example.com/a.png?X", "http://example.com/a.png??", "http://example.com/a.png/", "http://example.com//a.png",
  "http://example.com/x/../a.png", "http://example.com/x/%2E%2E/a.png", "http://example.com/a%2Epng", "http://example.com/a.png?a+b", "http://example.com/a.png?a%20b",
  "http://example.com/a/b", "http://example.com/a%2Fb", "http://example.com/a%zz", "http://example.com/a%ZZ",
];

Deno.test("identityOf() [3986 6.2] keeps all else apart, and finds nothing more to change", () => {
  assert.equal(new Set(DIFFERENT.map(identityOf)).size, DIFFERENT.length);
  for (const url of DIFFERENT) assert.equal(identityOf(identityOf(url)), identityOf(url));
});

Deno.test("identityOf() leaves what is no http URL", () => {
  for (const url of ["s3://bucket/A.png", "file:///A", "nonsense", "http://", "http://a b/", ""]) {
    assert.equal(identityOf(url), url);
  }
});
