import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesHost, normalizeHost, parseHostPatterns } from "../../src/http/host.ts";

Deno.test("matchesHost() compares names, wildcards and blocks", () => {
  const rows: [pattern: string, host: string, expected: boolean][] = [
    ["example.com", "example.com", true],
    ["example.com", "EXAMPLE.com", true],
    ["EXAMPLE.com", "example.com", true],
    ["example.com", "example.com.", true],
    ["example.com.", "example.com", true],
    ["example.com", "example.com:8080", true],
    ["example.com", "www.example.com", false],
    ["example.com", "example.com.evil.org", false],
    ["example.com", "example.co", false],
    ["exam.le.com", "example.com", false],
    ["*.example.com", "a.example.com", true],
    ["*.example.com", "b.a.example.com", true],
    ["*.example.com", "example.com", true],
    ["*.Example.com.", "A.EXAMPLE.COM.:443", true],
    ["*.example.com", "evilexample.com", false],
    ["*.example.com", "example.com.evil.org", false],
    ["*.example.com", "com", false],
    ["bücher.example", "xn--bcher-kva.example", true],
    ["xn--bcher-kva.example", "bücher.example", true],
    ["*.BÜCHER.example", "a.xn--bcher-kva.example", true],
    ["bu\u0308cher.example", "b\u00fccher.example", true],
    ["example.com", "ｅｘａｍｐｌｅ.com", true],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "0xc0.0.2.1", true],
    ["192.0.2.1", "[::ffff:192.0.2.1]:80", true],
    ["127.0.0.1", "2130706433", true],
    ["127.0.0.1", "0177.1", true],
    ["10.0.0.0/8", "10.1.2.3", true],
    ["10.0.0.0/8", "10.1.2.3:8080", true],
    ["10.0.0.0/8", "[::ffff:a01:203]", true],
    ["10.0.0.0/8", "11.1.2.3", false],
    ["10.0.0.0/8", "10.example.com", false],
    ["2001:db8::/32", "[2001:db8::1]", true],
    ["2001:db8::/32", "2001:DB8::1", true],
    ["[2001:db8::1]", "[2001:db8:0::1]", true],
    ["2001:db8::1", "[2001:db8::1]:443", true],
    ["my_host", "my_host", true],
    ["localhost", "localhost", true],
    ["example.com", "user@example.com", false],
    ["example.com", "example.com/x", false],
    ["example.com", "example.com\\x", false],
    ["example.com", "", false],
    ["example.com", "example.com..", false],
  ];
  for (const [pattern, host, expected] of rows) {
    const patterns = parseHostPatterns(["other.test", pattern]);
    assert.equal(matchesHost(patterns, host), expected, `${host} by ${pattern}`);
  }
});

Deno.test("matchesHost() matches nothing with an empty list", () => {
  assert.equal(matchesHost(parseHostPatterns([]), "example.com"), false);
});

Deno.test("parseHostPatterns() rejects an entry that names no host, and quotes it", () => {
  const rows: [string, RegExp][] = [
    ["", /Cannot parse host "": it is empty/],
    ["*", /Cannot parse host "\*": a \* stands for whole subdomains/],
    ["*.", /Cannot parse host "\*\.": it is empty/],
    ["a.*.com", /only at the start/],
    ["*example.com", /only at the start/],
    ["*.*.com", /only at the start/],
    ["example.com:8080", /without its port/],
    ["[2001:db8::1]:80", /without its port/],
    ["http://example.com", /it is a URL; name the host alone, example\.com$/],
    [
      "http://a.example/b",
      /"http:\/\/a\.example\/b": it is a URL; name the host alone, a\.example$/,
    ],
    ["https://a.example:8443", /it is a URL; name the host alone, a\.example$/],
    ["HTTPS://u@a.example?b", /it is a URL; name the host alone, a\.example$/],
    ["http://", /it is a URL; name the host alone, example\.com$/],
    ["a.example/images/", /it is a path; name the host alone, a\.example$/],
    ["*.a.example/", /Cannot parse host/],
    ["10.0.0.0/33", /Cannot parse host "10\.0\.0\.0\/33": a block of addresses/],
    ["*.10.0.0.1", /an IP address has no subdomains/],
    ["user@example.com", /it is no host name/],
    ["exa mple.com", /it is no host name/],
    ["a..b", /it is no host name/],
    [`${"a".repeat(300)}.com`, /it is no host name/],
  ];
  for (const [entry, message] of rows) {
    assert.throws(() => parseHostPatterns([entry]), { name: "RangeError", message }, entry);
  }
});

Deno.test("parseHostPatterns() allows spaces around an entry", () => {
  assert.ok(matchesHost(parseHostPatterns([" example.com "]), "example.com"));
});

Deno.test("a wildcard matches exactly the apex and what ends with a dot and the apex", () => {
  const label = fc.string({ unit: fc.constantFrom(..."abc-x0"), minLength: 1, maxLength: 5 })
    .filter((text) => /^[a-c]/.test(text) && !text.endsWith("-"));
  const name = fc.array(label, { minLength: 1, maxLength: 4 }).map((labels) => labels.join("."));
  fc.assert(fc.property(name, name, (apex, host) => {
    const expected = host === apex || host.endsWith(`.${apex}`);
    assert.equal(matchesHost(parseHostPatterns([`*.${apex}`]), host), expected);
    assert.ok(matchesHost(parseHostPatterns([`*.${apex}`]), `${host}.${apex}`));
  }));
});

Deno.test("normalizeHost() is stable", () => {
  fc.assert(
    fc.property(fc.webAuthority({ withPort: true, withIPv4: true, withIPv6: true }), (host) => {
      const once = normalizeHost(host);
      if (once !== undefined) assert.equal(normalizeHost(once), once);
    }),
  );
});
