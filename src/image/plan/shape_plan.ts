// What a shape is decided to be: plain types below all that decides it.
import type { Rect, Size } from "../pixels/geometry.ts";

/** What happens to the shape of a picture: this region of it becomes that size. */
export interface Shape {
  region: Rect;
  target: Size;
}

/** What is seen of a picture whose top left corner lies at x and y, with the room around it. */
export interface Canvas extends Size {
  x: number;
  y: number;
}

export interface ShapePlan extends Shape {
  /** Where the target lies, with `pad`, `cut` or `padding`: partly beside the canvas, with `cut`. */
  canvas?: Canvas;
  /** How many pixels of the result stand for one of the URL: `dpr`, as far as the picture allows. */
  scale: number;
}
