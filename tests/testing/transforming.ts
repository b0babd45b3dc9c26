// One picture through the pipeline, in the test's own process.
import * as engine from "@imagemagick/magick-wasm";
import type { EncodingSettings } from "../../src/image/formats/encoding.ts";
import type { ImageLimits, TransformedImage, TransformJob } from "../../src/image/plan/job.ts";
import { createTransformer, type Transformer } from "../../src/image/transform.ts";
import { parseOptions } from "../../src/options/parse.ts";
import type { OutputFormat } from "../../src/image/formats/table.ts";
import type { Drawing, Loaders } from "../../src/image/formats/coding/codec.ts";
import { readFonts } from "../../src/image/engine/wasm/drawing_fonts.ts";
import { prepareDrawing, readDrawing } from "../../src/image/engine/wasm/drawing_wasm.ts";
import { prepareWebpWriter, readWebpWriter } from "../../src/image/engine/wasm/webp_wasm.ts";
import { startEngine } from "./pictures.ts";

export const LIMITS: ImageLimits = {
  maxPixels: 1e8,
  maxFrames: 1000,
  maxTotalPixels: 2e8,
  maxOutputPixels: 1e8,
};

/** What draws SVGs, as workers have it. */
export async function loadDrawing(): Promise<Drawing> {
  return await prepareDrawing({
    wasm: await readDrawing(),
    fonts: await readFonts(),
    operatorFonts: [],
  });
}

/** What is made ready when it is needed, as workers have it. */
export const LOADERS: Loaders = {
  drawing: loadDrawing,
  webpWriter: async () => await prepareWebpWriter(await readWebpWriter()),
};

let transformer: Transformer | undefined;

/** What a request with these options, as in a URL, would get of the bytes. */
export async function transform(
  bytes: Uint8Array,
  options: string,
  settings: {
    accepted?: readonly OutputFormat[];
    encoding?: EncodingSettings;
    scaleUp?: boolean;
    limits?: Partial<ImageLimits>;
  } = {},
): Promise<TransformedImage> {
  await startEngine();
  transformer ??= createTransformer(engine, LOADERS);
  const { accepted, encoding, scaleUp = false, limits } = settings;
  return await transformer.transform({
    ...jobOf(bytes, options),
    scaleUp,
    limits: { ...LIMITS, ...limits },
    ...(accepted && { acceptedFormats: accepted }),
    ...(encoding && { encoding }),
  });
}

export function jobOf(bytes: Uint8Array, options: string): TransformJob {
  return {
    bytes,
    options: parseOptions(options) as TransformJob["options"],
    scaleUp: false,
    limits: LIMITS,
  };
}
