// Whole frames to a GIF file: the changes between them, a palette for all or for one where that shows,
// and the blocks of GIF89a.
import { concatenate } from "../coding/concatenate.ts";
import { changesOf, type FrameChange, type Pixels } from "./frame_changes.ts";
import {
  commonPalette,
  distinctColours,
  type Finder,
  finderOf,
  indexPixels,
  ownPalette,
  type Palette,
} from "./frame_palettes.ts";
import { encodeLzw } from "./lzw.ts";

export interface GifPicture {
  width: number;
  height: number;
  /** Whole frames. */
  frames: readonly Pixels[];
  /** Milliseconds that each frame is shown. */
  delays: readonly number[];
  /** How often an animation plays; 0 is forever. */
  loopCount: number;
}

/** A GIF of which the frames are still to be compressed. */
export interface GifPlan {
  /** The bytes that come before the first frame. */
  start: Uint8Array;
  frames: readonly PlannedFrame[];
  style: FrameStyle;
}

export interface PlannedFrame {
  change: FrameChange;
  /** Hundredths of a second. */
  delay: number;
}

/** What is the same for all frames. */
export interface FrameStyle {
  palette: Palette;
  /** Whether a frame may have a palette of its own. */
  mayDiffer: boolean;
  dithered: boolean;
}

/** Levels of a channel by which a pixel may differ from what is shown without being painted anew. */
const TOLERANCE = 3;

/** The bytes of the GIF file. */
export function writeGif(picture: GifPicture): Uint8Array<ArrayBuffer> {
  const plan = planGif(picture);
  return joinGif(plan, writeFrames(plan.frames, plan.style));
}

/** What two bytes hold: a side, a delay, how often it repeats. */
const MOST = 65_535;

/** All that frames have in common, worked out from all of them. Throws a RangeError beyond 65,535 pixels a side. */
export function planGif({ width, height, frames, delays, loopCount }: GifPicture): GifPlan {
  if (width > MOST || height > MOST) throw new RangeError(`No GIF is ${width}x${height} pixels`);
  const animated = frames.length > 1;
  const exactColours = distinctColours(frames);
  const changes = changesOf(frames, { width, tolerance: exactColours ? 0 : TOLERANCE });
  const palette = commonPalette(changes, exactColours);
  const start = [screen(width, height, palette)];
  if (animated && loopCount !== 1) start.push(looping(loopCount));
  const hundredths = toHundredths(delays);
  return {
    start: concatenate(start),
    frames: changes.map((change, index) => ({
      change,
      delay: animated ? hundredths[index] ?? 0 : 0,
    })),
    style: { palette, mayDiffer: animated, dithered: !animated && !exactColours },
  };
}

/** The bytes of each frame, which depend on no other's. */
export function writeFrames(
  frames: readonly PlannedFrame[],
  { palette, mayDiffer, dithered }: FrameStyle,
): Uint8Array<ArrayBuffer>[] {
  const common = finderOf(palette);
  return frames.map(({ change, delay }) => {
    const own = mayDiffer ? ownPalette(change, common) : undefined;
    return concatenate([
      control(change, own ?? common, delay),
      descriptor(change, own),
      ...imageData(change, own ?? common, { dithered }),
    ]);
  });
}

/** The whole file, of the frames' bytes. */
export function joinGif(
  { start }: GifPlan,
  frames: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  return concatenate([start, ...frames, Uint8Array.of(0x3b)]);
}

/** Hundredths of a second, where what rounding took from one frame is given to the next. */
export function toHundredths(delays: readonly number[]): number[] {
  let carried = 0;
  return delays.map((delay) => {
    // Viewers play 10 ms and less as 100 ms, so that nothing longer may be rounded to that.
    const least = delay > 10 ? 2 : 0;
    const hundredths = Math.min(MOST, Math.max(least, Math.round((delay + carried) / 10)));
    carried = Math.max(-10, Math.min(10, carried + delay - hundredths * 10));
    return hundredths;
  });
}

/** A table holds a power of two of entries, at least two: the exponent. */
function tableBits({ colours, transparent }: Palette): number {
  const entries = colours.length + (transparent === undefined ? 0 : 1);
  return Math.max(1, Math.ceil(Math.log2(Math.max(2, entries))));
}

function table(palette: Palette): Uint8Array {
  const bytes = new Uint8Array(3 << tableBits(palette));
  palette.colours.forEach((colour, index) => {
    bytes.set([colour & 255, colour >> 8 & 255, colour >> 16 & 255], index * 3);
  });
  return bytes;
}

function screen(width: number, height: number, common: Palette): Uint8Array {
  const size = [width & 255, width >> 8, height & 255, height >> 8];
  const signature = [..."GIF89a"].map((letter) => letter.charCodeAt(0));
  return concatenate([
    Uint8Array.from([...signature, ...size, 0xf0 | (tableBits(common) - 1), 0, 0]),
    table(common),
  ]);
}

/** The file counts repetitions, where 0 is forever; we count showings. */
function looping(loopCount: number): Uint8Array {
  const repeats = Math.min(MOST, Math.max(0, loopCount - 1));
  const name = [..."NETSCAPE2.0"].map((letter) => letter.charCodeAt(0));
  return Uint8Array.from([0x21, 0xff, 11, ...name, 3, 1, repeats & 255, repeats >> 8, 0]);
}

function control(change: FrameChange, { transparent }: Palette, delay: number): Uint8Array {
  const flags = (change.clears ? 2 : 1) << 2 | (transparent === undefined ? 0 : 1);
  return Uint8Array.of(0x21, 0xf9, 4, flags, delay & 255, delay >> 8, transparent ?? 0, 0);
}

function descriptor(change: FrameChange, own: Palette | undefined): Uint8Array {
  const sides = [change.left, change.top, change.width, change.height];
  const place = sides.flatMap((side) => [side & 255, side >> 8]);
  const bytes = Uint8Array.of(0x2c, ...place, own ? 0x80 | (tableBits(own) - 1) : 0);
  return own ? concatenate([bytes, table(own)]) : bytes;
}

function imageData(
  change: FrameChange,
  palette: Finder,
  options: { dithered: boolean },
): Uint8Array[] {
  const codeSize = Math.max(2, tableBits(palette));
  const data = encodeLzw(indexPixels(change, palette, options), codeSize);
  const blocks = new Uint8Array(data.length + Math.ceil(data.length / 255) + 1);
  let to = 0;
  for (let from = 0; from < data.length; from += 255) {
    const part = data.subarray(from, from + 255);
    blocks[to] = part.length;
    blocks.set(part, to + 1);
    to += part.length + 1;
  }
  return [Uint8Array.of(codeSize), blocks];
}
