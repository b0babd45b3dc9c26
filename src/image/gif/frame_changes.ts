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
  const height = shown.length / width;
  return frames.map((frame, index) => {
    const changed = new Uint32Array(frame.length);
    for (let at = 0; at < frame.length; at++) {
      const pixel = frame[at]!;
      if (pixel !== 0 && pixel !== shown[at] && !isClose(pixel, shown[at]!, tolerance)) {
        changed[at] = pixel;
        shown[at] = pixel;
      }
    }
    const next = frames[index + 1];
    const cleared = next && boundsOf((at) => next[at] === 0 && shown[at] !== 0, { width, height });
    // The first frame holds the whole canvas, for viewers that take their size from it.
    const painted = index === 0
      ? { left: 0, top: 0, right: width, bottom: height }
      : boundsOf((at) => changed[at] !== 0, { width, height });
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

function isClose(a: number, b: number, tolerance: number): boolean {
  return b !== 0 && Math.abs((a & 255) - (b & 255)) <= tolerance &&
    Math.abs((a >> 8 & 255) - (b >> 8 & 255)) <= tolerance &&
    Math.abs((a >> 16 & 255) - (b >> 16 & 255)) <= tolerance;
}

/** The smallest bounds of the pixels that match; undefined where none does. */
function boundsOf(
  matches: (at: number) => boolean,
  { width, height }: { width: number; height: number },
): Bounds | undefined {
  const rowMatches = (y: number) => {
    for (let at = y * width; at < (y + 1) * width; at++) if (matches(at)) return true;
    return false;
  };
  let top = 0;
  while (top < height && !rowMatches(top)) top++;
  if (top === height) return undefined;
  let bottom = height;
  while (!rowMatches(bottom - 1)) bottom--;
  let left = width, right = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = 0; x < left; x++) if (matches(y * width + x)) left = x;
    for (let x = width - 1; x >= right; x--) if (matches(y * width + x)) right = x + 1;
  }
  return { left, top, right, bottom };
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
