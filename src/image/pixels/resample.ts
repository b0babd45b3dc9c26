// Our own resize: separable Lanczos3 in fixed point, by a SIMD kernel (resample_kernel.as.ts), because
// the engine's is the slowest step of a transform by far.

import { type Axis, planAxis } from "./lanczos.ts";
import type { PixelBuffer } from "./pixel_buffer.ts";
import { RESAMPLE_KERNEL } from "./resample_kernel.ts";
import { copyRows, type Kernel, type ResampleJob, resampleRows } from "./resample_rows.ts";

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

const AXES_KEPT = 32;

/** A resampler with a kernel and memory of its own. Up to 16384 pixels wide some 10 MB, of any height. */
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

  function resample(source: PixelBuffer, options: ResampleOptions): Uint8Array {
    const area = options.region ??
      { x: 0, y: 0, width: source.width, height: source.height };
    const { target } = options;
    const size = target.width * target.height * source.channels;
    const fault = faultOf(source, { area, target, into: options.into, size });
    if (fault) throw new RangeError(`Cannot resample ${source.width}x${source.height}: ${fault}`);
    const out = options.into?.subarray(0, size) ?? new Uint8Array(size);
    if (area.width === target.width && area.height === target.height) {
      copyRows(out, { source, area, to: 0, from: 0, end: area.height });
      return out;
    }
    const columns = axisOf(area.width, target.width, 2);
    const rows = axisOf(area.height, target.height, 1);
    resampleRows(kernel, { source, area, target, out, columns, rows });
    return out;
  }

  return { resample, memoryUsed: () => kernel.memory.buffer.byteLength };
}

function faultOf(
  { data, width, height, channels, hasAlpha }: PixelBuffer,
  { area, target, into, size }: Pick<ResampleJob, "area" | "target"> & {
    into: Uint8Array | undefined;
    size: number;
  },
): string | undefined {
  const isWhole = (n: number, least: number) => Number.isInteger(n) && n >= least;
  const sizes = [width, height, area.width, area.height, target.width, target.height];
  if (!sizes.every((n) => isWhole(n, 1))) {
    return `sizes are whole numbers of at least 1, not ${sizes}`;
  }
  const isInside = isWhole(area.x, 0) && isWhole(area.y, 0) &&
    area.x + area.width <= width && area.y + area.height <= height;
  if (!isInside) return `the region ${JSON.stringify(area)} is not inside`;
  if (hasAlpha && channels % 2 === 1) return `${channels} channels have no alpha`;
  const bytes = width * height * channels;
  if (data.length < bytes) return `there are ${data.length} bytes and not ${bytes}`;
  if (into && into.length < size) return `the result takes ${size} bytes and not ${into.length}`;
  return undefined;
}
