// The walk of resample(): source rows go through a few rows of kernel memory, whose size does not depend
// on the height of the image, in twos, because that is how the kernel makes target rows.

import { type Axis, isIdentity } from "./lanczos.ts";
import { type Layout, layOut } from "./layout.ts";
import type { PixelBuffer } from "./pixel_buffer.ts";
import { isRows, type PixelRows } from "./pixel_rows.ts";

/** What resample_kernel.as.ts exports. */
// deno-fmt-ignore
export interface Kernel {
  memory: WebAssembly.Memory;
  pairRowsOfBytes(to: number, first: number, second: number, samples: number): void;
  pairRows(to: number, first: number, second: number, samples: number): void;
  pairPixels(to: number, from: number, pixels: number, channels: number): void;
  widen(to: number, from: number, samples: number): void;
  premultiply(to: number, from: number, samples: number, channels: number): void;
  addRows(sums: number, from: number, samples: number, rows: number, stride: number): void;
  addProductsOfRow(sums: number, from: number, samples: number, channels: number): void;
  averageBoxes(to: number, sums: number, boxes: number, box: number, channels: number, scale: number): void;
  sumRowsOfBytes: SumRows;
  sumRowsOfSamples: SumRows;
  sumSamples(to: number, alsoTo: number, from: number, alsoFrom: number, windows: number, weights: number, pairs: number, couples: number): void;
  rgbRow(to: number, luma: number, blue: number, red: number, count: number): void;
  sumPixels(to: number, alsoTo: number, from: number, alsoFrom: number, windows: number, weights: number, pairs: number, couples: number, channels: number): void;
  finish(to: number, from: number, samples: number): void;
  unpremultiply4(to: number, from: number, pixels: number): void;
  unpremultiply2(to: number, from: number, pixels: number): void;
}

// deno-fmt-ignore
type SumRows = (to: number, alsoTo: number, ring: number, ringEnd: number, window: number, slot: number, weights: number, pairs: number, samples: number) => void;

// What the kernel may touch past the end of a row.
const SLACK = 128;
const BAND_BYTES = 1 << 18;

/** What to make of which pixels; `out` takes the target. */
export interface ResampleJob {
  source: PixelBuffer | PixelRows;
  area: { x: number; y: number; width: number; height: number };
  target: { width: number; height: number };
  out: Uint8Array;
  columns: Axis;
  rows: Axis;
}

/** Addresses of two rows that follow each other. */
type Two = readonly [number, number];

/** The target's rows in twos, from the top; of the last two the second may be none, where there are no `more`. */
type TargetRows = (more: boolean) => Two;

/** Streams the rows of the region through kernel memory. */
export function resampleRows(kernel: Kernel, job: ResampleJob): void {
  const { source: { channels, hasAlpha }, target } = job;
  const memory = layOut(kernel.memory);
  const open = layRows(kernel, memory, job);
  writeRows(memory, { ...job, rowBytes: target.width * channels }, (heap) => {
    const next = open(heap);
    return (to, also) => {
      const [first, second] = next(also !== undefined);
      finish(to, first);
      if (also !== undefined) finish(also, second);
    };
  });

  function finish(to: number, from: number): void {
    if (!hasAlpha) kernel.finish(to, from, target.width * channels);
    else if (channels === 4) kernel.unpremultiply4(to, from, target.width);
    else kernel.unpremultiply2(to, from, target.width);
  }
}

/** The same of three planes in step: luma and chroma become RGB where they have the target's size. */
export function resamplePlaneRows(
  kernel: Kernel,
  { planes, target, out }: Pick<ResampleJob, "target" | "out"> & {
    planes: readonly Omit<ResampleJob, "out">[];
  },
): void {
  const memory = layOut(kernel.memory);
  const opened = planes.map((plane) => layRows(kernel, memory, plane));
  const lines = planes.map((): Two => [memory.take(target.width), memory.take(target.width)]);
  writeRows(memory, { target, out, rowBytes: target.width * 3 }, (heap) => {
    const next = opened.map((open) => open(heap));
    return (to, also) => {
      for (const [index, [line, alsoLine]] of lines.entries()) {
        const [first, second] = next[index]!(also !== undefined);
        kernel.finish(line, first, target.width);
        kernel.finish(alsoLine, second, target.width);
      }
      const [luma, blue, red] = lines as [Two, Two, Two];
      kernel.rgbRow(to, luma[0], blue[0], red[0], target.width);
      if (also !== undefined) kernel.rgbRow(also, luma[1], blue[1], red[1], target.width);
    };
  });
}

