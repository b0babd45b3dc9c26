// What a worker does before its first request: V8 runs new code several times slower than code that it
// has seen at work, and a picture's way leads through much of the engine and of our own loops.
import type { MagickFormat } from "@imagemagick/magick-wasm";
import type { Engine } from "../options/option.ts";
import { parseOptions } from "../options/parse.ts";
import type { TransformedImage, TransformJob } from "./job.ts";
import { createPixel } from "./one_pixel.ts";
import { replacePixels } from "./pixels.ts";
import type { Transformer } from "./transform.ts";

/**
 * From what to what. The resampler has loops of its own for less than a quarter, for more than half and
 * for more than the whole size, without alpha (JPEG) and with it (PNG).
 */
const EXERCISES: readonly (readonly [MagickFormat, string])[] = [
  ["JPEG", "0.12x,jpeg"],
  ["JPEG", "0.7x,jpeg,q80"],
  ["PNG", "0.7x,png"],
  ["JPEG", "0.4x,webp"],
  ["PNG", "0.2x,png"],
  ["PNG", "640x,webp"],
  ["JPEG", "640x,jpeg"],
  ["WEBP", "0.5x,jpeg"],
];
const ROUNDS = 4;
const SIDE = 512;

/** Steps of some milliseconds each (longer the first time), to be taken while there is nothing else to do. */
export function* warmUp(
  engine: Engine,
  transformer: Transformer,
): Generator<Promise<TransformedImage>> {
  const originals = new Map<MagickFormat, Uint8Array>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const [format, options] of EXERCISES) {
      const bytes = originals.get(format) ?? draw(format, engine);
      originals.set(format, bytes);
      yield transformer.transform(
        { ...JOB, bytes, options: parseOptions(options) } as TransformJob,
      );
    }
  }
}

const JOB = {
  scaleUp: true,
  limits: { maxPixels: 1e6, maxFrames: 1, maxTotalPixels: 1e6, maxOutputPixels: 1e6 },
};

/** A coarse pattern with grain: flat colour would leave most of a codec's code untouched. */
function draw(format: MagickFormat, engine: Engine): Uint8Array {
  const channels = format === "PNG" ? 4 : 3;
  const data = new Uint8Array(SIDE * SIDE * channels);
  for (let i = 0, noise = 1; i < data.length; i++) {
    noise = Math.imul(noise, 1103515245) + 12345;
    data[i] = (i >> 4) + (i >> 14) * 7 + (noise >>> 27);
  }
  const image = createPixel(engine);
  try {
    image.hasAlpha = channels === 4;
    replacePixels(image, { data, width: SIDE, height: SIDE });
    image.quality = 80;
    return image.write(format, (bytes) => bytes.slice());
  } finally {
    image.dispose();
  }
}
