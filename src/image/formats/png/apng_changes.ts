// What each frame of an animation has to paint over the one before it, and what is best made of that one first: it
// stays, it is taken away, or what it covered comes back.
import type { Size } from "../../pixels/geometry.ts";

/** Pixels are 0xAABBGGRR; all that is transparent is 0. */
export type Pixels = Uint32Array;

/** What becomes of a rectangle before the next one is laid (W3C PNG 3rd edition, section 11.3.5.2). */
export type Disposal = "stays" | "clears" | "restores";

export interface ApngChange extends Size {
  left: number;
  top: number;
  disposal: Disposal;
  /** The rectangle as it is to look. */
  pixels: Pixels;
  /** 1 for each pixel that is seen already, where it may be left out because all others can be laid over. */
  seen: Uint8Array | undefined;
}

/** The changes that show whole frames of this width one after another, exactly. */
export function changesOf(frames: readonly Pixels[], width: number): ApngChange[] {
  const [first = new Uint32Array()] = frames;
  const height = first.length / width;
  const changes: ApngChange[] = [
    { left: 0, top: 0, width, height, disposal: "stays", pixels: first, seen: undefined },
  ];
  // What the last change was laid on.
  let under: Pixels = new Uint32Array(first.length);
  for (const [index, frame] of frames.slice(1).entries()) {
    const last = changes[index]!;
    const bases: { disposal: Disposal; base: Pixels }[] = [
      { disposal: "stays", base: frames[index]! },
      // A canvas with a hole in it is of use to none but those with holes.
      ...(frame.includes(0)
        ? [{ disposal: "clears" as const, base: cleared(frames[index]!, last, width) }]
        : []),
      ...(index > 0 ? [{ disposal: "restores" as const, base: under }] : []),
    ];
    const [best] = bases.map((each) => ({ ...each, ...differenceOf(each.base, frame, width) }))
      .sort((a, b) => a.cost - b.cost);
    const { disposal, base, bounds, isLaidOver } = best!;
    last.disposal = disposal;
    under = base;
    changes.push(changeOf(frame, { base, bounds, isLaidOver, width }));
  }
  return changes;
}

interface Bounds extends Size {
  left: number;
  top: number;
}

interface Difference {
  /** Of all that differs; one pixel where nothing does. */
  bounds: Bounds;
  /** Whether all that differs can be laid over what is there. */
  isLaidOver: boolean;
  /** Pixels that have to be painted. */
  cost: number;
}

function differenceOf(base: Pixels, frame: Pixels, width: number): Difference {
  let left = width, top = -1, right = 0, bottom = 0, count = 0, isLaidOver = true;
  for (let row = 0, y = 0; row < frame.length; row += width, y++) {
    let first = -1, last = 0;
    for (let x = 0, at = row; x < width; x++, at++) {
      const pixel = frame[at]!, below = base[at]!;
      if (pixel === below) continue;
      if (below !== 0 && pixel >>> 24 !== 255) isLaidOver = false;
      count++;
      if (first < 0) first = x;
      last = x;
    }
    if (first < 0) continue;
    if (top < 0) top = y;
    bottom = y + 1;
    left = Math.min(left, first);
    right = Math.max(right, last + 1);
  }
  if (top < 0) return { bounds: { left: 0, top: 0, width: 1, height: 1 }, isLaidOver, cost: 0 };
  const bounds = { left, top, width: right - left, height: bottom - top };
  return { bounds, isLaidOver, cost: isLaidOver ? count : bounds.width * bounds.height };
}

function changeOf(
  frame: Pixels,
  { base, bounds, isLaidOver, width }: {
    base: Pixels;
    bounds: Bounds;
    isLaidOver: boolean;
    width: number;
  },
): ApngChange {
  const pixels = new Uint32Array(bounds.width * bounds.height);
  const seen = new Uint8Array(pixels.length);
  for (let row = 0, to = 0; row < bounds.height; row++) {
    const from = (bounds.top + row) * width + bounds.left;
    for (let at = from; at < from + bounds.width; at++, to++) {
      pixels[to] = frame[at]!;
      if (frame[at] === base[at]) seen[to] = 1;
    }
  }
  const isSparse = isLaidOver && seen.includes(1);
  return { ...bounds, disposal: "stays", pixels, seen: isSparse ? seen : undefined };
}

/** A copy of the canvas without what was laid on it last. */
function cleared(
  canvas: Pixels,
  { left, top, width, height }: Bounds,
  canvasWidth: number,
): Pixels {
  const copy = canvas.slice();
  for (let y = top; y < top + height; y++) {
    copy.fill(0, y * canvasWidth + left, y * canvasWidth + left + width);
  }
  return copy;
}