/** Collects rows in kernel memory, and copies as many at once as are worth a call. */
function writeRows(
  memory: Layout,
  { target, out, rowBytes }: Pick<ResampleJob, "target" | "out"> & { rowBytes: number },
  open: (heap: Uint8Array<ArrayBuffer>) => (to: number, also: number | undefined) => void,
): void {
  const outRows = evenRows(rowBytes);
  const finished = memory.take(outRows * rowBytes);
  const heap = memory.view();
  const write = open(heap);
  for (let y = 0; y < target.height; y += 2) {
    const more = y + 1 < target.height;
    const to = finished + y % outRows * rowBytes;
    write(to, more ? to + rowBytes : undefined);
    const count = y % outRows + (more ? 2 : 1);
    if (count >= outRows || y + 2 >= target.height) {
      const from = y + (more ? 2 : 1) - count;
      out.set(heap.subarray(finished, finished + count * rowBytes), from * rowBytes);
    }
  }
}

/** Takes memory for one source; what it returns gives the rows once there is a view: the two sums in the cheaper order. */
function layRows(
  kernel: Kernel,
  memory: Layout,
  { source, area, target, columns, rows }: Omit<ResampleJob, "out">,
): (heap: Uint8Array<ArrayBuffer>) => TargetRows {
  const { channels, hasAlpha } = source;
  const horizontal = !isIdentity(columns);
  const vertical = !isIdentity(rows);
  const rowsFirst = vertical &&
    (!horizontal || rowsFirstIsCheaper(columns, rows, { channels, target }));
  const boxed = columns.box > 1 || rows.box > 1;
  // Opaque bytes need no other form before the sums of rows: half the memory traffic.
  const asBytes = !hasAlpha && !boxed;
  const ringOfBytes = asBytes && rowsFirst;
  // One channel is summed along the row as it lies; several side by side.
  const isPlane = channels === 1;

  const rowBytes = area.width * channels;
  const { stride: rowStride, before, copy } = sourceRows(source, area);
  const bandRows = Math.min(area.height, evenRows(rowStride));
  const sourceSamples = columns.samples * channels;
  const targetSamples = target.width * channels;
  const ringSamples = rowsFirst ? sourceSamples : targetSamples;
  const slot = align(ringSamples * (ringOfBytes ? 2 : 4) + SLACK);

  const two = (bytes: number): Two => [memory.take(bytes), memory.take(bytes)];
  const band = memory.take(bandRows * rowStride);
  const sums = memory.take(boxed ? rowBytes * 4 : 0);
  const samples = two((sourceSamples + columns.pairs * 2) * 2);
  const paired = two(horizontal && !isPlane ? (columns.samples + columns.pairs * 2) * 8 : 0);
  const pixels = two(horizontal ? targetSamples * 2 : 0);
  const lines = two(vertical ? (ringSamples + columns.pairs * 2) * 2 : 0);
  const ring = memory.take(vertical ? slot * rows.pairs : 0);
  const ringEnd = ring + slot * rows.pairs;
  const columnStarts = memory.take(columns.starts.byteLength);
  const columnWeights = memory.take(columns.weights.byteLength);
  const rowWeights = memory.take(rows.weights.byteLength);
  let heap = new Uint8Array<ArrayBuffer>(new ArrayBuffer(0));

  let read = 0;
  let bandStart = 0;
  let bandEnd = 0;
  let pairsDone = 0;
  let couple = 0;

  function nextRows(wanted: number): { from: number; count: number } {
    if (read === bandEnd) {
      bandStart = read;
      bandEnd = Math.min(read + bandRows, area.height);
      copy(heap, { to: band, from: bandStart, end: bandEnd });
    }
    const from = band + before + (read - bandStart) * rowStride;
    const count = Math.min(wanted, bandEnd - read);
    read += count;
    return { from, count };
  }

  /** The next row in the form that the sums take: bytes, or i16 samples, premultiplied and averaged. */
  function nextRow(to: number): number {
    if (boxed) return nextBoxes(to);
    const { from } = nextRows(1);
    if (ringOfBytes) return from;
    if (hasAlpha) kernel.premultiply(to, from, rowBytes, channels);
    else kernel.widen(to, from, rowBytes);
    return to;
  }

  function nextBoxes(to: number): number {
    const height = Math.min(rows.box, area.height - read);
    for (let done = 0; done < height;) {
      const { from, count } = nextRows(height - done);
      done += count;
      if (!hasAlpha) {
        kernel.addRows(sums, from, rowBytes, count, rowStride);
        continue;
      }
      for (let row = 0; row < count; row++) {
        kernel.addProductsOfRow(sums, from + row * rowStride, rowBytes, channels);
      }
    }
    const { box } = columns;
    const scale = 128 / height / (hasAlpha ? 255 : 1);
    const whole = Math.floor(area.width / box);
    const rest = area.width - whole * box;
    kernel.averageBoxes(to, sums, whole, box, channels, scale / box);
    if (rest > 0) {
      const last = sums + whole * box * channels * 4;
      kernel.averageBoxes(to + whole * channels * 2, last, 1, rest, channels, scale / rest);
    }
    heap.fill(0, sums, sums + rowBytes * 4);
    return to;
  }

  function nextTwo(more: boolean): Two {
    const first = nextRow(samples[0]);
    const both: Two = [first, more ? nextRow(samples[1]) : first];
    return rowsFirst || !horizontal ? both : sumColumns(both);
  }

  function sumColumns(from: Two): Two {
    const [pairs, couples] = [columns.pairs, columns.starts.length];
    if (isPlane) {
      // deno-fmt-ignore
      kernel.sumSamples(
        pixels[0], pixels[1], from[0], from[1], columnStarts, columnWeights, pairs, couples,
      );
      return pixels;
    }
    kernel.pairPixels(paired[0], from[0], columns.samples, channels);
    kernel.pairPixels(paired[1], from[1], columns.samples, channels);
    // deno-fmt-ignore
    kernel.sumPixels(
      pixels[0], pixels[1], paired[0], paired[1], columnStarts, columnWeights, pairs, couples, channels,
    );
    return pixels;
  }

  function sumRows(): Two {
    const start = rows.starts[couple]!;
    const end = Math.min(start + rows.pairs, Math.ceil(rows.samples / 2));
    for (; pairsDone < end; pairsDone++) {
      const [first, second] = nextTwo(pairsDone * 2 + 1 < rows.samples);
      const to = ring + pairsDone % rows.pairs * slot;
      if (ringOfBytes) kernel.pairRowsOfBytes(to, first, second, ringSamples);
      else kernel.pairRows(to, first, second, ringSamples);
    }
    const sum = ringOfBytes ? kernel.sumRowsOfBytes : kernel.sumRowsOfSamples;
    const window = ring + start % rows.pairs * slot;
    const weights = rowWeights + couple * rows.pairs * 8;
    sum(lines[0], lines[1], ring, ringEnd, window, slot, weights, rows.pairs, ringSamples);
    couple++;
    return lines;
  }

  return (view) => {
    heap = view;
    const starts = columns.starts.map((pair) => pair * (isPlane ? 4 : 16));
    new Int32Array(heap.buffer, columnStarts, starts.length).set(starts);
    const weights = isPlane ? byPixel(columns) : columns.weights;
    new Int16Array(heap.buffer, columnWeights, weights.length).set(weights);
    new Int16Array(heap.buffer, rowWeights, rows.weights.length).set(rows.weights);
    heap.fill(0, sums, sums + (boxed ? rowBytes * 4 : 0));
    return (more) => {
      const summed = vertical ? sumRows() : nextTwo(more);
      return rowsFirst && horizontal ? sumColumns(summed) : summed;
    };
  };
}

