// The one form that pixels take between the engine, our own loops and what looks at pictures.

export interface PixelBuffer {
  /** Rows from the top, without gaps, `channels` bytes per pixel. */
  data: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
  /** Whether the last channel (of 2 or 4) is alpha, not premultiplied. */
  hasAlpha: boolean;
}
