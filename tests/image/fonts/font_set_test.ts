import assert from "node:assert/strict";
import { readFonts } from "../../../src/image/engine/wasm/drawing_fonts.ts";
import { createFontSet } from "../../../src/image/fonts/font_set.ts";
import { boldHebrew, renamed } from "../../testing/fonts.ts";

const FILES = (await readFonts()).map(({ name, bytes }) => ({ name, bytes: bytes.slice() }));
const [LATIN, ...OTHERS] = FILES as [typeof FILES[number], ...typeof FILES];
const SEAL = { name: "Seal", bytes: renamed(await boldHebrew(), "Seal Sans Hebrew") };

Deno.test("forDrawing() gives the operator's fonts that a drawing names, or needs for a character", () => {
  // Without a Hebrew font of its own.
  const fonts = createFontSet([LATIN], [SEAL]);
  const rows: readonly (readonly [svg: string, names: readonly string[]])[] = [
    ["<text>abc</text>", ["DejaVuSans"]],
    ['<text font-family="seal sans hebrew">abc</text>', ["DejaVuSans", "Seal"]],
    ["<style>text { font: 9px 'Seal Sans Hebrew' }</style>", ["DejaVuSans", "Seal"]],
    ["<text>שלום</text>", ["DejaVuSans", "Seal"]],
    ["<text>&#x5e9;</text>", ["DejaVuSans", "Seal"]],
    ["<text>&#1513;</text>", ["DejaVuSans", "Seal"]],
    // No font has these.
    ["<text>漢&#x110000;&#xd800;</text>", ["DejaVuSans"]],
  ];
  for (const [svg, names] of rows) {
    assert.deepEqual(fonts.forDrawing(svg).map(({ name }) => name), names, svg);
  }
  const all = createFontSet(FILES, [SEAL]);
  assert.deepEqual(all.forDrawing("<text>שלום</text>").length, FILES.length);
});

Deno.test("fontFor() prefers what it is told, and takes marks in one piece or from parts", () => {
  const fonts = createFontSet([LATIN, ...OTHERS], [SEAL]);
  const seal = fonts.named("Seal")!;
  assert.equal(fonts.fontFor("ש", [])!.name, "NotoSansHebrew");
  assert.equal(fonts.fontFor("ש", [seal])!.name, "Seal");
  assert.equal(fonts.fontFor("a", [seal])!.name, "DejaVuSans");
  for (const written of ["é", "e\u0301", "x\u0301", "a\u200d", "\ufe0f"]) {
    assert.ok(fonts.fontFor(written, []), JSON.stringify(written));
  }
  assert.equal(fonts.fontFor("ש\u0301", []), undefined);
});

Deno.test("a font of the operator's is named before those that are built in, and in the place of one", () => {
  const fonts = createFontSet(FILES, [{ ...SEAL, name: "DejaVuSans" }, SEAL]);
  assert.deepEqual(fonts.names, ["DejaVuSans", "Seal", "NotoSansHebrew", "NotoNaskhArabic"]);
  assert.equal(fonts.named("DejaVuSans")!.family, "Seal Sans Hebrew");
  assert.equal(fonts.usual.family, "DejaVu Sans");
  assert.equal(fonts.named("constructor"), undefined);
});
