// How much two pictures look alike, so that time is not bought with quality.
import { ImageMagick, type IMagickImage, MagickGeometry } from "@imagemagick/magick-wasm";

/** Brightness, a byte a pixel. */
export interface Brightness {
  data: Uint8Array;
  width: number;
  height: number;
}

const SIDE = 8;
/** The constants of the paper for values of 0…255. */
const C1 = (0.01 * 255) ** 2, C2 = (0.03 * 255) ** 2;

/** The brightness of a picture over white, as it is or at another size. */
export function brightnessOf(
  bytes: Uint8Array,
  size?: { width: number; height: number },
): Brightness {
  return ImageMagick.read(bytes, (image: IMagickImage) => {
    if (size) {
      const geometry = new MagickGeometry(size.width, size.height);
      geometry.ignoreAspectRatio = true;
      image.resize(geometry);
    }
    const { width, height } = image;
    const rgba = image.getPixels((pixels) => pixels.toByteArray(0, 0, width, height, "RGBA"))!;
    const data = new Uint8Array(width * height);
    for (let i = 0; i < data.length; i++) {
      const [r, g, b, a] = rgba.subarray(i * 4, i * 4 + 4) as unknown as number[];
      const luma = 0.299 * r! + 0.587 * g! + 0.114 * b!;
      data[i] = Math.round(255 - (255 - luma) * a! / 255);
    }
    return { data, width, height };
  });
}

/**
 * The structural similarity of two pictures of one size, 1 where they are the same: the mean over windows of
 * 8x8 pixels, every fourth (Wang, Bovik, Sheikh and Simoncelli, IEEE Transactions on Image Processing 13, 2004).
 */
export function ssim(a: Brightness, b: Brightness): number {
  if (a.width !== b.width || a.height !== b.height) return 0;
  const { width, height } = a;
  const across = Math.min(SIDE, width), down = Math.min(SIDE, height);
  let total = 0;
  let windows = 0;
  for (let top = 0; top + down <= height; top += 4) {
    for (let left = 0; left + across <= width; left += 4, windows++) {
      let [sumA, sumB, squares, squaresB, products] = [0, 0, 0, 0, 0];
      for (let y = top; y < top + down; y++) {
        for (let at = y * width + left; at < y * width + left + across; at++) {
          const p = a.data[at]!, q = b.data[at]!;
          sumA += p;
          sumB += q;
          squares += p * p;
          squaresB += q * q;
          products += p * q;
        }
      }
      const n = across * down;
      const [meanA, meanB] = [sumA / n, sumB / n];
      const varianceA = squares / n - meanA * meanA, varianceB = squaresB / n - meanB * meanB;
      const covariance = products / n - meanA * meanB;
      total += (2 * meanA * meanB + C1) * (2 * covariance + C2) /
        ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2));
    }
  }
  return total / windows;
}
