// Letters of 3 by 5 dots for sheets that scripts draw: there is no font in the engine.
import type { Raster } from "../src/paint/raster.ts";

/** One octal digit a row. */
const GLYPHS: Record<string, string> = Object.fromEntries(
  (
    "A25755 B65656 C34443 D65556 E74647 F74644 G34553 H55755 I72227 J11152 K55655 L44447 M57755 N65555 " +
    "O25552 P65644 Q25563 R65655 S34216 T72222 U55557 V55552 W55775 X55255 Y55222 Z71247 075557 126227 " +
    "271747 371717 455711 574717 674757 771122 875757 975717 :02020 .00002 ,00024 -00700 _00007"
  ).split(" ").map((glyph) => [glyph.slice(0, 1), glyph.slice(1)]),
);

/** Writes in black, each dot so many pixels wide; what is no letter becomes a block. */
export function write(
  sheet: Raster,
  text: string,
  { x, y, dot = 2 }: { x: number; y: number; dot?: number },
): void {
  for (const [index, letter] of [...text.toUpperCase()].entries()) {
    if (letter === " ") continue;
    const rows = [...(GLYPHS[letter] ?? "77777")].map(Number);
    for (let at = 0; at < 15 * dot * dot; at++) {
      const column = at % (3 * dot);
      const row = Math.floor(at / (3 * dot));
      if (!((rows[Math.floor(row / dot)]! >> (2 - Math.floor(column / dot))) & 1)) continue;
      const left = x + index * 4 * dot + column;
      if (left >= sheet.width) return;
      sheet.data.set([0, 0, 0, 255], ((y + row) * sheet.width + left) * 4);
    }
  }
}
