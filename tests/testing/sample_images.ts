// Small pictures of every format the engine can write, made by the engine itself: what is tested
// against them is tested against what real encoders produce.

import {
  ColorSpace,
  Endian,
  ImageMagick,
  type IMagickImage,
  initializeImageMagick,
  Interlace,
  MagickFormat,
  MagickImage,
  MagickImageCollection,
  MagickReadSettings,
  Orientation,
} from "@imagemagick/magick-wasm";
import { engineModule } from "../../src/image/engine/engine_module.js";

/** One picture and the name under which a failing test reports it. */
export interface SampleImage {
  name: string;
  bytes: Uint8Array;
}

interface Recipe {
  name: string;
  format: MagickFormat;
  width?: number;
  height?: number;
  frames?: number;
  /** With alpha that varies; otherwise there is none. */
  alpha?: boolean;
  /** Changes the picture, or how it is written, before it is written. */
  prepare?: (image: IMagickImage) => void;
}

const RECIPES: readonly Recipe[] = [
  { name: "jpeg", format: MagickFormat.Jpeg },
  {
    name: "jpeg progressive",
    format: MagickFormat.Jpeg,
    prepare: (image) => image.settings.interlace = Interlace.Plane,
  },
  {
    name: "jpeg grey",
    format: MagickFormat.Jpeg,
    prepare: (image) => image.colorSpace = ColorSpace.Gray,
  },
  {
    name: "jpeg cmyk",
    format: MagickFormat.Jpeg,
    prepare: (image) => image.colorSpace = ColorSpace.CMYK,
  },
  { name: "png", format: MagickFormat.Png24 },
  { name: "png alpha", format: MagickFormat.Png32, alpha: true },
  { name: "png indexed", format: MagickFormat.Png8 },
  { name: "png 16 bit", format: MagickFormat.Png48 },
  { name: "png 16 bit alpha", format: MagickFormat.Png64, alpha: true },
  {
    name: "png grey",
    format: MagickFormat.Png,
    prepare: (image) => image.colorSpace = ColorSpace.Gray,
  },
  {
    name: "png interlaced",
    format: MagickFormat.Png24,
    prepare: (image) => image.settings.interlace = Interlace.Png,
  },
  { name: "gif", format: MagickFormat.Gif },
  { name: "gif transparent", format: MagickFormat.Gif, alpha: true },
  { name: "gif animated", format: MagickFormat.Gif, frames: 5 },
  { name: "webp lossy", format: MagickFormat.WebP },
  { name: "webp lossy alpha", format: MagickFormat.WebP, alpha: true },
  {
    name: "webp lossless",
    format: MagickFormat.WebP,
    prepare: (image) => image.settings.setDefine(MagickFormat.WebP, "lossless", true),
  },
  { name: "webp animated", format: MagickFormat.WebP, frames: 4, alpha: true },
  { name: "avif", format: MagickFormat.Avif },
  { name: "avif alpha", format: MagickFormat.Avif, alpha: true },
  { name: "avif animated", format: MagickFormat.Avif, frames: 4 },
  { name: "jxl", format: MagickFormat.Jxl },
  { name: "jxl alpha", format: MagickFormat.Jxl, alpha: true },
  { name: "jxl large", format: MagickFormat.Jxl, width: 700, height: 300 },
  { name: "jxl animated", format: MagickFormat.Jxl, frames: 3 },
  { name: "jxl animated alpha", format: MagickFormat.Jxl, frames: 3, alpha: true },
  { name: "jxl animated large", format: MagickFormat.Jxl, frames: 3, width: 600, height: 300 },
  {
    name: "jxl with exif (container)",
    format: MagickFormat.Jxl,
    prepare: (image) => image.setProfile("exif", exifProfile(6)),
  },
  { name: "tiff", format: MagickFormat.Tiff },
  { name: "tiff alpha", format: MagickFormat.Tiff, alpha: true },
  {
    name: "tiff big-endian, three pages",
    format: MagickFormat.Tiff,
    frames: 3,
    prepare: (image) => image.settings.endian = Endian.MSB,
  },
  { name: "tiff little-endian, two pages", format: MagickFormat.Tiff, frames: 2 },
  { name: "bigtiff", format: MagickFormat.Tiff64, frames: 2 },
  {
    name: "tiff cmyk",
    format: MagickFormat.Tiff,
    prepare: (image) => image.colorSpace = ColorSpace.CMYK,
  },
  { name: "bmp", format: MagickFormat.Bmp },
  { name: "bmp alpha", format: MagickFormat.Bmp, alpha: true },
  { name: "bmp 2", format: MagickFormat.Bmp2 },
  { name: "bmp 3", format: MagickFormat.Bmp3 },
  { name: "ico of two", format: MagickFormat.Ico, frames: 2 },
  { name: "ico of 256 pixels", format: MagickFormat.Ico, width: 256, height: 256, alpha: true },
  ...["jpeg", "tiff", "jxl", "png", "webp", "avif"].flatMap((format) =>
    [2, 6, 8].map((orientation) => ({
      name: `${format} with orientation ${orientation}`,
      format: format.toUpperCase() as MagickFormat,
      prepare: (image: IMagickImage) => {
        image.orientation = orientation as Orientation;
        image.setProfile("exif", exifProfile(orientation));
      },
    }))
  ),
];

