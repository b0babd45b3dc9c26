import assert from "node:assert/strict";
import { fallbackImages } from "../../src/settings/fallback_images.ts";
import { overlays } from "../../src/settings/overlays.ts";
import {
  address,
  boolean,
  bytes,
  duration,
  integer,
  type Kind,
  list,
  status,
  words,
} from "../../src/settings/kinds.ts";
import { baseUrl, httpProxy, pathPrefix, sources } from "../../src/settings/place_kinds.ts";

// kind, text, value
const READ: readonly (readonly [Kind<unknown>, string, unknown])[] = [
  [duration, "0", 0],
  [duration, "30s", 30_000],
  [duration, "250ms", 250],
  [duration, "1h30m", 5_400_000],
  [duration, "1.5h", 5_400_000],
  [duration, "2m0.5s", 120_500],
  [duration, "100us", 0.1],
  [bytes, "0", 0],
  [bytes, "1024", 1024],
  [bytes, "20MB", 20e6],
  [bytes, "1.5GiB", 1.5 * 1024 ** 3],
  [bytes, "500kb", 500e3],
  [boolean, "true", true],
  [boolean, "T", true],
  [boolean, "1", true],
  [boolean, "FALSE", false],
  [boolean, "0", false],
  [integer({ min: 1 }), "42", 42],
  [list, "a,b", ["a", "b"]],
  [list, " a , ,b,", ["a", "b"]],
  [list, "", []],
  [words, "a  b\tc", ["a", "b", "c"]],
  [baseUrl, "", ""],
  [baseUrl, "https://example.com/a/", "https://example.com/a/"],
  [baseUrl, "photos:2026/", "photos:2026/"],
  [sources, "a1=file:/a b?cache=1h  b-2=s3://r/b", ["a1=file:/a b?cache=1h", "b-2=s3://r/b"]],
  [sources, "", []],
  [httpProxy, "", ""],
  [httpProxy, "http://proxy:3128", "http://proxy:3128"],
  [pathPrefix, "/img/", "/img"],
  [pathPrefix, "/", ""],
  [pathPrefix, "/a/b.c@d", "/a/b.c@d"],
  [status, "200", 200],
  [fallbackImages, "a.png preset:b=c.png", ["a.png", "preset:b=c.png"]],
  [overlays, "logo=@/a b.png  seal-2=https://a/?b=c", ["logo=@/a b.png", "seal-2=https://a/?b=c"]],
  [overlays, "", []],
  [address, "localhost:8080", { hostname: "localhost", port: 8080 }],
  [address, ":80", { hostname: "::", port: 80 }],
  [address, "[::1]:0", { hostname: "::1", port: 0 }],
  [address, "unix:/run/a.sock", { path: "/run/a.sock" }],
];

Deno.test("every kind of setting reads its text", () => {
  for (const [kind, text, value] of READ) assert.deepEqual(kind.parse(text), value, text);
});

const REFUSED: readonly (readonly [Kind<unknown>, string, RegExp])[] = [
  [duration, "", /such as 30s/],
  [duration, "30", /such as 30s/],
  [duration, "-1s", /such as 30s/],
  [duration, "1 s", /such as 30s/],
  [duration, "1d", /such as 30s/],
  [duration, "s", /such as 30s/],
  [bytes, "", /such as 500KB/],
  [bytes, "-1", /such as 500KB/],
  [bytes, "1TB", /such as 500KB/],
  [boolean, "yes", /true or false/],
  [boolean, "", /true or false/],
  [integer({ min: 1 }), "0", /of at least 1/],
  [integer({ min: 1, max: 9 }), "10", /from 1 to 9/],
  [integer({ min: 0 }), "1.5", /whole number/],
  [integer({ min: 0 }), "", /whole number/],
  [baseUrl, "example.com", /absolute URL/],
  [baseUrl, "ftp://example.com/", /absolute URL/],
  [baseUrl, "blur:5", /absolute URL/],
  [status, "100", /status with a body/],
  [status, "204", /status with a body/],
  [status, "304", /status with a body/],
  [status, "600", /status with a body/],
  [fallbackImages, "preset:a", /preset:name=picture/],
  [fallbackImages, "preset:=a", /preset:name=picture/],
  [overlays, "logo", /name=picture with a name/],
  [overlays, "logo=", /name=picture with a name/],
  [overlays, "logo=@", /name=picture with a name/],
  [overlays, "Logo=a.png", /lower-case letters/],
  [overlays, "a=b.png a=c.png", /must not give the name a twice/],
  [httpProxy, "https://proxy", /http:\/\/host:port/],
  [pathPrefix, "img", /such as \/img/],
  [pathPrefix, "/a//b", /such as \/img/],
  [pathPrefix, "/a/../b", /such as \/img/],
  [pathPrefix, "/a?b", /such as \/img/],
  [pathPrefix, "/a%2Fb", /such as \/img/],
  [sources, "photos", /name=location such as/],
  [sources, "photos=", /name=location such as/],
  [sources, "Photos=file:/a", /lower-case letters/],
  [sources, "p=file:/a", /two or more/],
  [sources, "https=file:/a", /https: is a scheme/],
  [sources, "blur=file:/a", /blur: is an option/],
  [address, "8080", /host:port/],
  [address, "localhost", /host:port/],
  [address, "localhost:99999", /host:port/],
  [address, "::1:80", /host:port/],
  [address, "unix:", /host:port/],
];

Deno.test("every kind of setting says what is right about a text that it cannot read", () => {
  for (const [kind, text, sentence] of REFUSED) {
    assert.throws(() => kind.parse(text), sentence, text);
  }
});

Deno.test("what a kind shows it can read again", () => {
  for (const [kind, , value] of READ) {
    if (kind.repeats) continue;
    const shown = (kind.show ?? String)(value);
    assert.deepEqual(kind.parse(shown), value, shown);
  }
});

Deno.test("the password of a proxy is not shown", () => {
  assert.equal(httpProxy.show!("http://me:se@cret@proxy:3128"), "http://********@proxy:3128");
});
