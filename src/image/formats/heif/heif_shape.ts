// How a HEIF picture is cropped and turned (ISO 23008-12 sections 6.5.9 to 6.5.12): any chain of crops, turns
// and mirrorings is one crop of the stored picture and then one of the eight ways in which it can lie.

import type { ByteReader } from "../reading/byte_reader.ts";
import type { Orientation } from "../reading/image_header.ts";
import type { Box } from "../reading/isobmff.ts";
import {
  compose,
  type Dihedral,
  IDENTITY,
  inverse,
  rotation,
  turnRect,
  turnSize,
  uprightFrom,
} from "../../pixels/dihedral.ts";
import { type Rect, type Size, sizeOf, wholeOf } from "../../pixels/geometry.ts";

export type Change =
  | { kind: "turn"; quarters: number }
  | { kind: "mirror"; flipX: boolean }
  /** A clean aperture: its size, and how far its centre lies from the picture's. */
  | { kind: "crop"; width: number; height: number; x: number; y: number }
  /** A crop that makes no sense. */
  | { kind: "nothing" };

/** The change that a property makes; undefined for others. */
export function readChange(reader: ByteReader, { type, start }: Box): Change | undefined {
  if (type === "irot") return { kind: "turn", quarters: reader.u8(start) & 3 };
  // Of the two axes it is the first that leaves left and right where they are.
  if (type === "imir") return { kind: "mirror", flipX: (reader.u8(start) & 1) === 1 };
  if (type !== "clap") return undefined;
  const [width, height, x, y] = [0, 8, 16, 24].map((field) =>
    reader.i32(start + field) / reader.i32(start + field + 4)
  ) as [number, number, number, number];
  const isSound = [width, height, x, y].every(Number.isFinite) && width >= 1 && height >= 1;
  return isSound ? { kind: "crop", width, height, x, y } : { kind: "nothing" };
}

export interface HeifShape {
  /** What is shown of the stored picture. */
  region: Rect;
  /** How that lies, as EXIF numbers it. */
  orientation: Orientation;
}

/** What all changes of a picture of this size come to, in their order. */
export function shapeOf(stored: Size, changes: readonly Change[]): HeifShape {
  let region = wholeOf(stored), turn = IDENTITY;
  for (const change of changes) {
    if (change.kind === "turn") turn = compose(turn, rotation(change.quarters * 90));
    else if (change.kind === "mirror") {
      const { flipX } = change;
      turn = compose(turn, { transpose: false, flipX, flipY: !flipX });
    } else if (change.kind === "crop") {
      const seen = turnSize(sizeOf(region), turn);
      const inner = turnRect(apertureIn(seen, change), seen, inverse(turn));
      region = { ...inner, x: region.x + inner.x, y: region.y + inner.y };
    }
  }
  return { region, orientation: orientationOf(turn) };
}

/** The clean aperture in whole pixels; the whole where nothing of it lies inside. */
function apertureIn(
  seen: Size,
  { width, height, x, y }: Extract<Change, { kind: "crop" }>,
): Rect {
  const left = Math.max(0, Math.floor((seen.width - width) / 2 + x));
  const top = Math.max(0, Math.floor((seen.height - height) / 2 + y));
  const right = Math.min(seen.width, left + Math.round(width));
  const bottom = Math.min(seen.height, top + Math.round(height));
  return right > left && bottom > top
    ? { x: left, y: top, width: right - left, height: bottom - top }
    : wholeOf(seen);
}

const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

function orientationOf(turn: Dihedral): Orientation {
  return ORIENTATIONS.find((orientation) => {
    const { transpose, flipX, flipY } = uprightFrom(orientation);
    return transpose === turn.transpose && flipX === turn.flipX && flipY === turn.flipY;
  })!;
}
