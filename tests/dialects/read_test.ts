import assert from "node:assert/strict";
import { parseMounts } from "../../src/dialects/mounts.ts";
import { recognise } from "../../src/dialects/recognise.ts";
import type { DialectName } from "../../src/dialects/table.ts";
import { ProxyError } from "../../src/errors.ts";
import { ownForm, refusal } from "../testing/dialects.ts";
import { assertWithin } from "../testing/quickly.ts";

const SOURCE = "https%3A%2F%2Fimages.example.com%2Fa.jpg";
const mountOf = (name: DialectName) => parseMounts([name])[0]!;

/** URLs with a hole for a word, in each place where a table is asked for it. */
const WORDS: readonly (readonly [DialectName, string])[] = [
  ["imgproxy", `unsafe/watermark:0.5:{word}/plain/${SOURCE}`],
  ["imgproxy", `unsafe/g:{word}/plain/${SOURCE}`],
  ["imgproxy", `unsafe/f:{word}/plain/${SOURCE}`],
  ["imgproxy", `unsafe/plain/${SOURCE}@{word}`],
  ["thumbor", `unsafe/9x9/filters:format({word})/${SOURCE}`],
  ["thumbor", `unsafe/9x9/filters:watermark(${SOURCE},{word},0,0)/${SOURCE}`],
  ["imagor", `unsafe/9x9/filters:format({word})/${SOURCE}`],
  ["ipx", `f_{word}/${SOURCE}`],
  ["ipx", `s_9x9,pos_{word}/${SOURCE}`],
  ["weserv", `?url=${SOURCE}&output={word}`],
  ["weserv", `?url=${SOURCE}&w=9&h=9&fit={word}`],
  ["weserv", `?url=${SOURCE}&w=9&h=9&a={word}`],
  ["weserv", `?url=${SOURCE}&filt={word}`],
  ["cloudflare", `format={word}/${SOURCE}`],
  ["cloudflare", `quality={word}/${SOURCE}`],
  ["cloudflare", `width=9,height=9,gravity={word}/${SOURCE}`],
];

Deno.test("readForeign() takes no word of JavaScript's objects for one of a dialect", () => {
  for (const [name, url] of WORDS) {
    const [told, ...others] = ["nonsense", "constructor", "toString", "__proto__"].map((word) =>
      refusal(() => ownForm(mountOf(name), url.replace("{word}", word))).replaceAll(word, "…")
    );
    for (const other of others) assert.equal(other, told, `${name} ${url}`);
  }
});

Deno.test("readForeign() reads a text with a comma as one option, or refuses it", () => {
  const imgproxy = mountOf("imgproxy");
  const refused = `unsafe/filename:a,gray/plain/${SOURCE}`;
  assert.match(
    refusal(() => ownForm(imgproxy, refused)),
    /"filename:a,gray": no option here holds/,
  );
  const { options } = ownForm(imgproxy, refused, { ignoreUnknown: true });
  assert.doesNotMatch(options, /gray|filename/);
  const versions = ["a,gray", "a,sepia", "a b", "x".repeat(65)].map((text) =>
    ownForm(imgproxy, `unsafe/cb:${encodeURIComponent(text)}/plain/${SOURCE}`).options
  );
  for (const version of versions) assert.match(version, /,v:[\w-]{43}$/);
  assert.equal(new Set(versions).size, versions.length);
});

Deno.test("readForeign() and recognise() read the longest URLs in no time", async () => {
  const ones = "1".repeat(2000);
  // More would take years where each digit may be of two numbers.
  const side = "1".repeat(80);
  const urls: readonly (readonly [DialectName, string])[] = [
    ["thumbor", `unsafe/${side}x${side}:${side}x${side}!/${SOURCE}`],
    ["imagor", `unsafe/${side}x${side}:${side}x${side}!/${SOURCE}`],
    ["thumbor", `unsafe/9x9/filters:watermark(${SOURCE},${ones.repeat(4)}!,0,0)/${SOURCE}`],
    ["thumbor", `unsafe/9x9/filters:quality(${",".repeat(30_000)})/${SOURCE}`],
    ["thumbor", `${"=".repeat(30_000)}x/${SOURCE}`],
    ["cloudflare", `gravity=${ones}x${ones}!/${SOURCE}`],
    ["weserv", `?url=${SOURCE}&bg=rgb(${ones}${ones}!`],
    ["ipx", `w_${ones.repeat(4)}!/${SOURCE}`],
    ["imgproxy", `unsafe/rs:${":".repeat(8000)}/plain/${SOURCE}`],
  ];
  for (const [name, url] of urls) {
    const mount = mountOf(name);
    await assertWithin(500, () => {
      try {
        ownForm(mount, url);
      } catch (error) {
        assert.ok(error instanceof ProxyError);
      }
      recognise(`https://other.example${mount.path}${url}`, { pathPrefix: "" });
    }, `${name} ${url.slice(0, 30)}`);
  }
});

Deno.test("readForeign() parts the arguments of a filter at commas that stand in no parentheses", () => {
  const { options } = ownForm(
    mountOf("thumbor"),
    `unsafe/9x9/filters:quality( 7 ):fill(rgb(1,2,3)):watermark(${SOURCE},1, 2,30)/${SOURCE}`,
  );
  assert.match(options, /bg:010203/);
  assert.match(options, /overlay:\w+:nw:1:2:0:0\.7,/);
  assert.match(options, /q7/);
});
