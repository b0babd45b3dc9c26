// How the samples of one page lie in a TIFF (TIFF 6.0 sections 3 to 8, 14, 15, 18), for the pages that we
// decode ourselves: integers of 1 to 32 bits and floats of 32, whose strips or tiles are packed in a
// way that we undo.

import type { ByteReader } from "../reading/byte_reader.ts";
import { numbersOf, readFields, type TiffDirectory, type TiffField } from "./tiff_fields.ts";

const TAGS = {
  width: 256,
  height: 257,
  bits: 258,
  compression: 259,
  photometric: 262,
  fillOrder: 266,
  stripOffsets: 273,
  samples: 277,
  rowsPerStrip: 278,
  stripBytes: 279,
  planar: 284,
  predictor: 317,
  palette: 320,
  tileWidth: 322,
  tileHeight: 323,
  tileOffsets: 324,
  tileBytes: 325,
  inkSet: 332,
  extraSamples: 338,
  sampleFormat: 339,
  jpegTables: 347,
} as const;

export type Packing = "none" | "lzw" | "jpeg" | "deflate" | "packbits" | "zstd" | "webp";

const PACKINGS: Readonly<Record<number, Packing>> = {
  1: "none",
  5: "lzw",
  7: "jpeg",
  8: "deflate",
  32773: "packbits",
  32946: "deflate",
  50000: "zstd",
  50001: "webp",
};

export type Model = "white is zero" | "black is zero" | "rgb" | "palette" | "cmyk" | "lab";

const MODELS: Readonly<Record<number, { model: Model; samples: number }>> = {
  0: { model: "white is zero", samples: 1 },
  1: { model: "black is zero", samples: 1 },
  2: { model: "rgb", samples: 3 },
  3: { model: "palette", samples: 1 },
  5: { model: "cmyk", samples: 4 },
  8: { model: "lab", samples: 3 },
};

/** A strip or tile, or one plane of it. */
export interface Segment {
  /** Where its bytes are. */
  start: number;
  end: number;
  /** What of the picture it holds, which a tile may exceed. */
  x: number;
  y: number;
  width: number;
  height: number;
  /** The first sample that it holds, and how many. */
  sample: number;
  samples: number;
}

export interface TiffLayout {
  width: number;
  height: number;
  little: boolean;
  model: Model;
  /** Samples of a pixel, of which the first so many are colours. */
  samples: number;
  colours: number;
  bits: 1 | 2 | 4 | 8 | 16 | 32;
  numbers: Numbers;
  packing: Packing;
  /** What is a difference to what lies on the left: nothing, samples, or the bytes of floats. */
  differences: "none" | "samples" | "bytes";
  /** Whether the first bit of a byte is its lowest. */
  mirrored: boolean;
  /** The sample that is alpha, and whether colours are multiplied by it. */
  alpha: { sample: number; associated: boolean } | undefined;
  /** Red, then green, then blue, of 16 bits each. */
  palette: readonly number[];
  jpegTables: TiffField | undefined;
  segments: readonly Segment[];
}

/** What samples are: of floats 0 is black and 1 is white; signed ones, of 16 bits, are black below 0, else as others are. */
export type Numbers = "unsigned" | "signed" | "floats";

/** By the value of the field sampleFormat. */
const NUMBERS: Readonly<Record<number, Numbers>> = { 1: "unsigned", 2: "signed", 3: "floats" };

/** By the value of the field predictor. */
const DIFFERENCES: Readonly<Record<number, TiffLayout["differences"]>> = {
  1: "none",
  2: "samples",
  3: "bytes",
};

/** Bytes of samples of 32 bits that are unpacked at once; the engine takes them line by line. */
const MAX_DEEP_BYTES = 2 ** 28;

/** Parts that a picture may be cut into: none of its rows need be one, but all of them may. */
const MAX_SEGMENTS = 100_000;

