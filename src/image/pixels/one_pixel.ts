// An image of our own, made without any coder that the engine's policy forbids: even its plain canvases
// come from one.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import type { Engine } from "./engine.ts";

/** A bitmap of one pixel: a file header, an information header of 40 bytes, and blue, green, red. */
const ONE_PIXEL = Uint8Array.of(
  ...[0x42, 0x4d, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0],
  ...[24, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
);

/** The engine's coder that makes it. */
export const PIXEL_CODER = "BMP";

/** A new image of one opaque pixel. */
export function createPixel({ MagickImage, MagickReadSettings }: Engine): IMagickImage {
  return MagickImage.create(ONE_PIXEL, new MagickReadSettings({ format: PIXEL_CODER }));
}
