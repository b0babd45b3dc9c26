// The kernel of PNG's filters, and how its memory is used.
import { layOut } from "../../../pixels/layout.ts";
import { FILTER_KERNEL } from "./filter_kernel.ts";

export interface PngFilters {
  /** Rows, each under the filter that suits it and behind the filter's number. */
  apply(samples: Uint8Array, size: RowSize): FilteredRows;
  /**
   * Hands the rows that `read` gives, behind their filter's numbers, to `use` without filters, down to the
   * first that is cut or under a filter that does not exist; gives their number. A row is valid until `use`
   * returns.
   */
  undo(
    read: (count: number) => Uint8Array,
    size: RowSize,
    use: (row: Uint8Array, y: number) => void,
  ): number;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

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
  unfilterRow(to: number, row: number, above: number, bytes: number, pixel: number, filter: number): void;
  unfilterTwoPaeths(to: number, alsoTo: number, row: number, alsoRow: number, above: number, bytes: number, pixel: number): void;
}

export function createPngFilters(): PngFilters {
  const bytes = Uint8Array.from(atob(FILTER_KERNEL), (char) => char.charCodeAt(0));
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    .exports as unknown as Kernel;
  return {
    apply: (samples, size) => apply(kernel, samples, size),
    undo: (read, size, use) => undo(kernel, read, { ...size, use }),
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

/** The number of the last filter; what is above does not exist. */
const PAETH = 4;

function undo(
  kernel: Kernel,
  read: (count: number) => Uint8Array,
  { rowBytes, height, pixel, use }: RowSize & { use: (row: Uint8Array, y: number) => void },
): number {
  const stride = rowBytes + 1;
  const memory = layOut(kernel.memory);
  // Rows as they are stored, and as they were, the last of which is above the next.
  const filtered = memory.take(stride * 2 + 16);
  const lines = [0, 1, 2].map(() => memory.take(rowBytes + 16));
  const heap = memory.view();
  heap.fill(0, lines[2], lines[2]! + rowBytes + 16);
  for (let y = 0; y < height;) {
    const wanted = Math.min(2, height - y);
    const rows = read(wanted * stride);
    let count = 0;
    while ((count + 1) * stride <= rows.length && rows[count * stride]! <= PAETH) count++;
    const [upper, lower, above] = lines as [number, number, number];
    const [from, alsoFrom] = [filtered + 1, filtered + 1 + stride];
    heap.set(rows, filtered);
    if (count === 2 && pixel <= 4 && rows[0] === PAETH && rows[stride] === PAETH) {
      kernel.unfilterTwoPaeths(upper, lower, from, alsoFrom, above, rowBytes, pixel);
    } else {
      if (count > 0) kernel.unfilterRow(upper, from, above, rowBytes, pixel, rows[0]!);
      if (count > 1) kernel.unfilterRow(lower, alsoFrom, upper, rowBytes, pixel, rows[stride]!);
    }
    for (const line of [upper, lower].slice(0, count)) {
      use(heap.subarray(line, line + rowBytes), y++);
    }
    if (count < wanted) return y;
    lines.splice(1, 2, above, lower);
  }
  return height;
}
