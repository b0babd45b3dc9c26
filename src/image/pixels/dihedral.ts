// The eight ways in which a picture can lie: EXIF orientations, right-angle rotations and flips are all
// elements of one group, so that any chain of them is one change, made once and on the small picture.
import type { Rect, Size } from "./geometry.ts";

/** Mirror along the main diagonal if `transpose`, then horizontally if `flipX`, then vertically if `flipY`. */
export interface Dihedral {
  transpose: boolean;
  flipX: boolean;
  flipY: boolean;
}

export const IDENTITY: Dihedral = { transpose: false, flipX: false, flipY: false };

/** What makes a picture upright that is stored under the EXIF orientation 1…8 (CIPA DC-008, tag 0x0112). */
export function uprightFrom(orientation: number): Dihedral {
  const [transpose, flipX, flipY] = UPRIGHT[orientation - 1] ?? UPRIGHT[0]!;
  return { transpose, flipX, flipY };
}

const UPRIGHT: readonly (readonly [boolean, boolean, boolean])[] = [
  [false, false, false],
  [false, true, false],
  [false, true, true],
  [false, false, true],
  [true, false, false],
  [true, true, false],
  [true, true, true],
  [true, false, true],
];

/** The rotation by 0, 90, 180 or 270 degrees counter-clockwise. */
export function rotation(degrees: number): Dihedral {
  const quarter = ((degrees / 90) % 4 + 4) % 4;
  return {
    transpose: quarter % 2 === 1,
    flipX: quarter === 2 || quarter === 3,
    flipY: quarter === 1 || quarter === 2,
  };
}

/** One change that does what `first` and `second` do one after the other. */
export function compose(first: Dihedral, second: Dihedral): Dihedral {
  const [x, y] = second.transpose ? [first.flipY, first.flipX] : [first.flipX, first.flipY];
  return {
    transpose: first.transpose !== second.transpose,
    flipX: x !== second.flipX,
    flipY: y !== second.flipY,
  };
}

/** The change that takes `change` back. */
export function inverse({ transpose, flipX, flipY }: Dihedral): Dihedral {
  return transpose ? { transpose, flipX: flipY, flipY: flipX } : { transpose, flipX, flipY };
}

export function isIdentity({ transpose, flipX, flipY }: Dihedral): boolean {
  return !transpose && !flipX && !flipY;
}

/** The size that a picture of this size has afterwards. */
export function turnSize({ width, height }: Size, { transpose }: Dihedral): Size {
  return transpose ? { width: height, height: width } : { width, height };
}

/** Where a rectangle of a picture of size `within` lies afterwards. */
export function turnRect(rect: Rect, within: Size, change: Dihedral): Rect {
  const turned = change.transpose
    ? { x: rect.y, y: rect.x, width: rect.height, height: rect.width }
    : { ...rect };
  const { width, height } = turnSize(within, change);
  if (change.flipX) turned.x = width - turned.x - turned.width;
  if (change.flipY) turned.y = height - turned.y - turned.height;
  return turned;
}
