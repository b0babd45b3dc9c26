// Pixels out of the engine's image and back, in the cheapest ways that it has: both are on the path of
// every transform.

import {
  ClassType,
  type IMagickImage,
  MagickColors,
  MagickGeometry,
} from "@imagemagick/magick-wasm";
import type { PixelBuffer } from "./pixel_buffer.ts";

/**
 * The image's samples where the engine keeps them, without a copy: valid until the next call into the
 * engine. A palette is dissolved into colours first. Undefined where a pixel has more than four channels.
 */
export function readPixels(image: IMagickImage): PixelBuffer | undefined {
  // A palette's indices would be one more channel, beside the colours that they stand for.
  if (image.classType === ClassType.Pseudo) image.classType = ClassType.Direct;
  const { width, height, channelCount: channels, hasAlpha } = image;
  if (!isSupported(channels)) return undefined;
  const data = image.getPixels((pixels) => pixels.getReadOnlyArea(0, 0, width, height));
  return { data, width, height, channels, hasAlpha };
}

/** The same of any image: where a pixel has more channels, a copy as RGBA. */
export function readAnyPixels(image: IMagickImage): PixelBuffer {
  const { width, height } = image;
  return readPixels(image) ?? {
    data: image.getPixels((area) => area.toByteArray(0, 0, width, height, "RGBA"))!,
    ...{ width, height, channels: 4, hasAlpha: true },
  };
}

/**
 * Puts pixels of any size, with the channels that the image has, in place of its own; of RGBA for an image
 * without alpha only the colours. Format, profiles, attributes and timing stay; the page is reset to the
 * new size.
 */
export function replacePixels(
  image: IMagickImage,
  { data, width, height }: Pick<PixelBuffer, "data" | "width" | "height">,
): void {
  if (image.classType === ClassType.Pseudo) image.classType = ClassType.Direct;
  const channels = image.channelCount;
  const pixels = channels === 3 && data.length === width * height * 4 ? withoutAlpha(data) : data;
  if (pixels.length !== width * height * channels) {
    throw new RangeError(
      `Cannot put ${data.length} bytes into ${width}x${height} pixels of ${channels} channels`,
    );
  }
  if (image.width !== width || image.height !== height) resizeCanvas(image, width, height);
  image.getPixels((area) => area.setArea(0, 0, width, height, pixels));
}

function withoutAlpha(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(rgba.length / 4 * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4, to += 3) {
    rgb[to] = rgba[from]!;
    rgb[to + 1] = rgba[from + 1]!;
    rgb[to + 2] = rgba[from + 2]!;
  }
  return rgb;
}

// One pixel is kept and grown by as much as is missing: five times as fast as cropping to the new size,
// which copies pixels that are about to be replaced, and it frees the old ones before it allocates.
function resizeCanvas(image: IMagickImage, width: number, height: number): void {
  const { backgroundColor, hasAlpha } = image;
  image.crop(new MagickGeometry(0, 0, 1, 1));
  image.resetPage();
  // The new pixels get this colour: one with a hue or alpha would change the image's channels.
  image.backgroundColor = MagickColors.Black;
  // A geometry with a 0 means something else: what is one pixel wide or high is cut to that again.
  image.splice(new MagickGeometry(0, 0, Math.max(1, width - 1), Math.max(1, height - 1)));
  if (width === 1 || height === 1) image.crop(new MagickGeometry(0, 0, width, height));
  image.resetPage();
  image.backgroundColor = backgroundColor;
  if (image.hasAlpha !== hasAlpha) image.hasAlpha = hasAlpha;
}

function isSupported(channels: number): channels is PixelBuffer["channels"] {
  return channels >= 1 && channels <= 4;
}
