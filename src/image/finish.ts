// What happens to frames that have their size: room around them, a turn by any angle, effects. All of it
// is arithmetic on samples; the engine only keeps them.
import type { IMagickImage, IMagickImageCollection } from "@imagemagick/magick-wasm";
import type { PaintSettings } from "../options/option.ts";
import type { Engine } from "./pixels/engine.ts";
import { OPTIONS, type Options } from "../options/table.ts";
import { place, turnBy } from "../paint/place.ts";
import { isOpaque, over, type Raster, TRANSPARENT, WHITE } from "../paint/raster.ts";
import { brightnessHistogram } from "../paint/tone.ts";
import { turnedSize } from "./pixels/geometry.ts";
import { readPixels, replacePixels } from "./pixels/pixels.ts";
import type { Canvas } from "./plan/shape.ts";

export interface Finish {
  options: Options;
  /** Where the frames lie, as they are turned by now. */
  canvas?: Canvas | undefined;
  /** The degrees counter-clockwise that are still to turn. */
  degrees: number;
  /** How many pixels stand for one of the URL. */
  scale: number;
  /** Whether the format has no transparency. */
  opaque: boolean;
}

/** Finishes all frames; those with nothing to do are not touched. */
export function finishFrames(
  frames: IMagickImageCollection,
  finish: Finish,
  engine: Engine,
): void {
  const { options, canvas, degrees, scale, opaque } = finish;
  const effects = Object.entries(OPTIONS).filter(([name, option]) =>
    "paint" in option && options[name as keyof Options] !== undefined
  );
  if (!canvas && degrees === 0 && effects.length === 0) return;
  let histogram: Float64Array | undefined;
  const settings: PaintSettings = {
    scale,
    outside: opaque ? over(options.background ?? WHITE, WHITE) : TRANSPARENT,
    rounding: options.radius,
    histogram: () => histogram ??= brightnessHistogram(rasters(frames, engine)),
  };
  // Asked for before any frame is painted.
  if (options.normalize) settings.histogram();
  for (const frame of frames) {
    let picture = readRaster(frame, engine);
    if (canvas) picture = place(picture, canvas);
    if (degrees !== 0) picture = turnBy(picture, { degrees, ...turnedSize(picture, degrees) });
    for (const [name, option] of effects) {
      const value = options[name as keyof Options];
      if ("paint" in option) option.paint?.(picture, value as never, settings);
    }
    writeRaster(frame, picture, engine);
  }
}

/** Whether the options may have pixels computed anew after they got their size. */
export function paints(options: Options): boolean {
  const { pad, angle, cut, padding } = options;
  return [pad, angle, cut, padding].some((option) => option !== undefined) ||
    Object.entries(OPTIONS).some(([name, option]) =>
      "paint" in option && options[name as keyof Options] !== undefined
    );
}

function* rasters(frames: IMagickImageCollection, engine: Engine): Iterable<Raster> {
  for (const frame of frames) yield readRaster(frame, engine);
}

function readRaster(frame: IMagickImage, { ColorSpace }: Engine): Raster {
  const { colorSpace, width, height } = frame;
  if (colorSpace !== ColorSpace.sRGB && colorSpace !== ColorSpace.Gray) {
    frame.colorSpace = ColorSpace.sRGB;
  }
  const pixels = readPixels(frame);
  if (!pixels) {
    const data = frame.getPixels((area) => area.toByteArray(0, 0, width, height, "RGBA"))!;
    return { data: new Uint8ClampedArray(data), width, height };
  }
  const { channels, hasAlpha, data: from } = pixels;
  if (channels === 4 && hasAlpha) return { data: new Uint8ClampedArray(from), width, height };
  const data = new Uint8ClampedArray(width * height * 4);
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  for (let at = 0, index = 0; at < data.length; at += 4, index += channels) {
    data[at] = from[index]!;
    data[at + 1] = from[index + green]!;
    data[at + 2] = from[index + blue]!;
    data[at + 3] = hasAlpha ? from[index + channels - 1]! : 255;
  }
  return { data, width, height };
}

function writeRaster(frame: IMagickImage, picture: Raster, { ColorSpace }: Engine): void {
  const { data, width, height } = picture;
  if (frame.colorSpace !== ColorSpace.sRGB) frame.colorSpace = ColorSpace.sRGB;
  const opaque = isOpaque(picture);
  if (frame.hasAlpha === opaque) frame.hasAlpha = !opaque;
  replacePixels(frame, { data: bytesOf(data), width, height });
}

function bytesOf(data: Uint8ClampedArray): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.length);
}
