// Pictures of letters in any format that the engine writes, with what a file may say beside them.
import {
  type MagickFormat,
  MagickImage,
  MagickImageCollection,
  MagickReadSettings,
  type Orientation,
} from "@imagemagick/magick-wasm";
import { rgbProfile, SRGB } from "../../src/image/colour/icc_profile.ts";
import { type Frame, picture } from "./pictures.ts";
import { exifProfile } from "./sample_images.ts";

/** How many pixels wide and high each letter is. */
export const SCALE = 32;

export interface WrittenOptions {
  /** As EXIF numbers it. */
  orientation?: number;
  /** The engine's; 95 unless told. */
  quality?: number;
  /** Whether an ICC profile says that what is stored as red is blue, and the other way round. */
  swapped?: boolean;
}

/** Frames of letters, as the engine writes them; several play three times. */
export function written(
  format: MagickFormat,
  frames: readonly Frame[],
  { orientation, quality = 95, swapped = false }: WrittenOptions = {},
): Uint8Array {
  const images = MagickImageCollection.create();
  try {
    for (const { rows, delay = 0 } of frames) {
      const bytes = picture(rows, { scale: SCALE });
      const image = MagickImage.create(bytes, new MagickReadSettings({ format: "PNG" }));
      images.push(image);
      image.quality = quality;
      image.animationDelay = delay;
      image.animationIterations = 3;
      if (orientation) {
        image.orientation = orientation as Orientation;
        image.setProfile("exif", exifProfile(orientation));
      }
      if (swapped) image.setProfile("icc", SWAPPED);
    }
    return (images.length > 1 ? images : images[0]!).write(format, (bytes) => bytes.slice());
  } finally {
    images.dispose();
  }
}

/** A profile by which red and blue change places. */
export const SWAPPED = rgbProfile("swapped", { ...SRGB, red: SRGB.blue, blue: SRGB.red });
