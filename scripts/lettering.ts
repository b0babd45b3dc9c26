// Letters of 5 by 7 dots for sheets that scripts draw: there is no font in the engine.
import type { Raster } from "../src/paint/raster.ts";

const WIDTH = 5;
const HEIGHT = 7;

/** A letter, and its rows from the top: one digit of base 32 each, whose bits are dots from the left. */
const GLYPHS: Readonly<Record<string, string>> = Object.fromEntries(
  (
    "a00e1fhf bgguhhhu c00fgggf d11fhhhf e00ehvgf f698s888 g0fhhf1e hggmphhh i40c444e j20622ic " +
    "kggikoki lc44444e m00qllhh n00mphhh o00ehhhe p00uhugg q00fhf11 r00mpggg s00fge1u t88u8896 " +
    "u00hhhjd v00hhha4 w00hhlla x00ha4ah y00hhf1e z00v248v Aehhvhhh Buhhuhhu Cfgggggf Duhhhhhu " +
    "Evgguggv Fvgguggg Gfggjhhf Hhhhvhhh Ie44444e J72222ic Khikokih Lggggggv Mhrllhhh Nhplljhh " +
    "Oehhhhhe Puhhuggg Qehhhlid Ruhhukih Sfgge11u Tv444444 Uhhhhhhe Vhhhhha4 Whhhllrh Xhha4ahh " +
    "Yhha4444 Zv1248gv 0ehjlphe 14c4444e 2eh168gv 3u11e11u 426aiv22 5vgu11he 6egguhhe 7v124888 " +
    "8ehhehhe 9ehhf11e :0cc0cc0 .00000cc ,0000c48 -000e000 _000000v /11248gg =00v0v00 (2488842 " +
    ")8422248 #aavavaa %pq248bj"
  ).split(" ").map((glyph) => [glyph.slice(0, 1), glyph.slice(1)]),
);

/** Writes in black, each dot so many pixels wide; what is no letter becomes a block. */
export function write(
  sheet: Raster,
  text: string,
  { x, y, dot = 2 }: { x: number; y: number; dot?: number },
): void {
  for (const [index, letter] of [...text].entries()) {
    if (letter === " ") continue;
    const rows = [...(GLYPHS[letter] ?? "vvvvvvv")].map((digit) => parseInt(digit, 32));
    for (let at = 0; at < WIDTH * HEIGHT * dot * dot; at++) {
      const column = at % (WIDTH * dot);
      const row = Math.floor(at / (WIDTH * dot));
      const isInk = (rows[Math.floor(row / dot)]! >> (WIDTH - 1 - Math.floor(column / dot))) & 1;
      if (!isInk) continue;
      const left = x + index * (WIDTH + 1) * dot + column;
      if (left >= sheet.width) return;
      sheet.data.set([0, 0, 0, 255], ((y + row) * sheet.width + left) * 4);
    }
  }
}
