import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { createReveal, HIDDEN, hideUrl } from "../../src/request/hidden_url.ts";
import { parseRequest } from "../../src/request/image_request.ts";

const encode = (text: string) => new TextEncoder().encode(text);
const KEY = encode("a key of the server's");
const OTHER = encode("another");
const URLS = [
  "https://example.com/a b.jpg?c=d",
  "photos:2026/cat.jpg",
  "https://münchen.example/ü",
  "x",
];

function tokenOf(url: string, { key = KEY, deterministic = false } = {}): string {
  return hideUrl(url, { key, deterministic }).slice(HIDDEN.length);
}

Deno.test("hideUrl() gives tokens that the same key reveals, and one of several", () => {
  for (const url of URLS) {
    for (const deterministic of [false, true]) {
      const token = tokenOf(url, { deterministic });
      assert.match(token, /^[\w-]+$/);
      assert.equal(createReveal([KEY])(token), url);
      assert.equal(createReveal([OTHER, KEY])(token), url);
      assert.throws(() => createReveal([OTHER])(token), { code: "malformed" });
      assert.throws(() => createReveal([])(token), { code: "malformed" });
    }
  }
});

Deno.test("hideUrl() gives the same token again only where that is asked for", () => {
  for (const url of URLS) {
    assert.notEqual(tokenOf(url), tokenOf(url));
    assert.equal(tokenOf(url, { deterministic: true }), tokenOf(url, { deterministic: true }));
    const other = tokenOf(url, { key: OTHER, deterministic: true });
    assert.notEqual(tokenOf(url, { deterministic: true }), other);
  }
});

// The token of 2026-11-25: what was once put into pages must be read by every later release.
Deno.test("createReveal() reads the tokens of earlier releases", () => {
  const token = "AdijMdjnZ4INc_FHLqqIaAuYYyi80tu5l024nAFcDo4ISFRlhsK1DV0gj3xoEgTmnQ68V24Y";
  assert.equal(createReveal([KEY])(token), "https://example.com/a.jpg");
  assert.equal(tokenOf("https://example.com/a.jpg", { deterministic: true }), token);
});

Deno.test("createReveal() refuses every token that was tampered with, cut or written otherwise", () => {
  const reveal = createReveal([KEY]);
  const token = tokenOf("https://example.com/a.jpg", { deterministic: true });
  const bytes = Buffer.from(token, "base64url");
  for (let index = 0; index < bytes.length; index++) {
    for (const bit of [1, 128]) {
      const changed = Buffer.from(bytes);
      changed[index]! ^= bit;
      assert.throws(() => reveal(changed.toString("base64url")), { code: "malformed" }, `${index}`);
    }
    const cut = bytes.subarray(0, index).toString("base64url");
    assert.throws(() => reveal(cut), { code: "malformed" }, `cut at ${index}`);
  }
  for (const other of [`${token}=`, `${token}A`, `${token} `, ` ${token}`, `${token}%3D`, ""]) {
    assert.throws(() => reveal(other), { code: "malformed" }, other);
  }
  // The last letter holds bits that no byte needs: another spelling would be another token.
  const last = token.length % 4 === 0 ? [] : [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdef"];
  for (const letter of last.filter((letter) => letter !== token.at(-1))) {
    assert.throws(() => reveal(token.slice(0, -1) + letter), { code: "malformed" }, letter);
  }
});

Deno.test("createReveal() answers any text with a ProxyError, and says nothing of it", () => {
  const reveal = createReveal([KEY]);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    assert.throws(() => reveal(text), {
      message: "The hidden remote URL is not one that this server can read",
    });
  }));
});

const settings = { reveal: createReveal([KEY]), sources: ["photos"] };

Deno.test("parseRequest() reads hidden remote URLs in every encoding", () => {
  const hidden = hideUrl("https://example.com/a b?c=d", { key: KEY, deterministic: true });
  const base64 = Buffer.from(hidden).toString("base64url");
  for (const written of [hidden, hidden.replace(":", "%3A"), base64]) {
    for (const target of [`/${written}`, `//${written}`, `/x/${written}`, `/200x/${written}?q`]) {
      const { remoteUrl, remoteUrlAsSent, isHidden } = parseRequest(target, settings);
      assert.equal(remoteUrl, "https://example.com/a%20b?c=d", target);
      assert.equal(remoteUrlAsSent, hidden);
      assert.equal(isHidden, true);
    }
  }
  const relative = hideUrl("a.jpg", { key: KEY, deterministic: false });
  const { remoteUrl } = parseRequest(`/x/${relative}`, { ...settings, baseUrl: "photos:in/" });
  assert.equal(remoteUrl, "photos:in/a.jpg");
});

Deno.test("parseRequest() tells nothing of a hidden URL that cannot be asked for", () => {
  const unfit = [
    ...["ftp://secret.example/", "https://user@secret.example/", "https://secret example/", ""],
    ...["photos:../secret", "secret.jpg", "https://secret.example:99999/", "https://secret/\n"],
    hideUrl("https://secret.example/", { key: KEY, deterministic: false }),
  ];
  for (const url of unfit) {
    const target = `/x/${hideUrl(url, { key: KEY, deterministic: false })}`;
    assert.throws(() => parseRequest(target, settings), (error: Error) => {
      assert.match(error.message, /^The hidden remote URL (?:cannot be asked for|is not one)/, url);
      return true;
    }, url);
  }
  assert.throws(() => parseRequest("/x/enc:abc", {}), /not "enc:"/);
});
