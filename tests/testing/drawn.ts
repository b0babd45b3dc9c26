// A picture back as pixels, in the test's own process.
import { ImageMagick } from "@imagemagick/magick-wasm";
import { startEngine } from "./pictures.ts";

/** RGBA of a file that the engine reads. */
export async function decode(bytes: Uint8Array): Promise<Uint8Array> {
  await startEngine();
  return ImageMagick.read(
    bytes,
    (image) =>
      image.getPixels((area) => area.toByteArray(0, 0, image.width, image.height, "RGBA"))!.slice(),
  );
}
