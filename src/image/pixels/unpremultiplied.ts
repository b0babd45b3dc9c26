// Colours that a file stores multiplied by their alpha, as they are without it.
import type { PixelBuffer } from "./pixel_buffer.ts";

/** New samples of the same channels, the last of which is alpha; what is transparent has no colour. */
export function unpremultiplied({ data, channels }: PixelBuffer): Uint8Array<ArrayBuffer> {
  const straight = new Uint8ClampedArray(data.length);
  const last = channels - 1;
  for (let at = 0; at < data.length; at += channels) {
    const alpha = data[at + last]!;
    straight[at + last] = alpha;
    if (alpha === 0) continue;
    for (let channel = 0; channel < last; channel++) {
      straight[at + channel] = data[at + channel]! * 255 / alpha;
    }
  }
  return new Uint8Array(straight.buffer);
}
