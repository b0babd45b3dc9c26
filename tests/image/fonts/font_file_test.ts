import assert from "node:assert/strict";
import { readFonts } from "../../../src/image/engine/wasm/drawing_fonts.ts";
import { boldHebrew } from "../../testing/fonts.ts";
import { readFont } from "../../../src/image/fonts/font_file.ts";

const FILES = (await readFonts()).map(({ name, bytes }) => ({ name, bytes: bytes.slice() }));
const bytesOf = (name: string) => FILES.find((file) => file.name === name)!.bytes.slice();

Deno.test("readFont() reads what the built-in fonts are called, and which characters they have", () => {
  const rows = [
    ["DejaVuSans", "DejaVu Sans", "aé©€ßΩωЖя", "אلا漢😀"],
    ["NotoSansHebrew", "Noto Sans Hebrew", "אשך₪\u05b8", "لЖ"],
    ["NotoNaskhArabic", "Noto Naskh Arabic", "لاپچگ،؟", "אЖ漢"],
  ] as const;
  for (const [name, family, present, absent] of rows) {
    const font = readFont(bytesOf(name));
    assert.deepEqual([font.family, font.weight, font.isItalic], [family, 400, false]);
    for (const each of present) assert.ok(font.has(each.codePointAt(0)!), `${name} ${each}`);
    for (const each of absent) assert.ok(!font.has(each.codePointAt(0)!), `${name} ${each}`);
    assert.ok(font.ascent > 0.8 && font.ascent < 1.3, `${font.ascent}`);
    assert.ok(font.descent > 0.1 && font.descent < 0.8, `${font.descent}`);
  }
});

Deno.test("readFont() tells the fonts of a family apart", async () => {
  // What is sold as bold says that it is a little less.
  const { family, weight } = readFont(await boldHebrew());
  assert.deepEqual([family, weight], ["Noto Sans Hebrew", 600]);
  const leaning = bytesOf("NotoSansHebrew");
  const directory = new TextDecoder("latin1").decode(leaning.subarray(0, 400));
  const letters = new DataView(leaning.buffer).getUint32(directory.indexOf("OS/2") + 8);
  leaning[letters + 63]! |= 1;
  assert.equal(readFont(leaning).isItalic, true);
});

Deno.test("readFont() says what is wrong with a file", () => {
  const text = new TextEncoder();
  const cut = (length: number) => bytesOf("DejaVuSans").subarray(0, length);
  const renamed = (from: string, to: string) => {
    const bytes = bytesOf("DejaVuSans");
    const directory = new TextDecoder("latin1").decode(bytes.subarray(0, 400));
    bytes.set(text.encode(to), directory.indexOf(from));
    return bytes;
  };
  const rows: readonly (readonly [bytes: Uint8Array, says: RegExp])[] = [
    [new Uint8Array(), /is cut short or damaged/],
    [text.encode("<svg xmlns='http://www.w3.org/2000/svg'/>"), /is no TrueType or OpenType font/],
    [text.encode("wOF2 and so on and on"), /is no TrueType or OpenType font/],
    [cut(4), /is cut short or damaged/],
    [cut(100), /is cut short or damaged/],
    [cut(2000), /is cut short or damaged/],
    [renamed("glyf", "glif"), /has no outlines/],
    [renamed("cmap", "cmop"), /has no table cmap/],
    [renamed("name", "nume"), /has no table name/],
  ];
  for (const [bytes, says] of rows) {
    assert.throws(() => readFont(bytes), (error: Error) => {
      assert.match(error.message, says);
      return error.constructor === Error;
    });
  }
});

Deno.test("readFont() neither hangs nor throws anything but words, whatever byte is another", () => {
  // A small font, whose tables all come in reach.
  const font = bytesOf("NotoSansHebrew");
  let random = 1;
  const next = (below: number) => (random = (random * 48_271) % 0x7fffffff) % below;
  for (let round = 0; round < 3000; round++) {
    const bytes = font.slice();
    for (let change = 0; change < 4; change++) bytes[next(3000)] = next(256);
    try {
      const { has } = readFont(bytes);
      for (const code of [0x20, 0x5d0, 0xffff, 0x1f600, 0x10ffff]) has(code);
    } catch (error) {
      assert.equal((error as Error).constructor, Error, `${error}`);
    }
  }
});
