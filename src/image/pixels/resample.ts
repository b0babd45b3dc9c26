// Our own resize: separable Lanczos3 in fixed point, by a SIMD kernel (resample_kernel.as.ts), because
// the engine's is the slowest step of a transform by far.

import { type Axis, type AxisOptions, planAxis } from "./lanczos.ts";
import type { PixelBuffer } from "./pixel_buffer.ts";
import { isRows, type PixelRows } from "./pixel_rows.ts";
import { RESAMPLE_KERNEL } from "./resample_kernel.ts";
import {
  copyPixels,
  type Kernel,
  type ResampleJob,
  resamplePlaneRows,
  resampleRows,
} from "./resample_rows.ts";
import { isPlanar, type PixelSource, type YccPlanes } from "./ycc_planes.ts";

export interface ResampleOptions {
  target: { width: number; height: number };
  /** The whole pixels to resample; its edges are treated as the image's own. Default: all of the source. */
  region?: { x: number; y: number; width: number; height: number };
  /** Where to write, at least `width * height * channels` bytes that are not the source's. Default: new. */
  into?: Uint8Array;
}

export interface Resampler {
  /** The pixels of the target, with the source's channels, of planes RGB. Throws a RangeError where sizes do not agree. */
  resample(source: PixelSource | PixelRows, options: ResampleOptions): Uint8Array;
  /** Planes of the target, of whose chroma each sample spans so many pixels in both directions. Throws the same. */
  resamplePlanes(source: YccPlanes, options: PlanesOptions): YccPlanes;
  /** Bytes of kernel memory in use, which never shrinks. */
  memoryUsed(): number;
}

export interface PlanesOptions extends Omit<ResampleOptions, "into"> {
  span: 1 | 2;
}

const AXES_KEPT = 32;

/** A resampler with a kernel and memory of its own. Up to 16384 pixels wide some 10 MB, of any height. */
export function createResampler(): Resampler {
  const bytes = Uint8Array.from(atob(RESAMPLE_KERNEL), (char) => char.charCodeAt(0));
  const kernel = new WebAssembly.Instance(new WebAssembly.Module(bytes))
    .exports as unknown as Kernel;
  const axes = new Map<string, Axis>();

  function axisOf(length: number, options: AxisOptions): Axis {
    const { target, unroll, from = 0, extent = length } = options;
    const key = [length, target, unroll, from, extent].join(" ");
    const axis = axes.get(key) ?? planAxis(length, options);
    axes.delete(key);
    axes.set(key, axis);
    const [oldest] = axes.keys();
    if (axes.size > AXES_KEPT && oldest !== undefined) axes.delete(oldest);
    return axis;
  }

  function resample(source: PixelSource | PixelRows, options: ResampleOptions): Uint8Array {
    const { width, height } = source;
    const area = options.region ?? { x: 0, y: 0, width, height };
    const { target } = options;
    const size = target.width * target.height * (isPlanar(source) ? 3 : source.channels);
    const fault = faultOf(source, { area, target, into: options.into, size });
    if (fault) throw new RangeError(`Cannot resample ${width}x${height}: ${fault}`);
    const out = options.into?.subarray(0, size) ?? new Uint8Array(size);
    if (isPlanar(source)) {
      const planes = source.planes.map((_, index) =>
        planOf(source, { index, area, target, span: 1 })
      );
      resamplePlaneRows(kernel, { planes, target, out });
    } else if (area.width === target.width && area.height === target.height) {
      copyPixels(out, source, area);
    } else {
      const columns = axisOf(area.width, { target: target.width, unroll: unrollOf(source) });
      const rows = axisOf(area.height, { target: target.height, unroll: 1 });
      resampleRows(kernel, { source, area, target, out, columns, rows });
    }
    return out;
  }

  function resamplePlanes(source: YccPlanes, { target, region, span }: PlanesOptions): YccPlanes {
    const { width, height } = source;
    const area = region ?? { x: 0, y: 0, width, height };
    const fault = faultOf(source, { area, target, into: undefined, size: 0 });
    if (fault) throw new RangeError(`Cannot resample ${width}x${height}: ${fault}`);
    const [luma, blue, red] = source.planes.map((_, index): PixelBuffer => {
      const plane = planOf(source, { index, area, target, span: index === 0 ? 1 : span });
      const out = new Uint8Array(plane.target.width * plane.target.height);
      resampleRows(kernel, { ...plane, out });
      return { data: out, ...plane.target, channels: 1, hasAlpha: false };
    });
    const { width: across, height: down } = target;
    return { width: across, height: down, planes: [luma!, blue!, red!], across: span, down: span };
  }

  /**
   * What becomes of a plane: the area, in its own samples, of which the outermost may belong to it in part, and
   * may be shown beyond it by a last sample that spans more pixels than the target has.
   */
  function planOf(
    picture: YccPlanes,
    { index, area, target, span }: Pick<ResampleJob, "area" | "target"> & {
      index: number;
      span: number;
    },
  ) {
    const source = picture.planes[index]!;
    const [across, down] = index === 0 ? [1, 1] : [picture.across, picture.down];
    const x = Math.floor(area.x / across), y = Math.floor(area.y / down);
    const width = Math.ceil((area.x + area.width) / across) - x;
    const height = Math.ceil((area.y + area.height) / down) - y;
    const wide = Math.ceil(target.width / span), high = Math.ceil(target.height / span);
    const columns = axisOf(width, {
      target: wide,
      unroll: unrollOf(source),
      from: area.x / across - x,
      extent: area.width / across * (wide * span / target.width),
    });
    const rows = axisOf(height, {
      target: high,
      unroll: 1,
      from: area.y / down - y,
      extent: area.height / down * (high * span / target.height),
    });
    return {
      source,
      area: { x, y, width, height },
      target: { width: wide, height: high },
      columns,
      rows,
    };
  }

  return { resample, resamplePlanes, memoryUsed: () => kernel.memory.buffer.byteLength };
}

