import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import service from "../../clients/js/astro.js";
import { optionsText, sign, signedSrcset, srcset, url } from "../../clients/js/index.js";
import { createLoader } from "../../clients/js/next.js";
import { getImage } from "../../clients/js/nuxt.js";
import { OPTIONS as CLIENT_OPTIONS } from "../../clients/js/options.js";
import vectors from "../../clients/vectors.json" with { type: "json" };
import { formatOptions, parseOptions } from "../../src/options/parse.ts";
import { type OptionName, OPTIONS } from "../../src/options/table.ts";
import { authorise } from "../../src/request/access.ts";
import { parseRequest } from "../../src/request/image_request.ts";

const BASE = "https://img.example.com";
const SOURCE = "https://example.com/a.jpg";

Deno.test("optionsText() writes options as the server reads them", () => {
  const rows: readonly (readonly [Parameters<typeof optionsText>[0], string])[] = [
    [undefined, ""],
    [{}, ""],
    [{ width: 200 }, "200x"],
    [{ height: 0.5 }, "x0.5"],
    [{ width: 200, height: 100, fit: true }, "200x100,fit"],
    [{ fit: "outside" }, "fit:outside"],
    [{ gray: true, sepia: false, blur: 2.5 }, "gray,blur:2.5"],
    [{ format: "webp", quality: 80 }, "webp,q80"],
    [{ quality: "auto" }, "quality:auto"],
    [{ text: "Sale: 20 %" }, "text:U2FsZTogMjAgJQ"],
    [{ text: ["שלום", "se", 10, 0.1, 24, "white"] }, "text:16nXnNeV150:se:10:0.1:24:white"],
    [{ quality: "auto:0.98" }, "quality:auto:0.98"],
    [{ gravity: ["ne", 10, 0.1] }, "gravity:ne:10:0.1"],
    [{ crop: { x: 10, width: 0.5 } }, "cx10,cw0.5"],
    [{ radius: "circle" }, "circle"],
    [{ trim: true }, "trim"],
    [{ trim: 10 }, "trim:10"],
    [{ rotate: 90 }, "r90"],
    [{ validUntil: new Date(1_800_000_000_500) }, "vu1800000000"],
  ];
  for (const [options, text] of rows) {
    assert.equal(optionsText(options), text);
    assert.doesNotThrow(() => parseOptions(text));
  }
  assert.throws(() => optionsText({ nope: 1 } as never), /no option "nope"/);
  assert.throws(() => optionsText({ blur: true } as never), /"blur" takes a value/);
  assert.throws(() => optionsText({ gray: "very" } as never), /"gray" takes gray, not "very"/);
});

Deno.test("the client can write every option of the table", () => {
  for (const [name, { examples, tokens }] of Object.entries(OPTIONS)) {
    if (name === "size" || name === "signature") continue;
    for (const example of examples) {
      const written = optionsText({ [name]: valueOf(example, tokens) });
      assert.equal(
        formatOptions(parseOptions(written)),
        formatOptions(parseOptions(example)),
        `${name}: ${example}`,
      );
    }
  }
  const named = Object.keys(OPTIONS).filter((name) => name !== "size" && name !== "signature");
  assert.deepEqual(Object.keys(CLIENT_OPTIONS), named);
});

/** An example of an option as a value of the client's. */
function valueOf(example: string, tokens: (typeof OPTIONS)[OptionName]["tokens"]): unknown {
  if ("prefixes" in tokens && tokens.prefixes.length > 1) {
    const sides = { cx: "x", cy: "y", cw: "width", ch: "height" } as const;
    return Object.fromEntries(
      example.split(",").map((token) => {
        const side = token.slice(0, 2) as keyof typeof sides;
        return [sides[side], Number(token.slice(2))];
      }),
    );
  }
  if ("prefixes" in tokens && !example.includes(":")) {
    return example.slice(tokens.prefixes[0]!.length);
  }
  if ("words" in tokens && tokens.words?.includes(example)) {
    return tokens.words.length === 1 ? true : example;
  }
  const value = example.slice(example.indexOf(":") + 1);
  if (!example.startsWith("text:")) return value;
  const [words = "", ...others] = value.split(":");
  return [Buffer.from(words, "base64url").toString(), ...others];
}

