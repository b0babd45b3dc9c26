import assert from "node:assert/strict";
import fc from "fast-check";
import { ProxyError } from "../../../src/errors.ts";
import { parseOriginUrl, resolveLocation } from "../../../src/http/origin/origin_url.ts";

Deno.test("parseOriginUrl() takes the host from the URL parser and the target as it is", () => {
  const rows: [string, origin: string, hostname: string, port: number, target: string][] = [
    ["http://A.test", "http://a.test", "a.test", 80, "/"],
    ["HTTPS://a.test./x", "https://a.test", "a.test", 443, "/x"],
    ["http://a.test:80/", "http://a.test", "a.test", 80, "/"],
    ["http://a.test:/", "http://a.test", "a.test", 80, "/"],
    ["https://a.test:80/", "https://a.test:80", "a.test", 80, "/"],
    ["http://bücher.test/", "http://xn--bcher-kva.test", "xn--bcher-kva.test", 80, "/"],
    ["http://127.1:8080/", "http://127.0.0.1:8080", "127.0.0.1", 8080, "/"],
    ["http://[::FFFF:7f00:1]/", "http://[::ffff:7f00:1]", "[::ffff:7f00:1]", 80, "/"],
    ["http://b%C3%BCcher.test/", "http://xn--bcher-kva.test", "xn--bcher-kva.test", 80, "/"],
    ["http://a.test?x", "http://a.test", "a.test", 80, "/?x"],
    ["http://a.test#x", "http://a.test", "a.test", 80, "/"],
    ["http://a.test/x?y#z?", "http://a.test", "a.test", 80, "/x?y"],
    ["http://a.test/?@b.test/:1", "http://a.test", "a.test", 80, "/?@b.test/:1"],
  ];
  for (const [text, origin, hostname, port, target] of rows) {
    const protocol = origin.startsWith("https") ? "https:" : "http:";
    assert.deepEqual(parseOriginUrl(text), { protocol, origin, hostname, port, target }, text);
  }
});

Deno.test("parseOriginUrl() agrees with the URL parser on the host, or refuses", () => {
  const piece = fc.constantFrom(
    ..."ab./\\:@?#[]%01",
    "//",
    "http",
    "127",
    "::1",
    "%2f",
    "%40",
    "\t",
    "ü",
    "。",
    "／",
    "＠",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = `http://${pieces.join("")}`;
      let mine;
      try {
        mine = parseOriginUrl(text);
      } catch (error) {
        assert.ok(error instanceof ProxyError && error.code === "malformed", text);
        return;
      }
      const theirs = new URL(text);
      assert.equal(mine.hostname, theirs.hostname.replace(/\.$/, ""), text);
      assert.equal(String(mine.port), theirs.port || "80", text);
      assert.equal(theirs.username + theirs.password, "", text);
      assert.match(mine.target, /^\/[\x21-\x7e]*$/, text);
      assert.equal(new URL(mine.origin).origin, mine.origin, text);
    }),
    { numRuns: 10_000 },
  );
});

Deno.test("resolveLocation() follows a reference as RFC 3986 does", () => {
  const base = parseOriginUrl("https://a.test:8443/b/c/d;p?q");
  const rows: [string, string][] = [
    ["g", "/b/c/g"],
    ["./g", "/b/c/g"],
    ["g/", "/b/c/g/"],
    ["/g", "/g"],
    ["?y", "/b/c/d;p?y"],
    ["g?y", "/b/c/g?y"],
    ["#s", "/b/c/d;p?q"],
    [";x", "/b/c/;x"],
    [".", "/b/c/"],
    ["..", "/b/"],
    ["../g", "/b/g"],
    ["../../../g", "/g"],
    ["/./g", "/g"],
    ["/../g", "/g"],
    ["g.", "/b/c/g."],
    ["..g", "/b/c/..g"],
    ["./g/.", "/b/c/g/"],
    ["g?y/../x", "/b/c/g?y/../x"],
    ["/a//b/%2e%2e/%2F", "/a//b/%2e%2e/%2F"],
    ["/my image.jpg", "/my%20image.jpg"],
    [`/"a"?b="<c>"`, "/%22a%22?b=%22%3Cc%3E%22"],
    ["/it's|a^b`{c}", "/it's|a^b%60%7Bc%7D"],
    [" /padded ", "/padded"],
    ["/b\xc3\xbc", "/b%C3%BC"],
    ["/b\xfc", "/b%C3%BC"],
    ["/x:y", "/x:y"],
    ["/\\evil.test", "/\\evil.test"],
  ];
  for (const [location, target] of rows) {
    const url = resolveLocation(base, location);
    assert.equal(url.target, target, location);
    assert.equal(url.origin, "https://a.test:8443", location);
  }
  const elsewhere: [string, string][] = [
    ["//b.test/x", "https://b.test/x"],
    ["http://b.test", "http://b.test/"],
    ["HTTP://B.test:8080/../x", "http://b.test:8080/x"],
  ];
  for (const [location, expected] of elsewhere) {
    const { origin, target } = resolveLocation(base, location);
    assert.equal(origin + target, expected, location);
  }
});

Deno.test("resolveLocation() refuses other schemes and credentials, and what is no URL", () => {
  const base = parseOriginUrl("https://a.test/");
  const rows: [string, string][] = [
    ["file:///etc/passwd", "forbidden"],
    ["ftp://a.test/", "forbidden"],
    ["data:image/png,x", "forbidden"],
    ["javascript:alert(1)", "forbidden"],
    ["gopher://127.0.0.1:6379/_x", "forbidden"],
    ["https://user:password@b.test/", "forbidden"],
    ["", "bad_origin"],
    ["http:b.test", "bad_origin"],
    ["http://", "bad_origin"],
    ["//", "bad_origin"],
    ["//b.test\\@c.test", "forbidden"],
    ["http://b.test:99999/", "bad_origin"],
    ["/a\0b", "bad_origin"],
  ];
  for (const [location, code] of rows) {
    assert.throws(() => resolveLocation(base, location), { name: "ProxyError", code }, location);
  }
});
