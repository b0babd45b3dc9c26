// The kernel of PNG's filters, and how its memory is used.
import { layOut } from "../../../pixels/layout.ts";
import { FILTER_KERNEL } from "./filter_kernel.ts";

export interface PngFilters {
  /** Rows, each under the filter that suits it and behind the filter's number. */
  apply(samples: Uint8Array, size: RowSize): FilteredRows;
  /** Undoes the filters of the rows that `read` gives, behind their filters' numbers. */
  open(read: (count: number) => Uint8Array, size: RowSize): RowReader;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

/**
 * Gives some of the next rows without gaps, at most so many and at least one: none behind the last, or from the first on
 * that is cut or under a filter that does not exist. Valid until more are asked for, of these or of others.
 */
export type RowReader = (most: number) => Uint8Array;

export interface FilteredRows {
  rows: Uint8Array;
  /** How far samples are from what their filters predict, in the mean: little where areas are flat, much in photos. */
  grain: number;
}

export interface RowSize {
  rowBytes: number;
  height: number;
  pixel: number;
}

/** What filter_kernel.as.ts exports. */
// deno-fmt-ignore
interface Kernel {
  memory: WebAssembly.Memory;
  filterRow(to: number, row: number, above: number, bytes: number, pixel: number): number;
  unfilterRows(to: number, from: number, count: number, bytes: number, pixel: number): number;
}

export function createPngFilters(): PngFilters {
  const bytes = Uint8Array.from(atob(FILTER_KERNEL), (char) => char.charCodeAt(0));
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    .exports as unknown as Kernel;
  return {
    apply: (samples, size) => apply(kernel, samples, size),
    open: (read, size) => open(kernel, read, size),
    memoryUsed: () => kernel.memory.buffer.byteLength,
  };
}

function apply(
  kernel: Kernel,
  samples: Uint8Array,
  { rowBytes, height, pixel }: RowSize,
): FilteredRows {
  const stride = rowBytes + 1;
  const memory = layOut(kernel.memory);
  // The margins around the rows are the zeros that the filters find outside the picture.
  const margin = memory.take(16);
  const lines = [memory.take(rowBytes + 16), memory.take(rowBytes + 16)] as const;
  const line = memory.take(stride);
  const heap = memory.view();
  heap.fill(0, margin, line);
  const rows = new Uint8Array(stride * height);
  let differences = 0;
  for (let y = 0; y < height; y++) {
    const [row, above] = y % 2 === 0 ? lines : [lines[1], lines[0]];
    heap.set(samples.subarray(y * rowBytes, (y + 1) * rowBytes), row);
    differences += kernel.filterRow(line, row, above, rowBytes, pixel);
    rows.set(heap.subarray(line, line + stride), y * stride);
  }
  return { rows, grain: differences / (rowBytes * height) };
}

/** So many bytes of rows at a time stay in the processor's nearer caches. */
const AT_ONCE = 32_768;

function open(
  kernel: Kernel,
  read: (count: number) => Uint8Array,
  { rowBytes, height, pixel }: RowSize,
): RowReader {
  const stride = rowBytes + 1;
  const mostAtOnce = Math.max(2, Math.floor(AT_ONCE / stride));
  const memory = layOut(kernel.memory);
  // Rows as they are stored, and as they were, behind the last of those before.
  const filtered = memory.take(stride * mostAtOnce);
  const above = memory.take(rowBytes * (mostAtOnce + 1));
  const heap = memory.view();
  const rows = above + rowBytes;
  heap.fill(0, above, rows);
  let left = height, end = rows;
  return (most) => {
    heap.copyWithin(above, end - rowBytes, end);
    const wanted = Math.min(most, mostAtOnce, left);
    const stored = read(wanted * stride);
    heap.set(stored, filtered);
    const whole = Math.floor(stored.length / stride);
    const count = kernel.unfilterRows(rows, filtered, whole, rowBytes, pixel);
    // Behind a row that is cut there is none.
    left = count < wanted ? 0 : left - count;
    end = rows + count * rowBytes;
    return heap.subarray(rows, end);
  };
}
