// Which frames our own encoders can write: those of which the pixels are sRGB's, or greys of the same curve.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import type { Engine } from "../../pixels/engine.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { readPixels } from "../../pixels/pixels.ts";

/** The frame's samples, without a copy: valid until the next call into the engine. Undefined where they are of another kind. */
export function rgbOrGrey(frame: IMagickImage, { ColorSpace }: Engine): PixelBuffer | undefined {
  const isKnown = frame.colorSpace === ColorSpace.sRGB || frame.colorSpace === ColorSpace.Gray;
  return isKnown ? readPixels(frame) : undefined;
}
