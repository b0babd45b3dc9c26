import assert from "node:assert/strict";
import { readFonts } from "../../../src/image/engine/wasm/drawing_fonts.ts";
import { type Browser, chromiumPath, startBrowser } from "../../testing/browser.ts";
import { openBlankPage } from "../../testing/browser_frames.ts";
import { encoded, type Ink, inkOf } from "../../testing/lettering.ts";
import { type Decoded, look, picture, startEngine } from "../../testing/pictures.ts";
import { transform } from "../../testing/transforming.ts";

const CHROMIUM = chromiumPath();
const WIDTH = 400, HEIGHT = 60, SIZE = 24;
const WHITE = [255, 255, 255, 255];

const LINES = [
  "Hello World, AVATAR",
  "Ελληνικά, Привет",
  "e\u0301 a\u0308 n\u0303 o\u0302",
  "שלום עולם",
  "שלום עולם world (1+2)!",
  "in English שלום (12, 34) and on",
  "שָׁלוֹם עֲלֵיכֶם",
  "مرحبا بالعالم",
  "لا بأس",
  "مُحَمَّد",
  "مرحبا (2026) world!",
  "abc مرحبا עברית def",
];

Deno.test({
  name: "lines of text are shaped and ordered as in Chromium",
  ignore: CHROMIUM === undefined,
  fn: async () => {
    await startEngine();
    const paper = picture(
      [Array.from({ length: 40 }, () => "w").join("")].flatMap((row) =>
        Array.from({ length: 6 }, () => row)
      ),
      { scale: 10 },
    );
    await using browser = await startBrowser(CHROMIUM!);
    await using _page = await openBlankPage(browser);
    await loadFonts(browser);
    for (const line of LINES) {
      const image = await transform(
        paper.slice(),
        `text:${encoded(line)}:nw:10:10:${SIZE},png`,
      );
      const drawn = look(image.bytes), shown = await shownIn(browser, line);
      const [own, theirs] = [drawn, shown].map((seen) => inkOf(seen, { paper: WHITE })!) as [
        Ink,
        Ink,
      ];
      const sizes = [own, theirs].map((
        { left, right, top, bottom },
      ) => [right - left, bottom - top]);
      assert.ok(
        sizes[0]!.every((length, at) => Math.abs(length - sizes[1]![at]!) <= 2),
        `${line}: ${JSON.stringify(sizes)}`,
      );
      const difference = differenceOf([drawn, own], [shown, theirs]);
      assert.ok(difference < 0.05, `${line}: ${difference.toFixed(3)} of the ink lies elsewhere`);
    }
  },
});

/** How much of the ink has no counterpart within a pixel, when both lie in the same corner. */
function differenceOf(...[one, other]: [Decoded, Ink][]): number {
  const dark = (
    [{ frames: [frame], width }, { left, top }]: [Decoded, Ink],
    x: number,
    y: number,
  ) => 255 - (frame!.rgba[((top + y) * width + left + x) * 4] ?? 255);
  const [, ink] = one!;
  let all = 0, missing = 0;
  for (let y = 0; y < ink.bottom - ink.top; y++) {
    for (let x = 0; x < ink.right - ink.left; x++) {
      const here = dark(one!, x, y);
      const near = Math.max(
        ...[-1, 0, 1].flatMap((across) =>
          [-1, 0, 1].map((down) => dark(other!, x + across, y + down))
        ),
      );
      all += here;
      missing += Math.max(0, here - near);
    }
  }
  return missing / all;
}

/** The built-in fonts under the names f0, f1, … */
async function loadFonts({ tab }: Browser): Promise<void> {
  for (const [at, { bytes }] of (await readFonts()).entries()) {
    await tab.evaluate<boolean>(`(async () => {
      const data = Uint8Array.from(atob("${bytes.slice().toBase64()}"), (char) => char.charCodeAt(0));
      document.fonts.add(await new FontFace("f${at}", data).load());
      return true;
    })()`);
  }
}

async function shownIn({ tab }: Browser, line: string): Promise<Decoded> {
  const isRightToLeft = /^\p{sc=Hebrew}|^\p{sc=Arabic}/u.test(line);
  const seen = await tab.evaluate<string>(`(async () => {
    const canvas = new OffscreenCanvas(${WIDTH}, ${HEIGHT});
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.fillStyle = "#000";
    context.font = "${SIZE}px f0, f1, f2";
    context.direction = "${isRightToLeft ? "rtl" : "ltr"}";
    context.textAlign = "left";
    context.fillText(${JSON.stringify(line)}, 12, 36);
    let text = "";
    for (const sample of context.getImageData(0, 0, canvas.width, canvas.height).data) {
      text += String.fromCharCode(sample);
    }
    return btoa(text);
  })()`);
  const rgba = Uint8Array.fromBase64(seen);
  return {
    format: "",
    width: WIDTH,
    height: HEIGHT,
    hasAlpha: false,
    loops: 0,
    frames: [{ delay: 0, rgba }],
  };
}
