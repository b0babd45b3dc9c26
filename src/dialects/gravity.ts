// Where something lies in a picture that is turned and mirrored afterwards: other servers speak of the
// picture as it will be seen, this one of the picture before.
import { GRAVITIES, type Gravity } from "../options/placement.ts";
import type { Edges } from "../options/table.ts";
import { formatNumber } from "../options/number.ts";

/** One of the nine gravities with offsets inward (pixels, or shares below 1), or a point as shares. */
export type Point =
  | { gravity: Gravity; x: number; y: number }
  | { focus: true; x: number; y: number };

export interface Turn {
  /** Degrees clockwise: 0, 90, 180 or 270. */
  clockwise: number;
  /** After turning. */
  flipX: boolean;
  flipY: boolean;
}

/** The same place in the picture before it is turned and mirrored. */
export function turnedGravity(point: Point, { clockwise, flipX, flipY }: Turn): Point {
  let turned = point;
  if (flipX) turned = mirrored(turned);
  if (flipY) turned = quarterBack(quarterBack(mirrored(turned)));
  for (let angle = 0; angle < clockwise; angle += 90) turned = quarterBack(turned);
  return turned;
}

/** The edges of the picture before it is turned and mirrored. */
export function turnedEdges(edges: Edges, { clockwise, flipX, flipY }: Turn): Edges {
  let { top, right, bottom, left } = edges;
  if (flipX) [left, right] = [right, left];
  if (flipY) [top, bottom] = [bottom, top];
  for (let angle = 0; angle < clockwise; angle += 90) {
    [top, right, bottom, left] = [right, bottom, left, top];
  }
  return { top, right, bottom, left };
}

/** The token of room along the edges. */
export function paddingToken({ top, right, bottom, left }: Edges): string {
  return `padding:${top}:${right}:${bottom}:${left}`;
}

/** `ne:10:0.5`, as in `gravity:` and `crop:`; a focus as an offset from the middle. */
export function gravityText(point: Point): string {
  const { gravity, x, y } = "focus" in point
    ? { gravity: "c", x: point.x - 0.5, y: point.y - 0.5 }
    : point;
  return x === 0 && y === 0 ? gravity : `${gravity}:${decimal(x)}:${decimal(y)}`;
}

/** The token that crops towards a point. */
export function gravityToken(point: Point): string {
  return "focus" in point
    ? `focus:${decimal(point.x)}:${decimal(point.y)}`
    : `gravity:${gravityText(point)}`;
}

/** As left becomes right. */
function mirrored(point: Point): Point {
  if ("focus" in point) return { ...point, x: 1 - point.x };
  const { x, y } = GRAVITIES[point.gravity];
  // Inward from an edge stays inward; from the middle, right becomes left.
  return { gravity: named(2 - x, y), x: x === 1 ? -point.x : point.x, y: point.y };
}

/** Turned counter-clockwise by a right angle: what was right is now on top. */
function quarterBack(point: Point): Point {
  if ("focus" in point) return { focus: true, x: point.y, y: 1 - point.x };
  const { x, y } = GRAVITIES[point.gravity];
  return { gravity: named(y, 2 - x), x: point.y, y: x === 1 ? -point.x : point.x };
}

function named(x: number, y: number): Gravity {
  const found = Object.entries(GRAVITIES).find(([, place]) => place.x === x && place.y === y);
  return found![0] as Gravity;
}

function decimal(value: number): string {
  return formatNumber(Number(value.toFixed(6)));
}
