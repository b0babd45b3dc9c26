// Our own resize: separable Lanczos3 in fixed point, by a SIMD kernel (resample_kernel.as.ts), because
// the engine's is the slowest step of a transform by far. This file plans: it streams source rows
// through a few rows of kernel memory, whose size does not depend on the height of the image.

import { type Axis, planAxis } from "./lanczos.ts";
import { RESAMPLE_KERNEL } from "./resample_kernel.ts";

export interface PixelBuffer {
  /** Rows from the top, without gaps, `channels` bytes per pixel. */
  data: Uint8Array;
  width: number;
  height: number;
  channels: 1 | 2 | 3 | 4;
  /** Whether the last channel (of 2 or 4) is alpha, not premultiplied. */
  hasAlpha: boolean;
}

export interface ResampleOptions {
  target: { width: number; height: number };
  /** The whole pixels to resample; its edges are treated as the image's own. Default: all of the source. */
  region?: { x: number; y: number; width: number; height: number };
  /** Where to write, at least `width * height * channels` bytes that are not the source's. Default: new. */
  into?: Uint8Array;
}

export interface Resampler {
  /** The pixels of the target, with the source's channels. Throws a RangeError where sizes do not agree. */
  resample(source: PixelBuffer, options: ResampleOptions): Uint8Array;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

interface Kernel {
  memory: WebAssembly.Memory;
  pairRowsOfBytes(to: number, first: number, second: number, samples: number): void;
  pairRows(to: number, first: number, second: number, samples: number): void;
  pairPixels(to: number, from: number, pixels: number, channels: number): void;
  widen(to: number, from: number, samples: number): void;
  premultiply(to: number, from: number, samples: number, channels: number): void;
  // deno-fmt-ignore
  addRows(sums: number, from: number, samples: number, rows: number, stride: number): void;
  addProductsOfRow(sums: number, from: number, samples: number, channels: number): void;
  // deno-fmt-ignore
  averageBoxes(to: number, sums: number, boxes: number, box: number, channels: number, scale: number): void;
  sumRowsOfBytes: SumRows;
  sumRowsOfSamples: SumRows;
  // deno-fmt-ignore
  sumPixels(to: number, from: number, windows: number, weights: number, pairs: number, pixels: number, channels: number): void;
  finish(to: number, from: number, samples: number): void;
  unpremultiply(to: number, from: number, pixels: number, channels: number): void;
}

// deno-fmt-ignore
type SumRows = (to: number, ring: number, ringEnd: number, window: number, slot: number, weights: number, pairs: number, samples: number) => void;

// What the kernel may touch past the end of a row.
const SLACK = 128;
const BAND_BYTES = 1 << 18;
const AXES_KEPT = 32;

/** A resampler with a kernel and memory of its own. Some 10 MB at most, however large the images. */
export function createResampler(): Resampler {
  const bytes = Uint8Array.from(atob(RESAMPLE_KERNEL), (char) => char.charCodeAt(0));
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    .exports as unknown as Kernel;
  const axes = new Map<string, Axis>();

  function axisOf(length: number, target: number, unroll: number): Axis {
    const key = `${length} ${target} ${unroll}`;
    const axis = axes.get(key) ?? planAxis(length, { target, unroll });
    axes.delete(key);
    axes.set(key, axis);
    const [oldest] = axes.keys();
    if (axes.size > AXES_KEPT && oldest !== undefined) axes.delete(oldest);
    return axis;
  }

  function resample(source: PixelBuffer, { target, region, into }: ResampleOptions): Uint8Array {
    const area = region ?? { x: 0, y: 0, width: source.width, height: source.height };
    const size = target.width * target.height * source.channels;
    const out = into ?? new Uint8Array(size);
    verify(source, area, target, out.length);
    const job = {
      source,
      area,
      target,
      out,
      columns: axisOf(area.width, target.width, 2),
      rows: axisOf(area.height, target.height, 1),
    };
    if (area.width === target.width && area.height === target.height) copyRegion(job);
    else run(kernel, job);
    return out.length === size ? out : out.subarray(0, size);
  }

  return { resample, memoryUsed: () => kernel.memory.buffer.byteLength };
}

interface Job {
  source: PixelBuffer;
  area: { x: number; y: number; width: number; height: number };
  target: { width: number; height: number };
  out: Uint8Array;
  columns: Axis;
  rows: Axis;
}

function run(kernel: Kernel, { source, area, target, out, columns, rows }: Job): void {
  const { channels, hasAlpha } = source;
  const horizontal = area.width !== target.width;
  const vertical = area.height !== target.height;
  const boxed = columns.box > 1 || rows.box > 1;
  // Opaque bytes need no other form before the vertical sums: half the memory traffic.
  const asBytes = !hasAlpha && !boxed;
  const rowsFirst = vertical && (!horizontal || rowsFirstIsCheaper(columns, rows, target));

  const rowBytes = area.width * channels;
  const bandRows = Math.min(area.height, Math.max(2, Math.floor(BAND_BYTES / rowBytes) & ~1));
  const sourceSamples = columns.samples * channels;
  const targetSamples = target.width * channels;
  const ringSamples = rowsFirst ? sourceSamples : targetSamples;
  const ringOfBytes = rowsFirst && asBytes;
  const slot = align(ringSamples * (ringOfBytes ? 2 : 4) + SLACK);
  const outRows = Math.min(target.height, Math.max(1, Math.floor(BAND_BYTES / targetSamples)));

  const memory = layOut(kernel.memory);
  const band = memory.take(bandRows * rowBytes);
  const sums = memory.take(boxed ? rowBytes * 4 : 0);
  const samples = [memory.take(sourceSamples * 2), memory.take(sourceSamples * 2)] as const;
  const paired = memory.take((columns.samples + columns.pairs * 2) * 8);
  const summed = [
    memory.take(Math.max(sourceSamples, targetSamples) * 2),
    memory.take(targetSamples * 2),
  ] as const;
  const ring = memory.take(vertical ? slot * rows.pairs : 0);
  const ringEnd = ring + slot * rows.pairs;
  const finished = memory.take(outRows * targetSamples);
  const columnStarts = memory.take(columns.starts.byteLength);
  const columnWeights = memory.take(columns.weights.byteLength);
  const rowWeights = memory.take(rows.weights.byteLength);
  const heap = memory.view();

  new Int32Array(heap.buffer, columnStarts, columns.starts.length).set(
    columns.starts.map((p) => p * 16),
  );
  new Int16Array(heap.buffer, columnWeights, columns.weights.length).set(columns.weights);
  new Int16Array(heap.buffer, rowWeights, rows.weights.length).set(rows.weights);
  if (boxed) heap.fill(0, sums, sums + rowBytes * 4);

  let read = 0;
  let bandFirst = 0;
  let bandEnd = 0;
  let prepared = 0;
  let pairsDone = 0;

  /** The address of the next source row; at most `rows` rows after it are in memory too. */
  function nextRows(rows: number): { from: number; count: number } {
    if (read === bandEnd) {
      bandFirst = read;
      bandEnd = Math.min(read + bandRows, area.height);
      copyBand(heap, band, { source, area, from: bandFirst, to: bandEnd });
    }
    const count = Math.min(rows, bandEnd - read);
    const from = band + (read - bandFirst) * rowBytes;
    read += count;
    return { from, count };
  }

  /** The address of the next row of samples: bytes, or i16 averaged and premultiplied as need be. */
  function nextSamples(): number {
    const to = samples[prepared++ & 1]!;
    if (!boxed) {
      const { from } = nextRows(1);
      if (asBytes) return from;
      kernel.premultiply(to, from, rowBytes, channels);
      return to;
    }
    const wanted = Math.min(rows.box, area.height - read);
    for (let done = 0; done < wanted;) {
      const { from, count } = nextRows(wanted - done);
      done += count;
      if (!hasAlpha) kernel.addRows(sums, from, rowBytes, count, rowBytes);
      else {
        for (let r = 0; r < count; r++) {
          kernel.addProductsOfRow(sums, from + r * rowBytes, rowBytes, channels);
        }
      }
    }
    average(to, wanted);
    return to;
  }

  function average(to: number, height: number): void {
    const scale = 128 / height / (hasAlpha ? 255 : 1);
    const whole = Math.floor(area.width / columns.box);
    kernel.averageBoxes(to, sums, whole, columns.box, channels, scale / columns.box);
    const rest = area.width - whole * columns.box;
    if (rest > 0) {
      const last = sums + whole * columns.box * channels * 4;
      kernel.averageBoxes(to + whole * channels * 2, last, 1, rest, channels, scale / rest);
    }
    heap.fill(0, sums, sums + rowBytes * 4);
  }

  function sumColumns(to: number, from: number): number {
    kernel.pairPixels(paired, from, columns.samples, channels);
    kernel.sumPixels(
      to,
      paired,
      columnStarts,
      columnWeights,
      columns.pairs,
      target.width,
      channels,
    );
    return to;
  }

  function nextRingRow(which: 0 | 1): number {
    const from = nextSamples();
    if (rowsFirst) return from;
    return sumColumns(summed[which], asBytes ? widened(from) : from);
  }

  function widened(from: number): number {
    kernel.widen(samples[0], from, sourceSamples);
    return samples[0];
  }

  function sumRowsAt(y: number): number {
    const start = rows.starts[y]!;
    const end = Math.min(start + rows.pairs, (rows.samples + 1) >> 1);
    for (; pairsDone < end; pairsDone++) {
      const first = nextRingRow(0);
      const second = pairsDone * 2 + 1 < rows.samples ? nextRingRow(1) : first;
      const to = ring + (pairsDone % rows.pairs) * slot;
      if (ringOfBytes) kernel.pairRowsOfBytes(to, first, second, ringSamples);
      else kernel.pairRows(to, first, second, ringSamples);
    }
    const sumRows = ringOfBytes ? kernel.sumRowsOfBytes : kernel.sumRowsOfSamples;
    const window = ring + (start % rows.pairs) * slot;
    const weights = rowWeights + y * rows.pairs * 4;
    sumRows(summed[0], ring, ringEnd, window, slot, weights, rows.pairs, ringSamples);
    return summed[0];
  }

  for (let y = 0; y < target.height; y++) {
    let row = vertical ? sumRowsAt(y) : nextRingRow(0);
    if (rowsFirst && horizontal) row = sumColumns(summed[1], row);
    const to = finished + (y % outRows) * targetSamples;
    if (hasAlpha) kernel.unpremultiply(to, row, target.width, channels);
    else kernel.finish(to, row, targetSamples);
    const done = y % outRows + 1;
    if (done === outRows || y === target.height - 1) {
      const rowsFinished = heap.subarray(finished, finished + done * targetSamples);
      out.set(rowsFinished, (y + 1 - done) * targetSamples);
    }
  }
}

// Vector operations per sample of each loop: a pair of rows takes 3 for 4 samples, a pair of pixels 4
// for one pixel of up to 4 channels, forming pairs about as much as one sum.
function rowsFirstIsCheaper(columns: Axis, rows: Axis, target: Job["target"]): boolean {
  const byRows = columns.samples * target.height * rows.pairs * 3;
  const thenByColumns = target.width * target.height * columns.pairs * 4;
  const byColumns = target.width * rows.samples * columns.pairs * 4;
  const thenByRows = target.width * target.height * rows.pairs * 3;
  return byRows + thenByColumns <= byColumns + thenByRows;
}

function layOut(memory: WebAssembly.Memory) {
  let end = 64;
  return {
    take(bytes: number): number {
      const start = end;
      end = align(end + bytes + SLACK);
      return start;
    },
    view(): Uint8Array<ArrayBuffer> {
      const missing = end - memory.buffer.byteLength;
      if (missing > 0) memory.grow(Math.ceil(missing / 65536));
      return new Uint8Array(memory.buffer as ArrayBuffer);
    },
  };
}

function align(bytes: number): number {
  return (bytes + 63) & ~63;
}

function copyBand(
  heap: Uint8Array,
  to: number,
  { source, area, from: first, to: end }: {
    source: PixelBuffer;
    area: Job["area"];
    from: number;
    to: number;
  },
): void {
  const { data, width, channels } = source;
  const stride = width * channels;
  const bytes = area.width * channels;
  if (bytes === stride) {
    heap.set(data.subarray((area.y + first) * stride, (area.y + end) * stride), to);
    return;
  }
  for (let y = first, at = to; y < end; y++, at += bytes) {
    const from = (area.y + y) * stride + area.x * channels;
    heap.set(data.subarray(from, from + bytes), at);
  }
}

function copyRegion({ source, area, out }: Job): void {
  copyBand(out, 0, { source, area, from: 0, to: area.height });
}

function verify(
  { data, width, height, channels, hasAlpha }: PixelBuffer,
  area: Job["area"],
  target: Job["target"],
  room: number,
): void {
  const fail = (reason: string): never => {
    throw new RangeError(`Cannot resample ${width}x${height}: ${reason}`);
  };
  const sizes = [width, height, area.width, area.height, target.width, target.height];
  if (!sizes.every((n) => Number.isInteger(n) && n >= 1)) {
    fail(`sizes are whole numbers of at least 1, not ${sizes}`);
  }
  if (
    !(area.x >= 0 && area.y >= 0) || area.x + area.width > width || area.y + area.height > height
  ) {
    fail(`the region ${JSON.stringify(area)} is not inside`);
  }
  if (hasAlpha && channels % 2 === 1) fail(`${channels} channels have no alpha`);
  const bytes = width * height * channels;
  if (data.length < bytes) fail(`there are ${data.length} bytes and not ${bytes}`);
  const needed = target.width * target.height * channels;
  if (room < needed) fail(`the result takes ${needed} bytes and not ${room}`);
}
