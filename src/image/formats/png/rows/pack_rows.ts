// Pixels as the rows of a PNG, which are compressed as they are: filtered where that helps, and packed where a sample
// takes less than a byte.
import type { Size } from "../../../pixels/geometry.ts";
import type { FilteredRows, PngFilters } from "./filters.ts";
import { passesOf, type SizedPass } from "./passes.ts";
import type { ReducedPixels } from "./reduce_pixels.ts";

interface RowsOptions extends Size {
  isInterlaced?: boolean;
  filters: PngFilters;
}

/** The rows of all passes, each behind the number of its filter; without any there is no grain. */
export function rowsOf(
  { data, channels, bitDepth, colourType }: ReducedPixels,
  { width, height, isInterlaced = false, filters }: RowsOptions,
): FilteredRows {
  const pixelBits = channels * bitDepth;
  const { passes, length } = passesOf({ width, height, pixelBits, isInterlaced });
  // Differences of indices, and of what shares a byte, mean nothing.
  const isFiltered = bitDepth === 8 && colourType !== 3;
  if (!isInterlaced && isFiltered) {
    return filters.apply(data, { rowBytes: width * channels, height, pixel: channels });
  }
  const rows = new Uint8Array(length);
  let differences = 0;
  for (const pass of passes) {
    const packed = packRows(data, { pass, width, channels, bitDepth });
    const { rowBytes, at } = pass;
    if (isFiltered) {
      const filtered = filters.apply(packed, { rowBytes, height: pass.rows, pixel: channels });
      rows.set(filtered.rows, at);
      differences += filtered.grain * packed.length;
      continue;
    }
    for (let y = 0; y < pass.rows; y++) {
      const row = packed.subarray(y * rowBytes, (y + 1) * rowBytes);
      rows.set(row, at + y * (rowBytes + 1) + 1);
    }
  }
  return { rows, grain: differences / length };
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
