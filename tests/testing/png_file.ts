// PNG files put together chunk by chunk, for what no encoder writes.
import { deflateSync } from "node:zlib";
import { type Chunk, writeChunks } from "../../src/image/formats/png/chunks.ts";

export interface PngRecipe {
  width: number;
  height: number;
  bitDepth?: number;
  colourType?: number;
  isInterlaced?: boolean;
  /** Rows as stored, each behind the number of its filter. */
  rows: Uint8Array;
  /** Between the header and the pixels. */
  chunks?: readonly Chunk[];
}

export function pngFile(recipe: PngRecipe): Uint8Array<ArrayBuffer> {
  const { width, height, bitDepth = 8, colourType = 2, isInterlaced = false } = recipe;
  const header = new Uint8Array(13);
  new DataView(header.buffer).setUint32(0, width);
  new DataView(header.buffer).setUint32(4, height);
  header.set([bitDepth, colourType, 0, 0, isInterlaced ? 1 : 0], 8);
  return writeChunks([
    { type: "IHDR", data: header },
    ...recipe.chunks ?? [],
    { type: "IDAT", data: deflateSync(recipe.rows) },
  ]);
}

/** One row of these samples of a byte each. */
export function pngRow(
  samples: readonly number[],
  recipe: Omit<PngRecipe, "rows" | "width" | "height"> & { width: number },
): Uint8Array<ArrayBuffer> {
  return pngFile({ ...recipe, height: 1, rows: Uint8Array.of(0, ...samples) });
}

export function pngChunk(type: string, ...data: readonly number[]): Chunk {
  return { type, data: Uint8Array.from(data) };
}

/** An ICC profile, as a PNG has it. */
export function profileChunk(profile: Uint8Array): Chunk {
  return pngChunk("iCCP", 0x69, 0, 0, ...deflateSync(profile));
}

/** Big-endian numbers of 32 bits, as bytes. */
export function u32s(...numbers: readonly number[]): number[] {
  return numbers.flatMap((
    number,
  ) => [number >>> 24, number >>> 16 & 255, number >>> 8 & 255, number & 255]);
}
