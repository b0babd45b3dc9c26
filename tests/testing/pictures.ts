// Small pictures with known pixels, made by the real engine, and a look at what came out.
import {
  GifDisposeMethod,
  ImageMagick,
  initializeImageMagick,
  type MagickFormat,
  MagickGeometry,
  MagickReadSettings,
} from "@imagemagick/magick-wasm";
import { engineModule } from "../../src/image/engine/engine_module.js";

let started: Promise<void> | undefined;

/** Starts the engine in the test's own process, once. */
export function startEngine(): Promise<void> {
  return started ??= initializeImageMagick(engineModule);
}

/** One colour per letter; a dot is transparent. */
export const COLOURS: Readonly<Record<string, readonly number[]>> = {
  r: [255, 0, 0, 255],
  g: [0, 255, 0, 255],
  b: [0, 0, 255, 255],
  y: [255, 255, 0, 255],
  c: [0, 255, 255, 255],
  m: [255, 0, 255, 255],
  w: [255, 255, 255, 255],
  k: [0, 0, 0, 255],
  ".": [0, 0, 0, 0],
};

export interface PictureOptions {
  format?: MagickFormat;
  /** How many pixels wide and high each letter is. */
  scale?: number;
  /** EXIF orientation to store, in a JPEG. */
  orientation?: number;
}

/** A picture of letters, one per block of pixels: `["rg", "by"]`. */
export function picture(
  rows: readonly string[],
  options: PictureOptions = {},
): Uint8Array<ArrayBuffer> {
  return animation([{ rows }], options);
}

export interface Frame {
  rows: readonly string[];
  /** Hundredths of a second. */
  delay?: number;
}

/** An animation of frames that are each the whole canvas. */
export function animation(
  frames: readonly Frame[],
  { format = "PNG", scale = 1, orientation, loops = 0 }: PictureOptions & { loops?: number } = {},
): Uint8Array<ArrayBuffer> {
  const width = frames[0]!.rows[0]!.length * scale;
  const height = frames[0]!.rows.length * scale;
  const settings = new MagickReadSettings({ format: "RGBA", width, height, depth: 8 });
  const raw = new Uint8Array(frames.flatMap(({ rows }) => samplesOf(rows, scale)));
  return ImageMagick.readCollection(raw, settings, (images) => {
    images.forEach((image, index) => {
      image.animationDelay = frames[index]!.delay ?? 0;
      image.animationIterations = loops;
      image.format = format;
      image.quality = 100;
      image.gifDisposeMethod = GifDisposeMethod.Background;
      if (rowsAreOpaque(frames[index]!.rows)) image.hasAlpha = false;
    });
    return images.write(
      format,
      (bytes) => orientation ? withOrientation(bytes, orientation) : bytes.slice(),
    );
  });
}

export interface Decoded {
  format: string;
  width: number;
  height: number;
  hasAlpha: boolean;
  frames: { delay: number; rgba: Uint8Array }[];
  loops: number;
}

/** What a viewer sees: every frame whole, as RGBA. */
export function look(bytes: Uint8Array): Decoded {
  return ImageMagick.readCollection(bytes, new MagickReadSettings(), (images) => {
    if (images.length > 1) images.coalesce();
    const first = images[0]!;
    return {
      format: first.format,
      width: first.width,
      height: first.height,
      hasAlpha: first.hasAlpha,
      loops: first.animationIterations,
      frames: images.map((image) => ({
        delay: image.animationDelay * 100 / image.animationTicksPerSecond,
        rgba: image.getPixels((pixels) =>
          pixels.toByteArray(0, 0, image.width, image.height, "RGBA")
        )!.slice(),
      })),
    };
  });
}

/** The letters nearest to the colours in the middle of each block of a frame. */
export function letters(
  { width, height, frames }: Decoded,
  { scale = 1, frame = 0 } = {},
): string[] {
  const { rgba } = frames[frame]!;
  return Array.from(
    { length: height / scale },
    (_, row) =>
      Array.from({ length: width / scale }, (_, column) => {
        const x = Math.floor((column + 0.5) * scale);
        const y = Math.floor((row + 0.5) * scale);
        return nearestLetter(rgba.subarray((y * width + x) * 4, (y * width + x) * 4 + 4));
      }).join(""),
  );
}

/** The letters of one frame's RGBA, its rows parted by slashes. */
export function lettersIn(
  { rgba, width, height }: { rgba: Uint8Array; width: number; height: number },
  scale: number,
): string {
  const frames = [{ delay: 0, rgba }];
  return letters({ format: "", width, height, hasAlpha: true, frames, loops: 0 }, { scale })
    .join("/");
}

/** Peak signal-to-noise ratio, in dB, of two frames of the same size; Infinity where they are equal. */
export function psnr(a: Uint8Array, b: Uint8Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index]! - b[index]!) ** 2;
  return 10 * Math.log10(255 ** 2 / (sum / a.length));
}

/** A frame resized by the engine, as a reference. */
export function resizedByEngine(bytes: Uint8Array, width: number, height: number): Uint8Array {
  return ImageMagick.read(bytes, new MagickReadSettings(), (image) => {
    const size = new MagickGeometry(width, height);
    size.ignoreAspectRatio = true;
    image.autoOrient();
    image.resize(size);
    return image.getPixels((pixels) => pixels.toByteArray(0, 0, width, height, "RGBA"))!.slice();
  });
}

function samplesOf(rows: readonly string[], scale: number): number[] {
  return rows.flatMap((row) => {
    const line = [...row].flatMap((letter) =>
      Array.from({ length: scale }, () => COLOURS[letter]!).flat()
    );
    return Array.from({ length: scale }, () => line).flat();
  });
}

function rowsAreOpaque(rows: readonly string[]): boolean {
  return rows.every((row) => !row.includes("."));
}

function nearestLetter(rgba: Uint8Array): string {
  const distance = (colour: readonly number[]) =>
    colour[3] === 0
      ? rgba[3]! * 3
      : colour.reduce((sum, value, channel) => sum + Math.abs(value - rgba[channel]!), 0);
  return Object.entries(COLOURS).reduce((best, entry) =>
    distance(entry[1]) < distance(best[1]) ? entry : best
  )[0];
}

/** Puts an EXIF segment behind the start of a JPEG; the engine's writer would reset the orientation. */
function withOrientation(jpeg: Uint8Array, orientation: number): Uint8Array<ArrayBuffer> {
  // APP1, its length, "Exif", then a big-endian TIFF with one tag: 0x0112, SHORT, one value.
  return Uint8Array.of(
    ...[
      0xff,
      0xd8,
      0xff,
      0xe1,
      0,
      34,
      0x45,
      0x78,
      0x69,
      0x66,
      0,
      0,
      0x4d,
      0x4d,
      0,
      0x2a,
      0,
      0,
      0,
      8,
      0,
      1,
    ],
    ...[0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0, 0, 0, 0, 0],
    ...jpeg.subarray(2),
  );
}
