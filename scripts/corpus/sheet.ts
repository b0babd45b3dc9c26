// Pictures of the same file side by side, on the squares that stand for transparency.
import * as engine from "@imagemagick/magick-wasm";
import { place } from "../../src/paint/place.ts";
import { type Raster, underlay, WHITE } from "../../src/paint/raster.ts";
import { write } from "../lettering.ts";
import { type Answer, SIDE } from "./compare.ts";

export interface SheetRow {
  title: string;
  pictures: readonly (readonly [label: string, answer: Answer])[];
}

const TILE = SIDE + 8, TITLE = 18, LABEL = 9;
const LEFT = 8;

/** Draws the rows below each other; gives the bytes of a PNG. The engine must have been started. */
export function drawSheet(rows: readonly SheetRow[]): Uint8Array<ArrayBuffer> {
  const columns = Math.max(1, ...rows.map(({ pictures }) => pictures.length));
  const height = TITLE + TILE + LABEL;
  const width = Math.max(480, LEFT + columns * TILE), all = rows.length * height;
  const sheet: Raster = { data: new Uint8ClampedArray(width * all * 4), width, height: all };
  underlay(sheet, WHITE);
  for (const [row, { title, pictures }] of rows.entries()) {
    const top = row * height;
    write(sheet, title, { x: LEFT, y: top + 2 });
    for (const [column, [label, answer]] of pictures.entries()) {
      const x = LEFT + column * TILE;
      write(sheet, label.slice(0, 16), { x, y: top + TITLE, dot: 1 });
      if (typeof answer === "string") continue;
      draw(sheet, onSquares(answer.small), { x, y: top + TITLE + LABEL });
    }
  }
  const settings = new engine.MagickReadSettings({ format: "RGBA", width, height: all, depth: 8 });
  return engine.ImageMagick.read(new Uint8Array(sheet.data.buffer), settings, (image) => {
    image.hasAlpha = false;
    return image.write("PNG", (bytes) => bytes.slice());
  });
}

function onSquares(picture: Raster): Raster {
  const { width, height } = picture;
  const shown = place(picture, { width, height, x: 0, y: 0 });
  for (let at = 0; at < width * height; at++) {
    const level = (at % width >> 3) + (Math.floor(at / width) >> 3) & 1 ? 205 : 235;
    const pixel = { data: shown.data.subarray(at * 4, at * 4 + 4), width: 1, height: 1 };
    underlay(pixel, [level, level, level, 255]);
  }
  return shown;
}

function draw(sheet: Raster, picture: Raster, { x, y }: { x: number; y: number }): void {
  for (let row = 0; row < picture.height; row++) {
    const from = row * picture.width * 4;
    const line = picture.data.subarray(from, from + picture.width * 4);
    sheet.data.set(line, ((y + row) * sheet.width + x) * 4);
  }
}
