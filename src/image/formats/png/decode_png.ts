// Our own PNG decoder. The engine's loses the transparency of 16 bits, undoes a gamma of its own, inflates
// what nobody asked for and refuses what browsers show; this one shows what is there.
import type { Curve } from "../../colour/icc_profile.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { undecodable } from "../reading/image_header.ts";
import { SAMPLES } from "./colour_types.ts";
import { createExpander, type Expander } from "./expand_samples.ts";
import { createPngFilters } from "./filters.ts";
import { inflate } from "../coding/inflate.ts";
import { passesOf, type SizedPass } from "./passes.ts";
import { readPngFile } from "./png_file.ts";

export interface DecodedPng {
  /** Of 8 bits. What is missing is transparent. */
  pixels: PixelBuffer;
  /** Whether something is missing, or may be wrong: the file is cut short, or its checksums disagree. */
  isPartial: boolean;
}

export interface PngDecoder {
  /**
   * Decodes the still; samples of 16 bits under this curve to values of sRGB's, since 8 bits of another may
   * hold too few of the dark ones. Rejects with "undecodable" where there is not a single row.
   */
  decode(bytes: Uint8Array, settings?: { curve?: Curve | undefined }): Promise<DecodedPng>;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

/** The number of the last filter. */
const MOST_FILTER = 4;

/** A decoder with a kernel and memory of its own. */
export function createPngDecoder(): PngDecoder {
  const filters = createPngFilters();

  async function decode(
    bytes: Uint8Array,
    { curve }: { curve?: Curve | undefined } = {},
  ): Promise<DecodedPng> {
    const file = readPngFile(bytes);
    const { width, height } = file;
    const pixelBits = SAMPLES[file.colourType] * file.bitDepth;
    const { passes, length } = passesOf({ ...file, pixelBits });
    const inflated = await inflate(file.data, length);
    const { there, isWhole } = rowsIn(inflated, passes);
    if (there[0] === 0 && !file.isCut) {
      throw undecodable("The PNG file has no pixels that can be decoded");
    }
    const expander = createExpander(file, { withAlpha: !isWhole, curve });
    const { channels, hasAlpha } = expander;
    const data = new Uint8Array(width * height * channels);
    const fills = file.isInterlaced && !isWhole;
    const picture = { width, height, expander, data, fills };
    for (const [index, pass] of passes.entries()) {
      const { at, rowBytes } = pass;
      const size = { rowBytes, height: there[index]!, pixel: Math.max(1, pixelBits >> 3) };
      filters.undo(inflated.subarray(at), size, (row, y) => showRow(row, { ...picture, pass, y }));
    }
    return {
      pixels: { data, width, height, channels, hasAlpha },
      isPartial: !isWhole || !file.isSound,
    };
  }

  return { decode, memoryUsed: filters.memoryUsed };
}

/** How many rows of each pass are there, down to the first that is cut or under a filter that does not exist. */
function rowsIn(inflated: Uint8Array, passes: readonly SizedPass[]) {
  let isWhole = true;
  const there = passes.map(({ at, rows, rowBytes }) => {
    let row = 0;
    for (let end = at + rowBytes; isWhole && row < rows; row++, end += rowBytes + 1) {
      if (end >= inflated.length || inflated[end - rowBytes]! > MOST_FILTER) isWhole = false;
      if (!isWhole) break;
    }
    return row;
  });
  return { there, isWhole };
}

/** Writes a row of a pass; where later ones are missing each of its pixels fills its block. */
function showRow(
  row: Uint8Array,
  { y, pass, width, height, expander: { channels, expand }, data, fills }: {
    y: number;
    pass: SizedPass;
    width: number;
    height: number;
    expander: Expander;
    data: Uint8Array;
    fills: boolean;
  },
): void {
  const { x: left, dx, columns, blockWidth } = pass;
  const top = pass.y + y * pass.dy;
  const start = (top * width + left) * channels;
  expand(row, { out: data, at: start, step: dx * channels, count: columns });
  if (!fills) return;
  const stride = width * channels;
  for (let column = 0; column < columns; column++) {
    const from = left + column * dx;
    const pixel = (top * width + from) * channels;
    for (let x = from + 1; x < Math.min(from + blockWidth, width); x++) {
      data.copyWithin((top * width + x) * channels, pixel, pixel + channels);
    }
    const end = (top * width + Math.min(from + blockWidth, width)) * channels;
    for (let below = 1; below < pass.blockHeight && top + below < height; below++) {
      data.copyWithin(pixel + below * stride, pixel, end);
    }
  }
}