Deno.test("url() and sign() make the URLs of the vectors, and the server lets those pass", async () => {
  for (const { key, url: expected } of vectors.vectors) {
    const target = expected.slice(vectors.base.length);
    const presets = new Map([["card", parseOptions("300x200,sc")]]);
    const request = parseRequest(target, { sources: ["photos"], presets });
    const keys = key ? [new TextEncoder().encode(key)] : [];
    const { signed } = authorise(request, { signatureKeys: keys }, { now: 0 });
    assert.equal(signed, key !== "", expected);
  }
  assert.equal(
    url(`${BASE}/`, SOURCE, { width: 200 }),
    `${BASE}/200x/https%3A%2F%2Fexample.com%2Fa.jpg`,
  );
  assert.equal(url("", SOURCE), "/x/https%3A%2F%2Fexample.com%2Fa.jpg");
  const [, , third] = vectors.vectors;
  assert.equal(await sign(BASE, SOURCE, { width: 200, format: "webp", key: "secret" }), third!.url);
});

Deno.test("srcset() lists widths, signed where there is a key", async () => {
  assert.equal(
    srcset(BASE, SOURCE, { widths: [320, 640], format: "auto" }),
    `${BASE}/320x,auto/https%3A%2F%2Fexample.com%2Fa.jpg 320w, ` +
      `${BASE}/640x,auto/https%3A%2F%2Fexample.com%2Fa.jpg 640w`,
  );
  const signed = await signedSrcset(BASE, SOURCE, { widths: [320, 640], key: "secret" });
  for (const entry of signed.split(", ")) {
    const request = parseRequest(entry.split(" ")[0]!.slice(BASE.length));
    const policy = { signatureKeys: [new TextEncoder().encode("secret")] };
    assert.ok(authorise(request, policy, { now: 0 }).signed, entry);
  }
});

const ASTRO = { service: { config: { base: BASE, site: "https://www.example.com" } } };

Deno.test("Astro's service lists widths and densities in one shape, and enlarges nothing", () => {
  const local = { src: "/a.png", width: 600, height: 400 };
  const rows: readonly (readonly [Record<string, unknown>, readonly string[]])[] = [
    [{ src: SOURCE, width: 300 }, []],
    [{ src: SOURCE, width: 300, height: 150, widths: [600, 300, 600] }, [
      "300x150 300w",
      "600x300 600w",
    ]],
    [{ src: SOURCE, width: 300, densities: [1, "1.5x"] }, ["300x 1x", "450x 1.5x"]],
    [{ src: local, widths: [300, 900] }, ["300x200 300w", "600x400 600w"]],
    [{ src: local, width: 300, densities: [2] }, ["600x400 2x"]],
  ];
  for (const [picture, listed] of rows) {
    const found = service.getSrcSet(picture, ASTRO).map(({ transform, descriptor }) =>
      `${transform.width}x${transform.height ?? ""} ${descriptor}`
    );
    assert.deepEqual(found, listed);
  }
  const attributes = service.getHTMLAttributes({
    ...{ src: SOURCE, width: 300, alt: "", layout: "constrained", fit: "cover", widths: [1] },
    ...{ priority: true, densities: [1], format: "webp", loading: "eager" },
  });
  assert.deepEqual(attributes, { loading: "eager", decoding: "async", width: 300, alt: "" });
});

Deno.test("the loader, the provider and the service write URLs that the server reads", () => {
  const built = [
    createLoader(BASE)({ src: SOURCE, width: 640, quality: 75 }),
    createLoader(BASE, { format: "webp" })({ src: SOURCE, width: 640 }),
    getImage(SOURCE, {
      baseURL: BASE,
      modifiers: { width: 300, height: 200, fit: "contain", background: "#fff" },
    }).url,
    getImage(SOURCE, {
      baseURL: BASE,
      modifiers: { width: 300, format: undefined, fit: "inside" } as never,
    }).url,
    service.getURL({ src: SOURCE, width: 300, quality: "80" }, ASTRO),
    service.getURL(
      { src: SOURCE, width: 300, height: 200.4, quality: "mid", format: "webp", fit: "contain" },
      ASTRO,
    ),
    // What <Picture> asks for beside its formats: that of the picture itself.
    service.getURL({ src: SOURCE, width: 300, format: "jpg" }, ASTRO),
    service.getURL({ src: SOURCE, width: 300, format: "svg" }, ASTRO),
    service.getURL({ src: { src: "/_astro/a.png", width: 600, height: 400 }, width: 300 }, ASTRO),
  ];
  assert.deepEqual(
    built.map((text) => formatOptions(parseRequest(text.slice(BASE.length)).asked)),
    [
      "640x0,auto,q75",
      "640x0,webp",
      "300x200,auto,bg:ffffff,pad",
      "300x0,auto,fit",
      "300x0,auto,q80",
      "300x200,pad,q50,webp",
      "300x0,jpeg",
      "300x0",
      "300x0,auto",
    ],
  );
  assert.match(built.at(-1)!, /https%3A%2F%2Fwww\.example\.com%2F_astro%2Fa\.png$/);
});
