import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { readFonts } from "../../../src/image/engine/wasm/drawing_fonts.ts";
import { createFontSet } from "../../../src/image/fonts/font_set.ts";
import { createDrawer } from "../../../src/image/formats/svg/drawer.ts";
import { createTextLayer } from "../../../src/image/text/text_layer.ts";
import { boldHebrew } from "../../testing/fonts.ts";
import { createTransformer } from "../../../src/image/transform.ts";
import { animation, letters, look, picture, startEngine } from "../../testing/pictures.ts";
import { encoded, type Ink, inkOf } from "../../testing/lettering.ts";
import { jobOf, loadDrawing, LOADERS, transform } from "../../testing/transforming.ts";

await startEngine();
const WIDTH = 200, HEIGHT = 100;
const BLUE = picture(Array.from({ length: 10 }, () => "b".repeat(20)), { scale: 10 });

/** The ink of a text on a blue picture of 200x100. */
async function inkOn(text: string, rest = "", more = ""): Promise<Ink> {
  const image = await transform(BLUE.slice(), `${more}text:${encoded(text)}${rest},png`);
  const ink = inkOf(look(image.bytes));
  assert.ok(ink, `${text} ${rest} leaves no ink`);
  return ink;
}

Deno.test("text lies where its gravity and its offsets say", async () => {
  const middle = ({ left, right, top, bottom }: Ink) => [(left + right) / 2, (top + bottom) / 2];
  const text = ":0:0:20:white";
  for (
    const [gravity, x, y] of [
      ...[["nw", 0, 0], ["n", 1, 0], ["ne", 2, 0], ["w", 0, 1], ["c", 1, 1]] as const,
      ...[["e", 2, 1], ["sw", 0, 2], ["s", 1, 2], ["se", 2, 2]] as const,
    ]
  ) {
    const ink = await inkOn("x", `:${gravity}${text}`);
    const [across, down] = middle(ink) as [number, number];
    assert.ok(Math.abs(across - [8, 100, 192][x]!) <= 2, `${gravity}: ${across}`);
    // The letter x lies below the middle of its line.
    assert.ok(Math.abs(down - [14, 51.5, 89][y]!) <= 2, `${gravity}: ${down}`);
  }
  const plain = await inkOn("x", ":nw:0:0:20:white");
  const moved = await inkOn("x", ":nw:30:20:20:white");
  assert.deepEqual([moved.left - plain.left, moved.top - plain.top], [30, 20]);
  const shared = await inkOn("x", ":nw:0.25:0.5:20:white");
  assert.deepEqual([shared.left - plain.left, shared.top - plain.top], [50, 50]);
});

Deno.test("the size of letters is pixels, a share of the shorter side, or the usual share", async () => {
  const heightOf = async (rest: string, more = "") => {
    const { top, bottom } = await inkOn("H", rest, more);
    return bottom - top;
  };
  // A capital of this font is 0.73 of the size.
  assert.ok(Math.abs(await heightOf(":c:0:0:50:white") - 36.5) <= 1.5);
  assert.equal(await heightOf(":c:0:0:0.5:white"), await heightOf(":c:0:0:50:white"));
  assert.equal(await heightOf(":c:0:0:0:white"), await heightOf(":c:0:0:8:white"));
  // As the lengths of everything else, times dpr.
  assert.equal(
    await heightOf(":c:0:0:25:white", "100x,dpr:2,"),
    await heightOf(":c:0:0:50:white"),
  );
  // No larger than the picture is high.
  const whole = await inkOn("M", ":c:0:0:100:white");
  assert.deepEqual(await inkOn("M", ":c:0:0:65535:white"), whole);
});

Deno.test("text is wrapped at the picture's width, less what offsets take, and broken where a word is too long", async () => {
  const rows: readonly (readonly [text: string, rest: string, lines: number])[] = [
    ["one two", ":nw:0:0:16:white", 1],
    ["one\ntwo", ":nw:0:0:16:white", 2],
    ["one\n\ntwo", ":nw:0:0:16:white", 3],
    ["one two three four five six", ":nw:0:0:16:white", 2],
    ["one two", ":nw:140:0:16:white", 2],
    ["m".repeat(30), ":nw:0:0:16:white", 3],
    ["שלום עולם שלום עולם שלום עולם", ":ne:0:0:20:white", 2],
  ];
  const lineHeight = (0.937 + 0.24) * 16;
  for (const [text, rest, lines] of rows) {
    const ink = await inkOn(text, rest);
    assert.ok(ink.left >= 0 && ink.right <= WIDTH);
    const size = Number(rest.split(":")[4]);
    assert.equal(
      Math.ceil((ink.bottom - 2) * 16 / size / lineHeight),
      lines,
      `${text} ${ink.bottom}`,
    );
  }
});

