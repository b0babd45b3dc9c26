// The text of an option as a layer of the size that it has on a picture.
import { formatColour } from "../../options/colour.ts";
import { type LayerPlacement, sideOf } from "../../options/layer_placement.ts";
import { type Lettering, unknownFont } from "../../options/text.ts";
import { type DrawLayer, lengthOf } from "../../paint/layer.ts";
import type { Raster } from "../../paint/raster.ts";
import type { Drawer } from "../formats/coding/codec.ts";
import type { FontSet } from "../fonts/font_set.ts";
import { sameSize, type Size } from "../pixels/geometry.ts";
import { charactersOf } from "./break_lines.ts";
import { layOut, type Line } from "./lay_out.ts";
import { fontOf, fontsOf, lettersOf, svgOf } from "./measure.ts";
import { createFindFont, isBlank } from "./runs.ts";

/** Of the shorter side of the picture, where no size is given. */
const USUAL_SIZE = 0.08;
/** Beside the lines, as a share of the letters' size: what leans out of its place is seen. */
const BESIDE = 0.1;

/** Throws a ProxyError "malformed" where there is no such font, or none that has a character. */
export function createTextLayer(
  { text, size, colour, ...placement }: Lettering,
  { font, fonts, drawer }: { font: string | undefined; fonts: FontSet; drawer: Drawer },
): DrawLayer {
  const wanted = font === undefined ? fonts.usual : fonts.named(font);
  if (!wanted) throw unknownFont(font!, fonts.names);
  const findFont = createFindFont(fonts, wanted);
  // What cannot be written is refused before any picture is decoded.
  for (const character of charactersOf(text)) {
    if (character !== "\n") findFont(character, undefined);
  }
  const fill = `fill="#${formatColour([colour[0], colour[1], colour[2], 255])}" fill-opacity="${
    colour[3] / 255
  }"`;

  function draw(picture: Size & { scale: number }): Raster {
    const em = sizeOn(picture, size);
    const room = roomOn(picture, placement);
    const width = room.width / em - 2 * BESIDE;
    const lines = fitting(layOut(text, { width, findFont, drawer }), room.height / em);
    const longest = Math.max(...lines.map((line) => line.width)) + 2 * BESIDE;
    const layer = {
      width: Math.min(room.width, Math.max(1, Math.ceil(longest * em))),
      height: Math.max(1, Math.ceil(heightOf(lines) * em)),
    };
    const svg = svgOf(
      lettersIn(lines, { em, width: layer.width, gravity: placement.gravity, fill }),
      layer,
    );
    const drawn = drawer.draw(svg, layer, fontsOf(lines.flatMap(({ runs }) => runs)));
    return { ...layer, data: new Uint8ClampedArray(drawn.buffer) };
  }

  let last: { picture: Size; layer: Raster } | undefined;
  return (picture) => {
    // All frames have the same size, so that this happens once.
    if (!last || !sameSize(last.picture, picture)) last = { picture, layer: draw(picture) };
    return last.layer;
  };
}

/** The lines from the top down, each at its side of the width. */
function lettersIn(
  lines: readonly Line[],
  { em, width, gravity, fill }: {
    em: number;
    width: number;
    gravity: Lettering["gravity"];
    fill: string;
  },
): string[] {
  const share = shareOf(gravity);
  let y = 0;
  return lines.flatMap((line) => {
    const free = width / em - 2 * BESIDE - line.width;
    const left = BESIDE + free * share, base = y + line.ascent;
    y = base + line.descent;
    return line.runs.filter(({ text }) => !isBlank(text)).map((run) => {
      const [x, at] = [left + run.x, base].map((length) => (length * em).toFixed(3));
      return `<text x="${x}" y="${at}" font-size="${em.toFixed(3)}" ${fill} ${fontOf(run)}>` +
        `${lettersOf(run)}</text>`;
    });
  });
}

/** Pixels of the letters' size, no larger than the picture is high: more would not be seen. */
function sizeOn({ width, height, scale }: Size & { scale: number }, size: number): number {
  const share = size === 0 ? USUAL_SIZE : size;
  const pixels = share < 1 ? share * Math.min(width, height) : size * scale;
  return Math.max(1, Math.min(pixels, height));
}

/** The room for text: what its offsets leave of the picture, and a pixel at least. */
function roomOn(
  { width, height, scale }: Size & { scale: number },
  { gravity, x, y }: LayerPlacement,
): Size {
  const side = sideOf(gravity);
  if (side === "tile") return { width, height };
  const left = (whole: number, offset: number, halves: 0 | 1 | 2) => {
    const taken = lengthOf(offset, whole, scale);
    return Math.max(1, whole - (halves === 1 ? 2 * Math.abs(taken) : Math.max(0, taken)));
  };
  return { width: left(width, x, side.x), height: left(height, y, side.y) };
}

/** The first lines, as many as the picture is high enough for, and one at least. */
function fitting(lines: readonly Line[], height: number): Line[] {
  let sum = 0;
  const count = lines.findIndex(({ ascent, descent }) => (sum += ascent + descent) > height);
  return lines.slice(0, count === -1 ? lines.length : Math.max(1, count));
}

function heightOf(lines: readonly Line[]): number {
  return lines.reduce((sum, { ascent, descent }) => sum + ascent + descent, 0);
}

/** The share of the free room that is left on the left of lines. */
function shareOf(gravity: Lettering["gravity"]): number {
  return gravity.includes("w") ? 0 : gravity.endsWith("e") && gravity !== "tile" ? 1 : 0.5;
}
