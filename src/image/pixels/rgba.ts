// Pixels of any channels as RGBA, for what knows no other.
import type { PixelBuffer } from "./pixel_buffer.ts";

/** A copy of the samples with four channels, opaque where there is no alpha. */
export function rgbaOf(
  { data: from, width, height, channels, hasAlpha }: PixelBuffer,
): Uint8Array<ArrayBuffer> {
  if (channels === 4 && hasAlpha) return new Uint8Array(from);
  const data = new Uint8Array(width * height * 4);
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  for (let at = 0, index = 0; at < data.length; at += 4, index += channels) {
    data[at] = from[index]!;
    data[at + 1] = from[index + green]!;
    data[at + 2] = from[index + blue]!;
    data[at + 3] = hasAlpha ? from[index + channels - 1]! : 255;
  }
  return data;
}
