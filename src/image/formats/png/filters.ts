// The kernel of PNG's filters, and how its memory is used.
import { layOut } from "../../pixels/layout.ts";
import { FILTER_KERNEL } from "./filter_kernel.ts";

export interface PngFilters {
  /** Rows, each under the filter that suits it and behind the filter's number. */
  apply(samples: Uint8Array, size: RowSize): Uint8Array;
  /**
   * Hands rows behind their filter's numbers to `use`, without filters, from the top to the first under a
   * filter that does not exist; gives their number. A row is valid until `use` returns.
   */
  undo(rows: Uint8Array, size: RowSize, use: (row: Uint8Array, y: number) => void): number;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
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
  filterRow(to: number, row: number, above: number, bytes: number, pixel: number): void;
  unfilterRow(row: number, above: number, bytes: number, pixel: number, filter: number): void;
}

export function createPngFilters(): PngFilters {
  const bytes = Uint8Array.from(atob(FILTER_KERNEL), (char) => char.charCodeAt(0));
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    .exports as unknown as Kernel;
  return {
    apply: (samples, size) => apply(kernel, samples, size),
    undo: (rows, size, use) => undo(kernel, rows, { ...size, use }),
    memoryUsed: () => kernel.memory.buffer.byteLength,
  };
}

function apply(
  kernel: Kernel,
  samples: Uint8Array,
  { rowBytes, height, pixel }: RowSize,
): Uint8Array {
  const stride = rowBytes + 1;
  const memory = layOut(kernel.memory);
  // The margins around the rows are the zeros that the filters find outside the picture.
  const margin = memory.take(16);
  const lines = [memory.take(rowBytes + 16), memory.take(rowBytes + 16)] as const;
  const line = memory.take(stride);
  const heap = memory.view();
  heap.fill(0, margin, line);
  const rows = new Uint8Array(stride * height);
  for (let y = 0; y < height; y++) {
    const [row, above] = y % 2 === 0 ? lines : [lines[1], lines[0]];
    heap.set(samples.subarray(y * rowBytes, (y + 1) * rowBytes), row);
    kernel.filterRow(line, row, above, rowBytes, pixel);
    rows.set(heap.subarray(line, line + stride), y * stride);
  }
  return rows;
}

/** The number of the last filter; what is above does not exist. */
const PAETH = 4;

function undo(
  kernel: Kernel,
  rows: Uint8Array,
  { rowBytes, height, pixel, use }: RowSize & { use: (row: Uint8Array, y: number) => void },
): number {
  const stride = rowBytes + 1;
  const memory = layOut(kernel.memory);
  const lines = [memory.take(rowBytes + 16), memory.take(rowBytes + 16)] as const;
  const heap = memory.view();
  heap.fill(0, lines[1], lines[1] + rowBytes + 16);
  for (let y = 0; y < height; y++) {
    const [row, above] = y % 2 === 0 ? lines : [lines[1], lines[0]];
    const filter = rows[y * stride]!;
    if (filter > PAETH) return y;
    heap.set(rows.subarray(y * stride + 1, (y + 1) * stride), row);
    kernel.unfilterRow(row, above, rowBytes, pixel, filter);
    use(heap.subarray(row, row + rowBytes), y);
  }
  return height;
}
