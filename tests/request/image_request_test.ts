import assert from "node:assert/strict";
import fc from "fast-check";
import { ProxyError } from "../../src/errors.ts";
import { formatOptions } from "../../src/options/parse.ts";
import { parseRequest } from "../../src/request/image_request.ts";

interface Row {
  target: string;
  remote: string;
  options?: string;
  base?: string;
}

const ROWS: readonly Row[] = [
  { target: "/http://example.com/foo", remote: "http://example.com/foo" },
  { target: "//http://example.com/foo", remote: "http://example.com/foo" },
  { target: "/x/http://example.com/foo", remote: "http://example.com/foo" },
  { target: "//https://example.com/foo", remote: "https://example.com/foo" },
  { target: "/1x2/http://example.com/foo", remote: "http://example.com/foo", options: "1x2" },
  {
    target: "/100,r90/http://example.com/foo?bar",
    remote: "http://example.com/foo?bar",
    options: "100x100,r90",
  },
  {
    target: "/100%2Cr90/http://example.com/foo",
    remote: "http://example.com/foo",
    options: "100x100,r90",
  },
  {
    target: "//http://example.com/foo?a=1&b=http://x/",
    remote: "http://example.com/foo?a=1&b=http://x/",
  },
  { target: "/x/http://example.com/foo?", remote: "http://example.com/foo?" },
  { target: "/http:/example.com/foo", remote: "http://example.com/foo" },
  { target: "/x/http:/example.com/foo", remote: "http://example.com/foo" },
  { target: "/http:///example.com/foo", remote: "http://example.com/foo" },
  { target: "/HTTP://example.com/foo", remote: "http://example.com/foo" },
  { target: "/x/http://example.com:8080/foo", remote: "http://example.com:8080/foo" },
  { target: "/x/http://[::1]/foo", remote: "http://[::1]/foo" },
  // What a browser's parser would tidy up arrives as sent.
  { target: "/x/http://example.com/a/../b/./c", remote: "http://example.com/a/../b/./c" },
  { target: "/x/http://example.com/a//b///c", remote: "http://example.com/a//b///c" },
  { target: "/x/http://example.com/%2C%2F%2e%41", remote: "http://example.com/%2C%2F%2e%41" },
  { target: "/x/http://example.com/%zz%", remote: "http://example.com/%zz%" },
  { target: "/x/http://example.com/a\\b|c", remote: "http://example.com/a\\b|c" },
  { target: "/x/http://example.com/a#b?c#d", remote: "http://example.com/a%23b?c%23d" },
  { target: "/x/http://example.com/é", remote: "http://example.com/%C3%A9" },
  { target: "/x/http://münchen.example/", remote: "http://xn--mnchen-3ya.example/" },
  { target: "/x/http://example.com", remote: "http://example.com" },
  { target: "/x/http://example.com?a", remote: "http://example.com?a" },
  // Percent-encoded whole: the query string of the request is not part of it.
  {
    target: "/1x2/http%3A%2F%2Fexample.com%2Ffoo",
    remote: "http://example.com/foo",
    options: "1x2",
  },
  {
    target: "/1x2/http%3A%2F%2Fexample.com%2Fhttp%2Fstuff",
    remote: "http://example.com/http/stuff",
    options: "1x2",
  },
  { target: "/http%3A%2F%2Fexample.com%2Ffoo", remote: "http://example.com/foo" },
  { target: "/HTTP%3a%2f%2fexample.com%2Ffoo", remote: "http://example.com/foo" },
  { target: "/http%3A%2Fexample.com%2Ffoo", remote: "http://example.com/foo" },
  { target: "//http%3A%2F%2F%2Fexample.com%2Ffoo", remote: "http://example.com/foo" },
  {
    target: "/http%3A%2F%2Fexample.com%2Ffoo%3Ftest%3D1%26test%3D2?x",
    remote: "http://example.com/foo?test=1&test=2",
  },
  { target: "/x/http%3A%2F%2Fexample.com%2Fa%20b%2520c", remote: "http://example.com/a%20b%20c" },
  { target: "/x/http%3A%2F%2Fexample.com%2Fa%7Cb%23frag", remote: "http://example.com/a%7Cb" },
  // Base64url: likewise.
  { target: "/aHR0cDovL2V4YW1wbGUuY29tL2Zvbw", remote: "http://example.com/foo" },
  { target: "//aHR0cDovL2V4YW1wbGUuY29tL2Zvbw", remote: "http://example.com/foo" },
  { target: "/x/aHR0cHM6Ly9leGFtcGxlLmNvbS9mb28_YmFy?baz", remote: "https://example.com/foo?bar" },
  {
    target: "/200x/aHR0cHM6Ly9leGFtcGxlLmNvbS9mb28_YmFy",
    remote: "https://example.com/foo?bar",
    options: "200x0",
  },
  // Escaped one segment at a time: the colons alone are encoded, and the query string belongs to it.
  { target: "/x/http%3A//example.com/a%20b?c=1", remote: "http://example.com/a%20b?c=1" },
  { target: "/https%3a/example.com/foo", remote: "https://example.com/foo" },
  {
    target: "/200x/http%3A//example.com%3A8080/a%3Ab",
    remote: "http://example.com:8080/a%3Ab",
    options: "200x0",
  },
  // International names, in every spelling that browsers send.
  { target: "/x/http://b%C3%BCcher.example/a", remote: "http://xn--bcher-kva.example/a" },
  {
    target: "/x/http://B%c3%9cCHER.example:8080/a?b",
    remote: "http://xn--bcher-kva.example:8080/a?b",
  },
  { target: "/x/http://xn--bcher-kva.example/", remote: "http://xn--bcher-kva.example/" },
  { target: "/x/http%3A%2F%2Fb%C3%BCcher.example%2Fa", remote: "http://xn--bcher-kva.example/a" },
  {
    target: "/x/http%3A%2F%2Fb%25C3%25BCcher.example%2Fa",
    remote: "http://xn--bcher-kva.example/a",
  },
  // Bytes that are no UTF-8, as old servers name their files.
  { target: "/x/http://example.com/caf%E9.png", remote: "http://example.com/caf%E9.png" },
  {
    target: "/x/http%3A%2F%2Fexample.com%2Fcaf%E9%C3%A9.png",
    remote: "http://example.com/caf%E9%C3%A9.png",
  },
  { target: "/x/http%3A%2F%2Fexample.com%2F%c3%28%ff", remote: "http://example.com/%C3(%FF" },
  { target: "/x/aHR0cDovL2EuZXhhbXBsZS9jYWbpLnBuZw", remote: "http://a.example/caf%E9.png" },
  // Relative to a base URL.
  {
    target: "/x/a/../b/./c.jpg",
    base: "https://example.com/img/",
    remote: "https://example.com/img/a/../b/./c.jpg",
  },
  {
    target: "/x/../../b.jpg",
    base: "https://example.com/img/",
    remote: "https://example.com/img/../../b.jpg",
  },
  {
    target: "/x/a\\b%5Cc\\..\\d",
    base: "https://example.com/",
    remote: "https://example.com/a\\b%5Cc\\..\\d",
  },
  {
    target: "/x/a//b///c",
    base: "https://example.com/img",
    remote: "https://example.com/a//b///c",
  },
  {
    target: "/x/a%2Fb%2e%2E/",
    base: "https://example.com/",
    remote: "https://example.com/a%2Fb%2e%2E/",
  },
  { target: "/x/a#b?c#d", base: "https://example.com/", remote: "https://example.com/a%23b?c%23d" },
  {
    target: "/x/caf%E9.png",
    base: "https://example.com/",
    remote: "https://example.com/caf%E9.png",
  },
  { target: "/x/path", base: "https://example.com/", remote: "https://example.com/path" },
  {
    target: "/x/a/b.jpg?c=1",
    base: "https://example.com/img/",
    remote: "https://example.com/img/a/b.jpg?c=1",
  },
  {
    target: "/x//a/b.jpg",
    base: "https://example.com/img/",
    remote: "https://example.com/a/b.jpg",
  },
  { target: "//path", base: "https://example.com/", remote: "https://example.com/path" },
  {
    target: "/x/5bey54S2",
    base: "https://example.com/",
    remote: "https://example.com/%E5%B7%B2%E7%84%B6",
  },
  {
    target: "/x/5bey54S2?q",
    base: "https://example.com/",
    remote: "https://example.com/%E5%B7%B2%E7%84%B6",
  },
  {
    target: "/100/http://other.example/a",
    base: "https://example.com/",
    remote: "http://other.example/a",
    options: "100x100",
  },
];

