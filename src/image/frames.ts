// What is done to one frame, or learned from it, between decoding and encoding.
import type { IMagickImage, IMagickImageCollection } from "@imagemagick/magick-wasm";
import type { Raster } from "../paint/raster.ts";
import type { Engine } from "./pixels/engine.ts";
import {
  type Dihedral,
  inverse,
  isIdentity,
  turnRect,
  turnSize,
  uprightFrom,
} from "./pixels/dihedral.ts";
import {
  fitInside,
  isWhole,
  type Rect,
  sameSize,
  type Size,
  sizeOf,
  wholeOf,
} from "./pixels/geometry.ts";
import type { PixelRows } from "./pixels/pixel_rows.ts";
import { readPixels, replacePixels } from "./pixels/pixels.ts";
import { createResampler } from "./pixels/resample.ts";
import type { Shape } from "./plan/shape_plan.ts";
import { ANALYSED_SIDE, type SmallPicture } from "./pixels/smart_crop.ts";
import { type Samples, trimBox, union } from "./pixels/trim.ts";
import type { PixelSource, YccPlanes } from "./pixels/ycc_planes.ts";

/** How frames are given their shape, with the memory that this takes. */
export interface Reshaper {
  /** A picture in another size. */
  resize(picture: Raster, size: Size): Raster;
  /** Brings the region of a frame, or of pixels that are to be the frame's, to its size and then turns it. */
  reshape(frame: IMagickImage, shape: Shape & { turn: Dihedral }, pixels?: LoosePixels): void;
  /** Brings the region of planes to its size, with chroma of which a sample spans so many pixels. */
  reshapePlanes(planes: YccPlanes, shape: Shape, span: 1 | 2): YccPlanes;
  /** Gives a frame pixels as they are. */
  fill(frame: IMagickImage, pixels: LoosePixels): void;
}

/** Pixels that are to be a frame's. */
type LoosePixels = PixelSource | PixelRows;

export function createReshaper(engine: Engine): Reshaper {
  const resampler = createResampler();

  function reshape(
    frame: IMagickImage,
    { region, target, turn }: Shape & { turn: Dihedral },
    pixels?: LoosePixels,
  ): void {
    if (pixels) resamplePixels(frame, pixels, { region, target });
    else if (!sameSize(region, target)) resample(frame, { region, target });
    else if (!isWhole(region, frame)) {
      frame.crop(new engine.MagickGeometry(region.x, region.y, region.width, region.height));
    }
    frame.resetPage();
    if (!isIdentity(turn)) turnFrame(frame, turn);
  }

  function resample(frame: IMagickImage, { region, target }: Shape): void {
    const pixels = readPixels(frame);
    if (pixels) return resamplePixels(frame, pixels, { region, target });
    // More channels than the kernel knows, such as CMYK with transparency.
    const size = new engine.MagickGeometry(target.width, target.height);
    size.ignoreAspectRatio = true;
    frame.crop(new engine.MagickGeometry(region.x, region.y, region.width, region.height));
    frame.resetPage();
    frame.resize(size, engine.FilterType.Lanczos);
  }

  function resamplePixels(frame: IMagickImage, pixels: LoosePixels, shape: Shape): void {
    replacePixels(frame, { data: resampler.resample(pixels, shape), ...shape.target });
  }

  function fill(frame: IMagickImage, pixels: LoosePixels): void {
    if ("data" in pixels) return replacePixels(frame, pixels);
    resamplePixels(frame, pixels, { region: wholeOf(pixels), target: sizeOf(pixels) });
  }

  function resize({ data, ...from }: Raster, { width, height }: Size): Raster {
    const source = {
      ...from,
      data: new Uint8Array(data.buffer, data.byteOffset, data.length),
      channels: 4,
      hasAlpha: true,
    } as const;
    const resized = resampler.resample(source, { target: { width, height } });
    return { data: new Uint8ClampedArray(resized), width, height };
  }

  return {
    reshape,
    reshapePlanes: (planes, shape, span) => resampler.resamplePlanes(planes, { ...shape, span }),
    resize,
    fill,
  };
}

function turnFrame(frame: IMagickImage, turn: Dihedral): void {
  frame.orientation = EXIF_ORIENTATIONS.find((orientation) =>
    sameTurn(uprightFrom(orientation), turn)
  )!;
  frame.autoOrient();
  frame.resetPage();
}

const EXIF_ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

function sameTurn(a: Dihedral, b: Dihedral): boolean {
  return a.transpose === b.transpose && a.flipX === b.flipX && a.flipY === b.flipY;
}

/** What remains of the stored frames without their border, in stored pixels; all frames lose the same. */
export function trimmed(
  frames: IMagickImageCollection,
  upright: Dihedral,
  { tolerance, corner }: { tolerance: number; corner?: "se" },
): Rect {
  const size = sizeOf(frames[0]!);
  const seen = turnSize(size, upright);
  const pixel = corner === "se" ? { x: seen.width - 1, y: seen.height - 1 } : { x: 0, y: 0 };
  const reference = turnRect({ ...pixel, width: 1, height: 1 }, seen, inverse(upright));
  const boxes = frames.map((frame) =>
    withSamples(frame, (samples) => trimBox(samples, { ...reference, tolerance }))
  )
    .filter((box) => box !== undefined);
  return boxes.length > 0 ? boxes.reduce(union) : { x: 0, y: 0, ...size };
}

/** A small upright RGBA copy of a region of the frame, for analysis. */
export function smallCopy(
  frame: IMagickImage,
  { region, upright, reshaper }: { region: Rect; upright: Dihedral; reshaper: Reshaper },
): SmallPicture {
  return frame.clone((copy) => {
    const side = Math.min(ANALYSED_SIDE, Math.max(region.width, region.height));
    const target = fitInside(region, { width: side, height: side });
    reshaper.reshape(copy, { region, target, turn: upright });
    const data = copy.getPixels((pixels) =>
      pixels.toByteArray(0, 0, copy.width, copy.height, "RGBA")
    );
    return { ...sizeOf(copy), data: data! };
  });
}

function withSamples<T>(frame: IMagickImage, use: (samples: Samples) => T): T {
  const samples = readPixels(frame);
  if (samples) return use(samples);
  return frame.getPixels((pixels) => {
    const data = pixels.toByteArray(0, 0, frame.width, frame.height, "RGBA")!;
    return use({ ...sizeOf(frame), data, channels: 4, hasAlpha: true });
  });
}
