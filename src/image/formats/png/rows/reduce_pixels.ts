// The form in which a PNG takes the fewest bytes: a palette, greys of few bits, or no alpha where nothing
// is transparent. All of them say exactly the same pixels.
import type { PixelBuffer } from "../../../pixels/pixel_buffer.ts";
import { COLOUR_TYPES, type ColourType } from "./colour_types.ts";

export interface ReducedPixels {
  colourType: ColourType;
  bitDepth: 1 | 2 | 4 | 8;
  /** Samples of a pixel. */
  channels: number;
  /** A byte for each sample, of which as many bits count as `bitDepth` says. */
  data: Uint8Array;
  /** Red, green and blue of each index. */
  palette?: Uint8Array;
  /** The alpha of the first indices; the others are opaque. */
  alphas?: Uint8Array;
}

/**
 * The smallest form. Where the pixels are explained by a profile, colours stay colours and greys greys, since a
 * profile is of the one or the other.
 */
export function reducePixels(
  pixels: PixelBuffer,
  { isExplained }: { isExplained: boolean },
): ReducedPixels {
  const wasGrey = pixels.channels < 3;
  const indexed = indexColours(pixels);
  const isGrey = wasGrey || (!isExplained && hasOnlyGreys(pixels));
  const isOpaque = !pixels.hasAlpha || hasOnlyOpaque(pixels);
  if (indexed) {
    const bitDepth = bitsFor(indexed.colours.length);
    if (isGrey && isOpaque) {
      const greyBits = bitsOfGreys(indexed.colours.map((colour) => colour & 255));
      if (greyBits <= bitDepth || isExplained) return asGreys(indexed, greyBits);
    }
    const mayBePalette = !isExplained || !wasGrey;
    if (mayBePalette && isWorthIt(pixels, { ...indexed, bitDepth })) {
      return asPalette(indexed, bitDepth);
    }
  }
  const colours = isGrey ? 1 : 3;
  const channels = colours + (isOpaque ? 0 : 1) as PixelBuffer["channels"];
  const data = pick(pixels, { colours, channels });
  return { colourType: COLOUR_TYPES[channels], bitDepth: 8, channels, data };
}

interface Indexed {
  /** Alpha, red, green and blue, from the highest byte to the lowest. */
  colours: number[];
  indices: Uint8Array;
}

const MOST_COLOURS = 256;
/** A table of indices by colour, with room that keeps searches short. */
const SLOTS = 1024;

/** The colour of each pixel by number; undefined where there are more than 256. */
function indexColours({ data, channels, hasAlpha }: PixelBuffer): Indexed | undefined {
  const indices = new Uint8Array(data.length / channels);
  const colours: number[] = [];
  const keys = new Int32Array(SLOTS), values = new Int16Array(SLOTS).fill(-1);
  const [green, blue] = channels >= 3 ? [1, 2] : [0, 0];
  const alpha = hasAlpha ? channels - 1 : -1;
  let last = 0, lastIndex = -1;
  for (let pixel = 0, at = 0; at < data.length; pixel++, at += channels) {
    const opacity = alpha < 0 ? 255 : data[at + alpha]!;
    // What is transparent has no colour.
    const colour = opacity === 0
      ? 0
      : opacity << 24 | data[at]! << 16 | data[at + green]! << 8 | data[at + blue]!;
    if (colour !== last || lastIndex < 0) {
      let slot = Math.imul(colour, 0x9e3779b1) >>> 22;
      while (values[slot]! >= 0 && keys[slot] !== colour) slot = (slot + 1) % SLOTS;
      if (values[slot]! < 0) {
        if (colours.length === MOST_COLOURS) return undefined;
        keys[slot] = colour;
        values[slot] = colours.push(colour) - 1;
      }
      last = colour;
      lastIndex = values[slot]!;
    }
    indices[pixel] = lastIndex;
  }
  return { colours, indices };
}

function hasOnlyGreys({ data, channels }: PixelBuffer): boolean {
  for (let at = 0; at < data.length; at += channels) {
    if (data[at] !== data[at + 1] || data[at] !== data[at + 2]) return false;
  }
  return true;
}

function hasOnlyOpaque({ data, channels }: PixelBuffer): boolean {
  for (let at = channels - 1; at < data.length; at += channels) if (data[at] !== 255) return false;
  return true;
}

function bitsFor(colours: number): 1 | 2 | 4 | 8 {
  return colours <= 2 ? 1 : colours <= 4 ? 2 : colours <= 16 ? 4 : 8;
}

/** The fewest bits that hold these greys exactly. */
function bitsOfGreys(greys: readonly number[]): 1 | 2 | 4 | 8 {
  return ([1, 2, 4] as const).find((bits) => {
    const step = 255 / (2 ** bits - 1);
    return greys.every((grey) => grey % step === 0);
  }) ?? 8;
}

function asGreys({ colours, indices }: Indexed, bitDepth: 1 | 2 | 4 | 8): ReducedPixels {
  const step = 255 / (2 ** bitDepth - 1);
  const values = Uint8Array.from(colours, (colour) => (colour & 255) / step);
  const data = Uint8Array.from(indices, (index) => values[index]!);
  return { colourType: 0, bitDepth, channels: 1, data };
}

/** Whether the palette takes fewer bytes than it saves. */
function isWorthIt(
  { width, height, channels }: PixelBuffer,
  { colours, bitDepth }: { colours: readonly number[]; bitDepth: number },
): boolean {
  const pixels = width * height;
  return pixels * bitDepth / 8 + colours.length * 3 + 24 < pixels * channels;
}

/** The indices of what is transparent come first, since the others need no alpha. */
function asPalette({ colours, indices }: Indexed, bitDepth: 1 | 2 | 4 | 8): ReducedPixels {
  const order = [...colours.keys()].sort((a, b) => (colours[a]! >>> 24) - (colours[b]! >>> 24));
  const places = new Uint8Array(colours.length);
  order.forEach((index, place) => places[index] = place);
  const palette = Uint8Array.from(order.flatMap((index) => {
    const colour = colours[index]!;
    return [colour >> 16 & 255, colour >> 8 & 255, colour & 255];
  }));
  const alphas = Uint8Array.from(order, (index) => colours[index]! >>> 24)
    .filter((alpha) => alpha < 255);
  const data = Uint8Array.from(indices, (index) => places[index]!);
  return {
    colourType: 3,
    bitDepth,
    channels: 1,
    data,
    palette,
    ...(alphas.length > 0 && { alphas }),
  };
}

/** Of each pixel so many colours, and its alpha where there is one channel more. */
function pick(
  { data, channels: stored }: PixelBuffer,
  { colours, channels }: { colours: number; channels: number },
): Uint8Array {
  if (stored === channels) return data;
  const picked = new Uint8Array(data.length / stored * channels);
  const isGrey = stored < 3;
  for (let from = 0, to = 0; from < data.length; from += stored, to += channels) {
    for (let colour = 0; colour < colours; colour++) {
      picked[to + colour] = data[from + (isGrey ? 0 : colour)]!;
    }
    if (channels > colours) picked[to + colours] = data[from + stored - 1]!;
  }
  return picked;
}
