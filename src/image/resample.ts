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

// See resample_kernel.as.ts; all parameters but `scale` are whole.
// deno-fmt-ignore
interface Kernel {
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
    if (area.width === target.width && area.height === target.height) {
      copyRows(out, { ...job, to: 0, from: 0, end: area.height });
    } else run(kernel, job);
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

/** Addresses of two rows that follow each other. */
type Two = readonly [number, number];

function run(kernel: Kernel, { source, area, target, out, columns, rows }: Job): void {
  const { channels, hasAlpha } = source;
  const horizontal = area.width !== target.width;
  const vertical = area.height !== target.height;
  const rowsFirst = vertical &&
    (!horizontal || rowsFirstIsCheaper(columns, rows, { channels, target }));
  const boxed = columns.box > 1 || rows.box > 1;
  // Opaque bytes need no other form before the sums of rows: half the memory traffic.
  const asBytes = !hasAlpha && !boxed;
  const ringOfBytes = asBytes && rowsFirst;

  const rowBytes = area.width * channels;
  const bandRows = Math.min(area.height, evenRows(rowBytes));
  const sourceSamples = columns.samples * channels;
  const targetSamples = target.width * channels;
  const outRows = evenRows(targetSamples);
  const ringSamples = rowsFirst ? sourceSamples : targetSamples;
  const slot = align(ringSamples * (ringOfBytes ? 2 : 4) + SLACK);

  const memory = layOut(kernel.memory);
  const two = (bytes: number): Two => [memory.take(bytes), memory.take(bytes)];
  const band = memory.take(bandRows * rowBytes);
  const sums = memory.take(boxed ? rowBytes * 4 : 0);
  const samples = two(sourceSamples * 2);
  const paired = two(horizontal ? (columns.samples + columns.pairs * 2) * 8 : 0);
  const pixels = two(horizontal ? targetSamples * 2 : 0);
  const lines = two(vertical ? ringSamples * 2 : 0);
  const ring = memory.take(vertical ? slot * rows.pairs : 0);
  const ringEnd = ring + slot * rows.pairs;
  const finished = memory.take(outRows * targetSamples);
  const columnStarts = memory.take(columns.starts.byteLength);
  const columnWeights = memory.take(columns.weights.byteLength);
  const rowWeights = memory.take(rows.weights.byteLength);
  const heap = memory.view();

  const pairBytes = columns.starts.map((pair) => pair * 16);
  new Int32Array(heap.buffer, columnStarts, pairBytes.length).set(pairBytes);
  new Int16Array(heap.buffer, columnWeights, columns.weights.length).set(columns.weights);
  new Int16Array(heap.buffer, rowWeights, rows.weights.length).set(rows.weights);
  heap.fill(0, sums, sums + (boxed ? rowBytes * 4 : 0));

  let read = 0;
  let bandStart = 0;
  let bandEnd = 0;
  let pairsDone = 0;

  function nextRows(wanted: number): { from: number; count: number } {
    if (read === bandEnd) {
      bandStart = read;
      bandEnd = Math.min(read + bandRows, area.height);
      copyRows(heap, { to: band, source, area, from: bandStart, end: bandEnd });
    }
    const from = band + (read - bandStart) * rowBytes;
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
        kernel.addRows(sums, from, rowBytes, count, rowBytes);
        continue;
      }
      for (let row = 0; row < count; row++) {
        kernel.addProductsOfRow(sums, from + row * rowBytes, rowBytes, channels);
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
    kernel.pairPixels(paired[0], from[0], columns.samples, channels);
    kernel.pairPixels(paired[1], from[1], columns.samples, channels);
    // deno-fmt-ignore
    kernel.sumPixels(
      pixels[0], pixels[1], paired[0], paired[1],
      columnStarts, columnWeights, columns.pairs, columns.starts.length, channels,
    );
    return pixels;
  }

  function sumRows(couple: number): Two {
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
    return lines;
  }

  function finish(to: number, from: number): void {
    if (!hasAlpha) kernel.finish(to, from, targetSamples);
    else if (channels === 4) kernel.unpremultiply4(to, from, target.width);
    else kernel.unpremultiply2(to, from, target.width);
  }

  for (let y = 0; y < target.height; y += 2) {
    const more = y + 1 < target.height;
    const summed = vertical ? sumRows(y / 2) : nextTwo(more);
    const [first, second] = rowsFirst && horizontal ? sumColumns(summed) : summed;
    const to = finished + y % outRows * targetSamples;
    finish(to, first);
    if (more) finish(to + targetSamples, second);
    const count = y % outRows + (more ? 2 : 1);
    if (count >= outRows || y + 2 >= target.height) {
      const from = y + (more ? 2 : 1) - count;
      out.set(heap.subarray(finished, finished + count * targetSamples), from * targetSamples);
    }
  }
}

function evenRows(bytes: number): number {
  return Math.max(2, Math.floor(BAND_BYTES / bytes) & ~1);
}

// Measured: a pair of pixels takes as long as a pair of rows for four samples, of any channels.
function rowsFirstIsCheaper(columns: Axis, rows: Axis, { channels, target }: {
  channels: number;
  target: Job["target"];
}): boolean {
  const ofRows = (pixels: number) => pixels * channels * rows.pairs * target.height;
  const ofColumns = (lines: number) => lines * 4 * columns.pairs * target.width;
  return ofRows(columns.samples) + ofColumns(target.height) <=
    ofColumns(rows.samples) + ofRows(target.width);
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

function copyRows(
  out: Uint8Array,
  { to, source, area, from, end }:
    & Pick<Job, "source" | "area">
    & Record<"to" | "from" | "end", number>,
): void {
  const { data, width, channels } = source;
  const stride = width * channels;
  const bytes = area.width * channels;
  if (bytes === stride) {
    out.set(data.subarray((area.y + from) * stride, (area.y + end) * stride), to);
    return;
  }
  for (let y = from; y < end; y++) {
    const start = (area.y + y) * stride + area.x * channels;
    out.set(data.subarray(start, start + bytes), to + (y - from) * bytes);
  }
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