Deno.test("parseRequest() finds the options and the remote URL", () => {
  for (const { target, remote, options = "0x0", base } of ROWS) {
    const request = parseRequest(target, { baseUrl: base });
    assert.equal(request.remoteUrl, remote, target);
    assert.equal(formatOptions(request.options), options, target);
  }
});

const NAMED: readonly Row[] = [
  { target: "/photos:a/b.jpg", remote: "photos:a/b.jpg" },
  { target: "//photos:a/b.jpg", remote: "photos:a/b.jpg" },
  { target: "/x/photos:a/b.jpg?v=1", remote: "photos:a/b.jpg?v=1" },
  { target: "/1x2/photos:a/b.jpg", remote: "photos:a/b.jpg", options: "1x2" },
  { target: "/1x2/photos:///a/b.jpg", remote: "photos:a/b.jpg", options: "1x2" },
  { target: "/x/photos:a%2Fb%20%C3%BC.jpg", remote: "photos:a%2Fb%20%C3%BC.jpg" },
  { target: "/x/photos:ü#.jpg", remote: "photos:%C3%BC%23.jpg" },
  { target: "/x/photos:http://example.com/", remote: "photos:http://example.com/" },
  { target: "/x/photos%3Aa%2Fb.jpg?v=1", remote: "photos:a/b.jpg" },
  { target: "/photos%3aa/b.jpg", remote: "photos:a/b.jpg" },
  { target: "/x/cGhvdG9zOmEvYi5qcGc?v=1", remote: "photos:a/b.jpg" },
  { target: "/blur:2/photos:a.jpg", remote: "photos:a.jpg", options: "0x0,blur:2" },
  { target: "/x/a/b.jpg?v=1", base: "photos:", remote: "photos:a/b.jpg?v=1" },
  { target: "/x//a/b.jpg", base: "photos:in", remote: "photos:in/a/b.jpg" },
  { target: "/x/b.jpg", base: "photos:in/side/", remote: "photos:in/side/b.jpg" },
  { target: "/x/shop:b.jpg", base: "photos:", remote: "shop:b.jpg" },
  { target: "/x/http://example.com/", base: "photos:", remote: "http://example.com/" },
];

