// What of a picture a shape leaves: the shape as a polygon, as large as the picture holds it, in its middle, with
// smooth edges.
import { mix } from "./edge.ts";
import type { Colour, Raster } from "./raster.ts";

interface Point {
  x: number;
  y: number;
}

export type MaskShape = keyof typeof OUTLINES;

/** Of a star with five points: where the sides of its pentagram cross. */
const INNER_RADIUS = 0.382;
/** More than can be seen of a curve. */
const CURVE_POINTS = 360;
/** Lines that a row of pixels is measured along. */
const LINES = 8;

/** By their names; all but curves point up. A square stands on a corner. */
const OUTLINES = {
  ellipse: curve((angle) => ({ x: Math.cos(angle), y: Math.sin(angle) })),
  triangle: polygon(3),
  "triangle-180": polygon(3, { isUpsideDown: true }),
  pentagon: polygon(5),
  "pentagon-180": polygon(5, { isUpsideDown: true }),
  hexagon: polygon(6),
  square: polygon(4),
  star: polygon(10, { innerRadius: INNER_RADIUS }),
  heart: curve((angle) => ({
    x: 16 * Math.sin(angle) ** 3,
    y: -13 * Math.cos(angle) + 5 * Math.cos(2 * angle) + 2 * Math.cos(3 * angle) +
      Math.cos(4 * angle),
  })),
} as const satisfies Record<string, readonly Point[]>;

export const MASK_SHAPES = Object.keys(OUTLINES) as MaskShape[];

/** Gives what lies outside of the shape another colour, in place. An ellipse takes the picture's own shape. */
export function mask(picture: Raster, shape: MaskShape, outside: Colour): void {
  const { width, height, data } = picture;
  const corners = placed(OUTLINES[shape], picture, { stretched: shape === "ellipse" });
  const covered = new Float64Array(width);
  for (let y = 0; y < height; y++) {
    covered.fill(0);
    for (let line = 0; line < LINES; line++) {
      const crossings = crossingsAt(corners, y + (line + 0.5) / LINES);
      for (let at = 0; at + 1 < crossings.length; at += 2) {
        addSpan(covered, crossings[at]!, crossings[at + 1]!);
      }
    }
    for (let x = 0; x < width; x++) {
      const share = 1 - covered[x]! / LINES;
      if (share > 1e-9) mix(data, 4 * (y * width + x), { colour: outside, share });
    }
  }
}

/** A regular polygon that points up; with an inner radius every second corner lies there. */
function polygon(
  corners: number,
  { innerRadius = 1, isUpsideDown = false }: { innerRadius?: number; isUpsideDown?: boolean } = {},
): Point[] {
  return Array.from({ length: corners }, (_, index) => {
    const angle = (index / corners) * 2 * Math.PI + (isUpsideDown ? Math.PI : 0);
    const radius = index % 2 === 0 ? 1 : innerRadius;
    return { x: radius * Math.sin(angle), y: -radius * Math.cos(angle) };
  });
}

function curve(at: (angle: number) => Point): Point[] {
  return Array.from(
    { length: CURVE_POINTS },
    (_, index) => at((index / CURVE_POINTS) * 2 * Math.PI),
  );
}

/** The outline in the picture: as large as fits, in the middle. */
function placed(
  outline: readonly Point[],
  { width, height }: Raster,
  { stretched }: { stretched: boolean },
): Point[] {
  const [left, right] = ends(outline.map(({ x }) => x));
  const [top, bottom] = ends(outline.map(({ y }) => y));
  const wide = width / (right - left);
  const high = height / (bottom - top);
  const across = stretched ? wide : Math.min(wide, high);
  const down = stretched ? high : across;
  return outline.map(({ x, y }) => ({
    x: width / 2 + (x - (left + right) / 2) * across,
    y: height / 2 + (y - (top + bottom) / 2) * down,
  }));
}

function ends(values: readonly number[]): [number, number] {
  return [Math.min(...values), Math.max(...values)];
}

/** Where a line across the picture crosses the outline, from left to right. */
function crossingsAt(corners: readonly Point[], y: number): number[] {
  const found: number[] = [];
  corners.forEach((from, index) => {
    const to = corners[(index + 1) % corners.length]!;
    if (from.y <= y !== to.y <= y) {
      found.push(from.x + ((y - from.y) / (to.y - from.y)) * (to.x - from.x));
    }
  });
  return found.sort((a, b) => a - b);
}

/** Adds to each pixel how much of it lies between two places of its row. */
function addSpan(covered: Float64Array, from: number, to: number): void {
  const [start, end] = [Math.max(0, from), Math.min(covered.length, to)];
  for (let x = Math.floor(start); x < end; x++) {
    covered[x]! += Math.min(x + 1, end) - Math.max(x, start);
  }
}