/** What the kernel wants of a window: one channel is summed four pairs at a time. */
function unrollOf({ channels }: Pick<PixelBuffer, "channels">): number {
  return channels === 1 ? 4 : 2;
}

function faultOf(source: PixelSource | PixelRows, job: FaultOptions): string | undefined {
  if (!isPlanar(source)) return faultOfPixels(source, job);
  const { width, height, planes, across, down } = source;
  const isShort = planes.some((plane, index) => {
    const [wide, high] = index === 0 ? [1, 1] : [across, down];
    return plane.channels !== 1 || plane.width < width / wide || plane.height < height / high ||
      plane.data.length < plane.width * plane.height;
  });
  if (isShort) return "a plane lacks samples";
  return faultOfArea({ width, height }, job);
}

type FaultOptions = Pick<ResampleJob, "area" | "target"> & {
  into: Uint8Array | undefined;
  size: number;
};

function faultOfArea(
  { width, height }: { width: number; height: number },
  { area, target, into, size }: FaultOptions,
): string | undefined {
  const isWhole = (n: number, least: number) => Number.isInteger(n) && n >= least;
  const sizes = [width, height, area.width, area.height, target.width, target.height];
  if (!sizes.every((n) => isWhole(n, 1))) {
    return `sizes are whole numbers of at least 1, not ${sizes}`;
  }
  const isInside = isWhole(area.x, 0) && isWhole(area.y, 0) &&
    area.x + area.width <= width && area.y + area.height <= height;
  if (!isInside) return `the region ${JSON.stringify(area)} is not inside`;
  if (into && into.length < size) return `the result takes ${size} bytes and not ${into.length}`;
  return undefined;
}

function faultOfPixels(pixels: PixelBuffer | PixelRows, job: FaultOptions): string | undefined {
  const { width, height, channels, hasAlpha } = pixels;
  if (hasAlpha && channels % 2 === 1) return `${channels} channels have no alpha`;
  const bytes = width * height * channels;
  if (!isRows(pixels) && pixels.data.length < bytes) {
    return `there are ${pixels.data.length} bytes and not ${bytes}`;
  }
  return faultOfArea(pixels, job);
}
