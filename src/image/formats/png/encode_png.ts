// Our own PNG encoder: the runtime's zlib takes a fifth of the time of the engine's, for the same bytes, and
// the engine's writer moves the grey that stands for nothing.
import { deflateSync } from "node:zlib";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { type Chunk, writeChunks, writeIhdr } from "./chunks.ts";
import { createPngFilters, type PngFilters } from "./filters.ts";
import { passesOf, type SizedPass } from "./passes.ts";
import { type ReducedPixels, reducePixels } from "./reduce_pixels.ts";

export interface PngEncoder {
  /** A PNG of the pixels, in the smallest form that holds them. */
  encode(pixels: PixelBuffer, settings: PngSettings): Uint8Array<ArrayBuffer>;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

export interface PngSettings {
  /** zlib's, 1…9. */
  level: number;
  /** Whether a viewer sees the whole before all of it is there. */
  isInterlaced?: boolean;
  /** What is said beside the pixels: a profile, metadata. */
  said?: readonly Chunk[];
}

/** An encoder with a kernel and memory of its own. */
export function createPngEncoder(): PngEncoder {
  const filters = createPngFilters();
  return {
    encode(pixels, { level, isInterlaced = false, said = [] }) {
      const { width, height } = pixels;
      const isExplained = said.some(({ type }) => type === "iCCP");
      const reduced = reducePixels(pixels, { isExplained });
      const { colourType, bitDepth, palette, alphas } = reduced;
      const rows = rowsOf(reduced, { width, height, isInterlaced, filters });
      // An uneven split of the output would have it copied once more.
      const chunkSize = 65_536 + (rows.length >> 1);
      return writeChunks([
        writeIhdr({ width, height, bitDepth, colourType, isInterlaced }),
        ...said.filter(({ type }) => type === "iCCP"),
        ...(palette ? [{ type: "PLTE", data: palette }] : []),
        ...(alphas ? [{ type: "tRNS", data: alphas }] : []),
        ...said.filter(({ type }) => type !== "iCCP"),
        { type: "IDAT", data: deflateSync(rows, { level, chunkSize }) },
      ]);
    },
    memoryUsed: filters.memoryUsed,
  };
}

/** The rows of all passes, each behind the number of its filter. */
function rowsOf(
  { data, channels, bitDepth, colourType }: ReducedPixels,
  { width, height, isInterlaced, filters }: {
    width: number;
    height: number;
    isInterlaced: boolean;
    filters: PngFilters;
  },
): Uint8Array {
  const pixelBits = channels * bitDepth;
  const { passes, length } = passesOf({ width, height, pixelBits, isInterlaced });
  // Differences of indices, and of what shares a byte, mean nothing.
  const isFiltered = bitDepth === 8 && colourType !== 3;
  if (!isInterlaced && isFiltered) {
    return filters.apply(data, { rowBytes: width * channels, height, pixel: channels });
  }
  const rows = new Uint8Array(length);
  for (const pass of passes) {
    const packed = packRows(data, { pass, width, channels, bitDepth });
    const { rowBytes, at } = pass;
    if (isFiltered) {
      rows.set(filters.apply(packed, { rowBytes, height: pass.rows, pixel: channels }), at);
      continue;
    }
    for (let y = 0; y < pass.rows; y++) {
      const row = packed.subarray(y * rowBytes, (y + 1) * rowBytes);
      rows.set(row, at + y * (rowBytes + 1) + 1);
    }
  }
  return rows;
}

/** The samples of a pass, row by row, as many to a byte as there is room for. */
function packRows(
  data: Uint8Array,
  { pass, width, channels, bitDepth }: {
    pass: SizedPass;
    width: number;
    channels: number;
    bitDepth: number;
  },
): Uint8Array {
  const { x, y, dx, dy, columns, rows, rowBytes } = pass;
  const packed = new Uint8Array(rowBytes * rows);
  const perByte = 8 / bitDepth;
  for (let row = 0; row < rows; row++) {
    const start = row * rowBytes;
    for (let column = 0; column < columns; column++) {
      const from = ((y + row * dy) * width + x + column * dx) * channels;
      if (perByte === 1) {
        const to = start + column * channels;
        for (let channel = 0; channel < channels; channel++) {
          packed[to + channel] = data[from + channel]!;
        }
        continue;
      }
      const shift = 8 - bitDepth * (column % perByte + 1);
      packed[start + Math.floor(column / perByte)]! |= data[from]! << shift;
    }
  }
  return packed;
}
