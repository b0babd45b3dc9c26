// Rounded corners and borders, from the distance of each pixel to the rounded edge: smooth at any radius,
// and a border follows its corner.
import { type Colour, over, type Raster } from "./raster.ts";

/** How the picture's outline is rounded: by a radius in pixels, or to the largest circle in its middle. */
export type Rounding = number | "circle";

/** Gives what lies outside of the rounded outline another colour, in place. */
export function round(picture: Raster, rounding: Rounding, outside: Colour): void {
  const distance = outline(picture, rounding);
  eachPixel(picture, (at, x, y) => {
    const inside = share(-distance(x, y));
    if (inside < 1) mix(picture.data, at, { colour: outside, share: 1 - inside });
  });
}

/** Draws a line of `width` pixels over the picture along the inside of its outline, in place. */
export function border(
  picture: Raster,
  { width, colour, rounding }: { width: number; colour: Colour; rounding: Rounding },
): void {
  const distance = outline(picture, rounding);
  eachPixel(picture, (at, x, y) => {
    const covered = share(distance(x, y) + width);
    if (covered <= 0) return;
    const { data } = picture;
    const pixel: Colour = [data[at]!, data[at + 1]!, data[at + 2]!, data[at + 3]!];
    mix(data, at, { colour: over(colour, pixel), share: covered });
  });
}

/** The distance of a pixel's middle to the outline in pixels, negative inside. */
function outline({ width, height }: Raster, rounding: Rounding): (x: number, y: number) => number {
  const shorter = Math.min(width, height);
  const radius = rounding === "circle" ? shorter / 2 : Math.min(rounding, shorter / 2);
  // From the middle to where the corners' circles have theirs.
  const across = rounding === "circle" ? 0 : width / 2 - radius;
  const down = rounding === "circle" ? 0 : height / 2 - radius;
  return (x, y) => {
    const right = Math.abs(x + 0.5 - width / 2) - across;
    const below = Math.abs(y + 0.5 - height / 2) - down;
    return right > 0 && below > 0
      ? Math.sqrt(right * right + below * below) - radius
      : Math.max(right, below) - radius;
  };
}

/** How much of a pixel lies on the inner side of an edge that is this far from its middle. */
function share(distance: number): number {
  return Math.max(0, Math.min(1, distance + 0.5));
}

function eachPixel(
  { width, height }: Raster,
  visit: (at: number, x: number, y: number) => void,
): void {
  let at = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) visit(at, x, y);
  }
}

/** Replaces a share of the pixel by a colour. */
export function mix(
  data: Uint8ClampedArray,
  at: number,
  { colour, share }: { colour: Colour; share: number },
): void {
  const rest = (1 - share) * data[at + 3]!;
  const added = share * colour[3];
  const alpha = rest + added;
  if (alpha > 0) {
    for (let channel = 0; channel < 3; channel++) {
      data[at + channel] = (data[at + channel]! * rest + colour[channel]! * added) / alpha;
    }
  }
  data[at + 3] = alpha;
}
