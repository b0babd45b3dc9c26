// The one form that all frames of an animated PNG have in common: a palette, greys or colours, and a value for
// pixels that paint nothing, so that what is seen already need not be told again.
import type { Chunk } from "./chunks.ts";
import type { Pixels } from "./apng_changes.ts";
import { type ReducedPixels, reducePixels } from "./rows/reduce_pixels.ts";

export interface ApngForm extends ReducedPixels {
  /** The samples of a pixel that paints nothing where it is laid over others; undefined where there is none. */
  blank: Uint8Array | undefined;
  /** What explains the samples. */
  chunks: Chunk[];
}

/**
 * The form in which all pixels of all frames take the fewest bytes, and those pixels; with a blank one, if one can be
 * had, where that is wanted.
 */
export function formOf(
  pixels: readonly Pixels[],
  { isExplained, wantsBlank }: { isExplained: boolean; wantsBlank: boolean },
): ApngForm {
  const count = pixels.reduce((sum, { length }) => sum + length, 0);
  // The last pixel is transparent: it is the blank one, where there is room for it.
  const joined = new Uint32Array(count + 1);
  let at = 0;
  for (const part of pixels) {
    joined.set(part, at);
    at += part.length;
  }
  const plain = joined.subarray(0, count);
  if (wantsBlank) {
    const all = reduce(joined, isExplained);
    if (all.palette || plain.some((pixel) => pixel >>> 24 !== 255)) {
      return { ...all, blank: all.data.slice(-all.channels), chunks: explained(all) };
    }
  }
  const form = reduce(plain, isExplained);
  const blank = wantsBlank && !form.palette ? unusedColour(form) : undefined;
  const key = blank && { type: "tRNS", data: Uint8Array.from([...blank].flatMap((it) => [0, it])) };
  return { ...form, blank, chunks: key ? [key] : explained(form) };
}

function reduce(pixels: Pixels, isExplained: boolean): ReducedPixels {
  const data = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const size = { width: pixels.length, height: 1, channels: 4, hasAlpha: true } as const;
  return reducePixels({ ...size, data }, { isExplained });
}

function explained({ palette, alphas }: ReducedPixels): Chunk[] {
  return [
    ...(palette ? [{ type: "PLTE", data: palette }] : []),
    ...(alphas ? [{ type: "tRNS", data: alphas }] : []),
  ];
}

/** A grey or a colour that no pixel has. */
function unusedColour({ data, channels, bitDepth }: ReducedPixels): Uint8Array | undefined {
  const count = 2 ** (channels * bitDepth);
  // A bit for each.
  const used = new Uint8Array(Math.ceil(count / 8));
  for (let at = 0; at < data.length; at += channels) {
    const colour = channels === 1
      ? data[at]!
      : data[at]! << 16 | data[at + 1]! << 8 | data[at + 2]!;
    used[colour >> 3]! |= 1 << (colour & 7);
  }
  const byte = used.findIndex((bits) => bits !== 255);
  if (byte < 0) return undefined;
  let free = byte * 8;
  while (used[byte]! >> (free & 7) & 1) free++;
  if (free >= count) return undefined;
  return Uint8Array.from(channels === 1 ? [free] : [free >> 16, free >> 8 & 255, free & 255]);
}
