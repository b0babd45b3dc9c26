// Our own PNG decoder. The engine's loses the transparency of 16 bits, undoes a gamma of its own, inflates
// what nobody asked for and refuses what browsers show; this one shows what is there.
import type { Curve } from "../../colour/icc_profile.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { undecodable } from "../reading/image_header.ts";
import { SAMPLES } from "./rows/colour_types.ts";
import { createExpander, type Expander } from "./expand_samples.ts";
import { createPngFilters } from "./rows/filters.ts";
import { createInflater } from "../coding/inflate.ts";
import { passesOf, type SizedPass } from "./rows/passes.ts";
import { type PngFile, readPngFile } from "./png_file.ts";

export interface DecodedPng {
  /** Of 8 bits. What is missing is transparent. */
  pixels: PixelBuffer;
  /** Whether something is missing, or may be wrong: the file is cut short, or its checksums disagree. */
  isPartial: boolean;
}

export interface DecodeSettings {
  curve?: Curve | undefined;
  /** Whether there is an alpha channel even where all is opaque. */
  withAlpha?: boolean;
}

export interface PngDecoder {
  /**
   * Decodes the still; samples of 16 bits under this curve to values of sRGB's, since 8 bits of another may
   * hold too few of the dark ones. Throws "undecodable" where there is not a single row.
   */
  decode(bytes: Uint8Array, settings?: DecodeSettings): DecodedPng;
  /** The same of a picture whose parts were found before, such as a frame of an animation. */
  decodeFile(file: PngFile, settings?: DecodeSettings): DecodedPng;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

/** A decoder with kernels and memory of its own. */
export function createPngDecoder(): PngDecoder {
  const filters = createPngFilters();
  const inflater = createInflater();

  function decodeFile(file: PngFile, settings: DecodeSettings = {}): DecodedPng {
    // Whether something is missing is known in the end only, but changes where pixels lie from the start.
    const whole = showRows(file, { ...settings, isWhole: true });
    const pixels = whole ?? showRows(file, { ...settings, isWhole: false })!;
    return { pixels, isPartial: whole === undefined || !file.isSound };
  }

  /** The picture; undefined where it was taken for whole and is not. */
  function showRows(
    file: PngFile,
    { curve, withAlpha = false, isWhole }: DecodeSettings & { isWhole: boolean },
  ): PixelBuffer | undefined {
    const { width, height } = file;
    const pixelBits = SAMPLES[file.colourType] * file.bitDepth;
    const { passes } = passesOf({ ...file, pixelBits });
    const expander = createExpander(file, { withAlpha: withAlpha || !isWhole, curve });
    const { channels, hasAlpha } = expander;
    const data = new Uint8Array(width * height * channels);
    const picture = { width, height, expander, data, fills: file.isInterlaced && !isWhole };
    const { read } = inflater.open(
      file.data,
      2 * Math.max(...passes.map(({ rowBytes }) => rowBytes + 1)),
    );
    for (const [index, pass] of passes.entries()) {
      const size = {
        rowBytes: pass.rowBytes,
        height: pass.rows,
        pixel: Math.max(1, pixelBits >> 3),
      };
      const rows = filters.undo(read, size, (row, y) => showRow(row, { ...picture, pass, y }));
      if (rows === pass.rows) continue;
      if (isWhole) return undefined;
      if (index === 0 && rows === 0 && !file.isCut) {
        throw undecodable("The PNG file has no pixels that can be decoded");
      }
      break;
    }
    return { data, width, height, channels, hasAlpha };
  }

  return {
    decode: (bytes, settings) => decodeFile(readPngFile(bytes), settings),
    decodeFile,
    memoryUsed: () => filters.memoryUsed() + inflater.memoryUsed(),
  };
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
