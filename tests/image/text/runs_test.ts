import assert from "node:assert/strict";
import { readFonts } from "../../../src/image/engine/wasm/drawing_fonts.ts";
import { createFontSet } from "../../../src/image/fonts/font_set.ts";
import { createFindFont, runsOf } from "../../../src/image/text/runs.ts";

const FONTS = createFontSet((await readFonts()).map((font) => ({ ...font })));
const findFont = createFindFont(FONTS, FONTS.usual);
const LETTER: Readonly<Record<string, string>> = {
  DejaVuSans: "d",
  NotoSansHebrew: "h",
  NotoNaskhArabic: "a",
};

/** The runs from left to right: the font's letter, < for those that run to the left, and their characters. */
function seen(text: string): string[] {
  return runsOf(text, { start: 0, end: text.length, findFont })
    .map(({ text, font, rightToLeft }) => `${LETTER[font.name]}${rightToLeft ? "<" : ">"}${text}`);
}

Deno.test("runsOf() parts a line by fonts and directions, in the order in which they are seen", () => {
  const rows: readonly (readonly [text: string, runs: readonly string[]])[] = [
    ["", []],
    ["Hello, Welt 1", ["d>Hello, Welt 1"]],
    ["Λόγος и слово", ["d>Λόγος и слово"]],
    ["שלום", ["h<שלום"]],
    ["a שלום b", ["d>a ", "h<שלום", "d> b"]],
    // The first letter says where the line begins: on the right.
    ["שלום world!", ["d<!", "d>world", "d< ", "h<שלום"]],
    ["לא 12 (3)", ["d<)", "d>3", "d<(", "d< ", "d>12", "d< ", "h<לא"]],
    ["لا بأس", ["a<بأس", "d< ", "a<لا"]],
    // What only says directions does so, and is not seen.
    ["\u202ea1\u202c", ["d<a1"]],
    ["\u2067abc\u2069 שלום", ["h<שלום", "d< ", "d>abc"]],
    // Marks stay with their letters, in the font that has both.
    ["שָׁ", ["h<שָׁ"]],
    ["e\u0301", ["d>e\u0301"]],
  ];
  for (const [text, runs] of rows) assert.deepEqual(seen(text), runs, JSON.stringify(text));
});

Deno.test("a font is found for each character, and its absence named", () => {
  const hebrew = createFindFont(FONTS, FONTS.named("NotoSansHebrew")!);
  assert.equal(hebrew("א", undefined).name, "NotoSansHebrew");
  assert.equal(hebrew("a", undefined).name, "DejaVuSans");
  for (const [character, code] of [["😀", "U+1F600"], ["漢", "U+6F22"], ["\uffff", "U+FFFF"]]) {
    assert.throws(() => hebrew(character!, undefined), {
      code: "malformed",
      message: `Cannot write ${JSON.stringify(character)} (${code}): no font of this server has it`,
    });
  }
});
