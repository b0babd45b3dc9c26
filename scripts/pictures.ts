// The pictures of the documents, made by the program as it is, of a photo and of the page's samples. They
// count as current while they look the same: encoders become better, and a picture is no record of them.
import * as engine from "@imagemagick/magick-wasm";
import { engineModule } from "../src/image/engine/engine_module.js";
import { readFonts } from "../src/image/engine/wasm/drawing_fonts.ts";
import { prepareDrawing, readDrawing } from "../src/image/engine/wasm/drawing_wasm.ts";
import type { TransformJob } from "../src/image/plan/job.ts";
import { createTransformer } from "../src/image/transform.ts";
import { overlaysIn } from "../src/options/overlay.ts";
import { parseOptions } from "../src/options/parse.ts";
import { SAMPLES } from "../src/page/samples.ts";
import { pictureSheets } from "./picture_sheet.ts";
import { readmePictures } from "./readme_pictures.ts";

const FOLDER = new URL("../docs/pictures/", import.meta.url);
/** From which signal-to-noise ratio on, in dB, two pictures look the same. */
const ALIKE = 36;

/** The documents' pictures as the program makes them now, by the names of their files. */
export async function createPictures(): Promise<Map<string, Uint8Array>> {
  await engine.initializeImageMagick(engineModule);
  const transformer = createTransformer(engine, {
    drawing: async () =>
      await prepareDrawing({
        wasm: await readDrawing(),
        fonts: await readFonts(),
        operatorFonts: [],
      }),
  });
  const limits = { maxPixels: 1e8, maxFrames: 100, maxTotalPixels: 1e8, maxOutputPixels: 1e8 };
  const photo = await Deno.readFile(new URL("photo.jpg", FOLDER));
  const samples = [SAMPLES["badge.png"]!, SAMPLES["orbit.gif"]!].map(({ draw }) => draw());
  /** What overlays show: a picture with transparency, a drawing, and a plain square. */
  const over: Record<string, Uint8Array> = {
    badge: samples[0]!,
    sign: SAMPLES["sign.svg"]!.draw(),
  };
  const make = async (bytes: Uint8Array, text: string) => {
    const options = parseOptions(text) as TransformJob["options"];
    const overlays = overlaysIn(options).map(({ overlay }) => over[overlay.picture]!.slice());
    const job = { bytes: bytes.slice(), overlays, options, scaleUp: false, limits };
    return (await transformer.transform(job)).bytes;
  };
  over.square = await make(photo, "64,png");
  return new Map([
    ...await readmePictures(photo, make),
    ...await pictureSheets([photo, ...samples], make),
  ]);
}

/** The names of those that lie in the folder otherwise, or not at all. The engine must have been started. */
export async function outdatedPictures(made: ReadonlyMap<string, Uint8Array>): Promise<string[]> {
  const outdated: string[] = [];
  for (const [name, bytes] of made) {
    const there = await Deno.readFile(new URL(name, FOLDER)).catch(() => undefined);
    if (!there || !looksTheSame(bytes, there)) outdated.push(name);
  }
  return outdated;
}

/** Writes those that are not as the program makes them; gives their names. */
export async function writePictures(): Promise<string[]> {
  const made = await createPictures();
  const outdated = await outdatedPictures(made);
  for (const name of outdated) await Deno.writeFile(new URL(name, FOLDER), made.get(name)!);
  return outdated;
}

function looksTheSame(a: Uint8Array, b: Uint8Array): boolean {
  const [left, right] = [look(a), look(b)];
  if (
    ["format", "width", "height"].some((key) => left[key as "format"] !== right[key as "format"])
  ) {
    return false;
  }
  let sum = 0;
  for (let at = 0; at < left.pixels.length; at++) {
    sum += (left.pixels[at]! - right.pixels[at]!) ** 2;
  }
  return 10 * Math.log10(255 ** 2 / (sum / left.pixels.length)) >= ALIKE;
}

function look(bytes: Uint8Array) {
  return engine.ImageMagick.read(bytes, new engine.MagickReadSettings(), (image) => {
    const { width, height, format } = image;
    const pixels = image.getPixels((all) => all.toByteArray(0, 0, width, height, "RGBA"))!.slice();
    return { width, height, format, pixels };
  });
}
