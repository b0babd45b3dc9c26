// Which colours the frames of a GIF share, which frame gets its own, and the indices of its pixels.
import type { FrameChange, Pixels } from "./frame_changes.ts";
import { addColour, createHistogram, createNearest, type Histogram, quantise } from "./palette.ts";

export interface Palette {
  /** 0xBBGGRR. */
  colours: Uint32Array;
  /** The index that paints nothing, behind the colours. */
  transparent: number | undefined;
  /** Whether it holds every colour of the picture. */
  isExact: boolean;
}

/** A palette to find indices in. */
export interface Finder extends Palette {
  nearest(colour: number): number;
}

/** Mean squared error, summed over the channels, above which a frame deserves its own palette. */
const POOR = 60;
/** The share of that error that an own palette must take away. */
const WORTH = 0.6;
/** The most pixels that a palette is made by. */
const COUNTED = 400_000;
/** Pixels by which a frame is judged. */
const SAMPLED = 4000;

/** The palette of all changes. `exactColours` are all the colours there are, where they fit into one. */
export function commonPalette(
  changes: readonly FrameChange[],
  exactColours: Uint32Array | undefined,
): Palette {
  const anyOpen = changes.some(isOpen);
  if (exactColours && exactColours.length + (anyOpen ? 1 : 0) <= 256) {
    return paletteOf(exactColours, { open: anyOpen, isExact: true });
  }
  const colours = quantise(histogramOf(changes), anyOpen ? 255 : 256);
  return paletteOf(colours, { open: anyOpen, isExact: false });
}

/** A palette of the change's own, where the common one would show it badly. */
export function ownPalette(change: FrameChange, common: Finder): Finder | undefined {
  if (common.isExact) return undefined;
  const error = errorOf(change.pixels, common);
  if (error < POOR) return undefined;
  const open = isOpen(change);
  const colours = quantise(histogramOf([change]), open ? 255 : 256);
  const palette = finderOf(paletteOf(colours, { open, isExact: false }));
  return errorOf(change.pixels, palette) < error * WORTH ? palette : undefined;
}

function isOpen({ pixels }: FrameChange): boolean {
  return pixels.includes(0);
}

/** All colours of the frames; undefined where there are more than 256. */
export function distinctColours(frames: readonly Pixels[]): Uint32Array | undefined {
  const colours = new Set<number>();
  for (const pixels of frames) {
    let last = 0;
    for (let at = 0; at < pixels.length; at++) {
      const pixel = pixels[at]!;
      if (pixel === last || pixel === 0) continue;
      last = pixel;
      colours.add(pixel & 0xffffff);
      if (colours.size > 256) return undefined;
    }
  }
  return Uint32Array.from(colours).sort();
}

/** The indices of a frame's pixels. Dithering spreads the error of each pixel over those that follow. */
export function indexPixels(
  { pixels, width }: FrameChange,
  palette: Finder,
  { dithered }: { dithered: boolean },
): Uint8Array {
  if (dithered) return ditherPixels(pixels, width, palette);
  const { nearest } = palette;
  const transparent = palette.transparent ?? 0;
  const indices = new Uint8Array(pixels.length);
  let last = 0, lastIndex = transparent;
  for (let at = 0; at < pixels.length; at++) {
    const pixel = pixels[at]!;
    if (pixel !== last) {
      last = pixel;
      lastIndex = pixel === 0 ? transparent : nearest(pixel & 0xffffff);
    }
    indices[at] = lastIndex;
  }
  return indices;
}

/** Floyd and Steinberg's weights, at seven eighths of their strength: the rest is noise that costs bytes. */
function ditherPixels(pixels: Pixels, width: number, palette: Finder): Uint8Array {
  const { nearest, colours } = palette;
  const indices = new Uint8Array(pixels.length);
  let current = new Float32Array((width + 2) * 3);
  let below = new Float32Array((width + 2) * 3);
  for (let row = 0; row < pixels.length; row += width) {
    below.fill(0);
    for (let x = 0; x < width; x++) {
      const pixel = pixels[row + x]!;
      if (pixel === 0) {
        indices[row + x] = palette.transparent ?? 0;
        continue;
      }
      const at = (x + 1) * 3;
      const red = clamp((pixel & 255) + current[at]!);
      const green = clamp((pixel >> 8 & 255) + current[at + 1]!);
      const blue = clamp((pixel >> 16 & 255) + current[at + 2]!);
      const index = nearest(red | green << 8 | blue << 16);
      indices[row + x] = index;
      const colour = colours[index]!;
      const errors = [
        red - (colour & 255),
        green - (colour >> 8 & 255),
        blue - (colour >> 16 & 255),
      ];
      for (let channel = 0; channel < 3; channel++) {
        const error = errors[channel]! * (7 / 8 / 16);
        current[at + 3 + channel]! += error * 7;
        below[at - 3 + channel]! += error * 3;
        below[at + channel]! += error * 5;
        below[at + 3 + channel]! += error;
      }
    }
    [current, below] = [below, current];
  }
  return indices;
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : Math.round(value);
}

export function finderOf(palette: Palette): Finder {
  const { colours, isExact } = palette;
  return { ...palette, nearest: isExact ? exactly(colours) : createNearest(colours) };
}

function exactly(colours: Uint32Array): Finder["nearest"] {
  const indices = new Map(Array.from(colours, (colour, index) => [colour, index]));
  return (colour) => indices.get(colour) ?? 0;
}

function paletteOf(
  colours: Uint32Array,
  { open, isExact }: { open: boolean; isExact: boolean },
): Palette {
  return { colours, transparent: open ? colours.length : undefined, isExact };
}

function histogramOf(changes: readonly FrameChange[]): Histogram {
  const total = changes.reduce((sum, { pixels }) => sum + pixels.length, 0);
  // Never a whole number but one: columns of a picture would be left out.
  const step = total > COUNTED ? total / COUNTED * 1.0123 : 1;
  const histogram = createHistogram();
  for (const { pixels } of changes) {
    for (let at = 0; at < pixels.length; at += step) {
      const pixel = pixels[at | 0]!;
      if (pixel !== 0) addColour(histogram, pixel);
    }
  }
  return histogram;
}

/** The mean squared distance, over all channels, of some thousand pixels from their entries. */
function errorOf(pixels: Pixels, { colours, nearest }: Finder): number {
  const step = Math.max(1, Math.floor(pixels.length / SAMPLED));
  let error = 0, count = 0;
  for (let at = 0; at < pixels.length; at += step) {
    const pixel = pixels[at]!;
    if (pixel === 0) continue;
    const colour = colours[nearest(pixel & 0xffffff)]!;
    error += ((pixel & 255) - (colour & 255)) ** 2 +
      ((pixel >> 8 & 255) - (colour >> 8 & 255)) ** 2 +
      ((pixel >> 16 & 255) - (colour >> 16 & 255)) ** 2;
    count++;
  }
  return count === 0 ? 0 : error / count;
}
