// Alpha that a file stores in the narrow range of video, as viewers show it: 16 is transparent, 235 opaque.
import type { PixelBuffer } from "./pixel_buffer.ts";

/** New samples of the same channels, the last of which is alpha. */
export function withWideAlpha({ data, channels }: PixelBuffer): Uint8Array {
  const wide = new Uint8ClampedArray(data);
  for (let at = channels - 1; at < wide.length; at += channels) {
    wide[at] = (wide[at]! - 16) * 255 / 219;
  }
  return new Uint8Array(wide.buffer);
}
