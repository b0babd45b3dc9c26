// Finds which quality of each encoder looks like which quality of JPEG, by structural similarity (Wang et
// al., 2004) over the pictures of a folder. Prints the native qualities in the table of formats and the mean
// similarity and bytes of each. Usage: calibrate_quality.ts {folder} {picture}…
import * as magick from "@imagemagick/magick-wasm";
import { engineModule } from "../src/image/engine/engine_module.js";
import { keepsChroma, SCALE } from "../src/image/formats/coding/quality.ts";

const WINDOW = 8, STRIDE = 4;
const PRECISION = 1;

type Format = "JPEG" | "WEBP" | "AVIF" | "JXL";

interface Plane {
  width: number;
  height: number;
  values: Float32Array;
}

await magick.initializeImageMagick(engineModule);
const [folder = ".", ...names] = Deno.args;
const pictures = names.map((name) => small(Deno.readFileSync(`${folder}/${name}`)));
const references = pictures.map((picture) => lumaOf(picture));

const targets = SCALE.map((quality) => measure("JPEG", quality, quality));
console.log("jpeg", targets.map(show).join(" "));
for (const format of ["WEBP", "AVIF", "JXL"] as const) {
  const rows = SCALE.map((quality, index) => {
    // At 100 these encoders do something else: they write without loss.
    let low = 1, high = 99;
    while (high - low > PRECISION) {
      const middle = Math.floor((low + high) / 2);
      if (measure(format, middle, quality).similarity < targets[index]!.similarity) low = middle;
      else high = middle;
    }
    return { native: high, ...measure(format, high, quality) };
  });
  console.log(format.toLowerCase(), `[${rows.map(({ native }) => native).join(", ")}]`);
  console.log("  ", rows.map(show).join(" "));
}

function show({ similarity, bytes }: { similarity: number; bytes: number }): string {
  return `${similarity.toFixed(4)}/${bytes}`;
}

function measure(format: Format, native: number, quality: number) {
  let similarity = 0, bytes = 0;
  pictures.forEach((picture, index) => {
    const encoded = encode(picture, { format, native, quality });
    similarity += compare(references[index]!, lumaOf(encoded)) / pictures.length;
    bytes += encoded.length;
  });
  return { similarity, bytes };
}

/** No larger than 300 pixels, as PNG. */
function small(bytes: Uint8Array): Uint8Array {
  return magick.ImageMagick.read(bytes, new magick.MagickReadSettings(), (image) => {
    image.resize(300, 300);
    image.strip();
    return image.write("PNG", (data) => data.slice());
  });
}

function encode(
  picture: Uint8Array,
  { format, native, quality }: { format: Format; native: number; quality: number },
): Uint8Array {
  return magick.ImageMagick.read(picture, new magick.MagickReadSettings(), (image) => {
    const chroma = keepsChroma(quality);
    image.quality = native;
    image.settings.setDefine("jpeg:sampling-factor", chroma ? "4:4:4" : "4:2:0");
    image.settings.setDefine("heic:chroma", chroma ? "444" : "420");
    image.settings.setDefine("heic:speed", "8");
    image.settings.setDefine("webp:method", "2");
    image.settings.setDefine("jxl:effort", "3");
    return image.write(format, (data) => data.slice());
  });
}

/** WebP has no full resolution for colours, so that only brightness can be compared at all qualities. */
function lumaOf(bytes: Uint8Array): Plane {
  return magick.ImageMagick.read(bytes, new magick.MagickReadSettings(), (image) => {
    const { width, height } = image;
    const rgb = image.getPixels((pixels) => pixels.toByteArray(0, 0, width, height, "RGB"))!;
    const values = new Float32Array(width * height);
    for (let at = 0; at < values.length; at++) {
      values[at] = 0.299 * rgb[at * 3]! + 0.587 * rgb[at * 3 + 1]! + 0.114 * rgb[at * 3 + 2]!;
    }
    return { width, height, values };
  });
}

/** Mean structural similarity, at most 1. */
function compare({ width, height, values: first }: Plane, { values: second }: Plane): number {
  const c1 = (0.01 * 255) ** 2, c2 = (0.03 * 255) ** 2, count = WINDOW * WINDOW;
  let total = 0, windows = 0;
  for (let y = 0; y + WINDOW <= height; y += STRIDE) {
    for (let x = 0; x + WINDOW <= width; x += STRIDE) {
      let sumA = 0, sumB = 0, squareA = 0, squareB = 0, product = 0;
      for (let row = y; row < y + WINDOW; row++) {
        for (let at = row * width + x; at < row * width + x + WINDOW; at++) {
          const p = first[at]!, q = second[at]!;
          sumA += p;
          sumB += q;
          squareA += p * p;
          squareB += q * q;
          product += p * q;
        }
      }
      const meanA = sumA / count, meanB = sumB / count;
      const varianceA = squareA / count - meanA ** 2, varianceB = squareB / count - meanB ** 2;
      const covariance = product / count - meanA * meanB;
      total += (2 * meanA * meanB + c1) * (2 * covariance + c2) /
        ((meanA ** 2 + meanB ** 2 + c1) * (varianceA + varianceB + c2));
      windows++;
    }
  }
  return total / windows;
}
