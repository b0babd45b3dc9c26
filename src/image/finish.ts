// What happens to frames that have their size: room around them, a turn by any angle, effects. All of it
// is arithmetic on samples; the engine only keeps them.
import type { IMagickImageCollection } from "@imagemagick/magick-wasm";
import type { PaintSettings } from "../options/option.ts";
import type { Engine } from "./pixels/engine.ts";
import { OPTIONS, type Options } from "../options/table.ts";
import type { Layers } from "../paint/layer.ts";
import { place, turnBy } from "../paint/place.ts";
import { over, type Raster, TRANSPARENT, WHITE } from "../paint/raster.ts";
import { brightnessHistogram } from "../paint/tone.ts";
import { turnedSize } from "./pixels/geometry.ts";
import { readRaster, writeRaster } from "./rasters.ts";
import type { Canvas } from "./plan/shape_plan.ts";

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
  /** What lies over the frames. */
  layers?: Layers | undefined;
}

/** Whether frames are finished once they have their size. */
export function isFinished(
  { options, canvas, degrees }: Omit<Finish, "opaque" | "layers">,
): boolean {
  return !canvas && degrees === 0 && effectsOf(options).length === 0;
}

/** The options that paint, in the order of the table. */
const EFFECTS = Object.entries(OPTIONS).filter(([, option]) => "paint" in option);

function effectsOf(options: Options) {
  return EFFECTS.filter(([name]) => options[name as keyof Options] !== undefined);
}

/** Finishes all frames; those with nothing to do are not touched. */
export function finishFrames(
  frames: IMagickImageCollection,
  finish: Finish,
  engine: Engine,
): void {
  const { options, canvas, degrees, scale, opaque, layers } = finish;
  if (isFinished(finish)) return;
  const effects = effectsOf(options);
  let histogram: Float64Array | undefined;
  const settings: PaintSettings = {
    scale,
    outside: opaque ? over(options.background ?? WHITE, WHITE) : TRANSPARENT,
    rounding: options.radius,
    layer: (name, { width, height }) => layers?.[name]?.({ width, height, scale }),
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
  return countPaints(options) > 0;
}

/** How often they may. */
export function countPaints(options: Options): number {
  const { pad, angle, cut, padding } = options;
  return [pad, angle, cut, padding].filter((option) => option !== undefined).length +
    effectsOf(options).length;
}

function* rasters(frames: IMagickImageCollection, engine: Engine): Iterable<Raster> {
  for (const frame of frames) yield readRaster(frame, engine);
}