/** The weights of each two pixels one pixel after the other, each with all samples of their window. */
function byPixel({ pairs, weights }: Axis): Int16Array {
  const sorted = new Int16Array(weights.length);
  for (let couple = 0; couple < weights.length; couple += pairs * 4) {
    for (let pair = 0; pair < pairs; pair++) {
      const [from, to] = [couple + pair * 4, couple + pair * 2];
      sorted[to] = weights[from]!;
      sorted[to + 1] = weights[from + 1]!;
      sorted[to + pairs * 2] = weights[from + 2]!;
      sorted[to + pairs * 2 + 1] = weights[from + 3]!;
    }
  }
  return sorted;
}

function evenRows(bytes: number): number {
  return Math.max(2, Math.floor(BAND_BYTES / bytes) & ~1);
}

// Measured: a pair of pixels takes as long as a pair of rows for four samples, of two channels and more.
function rowsFirstIsCheaper(columns: Axis, rows: Axis, { channels, target }: {
  channels: number;
  target: ResampleJob["target"];
}): boolean {
  const ofPair = channels === 1 ? 1.5 : 4;
  const ofRows = (pixels: number) => pixels * channels * rows.pairs * target.height;
  const ofColumns = (lines: number) => lines * ofPair * columns.pairs * target.width;
  return ofRows(columns.samples) + ofColumns(target.height) <=
    ofColumns(rows.samples) + ofRows(target.width);
}

