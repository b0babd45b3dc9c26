// How much results look like what they were made from, so that no time is bought with quality.
import { ImageMagick, MagickGeometry } from "@imagemagick/magick-wasm";
import { type Luma, lumaOf } from "../../src/image/formats/coding/similarity.ts";

/** The brightness of a picture, as it is or brought to another size by the engine. */
export function brightnessOf(bytes: Uint8Array, size?: { width: number; height: number }): Luma {
  return ImageMagick.read(bytes, (image) => {
    if (size) {
      const geometry = new MagickGeometry(size.width, size.height);
      geometry.ignoreAspectRatio = true;
      image.resize(geometry);
    }
    const { width, height } = image;
    const data = image.getPixels((pixels) => pixels.toByteArray(0, 0, width, height, "RGBA"))!;
    return lumaOf({ data, width, height, channels: 4, hasAlpha: true });
  });
}
