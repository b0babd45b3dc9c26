import assert from "node:assert/strict";
import type { Dialect } from "../../src/dialects/dialect.ts";
import { recognise } from "../../src/dialects/recognise.ts";
import { DIALECTS } from "../../src/dialects/table.ts";

const PICTURE = "https://images.example.com/a.jpg";

// URL, server, tokens, remote URL
const RECOGNISED = [
  [
    `https://img.example.org/insecure/rs:fill:300:200/plain/${PICTURE}@webp`,
    "imgproxy",
    /300.200/,
  ],
  [
    "http://localhost:8080/_/w:300/aHR0cHM6Ly9pbWFnZXMuZXhhbXBsZS5jb20vYS5qcGc.png",
    "imgproxy",
    /300/,
  ],
  [`https://img.example.org/insecure/plain/${PICTURE}`, "imgproxy", /./],
  ["https://t.example.org/unsafe/300x200/smart/images.example.com/a.jpg", "thumbor", /300x200/],
  [`/_ipx/s_300x200,f_webp/${PICTURE}`, "ipx", /webp/],
  [`https://nuxt.example.org/_ipx/w_300/${PICTURE}`, "ipx", /300x/],
  ["https://wsrv.nl/?url=images.example.com/a.jpg&w=300&output=webp", "weserv", /webp/],
  ["images.weserv.nl/?url=images.example.com/a.jpg&w=300", "weserv", /300/],
  [`https://site.example/cdn-cgi/image/width=300,format=auto/${PICTURE}`, "Cloudflare", /300x/],
  [
    `https://site.example/_next/image?url=${encodeURIComponent(PICTURE)}&w=640&q=75`,
    "Next.js",
    /^640x,reckon:sharp,q75/,
  ],
  [`https://proxy.example/200x,webp/${PICTURE}`, "imageproxy", /^200x,webp$/],
  [`https://proxy.example/x/${encodeURIComponent(PICTURE)}`, "imageproxy", /^$/],
  [`https://proxy.example/400,s${"A".repeat(43)}=/${PICTURE}`, "imageproxy", /^400$/],
] as const;

Deno.test("recognise() tells whose URL it is, wherever that server lies", () => {
  for (const [text, server, tokens] of RECOGNISED) {
    const [reading] = recognise(text);
    assert.equal(reading?.server, server, text);
    assert.match(reading.tokens.join(","), tokens, text);
    assert.match(reading.remote!, /^https?:\/\/images\.example\.com\/a\.jpg$/, text);
    assert.equal(reading.problem, undefined, text);
  }
  const below = recognise(`https://proxy.example/img/200x/${PICTURE}`, { pathPrefix: "/img" });
  assert.deepEqual(below.map(({ tokens }) => tokens), [["200x"]]);
});

Deno.test("recognise() reads the example of every dialect by its own grammar", () => {
  for (const dialect of Object.values(DIALECTS) as Dialect[]) {
    const readings = recognise(`https://example.org${dialect.example}`);
    assert.ok(
      readings.some(({ server, problem }) => server === dialect.title && problem === undefined),
      dialect.title,
    );
  }
});

Deno.test("recognise() finds a picture that is named by its path on the host of the URL", () => {
  const rows = [
    [
      "https://site.example/_next/image?url=%2Fimg%2Fa.jpg&w=640&q=75",
      "https://site.example/img/a.jpg",
    ],
    ["https://site.example/cdn-cgi/image/width=80/img/a.jpg", "https://site.example/img/a.jpg"],
  ] as const;
  for (const [text, remote] of rows) assert.equal(recognise(text)[0]?.remote, remote);
  const [unknown] = recognise("/_next/image?url=%2Fimg%2Fa.jpg&w=640&q=75");
  assert.equal(unknown?.remote, undefined);
  assert.match(unknown!.problem!, /not named by a whole URL/);
});

Deno.test("recognise() says what has no counterpart, and reads the rest", () => {
  const [reading] = recognise(
    `https://site.example/cdn-cgi/image/width=300,draw=x/${PICTURE}`,
  );
  assert.match(reading!.problem!, /"draw=x"/);
  assert.equal(reading!.remote, PICTURE);
  assert.ok(reading!.tokens.includes("300x"));
});

Deno.test("recognise() leaves a picture's own URL alone", () => {
  const own = [
    PICTURE,
    "https://images.example.com/",
    "https://images.example.com/a/b/c.jpg?w=200&url=x",
    "https://web.archive.org/web/2020/https://images.example.com/a.jpg",
    "https://images.example.com/300x200/photo.jpg",
    "https://images.example.com/unsafe/",
    "photos:a.jpg",
    "",
    "   ",
    "nonsense",
    "https://",
  ];
  for (const text of own) assert.deepEqual(recognise(text), [], text);
});