/** Starts the engine (once, however often it is asked). */
export function startEngine(): Promise<void> {
  return started ??= initializeImageMagick(engineModule);
}
let started: Promise<void> | undefined;

/** One picture of each kind. */
export async function createSampleImages(): Promise<SampleImage[]> {
  await startEngine();
  const samples = RECIPES.map((recipe) => ({ name: recipe.name, bytes: cook(recipe) }));
  // The engine writes only bitmaps into an ICO; others write PNGs.
  const png = samples.find(({ name }) => name === "png alpha")?.bytes ?? new Uint8Array();
  const entry = [37, 23, 0, 0, 1, 0, 32, 0, png.length & 255, png.length >> 8, 0, 0, 22, 0, 0, 0];
  const ico = new Uint8Array([0, 0, 1, 0, 1, 0, ...entry, ...png]);
  return [...samples, { name: "ico with a png", bytes: ico }];
}

/** What the engine makes of `bytes`, read as the format named. */
export function decodeFacts(bytes: Uint8Array, format: string) {
  const settings = new MagickReadSettings({ format: format.toUpperCase() as MagickFormat });
  return ImageMagick.readCollection(bytes, settings, (images) => {
    const first = images[0];
    if (!first) throw new Error("The engine gave no image");
    return {
      width: first.width,
      height: first.height,
      page: { width: first.page.width, height: first.page.height },
      frames: images.length,
      orientation: first.orientation === Orientation.Undefined ? 1 : first.orientation,
      hasAlpha: images.some((image) => image.hasAlpha),
      depth: first.depth,
      colorSpace: first.colorSpace,
      hasProfile: first.getColorProfile() !== null,
      delays: images.map((image) => image.animationDelay),
      iterations: first.animationIterations,
      totalPixels: images.reduce((sum, image) => sum + image.width * image.height, 0),
    };
  });
}

/** A minimal EXIF block that holds an orientation and nothing else. */
export function exifProfile(orientation: number): Uint8Array {
  const tiff = [0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 18, 0, 3, 0, 0, 0, 1];
  return new Uint8Array([...ascii("Exif\0\0"), ...tiff, 0, orientation, 0, 0, 0, 0, 0, 0]);
}

export function ascii(text: string): number[] {
  return [...text].map((character) => character.charCodeAt(0));
}

function cook({ format, width = 37, height = 23, frames = 1, alpha, prepare }: Recipe): Uint8Array {
  const collection = MagickImageCollection.create();
  try {
    for (let frame = 0; frame < frames; frame++) {
      const settings = new MagickReadSettings({
        format: MagickFormat.Rgba,
        width,
        height,
        depth: 8,
      });
      const data = pixels({ width, height, frame, alpha: alpha ?? false });
      const image = MagickImage.create(data, settings);
      collection.push(image);
      if (!alpha) image.hasAlpha = false;
      image.animationDelay = 7 + frame;
      image.animationIterations = 3;
      prepare?.(image);
    }
    const single = frames === 1 ? collection[0] : undefined;
    return (single ?? collection).write(format, (bytes) => bytes.slice());
  } finally {
    collection.dispose();
  }
}

/** RGBA pixels of a picture in which no two neighbours and no two frames are alike. */
function pixels(
  { width, height, frame, alpha }: {
    width: number;
    height: number;
    frame: number;
    alpha: boolean;
  },
): Uint8Array {
  const bytes = new Uint8Array(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const x = i % width, y = Math.floor(i / width);
    bytes.set([x * 5 + frame * 40, y * 9, x * y + frame, alpha ? (x * 255) / width : 255], i * 4);
  }
  return bytes;
}
