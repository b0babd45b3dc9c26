import assert from "node:assert/strict";
import { hostOf, pathOf, placeOf, sourceOf } from "../../src/http/place.ts";

const ROWS = [
  {
    url: "https://example.com:8443/a/b?c=d",
    place: "example.com",
    host: "example.com:8443",
    path: "/a/b",
  },
  { url: "http://[::1]:80/a", place: "[::1]", host: "[::1]", path: "/a" },
  { url: "https://example.com?x", place: "example.com", host: "example.com", path: "" },
  {
    url: "photos:a/b.jpg?v=2",
    source: "photos:",
    place: "photos:",
    host: "photos:",
    path: "a/b.jpg",
  },
  { url: "p-2:a:b", source: "p-2:", place: "p-2:", host: "p-2:", path: "a:b" },
  { url: "/a/b", place: "", host: "", path: "" },
] as const;

Deno.test("a remote URL is of a host or of a named source", () => {
  for (const { url, place, host, path, ...row } of ROWS) {
    assert.equal(sourceOf(url), "source" in row ? row.source : undefined, url);
    assert.equal(placeOf(url), place, url);
    assert.equal(hostOf(url), host, url);
    assert.equal(pathOf(url), path, url);
  }
});
