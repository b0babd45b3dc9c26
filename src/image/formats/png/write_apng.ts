// Whole frames to an animated PNG: the changes between them in the form that all have in common, each compressed
// by itself.
import { concatenate } from "../coding/concatenate.ts";
import { type ApngChange, changesOf, type Disposal, type Pixels } from "./apng_changes.ts";
import { formOf } from "./apng_form.ts";
import { type Chunk, joinChunks, writeChunks, writeIhdr } from "./chunks.ts";
import { compressRows } from "./compress_rows.ts";
import type { PngFilters } from "./rows/filters.ts";
import type { ReducedPixels } from "./rows/reduce_pixels.ts";
import { rowsOf } from "./rows/pack_rows.ts";

export interface ApngPicture {
  width: number;
  height: number;
  /** Whole frames. */
  frames: readonly Pixels[];
  /** Milliseconds that each is shown. */
  delays: readonly number[];
  /** How often they play; 0 is forever. */
  loopCount: number;
  /** What is said beside the pixels: a profile, metadata. */
  said: readonly Chunk[];
}

/** An animated PNG of which the frames are still to be compressed. */
export interface ApngPlan {
  /** The bytes that come before the first frame. */
  start: Uint8Array;
  frames: readonly PlannedFrame[];
  style: FrameStyle;
}

export interface PlannedFrame extends Omit<ApngChange, "pixels"> {
  index: number;
  /** Milliseconds. */
  delay: number;
  /** The samples of its pixels, in a buffer of their own. */
  samples: Uint8Array<ArrayBuffer>;
}

/** What is the same for all frames. */
export interface FrameStyle extends Pick<ReducedPixels, "bitDepth" | "channels" | "colourType"> {
  /** The samples of a pixel that paints nothing, where there is one. */
  blank: Uint8Array | undefined;
  /** zlib's, 1…9. */
  level: number;
  /** Whether frames are compressed in both ways where there are two. */
  triesBoth: boolean;
}

/** All that frames have in common, worked out from all of them. */
export function planApng(
  { width, height, frames, delays, loopCount, said }: ApngPicture,
  { level, triesBoth }: Pick<FrameStyle, "level" | "triesBoth">,
): ApngPlan {
  const isProfile = ({ type }: Chunk) => type === "iCCP";
  const changes = changesOf(frames, width);
  const form = formOf(changes.map(({ pixels }) => pixels), {
    isExplained: said.some(isProfile),
    wantsBlank: changes.some(({ seen }) => seen),
  });
  const { colourType, bitDepth, channels, blank } = form;
  const control = new Uint8Array(8);
  new DataView(control.buffer).setUint32(0, frames.length);
  new DataView(control.buffer).setUint32(4, loopCount);
  const start = [
    writeIhdr({ width, height, bitDepth, colourType }),
    ...said.filter(isProfile),
    { type: "acTL", data: control },
    ...form.chunks,
    ...said.filter((chunk) => !isProfile(chunk)),
  ];
  let at = 0;
  return {
    start: joinChunks(start),
    frames: changes.map(({ pixels, ...change }, index) => {
      const from = at;
      at += pixels.length * channels;
      return { ...change, index, delay: delays[index] ?? 0, samples: form.data.slice(from, at) };
    }),
    style: { colourType, bitDepth, channels, blank, level, triesBoth },
  };
}

/** The chunks of each frame, which depend on no other's. */
export function writeFrames(
  frames: readonly PlannedFrame[],
  style: FrameStyle,
  filters: PngFilters,
): Uint8Array<ArrayBuffer>[] {
  return frames.map((frame) => {
    const { data, isLaidOver } = smallestOf(frame, style, filters);
    const { index } = frame;
    const control = { type: "fcTL", data: controlOf(frame, isLaidOver) };
    if (index === 0) return joinChunks([control, { type: "IDAT", data }]);
    const numbered = new Uint8Array(4 + data.length);
    new DataView(numbered.buffer).setUint32(0, 2 * index);
    numbered.set(data, 4);
    return joinChunks([control, { type: "fdAT", data: numbered }]);
  });
}

/** The whole file, of the frames' chunks. */
export function joinApng(
  { start }: ApngPlan,
  frames: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const [signature, end] = [writeChunks([]).subarray(0, 8), writeChunks([]).subarray(8)];
  return concatenate([signature, start, ...frames, end]);
}

/** Of a rectangle as it is to look, and of what of it is new, the one that takes fewer bytes. */
function smallestOf(
  { samples, seen, width, height }: PlannedFrame,
  style: FrameStyle,
  filters: PngFilters,
): { data: Uint8Array; isLaidOver: boolean } {
  const { blank, level, triesBoth } = style;
  const compress = (data: Uint8Array) => {
    return compressRows(rowsOf({ ...style, data }, { width, height, filters }), level);
  };
  if (!seen || !blank) return { data: compress(samples), isLaidOver: false };
  const isMostlySeen = seen.reduce((sum, each) => sum + each, 0) * 2 > seen.length;
  const over = isMostlySeen || triesBoth ? compress(without(samples, { seen, blank })) : undefined;
  const plain = !over || triesBoth ? compress(samples) : undefined;
  return over && (!plain || over.length < plain.length)
    ? { data: over, isLaidOver: true }
    : { data: plain!, isLaidOver: false };
}

/** The samples with what is seen already left out. */
function without(
  samples: Uint8Array,
  { seen, blank }: { seen: Uint8Array; blank: Uint8Array },
): Uint8Array {
  const left = samples.slice();
  for (let pixel = 0, at = 0; pixel < seen.length; pixel++, at += blank.length) {
    if (seen[pixel]) left.set(blank, at);
  }
  return left;
}

const DISPOSALS: Readonly<Record<Disposal, number>> = { stays: 0, clears: 1, restores: 2 };
const MOST = 65_535;

/** W3C PNG 3rd edition, section 11.3.5.2. */
function controlOf(
  { index, left, top, width, height, delay, disposal }: PlannedFrame,
  isLaidOver: boolean,
): Uint8Array {
  const data = new Uint8Array(26);
  const view = new DataView(data.buffer);
  // Each frame but the first has two chunks that are numbered.
  [Math.max(0, 2 * index - 1), width, height, left, top].forEach((value, at) =>
    view.setUint32(at * 4, value)
  );
  const [numerator, denominator] = fractionOf(delay);
  view.setUint16(20, numerator);
  view.setUint16(22, denominator);
  data[24] = DISPOSALS[disposal];
  data[25] = isLaidOver ? 1 : 0;
  return data;
}

/** Seconds as a fraction of 16 bits each: exact below 65 s, and as near as can be above. */
export function fractionOf(milliseconds: number): readonly [number, number] {
  const denominator = [1000, 100, 10].find((each) => milliseconds * each / 1000 <= MOST) ?? 1;
  return [Math.min(MOST, Math.round(milliseconds * denominator / 1000)), denominator];
}