Deno.test("lines that the picture is too low for are left out, from the last one on", async () => {
  for (const gravity of ["nw", "c", "se"]) {
    const two = await inkOn("a\nb", `:${gravity}:0:0:40:white`);
    const many = await inkOn("a\nb\nM\nM\nM\nM", `:${gravity}:0:0:40:white`);
    assert.deepEqual(many, two, gravity);
  }
  // One line at least, as far as it goes.
  await inkOn("g", ":nw:0:80:40:white");
});

Deno.test("lines lie at the side that the gravity says", async () => {
  // The second line alone: the first is cut off after all was laid out.
  const rows = [["w", 0, 30], ["c", 85, 115], ["e", 170, 200]] as const;
  for (const [gravity, from, to] of rows) {
    const text = encoded("mmmmmmmmm\nm");
    const image = await transform(BLUE.slice(), `text:${text}:${gravity}:0:0:20:white,png`);
    const seen = look(image.bytes);
    const rgba = seen.frames[0]!.rgba.subarray(WIDTH * 52 * 4);
    const ink = inkOf({ ...seen, height: 48, frames: [{ delay: 0, rgba }] });
    const wide = inkOf(seen)!;
    assert.ok(wide.right - wide.left > 150, gravity);
    assert.ok(ink && ink.left >= from && ink.right <= to, `${gravity}: ${JSON.stringify(ink)}`);
  }
});

Deno.test("text is drawn in its colour, which may be partly transparent", async () => {
  const colours = async (colour: string) => {
    const image = await transform(BLUE.slice(), `text:${encoded("I")}:c:0:0:100:${colour},png`);
    const { frames: [frame], width } = look(image.bytes);
    const middle = (Math.floor(HEIGHT * 0.6) * width + WIDTH / 2) * 4;
    return [...frame!.rgba.subarray(middle, middle + 4)];
  };
  assert.deepEqual(await colours("red"), [255, 0, 0, 255]);
  assert.deepEqual(await colours("ff000080"), [128, 0, 127, 255]);
  assert.deepEqual(await colours("transparent"), [0, 0, 255, 255]);
});

Deno.test("text lies on transparent pictures, on every frame of an animation, and on photos without transparency", async () => {
  const clear = picture(["...."], { scale: 20 });
  const drawn = look((await transform(clear.slice(), "text:SEk:c:0:0:18:red,png")).bytes);
  const ink = inkOf(drawn, { paper: [0, 0, 0, 0] });
  assert.ok(ink && ink.pixels < 80 * 20);
  assert.equal(drawn.frames[0]!.rgba[3], 0);
  const movie = animation(
    [{ rows: ["bbbb"], delay: 10 }, { rows: ["gggg"], delay: 20 }, { rows: ["bbbb"], delay: 5 }],
    { format: "GIF", scale: 20 },
  );
  for (const format of ["gif", "webp", "apng"]) {
    const { bytes, frames } = await transform(movie.slice(), `text:SEk:c:0:0:18:white,${format}`);
    assert.equal(frames, 3);
    if (format === "apng") continue;
    const papers = [[0, 0, 255, 255], [0, 255, 0, 255], [0, 0, 255, 255]];
    const inks = papers.map((paper, frame) => inkOf(look(bytes), { paper, frame }));
    for (const found of inks) assert.ok(found && found.pixels > 50 && found.pixels < 1000, format);
    if (format === "gif") assert.deepEqual(inks[1], inks[0]);
  }
  const jpeg = await transform(BLUE.slice(), "text:SEk:c:0:0:50:white,jpeg");
  assert.ok(inkOf(look(jpeg.bytes))!.pixels > 200);
});

Deno.test("text lies over overlays, and within border and corners", async () => {
  const red = picture(["r"], { scale: 100 });
  const job = jobOf(BLUE.slice(), "overlay:a:w,text:SQ:w:30:0:80:white,border:10:lime,png");
  const image = await createTransformer(engine, LOADERS).transform({
    ...job,
    overlays: [red],
  });
  const seen = letters(look(image.bytes), { scale: 10 });
  assert.equal(seen[0], "g".repeat(20));
  assert.match(seen[5]!, /^gr+w+r+b+g$/);
});

