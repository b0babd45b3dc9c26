// A picture as it comes out of a decoder, a few rows at a time, for one who makes it smaller as it comes: it
// never lies whole in memory, and what is touched stays in the processor's cache.
import type { PixelBuffer } from "./pixel_buffer.ts";

/** Pixels that are decoded as they are asked for, once, from the top. */
export interface PixelRows extends Omit<PixelBuffer, "data"> {
  /** Writes so many of the next rows to `out` from `at` on, without gaps. Throws where there are no more. */
  take(count: number, out: Uint8Array, at: number): void;
  /** Milliseconds that decoding has taken so far. */
  spent(): number;
}

export function isRows(source: object): source is PixelRows {
  return "take" in source;
}
