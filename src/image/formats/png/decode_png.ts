// Our own PNG decoder. The engine's loses the transparency of 16 bits, undoes a gamma of its own, inflates
// what nobody asked for and refuses what browsers show; this one shows what is there.
import type { Curve } from "../../colour/icc_profile.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import type { PixelRows } from "../../pixels/pixel_rows.ts";
import { undecodable } from "../reading/image_header.ts";
import { SAMPLES } from "./rows/colour_types.ts";
import { createExpander, type Expander } from "./expand_samples.ts";
import { createPngFilters, type RowReader, type RowSize } from "./rows/filters.ts";
import { createInflater, type StreamReader } from "../coding/inflate.ts";
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
  /**
   * The same of a file that is not interlaced, decoded as its rows are asked for, which has to be before another is.
   * Where the file is cut short they cannot be what `decode` shows: that is known in the end only.
   */
  openRows(file: PngFile, settings?: DecodeSettings): PngRows;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

export interface PngRows {
  pixels: PixelRows;
  /** Whether rows were asked for that the file has not. */
  areMissing(): boolean;
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
    const { read } = openStream(file, passes);
    for (const [index, pass] of passes.entries()) {
      const { rowBytes } = pass;
      const next = filters.open(read, sizeOf(pass, pixelBits));
      let rows = 0;
      for (let some = next(Infinity); some.length > 0; some = next(Infinity)) {
        for (let at = 0; at < some.length; at += rowBytes) {
          showRow(some.subarray(at, at + rowBytes), { ...picture, pass, y: rows++ });
        }
      }
      if (rows === pass.rows) continue;
      if (isWhole) return undefined;
      if (index === 0 && rows === 0 && !file.isCut) {
        throw undecodable("The PNG file has no pixels that can be decoded");
      }
      break;
    }
    return { data, width, height, channels, hasAlpha };
  }

  function openRows(
    file: PngFile,
    { curve, withAlpha = false }: DecodeSettings = {},
  ): PngRows {
    const { width, height } = file;
    const pixelBits = SAMPLES[file.colourType] * file.bitDepth;
    const { passes } = passesOf({ ...file, pixelBits });
    const { rowBytes } = passes[0]!;
    const { channels, hasAlpha, isPlain, expand } = createExpander(file, { withAlpha, curve });
    let next: RowReader | undefined;
    let areMissing = false, spent = 0;

    function take(count: number, out: Uint8Array, at: number): void {
      const started = performance.now();
      next ??= filters.open(openStream(file, passes).read, sizeOf(passes[0]!, pixelBits));
      for (let left = count; left > 0;) {
        const some = next(left);
        areMissing = some.length === 0;
        if (areMissing) throw new RangeError("The PNG file ends before its pixels do");
        left -= some.length / rowBytes;
        if (isPlain) {
          out.set(some, at);
          at += some.length;
          continue;
        }
        for (let from = 0; from < some.length; from += rowBytes, at += width * channels) {
          const row = some.subarray(from, from + rowBytes);
          expand(row, { out, at, step: channels, count: width });
        }
      }
      spent += performance.now() - started;
    }

    return {
      pixels: { width, height, channels, hasAlpha, take, spent: () => spent },
      areMissing: () => areMissing,
    };
  }

  function openStream({ data }: PngFile, passes: readonly SizedPass[]): StreamReader {
    return inflater.open(data, 2 * Math.max(...passes.map(({ rowBytes }) => rowBytes + 1)));
  }

  return {
    decode: (bytes, settings) => decodeFile(readPngFile(bytes), settings),
    decodeFile,
    openRows,
    memoryUsed: () => filters.memoryUsed() + inflater.memoryUsed(),
  };
}

function sizeOf({ rowBytes, rows }: SizedPass, pixelBits: number): RowSize {
  return { rowBytes, height: rows, pixel: Math.max(1, pixelBits >> 3) };
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
