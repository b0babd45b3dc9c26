// A picture with something of everything, for codecs: waves, grain and edges, the same every time.
import { MagickFormat } from "@imagemagick/magick-wasm";
import * as engine from "@imagemagick/magick-wasm";
import type { PixelBuffer } from "../../src/image/pixels/pixel_buffer.ts";
import { createPixel } from "../../src/image/pixels/one_pixel.ts";
import { readPixels, replacePixels } from "../../src/image/pixels/pixels.ts";

/** Pixels of a made-up photo; channels 2 and 4 have transparency in places. */
export function photo(
  width: number,
  height: number,
  { channels = 3, grain = 16 }: { channels?: PixelBuffer["channels"]; grain?: number } = {},
): PixelBuffer {
  const data = new Uint8Array(width * height * channels);
  const isAlpha = (channel: number) => channels % 2 === 0 && channel === channels - 1;
  for (let i = 0, noise = 1; i < data.length; i++) {
    noise = Math.imul(noise, 1103515245) + 12345;
    const channel = i % channels;
    const x = Math.floor(i / channels) % width, y = Math.floor(i / channels / width);
    const wave = 128 + 70 * Math.sin(x / 11 + channel) * Math.cos(y / 17);
    const edge = (x >> 5) + (y >> 5) & 1 ? 30 : 0;
    data[i] = isAlpha(channel) ? Math.min(255, x * 8) : wave + edge + (noise >>> 24) * grain / 256;
  }
  return { data, width, height, channels, hasAlpha: channels % 2 === 0 };
}

/** Has the engine write pixels. */
export function writeByEngine(
  pixels: PixelBuffer,
  format: MagickFormat,
  { quality = 90, defines = {} }: { quality?: number; defines?: Record<string, string> } = {},
): Uint8Array<ArrayBuffer> {
  const image = createPixel(engine);
  try {
    if (pixels.channels < 3) image.colorSpace = engine.ColorSpace.Gray;
    image.hasAlpha = pixels.hasAlpha;
    replacePixels(image, pixels);
    image.quality = quality;
    for (const [name, value] of Object.entries(defines)) image.settings.setDefine(name, value);
    if (defines["interlace"]) image.settings.interlace = engine.Interlace.Plane;
    return image.write(format, (bytes) => bytes.slice());
  } finally {
    image.dispose();
  }
}

/** Has the engine read a file. */
export function readByEngine(bytes: Uint8Array, format: MagickFormat): PixelBuffer {
  return engine.ImageMagick.read(bytes, format, (image) => {
    const pixels = readPixels(image)!;
    return { ...pixels, data: pixels.data.slice() };
  });
}

/** Peak signal-to-noise ratio in dB; Infinity where nothing differs. */
export function psnr(a: PixelBuffer, b: PixelBuffer): number {
  if (a.width !== b.width || a.height !== b.height || a.channels !== b.channels) return 0;
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += (a.data[i]! - b.data[i]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / a.data.length));
}
