// The engine's frames to our own GIF writer.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import { readPixels } from "../pixels.ts";
import { writeGif } from "./write_gif.ts";

/** A GIF of the frames, with their own timing. */
export function encodeGif(frames: readonly IMagickImage[]): Uint8Array<ArrayBuffer> {
  const { width, height, animationIterations } = frames[0]!;
  return writeGif({
    width,
    height,
    frames: frames.map(rgbaOf),
    delays: frames.map(({ animationDelay, animationTicksPerSecond }) =>
      animationDelay * 1000 / animationTicksPerSecond
    ),
    loopCount: animationIterations,
  });
}

function rgbaOf(frame: IMagickImage): Uint8Array {
  const { width, height } = frame;
  const samples = readPixels(frame);
  if (!samples) {
    return frame.getPixels((pixels) => pixels.toByteArray(0, 0, width, height, "RGBA"))!;
  }
  const { data, channels, hasAlpha } = samples;
  if (channels === 4) return data.slice();
  const rgba = new Uint8Array(width * height * 4);
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  for (let to = 0, from = 0; to < rgba.length; to += 4, from += channels) {
    rgba[to] = data[from]!;
    rgba[to + 1] = data[from + green]!;
    rgba[to + 2] = data[from + blue]!;
    rgba[to + 3] = hasAlpha ? data[from + channels - 1]! : 255;
  }
  return rgba;
}
