// Where something lies inside of something larger.
import { GRAVITIES, type Placement } from "../../options/placement.ts";
import type { Size } from "../pixels/geometry.ts";

/** The middle of what is larger. */
export const CENTRED: Placement = { gravity: "c", x: 0, y: 0 };

/** Where something of a size lies inside of something larger; an offset never takes it outside. */
export function placed(
  size: Size,
  within: Size,
  { gravity, x, y }: Placement = CENTRED,
): { x: number; y: number } {
  const along = (side: "width" | "height", halves: 0 | 1 | 2, offset: number) => {
    const room = within[side] - size[side];
    const inward = Math.abs(offset) < 1 ? Math.round(offset * within[side]) : offset;
    const start = Math.floor((room * halves) / 2) + (halves === 2 ? -inward : inward);
    return Math.max(0, Math.min(room, start));
  };
  const halves = GRAVITIES[gravity];
  return { x: along("width", halves.x, x), y: along("height", halves.y, y) };
}