Deno.test("markup in a text is text, and in a font's name no way out", async () => {
  for (
    const text of [
      "</text><rect width='200' height='100' fill='red'/>",
      '"/><image href="/etc/passwd"/>',
      "&lt;&amp;&#65;",
      "<!--",
      "]]>",
      "<![CDATA[",
    ]
  ) {
    const { pixels, left, right } = await inkOn(text, ":c:0:0:8:white");
    assert.ok(pixels < WIDTH * HEIGHT / 8, `${text}: ${pixels}`);
    assert.ok(right - left > 6, text);
  }
  // An entity is its own letters, not what it stands for.
  const [entity, letter] = [
    await inkOn("&#65;", ":w:0:0:20:white"),
    await inkOn("A", ":w:0:0:20:white"),
  ];
  assert.ok(entity.right > 2 * letter.right);
});

Deno.test("what cannot be written is refused in a sentence", async () => {
  const rows: readonly (readonly [options: string, message: RegExp])[] = [
    [`text:${encoded("ok 😀")}`, /^Cannot write "😀" \(U\+1F600\): no font of this server has it$/],
    [`text:${encoded("漢字")}`, /^Cannot write "漢" \(U\+6F22\): no font of this server has it$/],
    [
      "text:SGk,font:Comic",
      /^There is no font "Comic": this server has DejaVuSans, NotoSansHebrew, NotoNaskhArabic$/,
    ],
    ["text:SGk,font:dejavusan", /; did you mean DejaVuSans\?$/],
    ["text:SGk,font:..", /^There is no font "\.\.": /],
  ];
  for (const [options, message] of rows) {
    await assert.rejects(transform(BLUE.slice(), `${options},png`), { code: "malformed", message });
  }
});

Deno.test("each of two fonts of a family draws its own characters", async () => {
  // A bold one that has no letter alef, which the regular one has.
  const bold = await boldHebrew();
  const files = (await readFonts()).map(({ name, bytes }) => ({ name, bytes: bytes.slice() }));
  const { has, ...facts } = createFontSet(files, [{ name: "Bold", bytes: bold }]).named("Bold")!;
  const known = createFontSet(files);
  const inks: number[] = [];
  for (
    const font of [known.named("NotoSansHebrew")!, {
      ...facts,
      has: (code: number) => code !== 0x5d0 && has(code),
    }]
  ) {
    const fonts = {
      ...known,
      named: () => font,
      fontFor: (character: string) => character === "א" ? known.named("NotoSansHebrew")! : font,
    };
    const drawer = createDrawer(loadDrawing);
    await drawer.ready();
    const lettering = {
      text: "אש",
      gravity: "c",
      x: 0,
      y: 0,
      size: 60,
      colour: [0, 0, 0, 255],
    } as const;
    const { data } = createTextLayer(lettering, { font: "Bold", fonts, drawer })({
      width: 200,
      height: 100,
      scale: 1,
    });
    inks.push(data.reduce((sum, sample, at) => at % 4 === 3 ? sum + sample / 255 : sum, 0));
  }
  assert.ok(inks[1]! > 1.1 * inks[0]!, inks.join());
});

Deno.test("a text of blanks draws nothing", async () => {
  for (const text of [" ", "\n\n", "\u00a0", "\u200b"]) {
    const image = await transform(BLUE.slice(), `text:${encoded(text)}:c:0:0:20:white,png`);
    assert.equal(inkOf(look(image.bytes)), undefined, JSON.stringify(text));
  }
});

Deno.test("text fits on the smallest pictures", async () => {
  const dot = picture(["b"], { scale: 1 });
  for (
    const options of ["text:SGk", "text:SGk:tile:1:1", "text:SGk:se:5:5:9", "text:SGk:c:0:0:0.5"]
  ) {
    const { width, height } = await transform(dot.slice(), `${options},png`);
    assert.deepEqual([width, height], [1, 1]);
  }
});

Deno.test("facts are those of the picture with its text", async () => {
  const fact = async (options: string) =>
    new TextDecoder().decode((await transform(BLUE.slice(), options)).bytes);
  const plain = await fact("blurhash");
  assert.notEqual(await fact(`text:${encoded("MMMM\nMMMM")}:c:0:0:50:white,blurhash`), plain);
});
