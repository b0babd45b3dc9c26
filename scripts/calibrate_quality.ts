// Finds which quality of each encoder looks like which quality of JPEG, by structural similarity (Wang et
// al., 2004) over the pictures of a folder. Prints the rows of src/image/quality.ts and the mean
// similarity and bytes of each. Usage: calibrate_quality.ts {folder} {picture}…
import * as magick from "@imagemagick/magick-wasm";
import { engineModule } from "../src/image/engine_module.js";
import { keepsChroma, SCALE } from "../src/image/quality.ts";

const WINDOW = 8, STRIDE = 4;
const PRECISION = 1;

type Format = "JPEG" | "WEBP" | "AVIF" | "JXL";

interface Planes {
  width: number;
  height: number;
  /** Luma and two chroma planes. */
  planes: Float32Array[];
}

await magick.initializeImageMagick(engineModule);
const [folder = ".", ...names] = Deno.args;
const pictures = names.map((name) => small(Deno.readFileSync(`${folder}/${name}`)));
const references = pictures.map((picture) => planesOf(picture));

const targets = SCALE.map((quality) => measure("JPEG", quality, quality));
console.log("jpeg", targets.map(show).join(" "));
for (const format of ["WEBP", "AVIF", "JXL"] as const) {
  const rows = SCALE.map((quality, index) => {
    let low = 1, high = format === "AVIF" ? 99 : 100;
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
    similarity += compare(references[index]!, planesOf(encoded)) / pictures.length;
    bytes += encoded.length;
  });
  return { similarity, bytes };
}

/** No larger than 360 pixels, as PNG. */
function small(bytes: Uint8Array): Uint8Array {
  return magick.ImageMagick.read(bytes, new magick.MagickReadSettings(), (image) => {
    image.resize(360, 360);
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

function planesOf(bytes: Uint8Array): Planes {
  return magick.ImageMagick.read(bytes, new magick.MagickReadSettings(), (image) => {
    const { width, height } = image;
    const rgb = image.getPixels((pixels) => pixels.toByteArray(0, 0, width, height, "RGB"))!;
    const planes = [0, 1, 2].map(() => new Float32Array(width * height));
    for (let at = 0; at < width * height; at++) {
      const r = rgb[at * 3]!, g = rgb[at * 3 + 1]!, b = rgb[at * 3 + 2]!;
      const luma = 0.299 * r + 0.587 * g + 0.114 * b;
      planes[0]![at] = luma;
      planes[1]![at] = (b - luma) * 0.564;
      planes[2]![at] = (r - luma) * 0.713;
    }
    return { width, height, planes };
  });
}

/** Similarity of 0…1: eight tenths luma, one tenth each colour difference. */
function compare(a: Planes, b: Planes): number {
  return [0.8, 0.1, 0.1].reduce(
    (sum, weight, plane) => sum + weight * similarity(a, { b, plane }),
    0,
  );
}

function similarity({ width, height, planes }: Planes, { b, plane }: { b: Planes; plane: number }) {
  const first = planes[plane]!, second = b.planes[plane]!;
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
