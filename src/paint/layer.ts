// One picture laid over another: where it lies, and what is seen of both.
import type { Raster } from "./raster.ts";

/** Halves of the free room that are left on its left and above it. */
interface Halves {
  readonly x: 0 | 1 | 2;
  readonly y: 0 | 1 | 2;
}

/** What lies over a picture, in the size that it has there; `scale` is how many of its pixels stand for one of the URL. */
export type DrawLayer = (picture: { width: number; height: number; scale: number }) => Raster;

/** What lies over a picture, by the names of its options. */
export type Layers = Readonly<Record<string, DrawLayer>>;

/** How a layer lies on a picture, which it may be larger than, and lie partly beside. */
export interface LayerPlace {
  /** Where it lies once; or `tile`: in the middle, and from there over and over on all sides. */
  gravity: Halves | "tile";
  /**
   * How far inward from there (from the middle: right and down), or how far apart tiles are: pixels, or between
   * -1 and 1 shares of the picture.
   */
  x: number;
  y: number;
  /** From 0 to 1. */
  opacity: number;
  /** How many of the picture's pixels stand for one of `x` and `y`; 1 unless told. */
  scale?: number;
}

/** Lays the layer over the picture, in place; what lies beside the picture is cut off. */
export function layOver(picture: Raster, layer: Raster, place: LayerPlace): void {
  const { gravity, x, y, opacity, scale = 1 } = place;
  const across = {
    from: layer.width,
    over: picture.width,
    offset: lengthOf(x, picture.width, scale),
  };
  const down = {
    from: layer.height,
    over: picture.height,
    offset: lengthOf(y, picture.height, scale),
  };
  const columns = gravity === "tile" ? tiled(across) : once(across, gravity.x);
  const rows = gravity === "tile" ? tiled(down) : once(down, gravity.y);
  for (let row = 0; row < picture.height; row++) {
    const from = rows[row]!;
    if (from < 0) continue;
    for (let column = 0; column < picture.width; column++) {
      if (columns[column]! < 0) continue;
      const source = (from * layer.width + columns[column]!) * 4;
      blend(picture.data, (row * picture.width + column) * 4, {
        from: layer.data,
        source,
        opacity,
      });
    }
  }
}

/** Whole pixels of what is given in pixels of the URL, or as a share of a length. */
export function lengthOf(value: number, whole: number, scale: number): number {
  return Math.round(Math.abs(value) < 1 ? value * whole : value * scale);
}

interface Line {
  /** Length of the layer, and of the picture. */
  from: number;
  over: number;
  offset: number;
}

/** Which of the layer's columns, or rows, lies on each of the picture's; -1 for none. */
function once({ from, over, offset }: Line, halves: 0 | 1 | 2): Int32Array {
  const start = Math.floor(((over - from) * halves) / 2) + (halves === 2 ? -offset : offset);
  return Int32Array.from(
    { length: over },
    (_, at) => at - start < from ? Math.max(-1, at - start) : -1,
  );
}

/** The same for a layer with half its distance to the next on either side. */
function tiled({ from, over, offset }: Line): Int32Array {
  const step = from + Math.max(0, offset);
  const before = Math.floor((step - from) / 2);
  const least = Math.ceil(over / step);
  // An odd number of tiles has one in the middle.
  const count = least % 2 === 0 ? least + 1 : least;
  const cut = Math.floor((count * step - over) / 2);
  return Int32Array.from({ length: over }, (_, at) => {
    const within = (at + cut) % step - before;
    return within < from ? Math.max(-1, within) : -1;
  });
}

function blend(
  data: Uint8ClampedArray,
  at: number,
  { from, source, opacity }: { from: Uint8ClampedArray; source: number; opacity: number },
): void {
  const top = from[source + 3]! * opacity;
  if (top === 0) return;
  const below = (data[at + 3]! * (255 - top)) / 255;
  const sum = top + below;
  data[at] = (from[source]! * top + data[at]! * below) / sum;
  data[at + 1] = (from[source + 1]! * top + data[at + 1]! * below) / sum;
  data[at + 2] = (from[source + 2]! * top + data[at + 2]! * below) / sum;
  data[at + 3] = sum;
}
