// The canvas that the rectangles of an animation are laid on, as viewers do: RFC 9649 section 2.7.1.1 for WebP,
// W3C PNG 3rd edition section 11.3.5.2 for PNG.

/** A decoded rectangle as RGBA. */
export interface Patch {
  data: Uint8Array;
  width: number;
  height: number;
}

/** Where a patch lies, how it covers what is below, and what becomes of it before the next one is laid. */
export interface Placement {
  left: number;
  top: number;
  /** Whether what is transparent lets the canvas show through; otherwise it replaces the canvas. */
  blends: boolean;
  /** Whether the rectangle is cleared before the next one is laid. */
  clears: boolean;
  /** Whether the rectangle becomes what it was before the next one is laid. */
  restores?: boolean;
}

/** A canvas that starts transparent. */
export function createCanvas({ width, height }: { width: number; height: number }) {
  const canvas = new Uint8Array(width * height * 4);
  let dispose: (() => void) | undefined;

  /** What is seen once the patch is laid; the same array every time. What lies outside is cut off. */
  function lay(
    patch: Patch,
    { left, top, blends, clears, restores = false }: Placement,
  ): Uint8Array {
    dispose?.();
    dispose = undefined;
    const visible = Math.max(0, Math.min(patch.width, width - left)) * 4;
    const rows = Math.max(0, Math.min(patch.height, height - top));
    /** Does something to each row that is covered, which it is handed with its number. */
    const each = (use: (under: Uint8Array, y: number) => void) => {
      for (let y = 0; y < rows; y++) {
        const from = ((top + y) * width + left) * 4;
        use(canvas.subarray(from, from + visible), y);
      }
    };
    if (restores) {
      const before = new Uint8Array(visible * rows);
      each((under, y) => before.set(under, y * visible));
      dispose = () =>
        each((under, y) => under.set(before.subarray(y * visible, (y + 1) * visible)));
    } else if (clears) {
      dispose = () => each((under) => under.fill(0));
    }
    each((under, y) => {
      const from = y * patch.width * 4;
      const over = patch.data.subarray(from, from + visible);
      if (blends) blendRow(under, over);
      else under.set(over);
    });
    return canvas;
  }

  return { lay };
}

/** Lays colours that are not premultiplied over others. */
function blendRow(under: Uint8Array, over: Uint8Array): void {
  for (let at = 0; at < under.length; at += 4) {
    const alpha = over[at + 3]!;
    if (alpha === 0) continue;
    if (alpha === 255 || under[at + 3] === 0) {
      for (let channel = 0; channel < 4; channel++) under[at + channel] = over[at + channel]!;
      continue;
    }
    const rest = under[at + 3]! * (255 - alpha) / 255;
    const sum = alpha + rest;
    for (let channel = 0; channel < 3; channel++) {
      under[at + channel] = Math.round(
        (over[at + channel]! * alpha + under[at + channel]! * rest) / sum,
      );
    }
    under[at + 3] = Math.round(sum);
  }
}

/** Whether every pixel of RGBA is opaque. */
export function isOpaque(rgba: Uint8Array): boolean {
  for (let at = 3; at < rgba.length; at += 4) if (rgba[at] !== 255) return false;
  return true;
}
