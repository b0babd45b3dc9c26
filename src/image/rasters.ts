// Frames as what effects work on, and back.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import { isOpaque, type Raster } from "../paint/raster.ts";
import type { Engine } from "./pixels/engine.ts";
import { readPixels, replacePixels } from "./pixels/pixels.ts";
import { rgbaOf } from "./pixels/rgba.ts";

/** The samples of a frame, a copy. */
export function readRaster(frame: IMagickImage, { ColorSpace }: Engine): Raster {
  const { colorSpace, width, height } = frame;
  if (colorSpace !== ColorSpace.sRGB && colorSpace !== ColorSpace.Gray) {
    frame.colorSpace = ColorSpace.sRGB;
  }
  const pixels = readPixels(frame);
  if (!pixels) {
    const data = frame.getPixels((area) => area.toByteArray(0, 0, width, height, "RGBA"))!;
    return { data: new Uint8ClampedArray(data), width, height };
  }
  return { data: new Uint8ClampedArray(rgbaOf(pixels).buffer), width, height };
}

/** Puts a picture of any size into a frame. */
export function writeRaster(frame: IMagickImage, picture: Raster, { ColorSpace }: Engine): void {
  const { data, width, height } = picture;
  if (frame.colorSpace !== ColorSpace.sRGB) frame.colorSpace = ColorSpace.sRGB;
  const opaque = isOpaque(picture);
  if (frame.hasAlpha === opaque) frame.hasAlpha = !opaque;
  replacePixels(frame, { data: bytesOf(data), width, height });
}

function bytesOf(data: Uint8ClampedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}
