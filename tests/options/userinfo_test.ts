import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { withoutOwnUserinfo, withoutUserinfo } from "../../src/options/userinfo.ts";
import { assertWithin } from "../testing/quickly.ts";

// as written, as shown
const ROWS: readonly (readonly [string, string])[] = [
  ["http://bob:secret@h.example/a.jpg", "http://***@h.example/a.jpg"],
  ["200x/HTTPS://bob:secret@h.example/a.jpg?b@c", "200x/HTTPS://***@h.example/a.jpg?b@c"],
  ["http:/token@h.example/a", "http:/***@h.example/a"],
  ["http:bob:secret@h.example/a", "http:***@h.example/a"],
  ["http:\\\\bob:secret@h/a", "http:\\\\***@h/a"],
  ["//bob:secret@h/a", "//***@h/a"],
  ["/bob:secret@h/a", "/***@h/a"],
  ["ftp://bob:secret@h/a", "ftp://***@h/a"],
  ["http://bob:x@y@h/a", "http://***@h/a"],
  ["http://b ob:secret@h/a", "http://***@h/a"],
  ["http%3A%2F%2Fbob%3Asecret%40h%2Fa%40b", "http%3A%2F%2F***%40h%2Fa%40b"],
  ["http%253a%252f%252fbob%253asecret%2540h%252fa", "http%253a%252f%252f***%2540h%252fa"],
  ["http://bob:secret%40h/a", "http://***%40h/a"],
  ["weserv/?w=3&url=bob:secret@h/a", "weserv/?w=3&url=***@h/a"],
  [
    "weserv/?w=3&url=https%3A%2F%2Fbob%3Asecret%40h%2Fa",
    "weserv/?w=3&url=https%3A%2F%2F***%40h%2Fa",
  ],
  [`w:3/${Buffer.from("https://bob:secret@h/a.jpg").toString("base64url")}.png`, "w:3/***.png"],
  ["http://a:b@h/1 http://c:d@h/2", "http://***@h/1 http://***@h/2"],
  // Without a scheme, as some servers take URLs.
  ["10x/bob:secret@h/a", "10x/***@h/a"],
  ["10x///bob:secret@h/a", "10x///***@h/a"],
  ["10x/%2F%2Fbob%3Asecret%40h%2Fa", "10x/%2F%2F***%40h%2Fa"],
  ["thumbor/unsafe/9x9/bob:secret@h/a", "thumbor/unsafe/9x9/***@h/a"],
  ["9x,overlay2:bob:secret@h/http://h/a", "9x,overlay2:***@h/http://h/a"],
  ["default=bob:secret@h/", "default=***@h/"],
  // No user's name.
  ["plain/http://h.example/a.jpg@webp", "plain/http://h.example/a.jpg@webp"],
  ["plain/http%3A%2F%2Fh.example%2Fa.jpg@webp", "plain/http%3A%2F%2Fh.example%2Fa.jpg@webp"],
  ["300x,preset:logo@2/http://h/a@b:c.jpg", "300x,preset:logo@2/http://h/a@b:c.jpg"],
  ["filename:me@home", "filename:me@home"],
  ["http://h?a@b", "http://h?a@b"],
  [`w:3/${Buffer.from("https://h/a@b.jpg").toString("base64url")}`, `w:3/aHR0cHM6Ly9oL2FAYi5qcGc`],
];

for (const [written, shown] of ROWS) {
  Deno.test(`withoutUserinfo() of ${written}`, () => assert.equal(withoutUserinfo(written), shown));
}

// as written where a URL is meant, as shown
const URLS: readonly (readonly [string, string])[] = [
  ["http://h.example/a@b.jpg", "http://h.example/a@b.jpg"],
  ["http://h:80/", "http://h:80/"],
  ["http://[::1", "http://[::1"],
  ["bob:secret@h/a", "***@h/a"],
  ["bob%3Asecret%40h%2Fa", "***%40h%2Fa"],
  ["bob%253Asecret%2540h%252Fa", "***%2540h%252Fa"],
  ["//bob:secret@h/a", "//***@h/a"],
  // An @ and what follows may have been taken for something else.
  ["http://bob:secret", "http://***"],
  [Buffer.from("bob:secret@h/a").toString("base64url"), "***"],
  [Buffer.from("h/a.jpg").toString("base64url"), "aC9hLmpwZw"],
  ["photos", "photos"],
];

for (const [written, shown] of URLS) {
  Deno.test(`withoutOwnUserinfo() of ${written}`, () => {
    assert.equal(withoutOwnUserinfo(written), shown);
  });
}

Deno.test("withoutUserinfo() reads the longest texts in no time", async () => {
  for (
    const text of [
      "http:".repeat(3000),
      "a".repeat(15_000),
      "%3a//".repeat(3000),
      "/@".repeat(8000),
      "@" + "/".repeat(20_000),
      "@" + "\\".repeat(20_000),
      "@/" + "http:a".repeat(20_000),
      "@" + "/a:".repeat(20_000),
      "@" + "/aaaaaaaa".repeat(9_000),
    ]
  ) {
    await assertWithin(1000, () => {
      for (const end of ["/@", "@/", ""]) withoutUserinfo(text + end);
    }, text.slice(0, 10));
  }
});
