// Which qualities `quality:auto` finds, over the pictures of a folder: the first word of a picture's name, up to a
// dash, is its kind. The first try and the slopes of auto_quality.ts come from it. Usage: calibrate_auto.ts {folder}
// {format}…, formats being those of URLs
import * as engine from "@imagemagick/magick-wasm";
import { engineModule } from "../src/image/engine/engine_module.js";
import { findQuality } from "../src/image/formats/coding/auto_quality.ts";
import { type Luma, lumaOf, similarity } from "../src/image/formats/coding/similarity.ts";
import { readPixels } from "../src/image/pixels/pixels.ts";
import type { TransformJob } from "../src/image/plan/job.ts";
import { createTransformer } from "../src/image/transform.ts";
import { parseOptions } from "../src/options/parse.ts";
import { USUAL_SIMILARITY } from "../src/options/quality.ts";

await engine.initializeImageMagick(engineModule);
const transformer = createTransformer(engine);
const [folder = ".", ...formats] = Deno.args;
const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

for (const format of formats) {
  const found = new Map<string, number[]>();
  for (const name of names) {
    const bytes = Deno.readFileSync(`${folder}/${name}`);
    const original = look(bytes);
    const tried: string[] = [];
    const { quality, written } = await findQuality(async (quality) => {
      const written = await write(bytes, `${format},q${quality}`);
      const alike = similarity(original, look(written));
      tried.push(`${quality}: ${alike.toFixed(4)}`);
      return { similarity: alike, written };
    }, { target: USUAL_SIMILARITY, now: () => performance.now() });
    console.log(`${format} ${name}: ${quality}, ${written.length} bytes (${tried.join(", ")})`);
    const kind = name.replace(/-.*/s, "");
    found.set(kind, [...found.get(kind) ?? [], quality]);
  }
  for (const [kind, qualities] of found) {
    console.log(`${format} ${kind}: ${qualities.sort((a, b) => a - b).join(", ")}`);
  }
}

function look(bytes: Uint8Array): Luma {
  const settings = new engine.MagickReadSettings();
  return engine.ImageMagick.read(bytes, settings, (image) => lumaOf(readPixels(image)!));
}

async function write(bytes: Uint8Array, text: string): Promise<Uint8Array> {
  const options = parseOptions(text) as TransformJob["options"];
  const limits = { maxPixels: 1e8, maxFrames: 1, maxTotalPixels: 1e8, maxOutputPixels: 1e8 };
  return (await transformer.transform({ bytes, options, scaleUp: false, limits })).bytes;
}
