import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { parseOptions } from "../../src/options/parse.ts";
import { namedOverlays, overlaysOf } from "../../src/request/overlays.ts";
import { parseRequest } from "../../src/request/image_request.ts";

const encoded = (url: string) => Buffer.from(url).toString("base64url");
const NAMED = namedOverlays(
  new Map([["logo", "https://a.example/logo.png"], ["seal", "photos:s"]]),
);
const SETTINGS = { named: NAMED, sources: ["photos"] };

Deno.test("overlaysOf() finds names and URLs, in the order in which they are painted", () => {
  const web = "https://b.example/ü.png?x=1#y";
  const options = parseOptions(
    `overlay3:${encoded("photos:a b.png")},overlay:logo,overlay4:seal,overlay2:${encoded(web)}`,
  );
  const found = overlaysOf(options, SETTINGS)!;
  assert.deepEqual(found.map(({ remoteUrl, isNamed }) => [remoteUrl, isNamed]), [
    ["https://a.example/logo.png", true],
    ["https://b.example/%C3%BC.png?x=1", false],
    ["photos:a%20b.png", false],
    ["photos:s", true],
  ]);
  // What keys and lookups are remembered by.
  assert.equal(found[0], NAMED.get("logo"));
  assert.equal(overlaysOf(parseOptions("blur:2"), SETTINGS), undefined);
});

Deno.test("overlaysOf() resolves URLs as a picture's own is: against the base, less what passes", () => {
  const settings = {
    ...SETTINGS,
    baseUrl: "https://base.example/pictures/",
    isPassing: (name: string) => name === "token",
  };
  const found = overlaysOf(
    parseOptions(`overlay:${encoded("a.png")},overlay2:${encoded("https://b.example/a?token=1")}`),
    settings,
  )!;
  assert.deepEqual(found.map(({ remoteUrl, cachedAs }) => cachedAs ?? remoteUrl), [
    "https://base.example/pictures/a.png",
    "https://b.example/a",
  ]);
});

Deno.test("overlaysOf() says what is no picture", () => {
  const rows: readonly (readonly [picture: string, says: RegExp])[] = [
    ["lgoo", /"overlay:lgoo": there is no overlay of this name, .*; did you mean logo\?$/],
    ["nothing", /there is no overlay of this name, and it is not the base64url of a URL$/],
    [encoded("ftp://a.example/"), /there is no overlay of this name/],
    [encoded("a.png"), /there is no overlay of this name/],
    [encoded("https://u@a.example/"), /: the remote URL must not hold a user name/],
    [
      encoded("photos:../a"),
      /Cannot parse option "overlay:\S+": cannot read .* holds a segment of dots/,
    ],
  ];
  for (const [picture, says] of rows) {
    assert.throws(() => overlaysOf(parseOptions(`overlay:${picture}`), SETTINGS), says, picture);
  }
});

Deno.test("parseRequest() tells what lies over a picture, presets included", () => {
  const presets = new Map([["branded", parseOptions("overlay:logo:se")]]);
  const target = "/preset:branded/https://a.example/a.jpg";
  const { overlays } = parseRequest(target, { presets, overlays: NAMED });
  assert.deepEqual(overlays, [NAMED.get("logo")]);
  assert.equal(parseRequest("/200x/https://a.example/a.jpg").overlays, undefined);
});
