// What a worker does before its first request: V8 runs new code several times slower than code that it
// has seen at work, and a picture's way leads through much of the engine and of our own loops.
import type { MagickFormat } from "@imagemagick/magick-wasm";
import type { Engine } from "../pixels/engine.ts";
import { parseOptions } from "../../options/parse.ts";
import type { TransformedImage, TransformJob } from "../plan/job.ts";
import type { WarmUp } from "./messages.ts";
import { createPixel } from "../pixels/one_pixel.ts";
import { replacePixels } from "../pixels/pixels.ts";
import type { Transformer } from "../transform.ts";

interface Exercise {
  readonly from: MagickFormat;
  readonly options: string;
}

/**
 * The resampler has loops of its own for less than a quarter, for more than half and for more than the whole
 * size.  */
const USUAL: readonly Exercise[] = [
  { from: "JPEG", options: "0.25x,jpeg" },
  { from: "JPEG", options: "0.12x,jpeg" },
  { from: "JPEG", options: "0.7x,jpeg,q80" },
  { from: "JPEG", options: "320x,jpeg" },
];
/** PNG has alpha, for which the resampler has other loops. */
const UNUSUAL: readonly Exercise[] = [
  { from: "PNG", options: "0.7x,png" },
  { from: "PNG", options: "0.2x,png" },
  { from: "JPEG", options: "0.4x,webp" },
  { from: "PNG", options: "320x,webp" },
  { from: "WEBP", options: "0.5x,jpeg" },
];
const ROUNDS = 3;
/** Small, so that no step keeps a first request waiting: at 512 pixels the first ones took up to a second. */
const SIDE = 256;

/** Steps of some milliseconds each (longer the first time), to be taken while there is nothing else to do. */
export function* warmUp(
  engine: Engine,
  { transformer, extent }: { transformer: Transformer; extent: Exclude<WarmUp, "none"> },
): Generator<Promise<TransformedImage>> {
  const originals = new Map<MagickFormat, Uint8Array>();
  for (const exercise of [...rounds(USUAL), ...(extent === "all" ? rounds(UNUSUAL) : [])]) {
    const { from, options } = exercise;
    const bytes = originals.get(from) ?? draw(from, engine);
    originals.set(from, bytes);
    yield transformer.transform({ ...JOB, bytes, options: parseOptions(options) } as TransformJob);
  }
}

function rounds(exercises: readonly Exercise[]): Exercise[] {
  return Array.from({ length: ROUNDS }, () => exercises).flat();
}

const JOB = {
  scaleUp: true,
  limits: { maxPixels: 2e6, maxFrames: 1, maxTotalPixels: 2e6, maxOutputPixels: 1e6 },
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