function align(bytes: number): number {
  return (bytes + 63) & ~63;
}

/** Some rows of the region, counted from its top, and where they go. */
interface Rows {
  to: number;
  from: number;
  end: number;
}

/** How the rows of a region come: each `stride` bytes after the one before, with so many bytes `before` it. */
interface SourceRows {
  stride: number;
  before: number;
  copy(out: Uint8Array, rows: Rows): void;
}

function sourceRows(source: PixelBuffer | PixelRows, area: ResampleJob["area"]): SourceRows {
  const { width, channels } = source;
  const whole = width * channels, bytes = area.width * channels;
  if (isRows(source)) {
    const nothing = { left: area.y };
    return {
      stride: whole,
      before: area.x * channels,
      copy(out, { to, from, end }) {
        // What lies above the region is decoded to where the region goes.
        for (; nothing.left > 0; nothing.left--) source.take(1, out, to);
        source.take(end - from, out, to);
      },
    };
  }
  const { data } = source;
  const at = (y: number) => (area.y + y) * whole + area.x * channels;
  // Rows with little between them are copied with it, many at once.
  if (bytes * 1.1 >= whole) {
    return {
      stride: whole,
      before: 0,
      copy: (out, { to, from, end }) => out.set(data.subarray(at(from), at(end - 1) + bytes), to),
    };
  }
  return {
    stride: bytes,
    before: 0,
    copy(out, { to, from, end }) {
      for (let y = from; y < end; y++) {
        out.set(data.subarray(at(y), at(y) + bytes), to + (y - from) * bytes);
      }
    },
  };
}

/** Copies the pixels of a region without gaps. */
export function copyPixels(
  out: Uint8Array,
  source: PixelBuffer | PixelRows,
  area: ResampleJob["area"],
): void {
  const bytes = area.width * source.channels;
  const { stride, before, copy } = sourceRows(source, area);
  if (stride === bytes) return copy(out, { to: 0, from: 0, end: area.height });
  const row = new Uint8Array(stride);
  for (let y = 0; y < area.height; y++) {
    copy(row, { to: 0, from: y, end: y + 1 });
    out.set(row.subarray(before, before + bytes), y * bytes);
  }
}
