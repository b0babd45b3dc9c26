import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { createTransformer } from "../../../../src/image/transform.ts";
import { decode } from "../../../testing/drawn.ts";
import { jobOf, LIMITS, LOADERS, transform } from "../../../testing/transforming.ts";

const SVG = (inner: string, attributes = 'width="40" height="20"') =>
  new TextEncoder().encode(
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inner}</svg>`,
  );
/** Left half red, right half transparent; the border lies on whole pixels in every even width. */
const HALVES = SVG('<rect width="20" height="20" fill="red"/>');

Deno.test("an SVG is drawn in the size that is asked for, and is sharp there", async () => {
  const rows: [options: string, width: number, height: number][] = [
    ["png", 40, 20],
    ["400x,png", 400, 200],
    ["10x,png", 10, 5],
    ["100x,dpr:2,png", 200, 100],
    ["cw20,200x,png", 200, 200],
    ["200x200,png", 200, 200],
    ["300x,r90,png", 150, 300],
    ["0.5x,png", 20, 10],
    ["301x,fit,png", 301, 151],
  ];
  for (const [options, width, height] of rows) {
    const image = await transform(HALVES, options);
    assert.deepEqual([image.width, image.height], [width, height], options);
    const pixels = await decode(image.bytes);
    const colours = new Set<string>();
    for (let at = 0; at < pixels.length; at += 4) {
      colours.add(pixels[at + 3] === 0 ? "" : pixels.slice(at, at + 4).join());
    }
    // Half a pixel of 301 is red, and no more than that is neither.
    const most = width % 2 ? 3 : 2;
    assert.ok(colours.size <= most, `${options}: ${[...colours].slice(0, 9).join(" ")}`);
    assert.ok(colours.has("255,0,0,255"), options);
  }
});

Deno.test("an SVG may say more than any limit of pixels: what is drawn counts", async () => {
  const huge = SVG('<rect width="50%" height="100%" fill="red"/>', 'width="90000" height="90000"');
  const { width, height } = await transform(huge, "30x,png");
  assert.deepEqual([width, height], [30, 30]);
  await assert.rejects(transform(huge, "png"), { code: "too_large" });
  assert.ok(90_000 ** 2 > LIMITS.maxPixels);
});

Deno.test("colours that are partly transparent are not multiplied by that", async () => {
  const half = SVG('<rect width="40" height="20" fill="#f08040" fill-opacity="0.5"/>');
  const [red, green, blue, alpha] = await decode((await transform(half, "png")).bytes);
  assert.ok(Math.abs(red! - 240) <= 2 && Math.abs(green! - 128) <= 2 && Math.abs(blue! - 64) <= 2);
  assert.equal(alpha, 128);
});

Deno.test("facts and effects are those of the drawing", async () => {
  const text = async (options: string) =>
    new TextDecoder().decode((await transform(HALVES, options)).bytes);
  const { format, width, height } = JSON.parse(await text("info"));
  assert.deepEqual([format, width, height], ["svg", 40, 20]);
  assert.match(await text("color"), /^#/);
  assert.match(await text("blurhash"), /^\S{6,}\n$/);
  assert.equal((await transform(HALVES, "80x,blur:2,jpeg")).mediaType, "image/jpeg");
});

Deno.test("nothing of elsewhere is drawn: no file, URL or script", async () => {
  for (
    const inner of [
      '<image width="40" height="20" href="/etc/hostname"/>',
      '<image width="40" height="20" href="file:///etc/hostname"/>',
      '<image width="40" height="20" xlink:href="http://127.0.0.1:1/a.png"/>',
      '<script>document.documentElement.innerHTML = "x"</script>',
      '<use href="http://127.0.0.1:1/a.svg#a"/>',
      "<style>@import url(http://127.0.0.1:1/a.css);</style>",
    ]
  ) {
    const pixels = await decode((await transform(SVG(inner), "png")).bytes);
    assert.ok(pixels.every((sample, at) => at % 4 !== 3 || sample === 0), inner);
  }
});

Deno.test("what is no drawing is refused in one sentence", async () => {
  for (
    const text of [
      '<svg width="9" height="9"/>',
      '<svg xmlns="http://www.w3.org/2000/svg"><g></svg>',
      '<svg xmlns="http://www.w3.org/2000/svg">&unknown;</svg>',
    ]
  ) {
    await assert.rejects(transform(new TextEncoder().encode(text), "png"), {
      code: "undecodable",
      message: /^The SVG cannot be drawn: /,
    }, text);
  }
});

Deno.test("references to references are counted before they fill the memory", async () => {
  const levels = Array.from(
    { length: 12 },
    (_, level) => `<g id="l${level + 1}">${`<use href="#l${level}"/>`.repeat(10)}</g>`,
  );
  const laughs = SVG(`<defs><g id="l0"><path d="M0 0h1v1"/></g>${levels.join("")}</defs>
    <use href="#l12"/>`);
  await assert.rejects(transform(laughs, "png"), {
    code: "undecodable",
    message: /more than 1000000 times/,
  });
});

Deno.test("text is drawn in the built-in font, whatever font it asks for", async () => {
  const inks: number[] = [];
  for (
    const [letters, style] of [
      ["Wort", ""],
      ["Wort", 'font-family="Helvetica Neue, Arial"'],
      ["Wort", 'font-family="monospace"'],
      ["Wort", 'font-weight="bold"'],
      ["Λόγος", ""],
      ["слово", ""],
      ["", ""],
    ]
  ) {
    const svg = SVG(`<text y="15" font-size="15" ${style}>${letters}</text>`);
    const pixels = await decode((await transform(svg, "png")).bytes);
    inks.push(pixels.reduce((sum, sample, at) => at % 4 === 3 ? sum + sample / 255 : sum, 0));
  }
  const [regular, arial, mono, bold, greek, cyrillic, none] = inks as [
    number,
    ...number[],
  ];
  assert.ok(regular > 30);
  assert.deepEqual([arial, mono, none], [regular, regular, 0]);
  assert.ok(bold! >= regular && greek! > 30 && cyrillic! > 30, inks.join());
});

Deno.test("a drawing that lies over a picture is sharp in its size there", async () => {
  const job = jobOf(SVG("", 'width="100" height="100"'), "png,overlay:a:nw:0:0:80");
  const image = await createTransformer(engine, LOADERS).transform({
    ...job,
    overlays: [HALVES],
  });
  const pixels = await decode(image.bytes);
  const colours = new Set<string>();
  for (let at = 0; at < pixels.length; at += 4) colours.add(pixels.slice(at, at + 4).join());
  assert.deepEqual([...colours].sort(), ["0,0,0,0", "255,0,0,255"]);
  const red = pixels.filter((sample, at) => at % 4 === 3 && sample === 255).length;
  assert.equal(red, 40 * 40);
});

Deno.test("what entities stand for is drawn, and no doctype hides what is counted", async () => {
  const drawn = (prolog: string, inner: string) =>
    transform(new TextEncoder().encode(prolog + new TextDecoder().decode(SVG(inner))), "png");
  const image = await drawn(
    "<!-- <!DOCTYPE x> --><!DOCTYPE svg [<!ENTITY z ']>'><!ENTITY a \"#0f0\">]>",
    '<rect width="40" height="20" fill="&a;"/>',
  );
  assert.deepEqual([...(await decode(image.bytes)).slice(0, 4)], [0, 255, 0, 255]);
  await assert.rejects(drawn("<!-- <!DOCTYPE x> --><!DOCTYPE svg [<!ENTITY a '<g/>'>]>", "&a;"), {
    code: "undecodable",
    message: /entities that hold others/,
  });
});
