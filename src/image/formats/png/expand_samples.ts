// Samples as a PNG stores them, to bytes of grey or colours, with alpha where there is any.
import { createLightEncoder } from "../../colour/encode_light.ts";
import { type Curve, lightOf } from "../../colour/icc_profile.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { SAMPLES } from "./rows/colour_types.ts";
import type { PngFile } from "./png_file.ts";

export interface Expander {
  channels: PixelBuffer["channels"];
  hasAlpha: boolean;
  /** Whether the bytes of rows are what they become, as they lie. */
  isPlain: boolean;
  /** Writes the pixels of a row to `out`, the first at `at` and each `step` bytes behind the one before. */
  expand(row: Uint8Array, place: Place): void;
}

export interface Place {
  out: Uint8Array;
  at: number;
  step: number;
  /** Pixels. */
  count: number;
}

/**
 * How the pixels of a file become bytes. `withAlpha` asks for an alpha channel even where there is none, `curve`
 * for colours of 16 bits under it to become values of sRGB's.
 */
export function createExpander(
  file: Pick<PngFile, "bitDepth" | "colourType" | "palette" | "transparency">,
  { withAlpha, curve }: { withAlpha: boolean; curve?: Curve | undefined },
): Expander {
  const { colourType, transparency } = file;
  const hasAlpha = withAlpha || colourType >= 4 || transparency !== undefined;
  const channels = (colourType === 0 || colourType === 4 ? 1 : 3) +
    (hasAlpha ? 1 : 0) as PixelBuffer["channels"];
  if (colourType === 3) {
    return { channels, hasAlpha, isPlain: false, expand: byPalette(file, hasAlpha) };
  }
  const isPlain = file.bitDepth === 8 && SAMPLES[colourType] === channels;
  return { channels, hasAlpha, isPlain, expand: bySample(file, { channels, curve }) };
}

function byPalette(
  { bitDepth, palette, transparency }: Pick<PngFile, "bitDepth" | "palette" | "transparency">,
  hasAlpha: boolean,
): Expander["expand"] {
  const colours = new Uint8Array(256 * 3), alphas = new Uint8Array(256).fill(255);
  // An index beyond the palette is shown as its last colour, as browsers do.
  const given = Math.min(256, Math.floor(palette!.length / 3));
  for (let index = 0; index < 256; index++) {
    const entry = Math.min(index, given - 1) * 3;
    colours.set(palette!.subarray(entry, entry + 3), index * 3);
  }
  alphas.set(transparency?.subarray(0, alphas.length) ?? []);
  const index = sampleReader(bitDepth);
  return (row, { out, at, step, count }) => {
    for (let x = 0, to = at; x < count; x++, to += step) {
      const entry = index(row, x);
      out[to] = colours[entry * 3]!;
      out[to + 1] = colours[entry * 3 + 1]!;
      out[to + 2] = colours[entry * 3 + 2]!;
      if (hasAlpha) out[to + 3] = alphas[entry]!;
    }
  };
}

function bySample(
  { bitDepth, colourType, transparency }: Pick<
    PngFile,
    "bitDepth" | "colourType" | "transparency"
  >,
  { channels, curve }: { channels: number; curve: Curve | undefined },
): Expander["expand"] {
  const samples = SAMPLES[colourType];
  const colours = colourType < 4 ? samples : samples - 1;
  const key = colourType < 4 && transparency
    ? keyOf(transparency, { bitDepth, samples })
    : undefined;
  const read = sampleReader(bitDepth);
  const most = 2 ** bitDepth - 1;
  const eight = (sample: number) => bitDepth === 8 ? sample : Math.round(sample * 255 / most);
  const values = curve && bitDepth === 16 ? valuesUnder(curve) : undefined;
  return (row, { out, at, step, count }) => {
    if (bitDepth === 8 && samples === channels && step === channels) {
      return out.set(row.subarray(0, count * samples), at);
    }
    for (let x = 0, to = at; x < count; x++, to += step) {
      let isKey = key !== undefined;
      for (let channel = 0; channel < samples; channel++) {
        const sample = read(row, x * samples + channel);
        if (isKey && sample !== key![channel]) isKey = false;
        out[to + channel] = values && channel < colours ? values[sample]! : eight(sample);
      }
      if (channels > samples) out[to + samples] = isKey ? 0 : 255;
    }
  };
}

/** Values of sRGB's for all of 16 bits under another curve. */
function valuesUnder(curve: Curve): Uint8Array {
  const encode = createLightEncoder();
  return Uint8Array.from(
    { length: 65_536 },
    (_, sample) => encode(lightOf(sample / 65_535, curve)),
  );
}

/** The samples that stand for nothing, of which only as many bits count as a sample has. */
function keyOf(
  transparency: Uint8Array,
  { bitDepth, samples }: { bitDepth: number; samples: number },
): number[] | undefined {
  if (transparency.length < samples * 2) return undefined;
  const mask = 2 ** bitDepth - 1;
  return Array.from(
    { length: samples },
    (_, channel) => (transparency[channel * 2]! << 8 | transparency[channel * 2 + 1]!) & mask,
  );
}

function sampleReader(bitDepth: number): (row: Uint8Array, index: number) => number {
  if (bitDepth === 8) return (row, index) => row[index]!;
  if (bitDepth === 16) return (row, index) => row[index * 2]! << 8 | row[index * 2 + 1]!;
  const perByte = 8 / bitDepth, mask = 2 ** bitDepth - 1;
  return (row, index) => {
    const shift = 8 - bitDepth * (index % perByte + 1);
    return row[Math.floor(index / perByte)]! >> shift & mask;
  };
}
