// The originals: those of the folder shared by the project where it is there, else made here.
import {
  ImageMagick,
  initializeImageMagick,
  MagickGeometry,
  MagickReadSettings,
} from "@imagemagick/magick-wasm";
import type { IMagickImageCollection, MagickFormat } from "@imagemagick/magick-wasm";
import { engineModule } from "../../src/image/engine/engine_module.js";

export type PictureName =
  | "photo.jpg"
  | "photo.png"
  | "photo.webp"
  | "wide.avif"
  | "alpha.png"
  | "animation.gif";
export type Pictures = Record<PictureName, Uint8Array<ArrayBuffer>>;

const FILES: Partial<Record<PictureName, string>> = {
  "photo.jpg": "photo-2725x2225.jpg",
  "alpha.png": "alpha-2048x1536.png",
  "animation.gif": "animated-40-frames-480x300.gif",
};

/** Reads what the folder has, makes what it has not. */
export async function loadPictures(folder: URL): Promise<Pictures> {
  await initializeImageMagick(engineModule);
  const load = async (name: PictureName, make: () => Uint8Array<ArrayBuffer>) => {
    const file = FILES[name];
    return file === undefined ? make() : await Deno.readFile(new URL(file, folder)).catch(make);
  };
  const photo = await load("photo.jpg", () => draw("JPEG", { width: 2725, height: 2225 }));
  return {
    "photo.jpg": photo,
    "photo.png": convert(photo, "PNG", { width: 2000, height: 1633 }),
    "photo.webp": convert(photo, "WEBP", { width: 2000, height: 1633 }),
    "wide.avif": convert(photo, "AVIF", { width: 4096, height: 800 }),
    "alpha.png": await load("alpha.png", () => draw("PNG", { width: 2048, height: 1536 })),
    "animation.gif": await load(
      "animation.gif",
      () => draw("GIF", { width: 480, height: 300, frames: 40 }),
    ),
  };
}

/** The photo at another size, as sites keep it. */
function convert(
  photo: Uint8Array,
  format: MagickFormat,
  { width, height }: { width: number; height: number },
): Uint8Array<ArrayBuffer> {
  return ImageMagick.read(photo, (image) => {
    const size = new MagickGeometry(width, height);
    size.ignoreAspectRatio = true;
    image.strip();
    image.resize(size);
    image.quality = 75;
    image.settings.setDefine("heic:speed", "8");
    return image.write(format, (bytes) => bytes.slice());
  });
}

/** Waves and grain: neither flat nor noise, so that encoders have as much to do as with a photo. */
function draw(
  format: MagickFormat,
  { width, height, frames = 1 }: { width: number; height: number; frames?: number },
): Uint8Array<ArrayBuffer> {
  const data = new Uint8Array(width * height * 4 * frames);
  for (let i = 0; i < data.length; i++) {
    const [x, y, channel] = [(i >> 2) % width, Math.floor(i / 4 / width), i & 3];
    const frame = Math.floor(y / height);
    const wave = Math.sin((x + frame * 5) / (37 + channel)) * Math.cos(y / 23 + channel);
    data[i] = format === "JPEG" && channel === 3
      ? 255
      : 128 + 90 * wave + (Math.imul(i, 2654435761) >>> 28);
  }
  const settings = new MagickReadSettings({ format: "RGBA", width, height, depth: 8 });
  const write = (images: IMagickImageCollection) => {
    for (const image of images) {
      image.quality = 85;
      image.animationDelay = 5;
      if (format !== "PNG") image.hasAlpha = false;
    }
    return images.write(format, (bytes) => bytes.slice());
  };
  return ImageMagick.readCollection(data, settings, write);
}
