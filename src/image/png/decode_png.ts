// Our own PNG decoder, for the ordinary ones: 8 bits per sample, not interlaced. The runtime's zlib is
// native code, which the engine's, compiled to WebAssembly, cannot keep up with.
import { deflateSync, inflateSync } from "node:zlib";
import type { PixelBuffer } from "../pixel_buffer.ts";
import { type Chunk, chunksOf, COLOUR_TYPES, writeChunks, writeIhdr } from "./chunks.ts";
import { createPngFilters } from "./filters.ts";

export interface PngDecoder {
  /**
   * The picture, and a PNG of one pixel that has its profile and metadata. The pixels are valid until
   * the next call. Undefined where the file is of another kind, or damaged: the engine decides then.
   */
  decode(bytes: Uint8Array): { pixels: PixelBuffer; head: Uint8Array } | undefined;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

interface PngFile {
  width: number;
  height: number;
  /** Bytes of a pixel as stored. */
  pixel: number;
  /** Colours of 3 or 4 channels that pixels point into. */
  palette?: Uint8Array;
  channels: PixelBuffer["channels"];
  data: Uint8Array;
  /** The chunks that say something beside the pixels. */
  others: Uint8Array[];
}

const CHANNELS: Readonly<Record<number, PixelBuffer["channels"]>> = {
  0: 1,
  2: 3,
  3: 1,
  4: 2,
  6: 4,
};
/** Larger pictures are left to the engine, which does not hold their rows a second time. */
const MOST_BYTES = 100e6;
/** Chunks that speak of the pixels as they were stored. */
const OF_THE_PIXELS = ["IHDR", "PLTE", "IDAT", "tRNS", "bKGD", "hIST", "sBIT", "sPLT"];

/** A decoder with a kernel and memory of its own, which grows with the pictures. */
export function createPngDecoder(): PngDecoder {
  const filters = createPngFilters();

  function decode(bytes: Uint8Array) {
    const file = readFile(bytes);
    if (!file) return undefined;
    const { width, height, pixel, palette, channels, data } = file;
    const rowBytes = width * pixel;
    if (width * height * channels > MOST_BYTES) return undefined;
    const rows = inflate(data, (rowBytes + 1) * height);
    const samples = rows && filters.undo(rows, { rowBytes, height, pixel });
    const colours = samples && palette ? throughPalette(samples, palette, channels) : samples;
    if (!colours) return undefined;
    const pixels = { data: colours, width, height, channels, hasAlpha: channels % 2 === 0 };
    return { pixels, head: headOf(file) };
  }

  return { decode, memoryUsed: filters.memoryUsed };
}

function readFile(bytes: Uint8Array): PngFile | undefined {
  const chunks = [...chunksOf(bytes)];
  const find = (type: string) => chunks.find((chunk) => chunk.type === type)?.data;
  const header = find("IHDR");
  if (chunks[0]?.type !== "IHDR" || header?.length !== 13) return undefined;
  const view = new DataView(header.buffer, header.byteOffset, 13);
  const [depth, colourType = -1, compression, filter, interlace] = header.subarray(8);
  const pixel = CHANNELS[colourType];
  if (depth !== 8 || compression || filter || interlace || !pixel || find("acTL")) return undefined;
  const palette = colourType === 3 ? paletteOf(find("PLTE"), find("tRNS")) : undefined;
  // One transparent colour in a picture without an alpha channel.
  if (colourType === 3 ? !palette : find("tRNS")) return undefined;
  return {
    width: view.getUint32(0),
    height: view.getUint32(4),
    pixel,
    channels: palette ? palette.length === 256 * 4 ? 4 : 3 : pixel,
    ...(palette ? { palette } : {}),
    data: joined(chunks.filter(({ type }) => type === "IDAT")),
    others: chunks.filter(({ type }) => !OF_THE_PIXELS.includes(type)).map(({ whole }) => whole),
  };
}

/** 256 colours, with alpha where there is any; those that the file does not have are black. */
function paletteOf(colours?: Uint8Array, alphas?: Uint8Array): Uint8Array | undefined {
  if (!colours || colours.length % 3 > 0 || colours.length > 768) return undefined;
  const channels = alphas ? 4 : 3;
  const palette = new Uint8Array(256 * channels);
  for (let index = 0; index * 3 < colours.length; index++) {
    palette.set(colours.subarray(index * 3, index * 3 + 3), index * channels);
    if (alphas) palette[index * 4 + 3] = alphas[index] ?? 255;
  }
  return palette;
}

function throughPalette(samples: Uint8Array, palette: Uint8Array, channels: number): Uint8Array {
  const out = new Uint8Array(samples.length * channels);
  for (let i = 0, to = 0; i < samples.length; i++) {
    const from = samples[i]! * channels;
    for (let channel = 0; channel < channels; channel++) out[to++] = palette[from + channel]!;
  }
  return out;
}

/** Undefined where there are not exactly so many bytes. */
function inflate(data: Uint8Array, length: number): Uint8Array | undefined {
  try {
    const bytes = inflateSync(data, { chunkSize: Math.max(64, length), maxOutputLength: length });
    return bytes.length === length ? bytes : undefined;
  } catch {
    return undefined;
  }
}

function headOf({ channels, others }: PngFile): Uint8Array {
  // Half transparent, so that nobody takes the channel for superfluous.
  const pixel = channels < 3 ? [200] : [200, 100, 50];
  if (channels % 2 === 0) pixel.push(128);
  return writeChunks([
    writeIhdr({ width: 1, height: 1, colourType: COLOUR_TYPES[channels]! }),
    ...others,
    { type: "IDAT", data: deflateSync(Uint8Array.of(0, ...pixel)) },
  ]);
}

function joined(chunks: readonly Chunk[]): Uint8Array {
  if (chunks.length === 1) return chunks[0]!.data;
  const bytes = new Uint8Array(chunks.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of chunks) {
    bytes.set(data, at);
    at += data.length;
  }
  return bytes;
}