Deno.test("parseRequest() finds remote URLs of named sources, in every encoding and below a base", () => {
  for (const { target, remote, options = "0x0", base } of NAMED) {
    const request = parseRequest(target, { baseUrl: base, sources: ["photos", "shop"] });
    assert.equal(request.remoteUrl, remote, target);
    assert.equal(formatOptions(request.options), options, target);
  }
  for (const path of ["", "..", "a/../b", "%2e%2e/b", "a%00", "%c0%ae", "%zz"]) {
    for (const target of [`/x/photos:${path}`, `/x/photos%3A${path.replaceAll("%", "%25")}`]) {
      const parse = () => parseRequest(target, { sources: ["photos"] });
      assert.throws(parse, { name: "ProxyError", code: "malformed" }, target);
    }
  }
  assert.throws(() => parseRequest("/x/Photos:a", { sources: ["photos"] }), /not "Photos:"/);
  assert.throws(() => parseRequest("/x/fotos:a", { sources: ["photos"] }), /not "fotos:"/);
});

const MALFORMED: readonly (readonly [string, RegExp])[] = [
  ["/", /No remote URL/],
  ["/x", /No remote URL/],
  ["/1/", /No remote URL/],
  ["//", /No remote URL/],
  ["/100x100", /No remote URL/],
  ["/image.jpg", /No remote URL/],
  ["//example.com/foo", /"example.com\/foo" must be absolute/],
  ["/100/example.com/foo", /must be absolute/],
  ["//ftp://example.com/foo", /not "ftp:"/],
  ["/x/file:///etc/passwd", /not "file:"/],
  ["/x/data:image\/png;base64,AAAA", /not "data:"/],
  ["/x/javascript:alert(1)", /not "javascript:"/],
  ["/x/http:", /has no host/],
  ["/x/http:///", /has no host/],
  ["/x/https:/", /has no host/],
  ["/x/http://:80/", /host/],
  ["/x/http://?a", /host/],
  ["/x/http://user@example.com/", /user name/],
  ["/x/http://user:secret@example.com/", /user name/],
  ["/x/http://good.example@bad.example/", /user name/],
  ["/x/http://good.example%40bad.example/", /host/],
  ["/x/http://good.example\\@bad.example/", /user name/],
  ["/x/http://b%C3%BCcher@bad.example/", /user name/],
  ["/x/http://b%C3%BCcher%40bad.example/", /host/],
  ["/x/http://b%C3%BCcher\\.bad.example/", /host/],
  ["/x/http://b%C3%BCcher%2Fbad.example/", /host/],
  ["/x/http://b%C3%BCcher%00.example/", /host/],
  ["/x/http://caf%E9.example/", /host/],
  ["/x/http%3A//user%40example.com/", /host/],
  ["/x/http://good.example\\.bad.example/", /host/],
  ["/x/http://exa mple.com/", /host/],
  ["/x/http://example.com:99999/", /host/],
  ["/x/http://[::1/", /host/],
  ["/x/http%3A%2F%2Fexample.com%2F%zz", /percent-encoding/],
  ["/x/http%3A%2F%2Fexample.com%2F%0d%0aHost:evil", /control characters/],
  ["/%zz/http://example.com/", /percent-encoding/],
  ["/r45/http://example.com/", /"r45"/],
  ["/blur/http://example.com/", /"blur"/],
  ["/100x100,foo/http://example.com/", /"foo"/],
];

Deno.test("parseRequest() says what is wrong with a malformed target", () => {
  for (const [target, sentence] of MALFORMED) {
    assert.throws(() => parseRequest(target), (error) => {
      assert.ok(error instanceof ProxyError, target);
      assert.equal(error.status, 400, target);
      assert.match(error.message, sentence, target);
      return true;
    });
  }
});

Deno.test("parseRequest() answers any target with a URL of http or https, or a ProxyError", () => {
  const target = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.tuple(
      fc.constantFrom("/x/http://", "/http:/", "//https://", "/x/http%3A%2F%2F"),
      fc.string({ unit: "grapheme" }),
    )
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(target, fc.constantFrom(undefined, "https://example.com/a/"), (text, baseUrl) => {
      try {
        const { remoteUrl } = parseRequest(`/${text}`, { baseUrl });
        assert.match(remoteUrl, /^https?:\/\/[^/?@\\]+[\x21-\x7e]*$/);
        assert.ok(URL.canParse(remoteUrl));
      } catch (error) {
        assert.ok(error instanceof ProxyError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
