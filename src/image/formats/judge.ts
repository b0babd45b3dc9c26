// Reads a file again that has just been written, to see what became of the picture.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import type { Engine } from "../pixels/engine.ts";
import { readAnyPixels } from "../pixels/pixels.ts";
import { lumaOf, similarity } from "./coding/similarity.ts";
import { formatOf, type OutputFormat } from "./table.ts";

/** Tells how alike a file in the format looks to the frame that it was written from. */
export function createJudge(
  frame: IMagickImage,
  { format, engine }: { format: OutputFormat; engine: Engine },
): (file: Uint8Array) => number {
  const original = lumaOf(readAnyPixels(frame));
  const coder = formatOf(format).decoding!.coder!;
  return (file) =>
    engine.ImageMagick.read(
      file,
      new engine.MagickReadSettings({ format: coder }),
      (written) => similarity(original, lumaOf(readAnyPixels(written))),
    );
}
