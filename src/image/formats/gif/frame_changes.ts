// What each frame of an animation has to paint over the one before it. Pixels that a viewer already
// sees are left out, and what must become transparent again is cleared by disposal.

/** Pixels are 0xAABBGGRR, either opaque or 0, which is transparent. */
export type Pixels = Uint32Array;

export interface FrameChange {
  left: number;
  top: number;
  width: number;
  height: number;
  /** Whether this rectangle is cleared before the next frame is painted. */
  clears: boolean;
  /** The rectangle's pixels; 0 where what is seen stays. */
  pixels: Pixels;
}

interface Bounds {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/**
 * The changes that show the frames one after another on a canvas of this width. A pixel none of whose
 * channels is off by more than `tolerance` counts as unchanged; errors do not add up.
 */
export function changesOf(
  frames: readonly Pixels[],
  { width, tolerance }: { width: number; tolerance: number },
): FrameChange[] {
  const shown = new Uint32Array(frames[0]!.length);
  const changed = new Uint32Array(shown.length);
  const height = shown.length / width;
  return frames.map((frame, index) => {
    const drawn = paint(shown, frame, { changed, width, tolerance });
    const next = frames[index + 1];
    const cleared = next && vanishing(shown, next, width);
    // The first frame holds the whole canvas, for viewers that take their size from it.
    const painted = index === 0 ? { left: 0, top: 0, right: width, bottom: height } : drawn;
    const bounds = union(painted, cleared) ?? { left: 0, top: 0, right: 1, bottom: 1 };
    const pixels = cut(changed, width, bounds);
    if (cleared) {
      for (let y = bounds.top; y < bounds.bottom; y++) {
        shown.fill(0, y * width + bounds.left, y * width + bounds.right);
      }
    }
    return {
      left: bounds.left,
      top: bounds.top,
      width: bounds.right - bounds.left,
      height: bounds.bottom - bounds.top,
      clears: cleared !== undefined,
      pixels,
    };
  });
}

/** Shows what is opaque in the frame and not seen yet: where, and in `changed` those pixels alone. */
function paint(
  shown: Pixels,
  frame: Pixels,
  { changed, width, tolerance }: { changed: Pixels; width: number; tolerance: number },
): Bounds | undefined {
  changed.fill(0);
  const bounds = { left: width, top: -1, right: 0, bottom: 0 };
  for (let row = 0, y = 0; row < frame.length; row += width, y++) {
    let first = -1, last = 0;
    for (let x = 0, at = row; x < width; x++, at++) {
      const pixel = frame[at]!;
      if (pixel === 0 || pixel === shown[at] || isClose(pixel, shown[at]!, tolerance)) continue;
      changed[at] = shown[at] = pixel;
      if (first < 0) first = x;
      last = x;
    }
    if (first >= 0) include(bounds, { y, first, last });
  }
  return bounds.top < 0 ? undefined : bounds;
}

/** Where something is seen that is transparent in the next frame. */
function vanishing(shown: Pixels, next: Pixels, width: number): Bounds | undefined {
  if (!next.includes(0)) return undefined;
  const bounds = { left: width, top: -1, right: 0, bottom: 0 };
  for (let row = 0, y = 0; row < next.length; row += width, y++) {
    let first = -1, last = 0;
    for (let x = 0, at = row; x < width; x++, at++) {
      if (next[at] !== 0 || shown[at] === 0) continue;
      if (first < 0) first = x;
      last = x;
    }
    if (first >= 0) include(bounds, { y, first, last });
  }
  return bounds.top < 0 ? undefined : bounds;
}

function include(
  bounds: Bounds,
  { y, first, last }: { y: number; first: number; last: number },
): void {
  if (bounds.top < 0) bounds.top = y;
  bounds.bottom = y + 1;
  bounds.left = Math.min(bounds.left, first);
  bounds.right = Math.max(bounds.right, last + 1);
}

function isClose(a: number, b: number, tolerance: number): boolean {
  return tolerance > 0 && b !== 0 && Math.abs((a & 255) - (b & 255)) <= tolerance &&
    Math.abs((a >> 8 & 255) - (b >> 8 & 255)) <= tolerance &&
    Math.abs((a >> 16 & 255) - (b >> 16 & 255)) <= tolerance;
}

function union(a: Bounds | undefined, b: Bounds | undefined): Bounds | undefined {
  if (!a || !b) return a ?? b;
  return {
    left: Math.min(a.left, b.left),
    top: Math.min(a.top, b.top),
    right: Math.max(a.right, b.right),
    bottom: Math.max(a.bottom, b.bottom),
  };
}

function cut(pixels: Pixels, width: number, { left, top, right, bottom }: Bounds): Pixels {
  const out = new Uint32Array((right - left) * (bottom - top));
  for (let y = top, to = 0; y < bottom; y++, to += right - left) {
    out.set(pixels.subarray(y * width + left, y * width + right), to);
  }
  return out;
}
