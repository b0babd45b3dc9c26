// The engine's frames to our own GIF writer.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import { readPixels } from "../pixels.ts";
import type { Pixels } from "./frame_changes.ts";
import { writeGif } from "./write_gif.ts";

/** A GIF of the frames, with their own timing. */
export function encodeGif(frames: readonly IMagickImage[]): Uint8Array<ArrayBuffer> {
  const { width, height, animationIterations } = frames[0]!;
  return writeGif({
    width,
    height,
    frames: frames.map(pixelsOf),
    delays: frames.map(({ animationDelay, animationTicksPerSecond }) =>
      animationDelay * 1000 / animationTicksPerSecond
    ),
    loopCount: animationIterations,
  });
}

/** Alpha below half is transparent, all other is opaque. */
function pixelsOf(frame: IMagickImage): Pixels {
  const { width, height } = frame;
  const { data, channels, hasAlpha } = readPixels(frame) ?? {
    data: frame.getPixels((area) => area.toByteArray(0, 0, width, height, "RGBA"))!,
    channels: 4,
    hasAlpha: true,
  };
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  const alpha = channels - 1;
  const pixels = new Uint32Array(width * height);
  for (let to = 0, from = 0; to < pixels.length; to++, from += channels) {
    if (hasAlpha && data[from + alpha]! < 128) continue;
    pixels[to] = data[from]! | data[from + green]! << 8 | data[from + blue]! << 16 | 0xff000000;
  }
  return pixels;
}
