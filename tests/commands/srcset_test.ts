import assert from "node:assert/strict";
import { elementOf, pictureElement, tokensAt } from "../../src/commands/srcset.ts";
import { authorise } from "../../src/request/access.ts";
import { parseRequest } from "../../src/request/image_request.ts";
import { run } from "../testing/server_process.ts";

Deno.test("tokensAt() sets the width, keeps the shape, and changes the format", () => {
  // tokens, width, format, result
  const rows = [
    ["", 320, undefined, "320x"],
    ["400x", 320, undefined, "320x"],
    ["400", 320, undefined, "320x320"],
    ["400x300,sc", 320, undefined, "320x240,sc"],
    ["q60,400x1", 100, undefined, "100x1,q60"],
    ["400x300,fit:stretch", 320, undefined, "320x240,fit:stretch"],
    ["0.5x", 320, "avif", "320x,avif"],
    ["webp,q60", 320, "avif", "320x,q60,avif"],
    ["jpg", 320, undefined, "320x,jpg"],
  ] as const;
  for (const [tokens, width, format, result] of rows) {
    const split = tokens.split(",").filter((token) => token !== "");
    assert.equal(tokensAt(split, { width, format }).join(","), result);
  }
});

Deno.test("tokensAt() refuses what makes the picture wider or narrower than its size says", () => {
  const rows: readonly (readonly [string, RegExp])[] = [
    ["x300", /name no height/],
    ["0.5x0.5", /name no height/],
    ["400x,dpr:2", /leave out dpr:/],
    ["400x,padding:10", /leave out padding:/],
    ["400x,r90", /leave out r\{90/],
    ["400x300,fit", /leave out fit/],
    ["info", /info answers no picture/],
    ["400x,blurhash", /blurhash answers no picture/],
    ["nonsense", /"nonsense"/],
  ];
  for (const [tokens, says] of rows) {
    assert.throws(() => tokensAt(tokens.split(","), { width: 320 }), says, tokens);
  }
});

Deno.test("elementOf() reads widths and formats, and says what is wrong with them", () => {
  assert.equal(elementOf({}), undefined);
  assert.deepEqual(elementOf({ srcset: "640, 320,640", formats: "avif,jpg" }), {
    widths: [320, 640],
    formats: ["avif", "jpeg"],
    sizes: "(min-width: 640px) 640px, 100vw",
  });
  const rows: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ srcset: "" }, /widths in pixels/],
    [{ srcset: "320w" }, /not "320w"/],
    [{ srcset: "0" }, /not "0"/],
    [{ srcset: "123456" }, /not "123456"/],
    [{ srcset: Array.from({ length: 21 }, (_, at) => at + 1).join() }, /up to 20 widths/],
    [{ srcset: "320", formats: "wepb" }, /not "wepb"; did you mean webp/],
    [{ srcset: "320", signature: "true" }, /not -signature alone/],
    [{ formats: "avif" }, /-formats belongs to -srcset/],
    [{ sizes: "50vw" }, /-sizes belongs to -srcset/],
  ];
  for (const [flags, says] of rows) assert.throws(() => elementOf(flags), says);
});

Deno.test("pictureElement() writes what HTML reads", () => {
  const element = { widths: [320, 640], formats: ["avif"], sizes: 'a"b' } as const;
  const html = pictureElement(element, (width, format) => `/${width},${format ?? ""}/?a&b`);
  assert.equal(
    html.replaceAll(/\s+/g, " "),
    '<picture> <source type="image/avif" srcset=" /320,avif/?a&amp;b 320w, /640,avif/?a&amp;b 640w " ' +
      'sizes="a&quot;b" > <img src="/320,/?a&amp;b" srcset=" /320,/?a&amp;b 320w, /640,/?a&amp;b 640w " ' +
      'sizes="a&quot;b" alt="" > </picture>',
  );
});

Deno.test("imageproxy sign -srcset prints a picture whose every URL is signed", async () => {
  const url = "http://localhost:8080/400x300,sc/https://example.com/a b.jpg?x=1&y=2,";
  const { stdout, stderr, code } = await run([
    ...["sign", "-key", "secretkey", "-srcset", "320,640,1280", "-formats", "avif,webp"],
    ...["-sizes", "(min-width: 40rem) 40rem, 100vw", url],
  ]);
  assert.equal(stderr, "");
  assert.equal(code, 0);
  assert.match(stdout, /^<picture>\n[\s\S]*<\/picture>\n$/);
  assert.match(stdout, /type="image\/avif"[\s\S]*type="image\/webp"[\s\S]*<img/);
  const urls = [...stdout.matchAll(/http:\S*?(?=["\s])/g)].map(([found]) =>
    found.replaceAll("&amp;", "&")
  );
  assert.equal(urls.length, 10);
  const policy = {
    signatureKeys: [new TextEncoder().encode("secretkey")],
    signedOptionsOnly: true,
  };
  for (const each of urls) {
    const target = each.slice("http://localhost:8080".length);
    assert.equal(new URL(each).href, each);
    assert.doesNotMatch(each, /,$/);
    assert.deepEqual(authorise(parseRequest(target), policy, { now: 0 }), {
      signed: true,
      signsOptions: true,
    }, each);
  }
  assert.match(urls[3]!, /\/320x240,sc,webp,s/);
});

Deno.test("imageproxy sign -srcset says what cannot be", async () => {
  const rows: readonly (readonly [readonly string[], RegExp])[] = [
    [["-srcset", "a", "https://example.com/a.jpg"], /-srcset takes up to 20 widths/],
    [["-srcset", "320", "https://example.com/a.jpg#x300"], /Cannot sign .*name no height/],
    [
      ["-srcset=320", "-dialect=thumbor", "-dialectKey=thumbor=k", "/thumbor/unsafe/9x9/e.com/a"],
      /takes no foreign URL/,
    ],
  ];
  for (const [args, says] of rows) {
    const { stdout, stderr, code } = await run(["sign", "-key", "k", ...args]);
    assert.match(stderr, says);
    assert.equal(stdout, "");
    assert.equal(code, 1);
  }
});
