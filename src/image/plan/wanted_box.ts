// The box that the options want a picture to have: size, aspect ratio and dpr, within what the picture allows.
import type { Options, WithinMode } from "../../options/table.ts";
import { regionSize, scaled, type Size, smallerSides, wholePixels } from "../pixels/geometry.ts";

/** A factor as a fraction, so that no product is rounded the wrong way. */
export interface Ratio {
  of: number;
  by: number;
}

export interface WantedBox {
  /** In pixels, 0 for a side that the picture's ratio decides. */
  box: Size;
  /** What the sides were multiplied by: dpr, as far as the picture allows, and at least 1. */
  factor: Ratio;
}

export interface BoxSettings {
  scaleUp: boolean;
  /** What is to be resized: the region that a crop left, else the picture. */
  source: Size;
  /** The picture before it was trimmed; the picture unless told. */
  untrimmed?: Size | undefined;
}

/**
 * A share of the picture is cut to whole pixels; with one side and an aspect ratio the other side follows
 * from the ratio; then the sides are multiplied by dpr and rounded half up.
 *
 * Unless scaleUp allows it, or the box is one to pad, the source may not be enlarged:
 * - dpr is lowered, to 1 at least, until no side exceeds that side of the source (with `fit`, until
 *   the source in the box is no larger than it is);
 * - sides that still exceed the source are lowered, one by one, or by a common factor where they have
 *   an aspect ratio to keep: not with `fit`, whose box keeps no ratio.
 */
export function wantedBox(
  { size, dpr = 1, aspect, pad, fit, within }: Options,
  picture: Size,
  { scaleUp, source, untrimmed = picture }: BoxSettings,
): WantedBox {
  const written = {
    width: wholePixels(size?.width ?? 0, picture.width),
    height: wholePixels(size?.height ?? 0, picture.height),
  };
  const named = within ? narrowed(written, untrimmed, within) : written;
  const full = { of: Math.round(dpr * 100), by: 100 };
  const sides = [named.width, named.height].filter((side) => side > 0).length;
  if (sides === 0) return { box: named, factor: full };
  const completed = sides === 1 ? aspect : undefined;
  const box = boxAt(full, { named, aspect: completed });
  const whole = sides === 2 || completed !== undefined;
  if (scaleUp || (pad && whole)) return { box, factor: full };
  const once = boxAt({ of: 1, by: 1 }, { named, aspect: completed });
  if (fit === "inside" && whole) {
    return {
      box: smallerSides(box, source),
      factor: lowered(full, roomFor(once, source).reduce(larger)),
    };
  }
  const factor = lowered(full, roomFor(once, source).reduce(smaller));
  if (completed) {
    const exceeds = box.width > source.width || box.height > source.height;
    return { box: exceeds ? regionSize(source, completed) : box, factor };
  }
  return { box: smallerSides(boxAt(factor, { named, aspect: undefined }), source), factor };
}

/** The box no larger than the picture: in its shape, where it has one, or each side for itself. */
function narrowed(box: Size, picture: Size, within: WithinMode): Size {
  if (within === "sides") return smallerSides(box, picture);
  const room = within === "turned" ? { width: picture.height, height: picture.width } : picture;
  const exceeds = box.width > room.width || box.height > room.height;
  return exceeds && box.width > 0 && box.height > 0 ? regionSize(room, box) : box;
}

/** A side times a factor; nothing stays nothing. */
export function times(length: number, { of, by }: Ratio): number {
  return length === 0 ? 0 : scaled(length, of, by);
}

function boxAt(
  factor: Ratio,
  { named, aspect }: { named: Size; aspect: Size | undefined },
): Size {
  const box = { width: times(named.width, factor), height: times(named.height, factor) };
  if (!aspect) return box;
  // From the unrounded side, so that nothing is rounded twice.
  return box.height === 0
    ? { ...box, height: scaled(named.width * factor.of, aspect.height, aspect.width * factor.by) }
    : { ...box, width: scaled(named.height * factor.of, aspect.width, aspect.height * factor.by) };
}

/** By how much each named side may grow. */
function roomFor(box: Size, source: Size): Ratio[] {
  return (["width", "height"] as const).filter((side) => box[side] > 0)
    .map((side) => ({ of: source[side], by: box[side] }));
}

function lowered(factor: Ratio, room: Ratio): Ratio {
  const ratio = smaller(factor, room);
  return ratio.of < ratio.by ? { of: 1, by: 1 } : ratio;
}

function smaller(a: Ratio, b: Ratio): Ratio {
  return a.of * b.by <= b.of * a.by ? a : b;
}

function larger(a: Ratio, b: Ratio): Ratio {
  return smaller(a, b) === a ? b : a;
}
