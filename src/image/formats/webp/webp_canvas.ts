// The canvas that the frames of an animated WebP are laid on, as viewers do (RFC 9649 section 2.7.1.1).

import type { WebpFrame } from "./webp_frames.ts";

/** A decoded rectangle as RGBA. */
export interface Patch {
  data: Uint8Array;
  width: number;
  height: number;
}

/** A canvas that starts transparent. */
export function createCanvas({ width, height }: { width: number; height: number }) {
  const canvas = new Uint8Array(width * height * 4);
  let uncleared: (() => void) | undefined;

  /** What is seen once the patch is laid; the same array every time. What lies outside is cut off. */
  function lay(
    patch: Patch,
    { left, top, blends, clears }: Omit<WebpFrame, "chunks">,
  ): Uint8Array {
    uncleared?.();
    uncleared = undefined;
    const visible = Math.max(0, Math.min(patch.width, width - left));
    const rows = Math.max(0, Math.min(patch.height, height - top));
    for (let y = 0; y < rows; y++) {
      const from = y * patch.width * 4;
      const to = ((top + y) * width + left) * 4;
      if (!blends) canvas.set(patch.data.subarray(from, from + visible * 4), to);
      else blendRow(canvas.subarray(to, to + visible * 4), patch.data.subarray(from));
    }
    if (clears) {
      uncleared = () => {
        for (let y = top; y < top + rows; y++) {
          canvas.fill(0, (y * width + left) * 4, (y * width + left + visible) * 4);
        }
      };
    }
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
      under.set(over.subarray(at, at + 4), at);
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