/** The layout of a page, undefined where it is of another kind: the engine knows what to make of it. */
export function readLayout(reader: ByteReader, directory: TiffDirectory): TiffLayout | undefined {
  const { little } = directory;
  const fields = readFields(reader, directory);
  const list = (name: keyof typeof TAGS) => numbersOf(reader, fields.get(TAGS[name]), { little });
  const one = (name: keyof typeof TAGS, absent: number) => list(name)[0] ?? absent;
  const width = one("width", 0), height = one("height", 0), samples = one("samples", 1);
  const kind = MODELS[one("photometric", -1)], packing = PACKINGS[one("compression", 1)];
  const bits = list("bits"), [depth = 1] = bits;
  if (!kind || !packing || !isDepth(depth) || width === 0 || height === 0) return undefined;
  const { model, samples: colours } = kind;
  if (bits.some((each) => each !== depth) || samples < colours) return undefined;
  const formats = list("sampleFormat"), [format = 1] = formats;
  const numbers = NUMBERS[format];
  if (!numbers || formats.some((each) => each !== format)) return undefined;
  if (numbers === "floats" && depth !== 32) return undefined;
  // Those of 8 bits other programs take for what they would be without a sign, and so does the engine.
  if (numbers === "signed" && (depth !== 16 || model === "palette")) return undefined;
  // Other inks, and values that count from the middle, mean something else.
  if (model === "cmyk" && one("inkSet", 1) !== 1) return undefined;
  if (model === "lab" && depth !== 8) return undefined;
  const predictor = one("predictor", 1), mirrored = one("fillOrder", 1) === 2;
  const differences = DIFFERENCES[predictor];
  if (!differences || (differences === "samples" && depth < 8)) return undefined;
  if (differences === "bytes" && numbers !== "floats") return undefined;
  if (mirrored && packing !== "none") return undefined;
  const extras = list("extraSamples");
  const planes = one("planar", 1) === 2 ? samples : 1;
  if (packing === "webp" && (depth !== 8 || planes > 1)) return undefined;
  // All others the engine reads right.
  if (packing === "jpeg" && !(model === "cmyk" && fields.has(TAGS.tileWidth) && planes === 1)) {
    return undefined;
  }
  const layout = {
    ...{ width, height, little, model, samples, colours, packing, mirrored },
    bits: depth,
    numbers,
    differences,
    alpha: alphaOf(extras, { samples, colours, model }),
    palette: list("palette"),
    jpegTables: fields.get(TAGS.jpegTables),
  };
  if (model === "palette" && depth === 32) return undefined;
  if (model === "palette" && layout.palette.length < 3 * 2 ** depth) return undefined;
  // Five channels are more than our loops know.
  if (model === "cmyk" && layout.alpha) return undefined;
  const segments = segmentsOf(
    { width, height, samples, planes },
    fields.has(TAGS.tileWidth)
      ? {
        across: one("tileWidth", 0),
        down: one("tileHeight", 0),
        isTile: true,
        offsets: list("tileOffsets"),
        lengths: list("tileBytes"),
      }
      : {
        across: width,
        down: Math.min(height, one("rowsPerStrip", height) || height),
        isTile: false,
        offsets: list("stripOffsets"),
        lengths: list("stripBytes"),
      },
  );
  if (
    depth === 32 && segments?.some((one) => rowBytes(one, layout) * one.height > MAX_DEEP_BYTES)
  ) {
    return undefined;
  }
  return segments && { ...layout, segments };
}

/** Bytes of one row of a segment. */
export function rowBytes({ width, samples }: Segment, { bits }: Pick<TiffLayout, "bits">): number {
  return Math.ceil(width * samples * bits / 8);
}

function isDepth(bits: number): bits is TiffLayout["bits"] {
  return [1, 2, 4, 8, 16, 32].includes(bits);
}

/** A fourth sample of RGB is alpha also where nothing says so. */
function alphaOf(
  extras: readonly number[],
  { samples, colours, model }: { samples: number; colours: number; model: Model },
): TiffLayout["alpha"] {
  const index = extras.findIndex((extra) => extra === 1 || extra === 2);
  if (index >= 0 && colours + index < samples) {
    return { sample: colours + index, associated: extras[index] === 1 };
  }
  const isUnsaid = extras.length === 0 && model === "rgb" && samples === 4;
  return isUnsaid ? { sample: colours, associated: false } : undefined;
}

/** Undefined where the file does not say where they are. */
function segmentsOf(
  { width, height, samples, planes }: {
    width: number;
    height: number;
    samples: number;
    planes: number;
  },
  { across, down, isTile, offsets, lengths }: {
    across: number;
    down: number;
    isTile: boolean;
    offsets: readonly number[];
    lengths: readonly number[];
  },
): Segment[] | undefined {
  if (across === 0 || down === 0) return undefined;
  const columns = Math.ceil(width / across), rows = Math.ceil(height / down);
  if (columns * rows * planes > MAX_SEGMENTS) return undefined;
  if (offsets.length < columns * rows * planes) return undefined;
  return offsets.slice(0, columns * rows * planes).map((start, index) => {
    const place = index % (columns * rows);
    const y = Math.floor(place / columns) * down;
    return {
      start,
      end: start + (lengths[index] ?? Infinity),
      x: (place % columns) * across,
      y,
      width: across,
      height: isTile ? down : Math.min(down, height - y),
      sample: planes > 1 ? Math.floor(index / (columns * rows)) : 0,
      samples: planes > 1 ? 1 : samples,
    };
  });
}
