// The arithmetic of shrinking and enlarging along one axis: which samples each target pixel is made of
// and with what weights, as the whole numbers that the SIMD kernel computes with.

/** The sum of the weights of every target pixel: 1 in the kernel's fixed point. */
export const WEIGHT_ONE = 1 << 14;

const LOBES = 3;

// Source pixels are averaged in boxes as long as this many boxes still fall on each target pixel, which
// costs a fraction of filtering them, but folds fine stripes back into what remains. Of 200 levels of stripes
// 17 are left with 2 boxes, 10 with 3 and 7 with 4, and those only where a picture is shrunk more than eight
// times; a picture of 2000x1500 takes 1 to 4 ms longer with 4 than with 2.
const SAMPLES_PER_PIXEL = 4;
const LARGEST_BOX = 256;

/** How `length` source pixels become `target` pixels, which the kernel makes two at a time. */
export interface Axis {
  /** Source pixels that are averaged into one sample; the last sample may have fewer. */
  box: number;
  /** Samples along the axis, `length / box` rounded up. */
  samples: number;
  /** Pairs of samples that two neighbouring target pixels are made of, some of them with weight 0. */
  pairs: number;
  /** For each two target pixels their first pair; pair p is samples 2p and 2p + 1. */
  starts: Int32Array;
  /** For each two target pixels and each pair, the pair's weights for the first and for the second. */
  weights: Int16Array;
}

export interface AxisOptions {
  target: number;
  /** `pairs` is a multiple of this. */
  unroll: number;
  /** What of the source pixels the target shows, which need not be whole ones; all of them unless told. */
  from?: number;
  extent?: number;
}

/** Whether the target is the source. */
export function isIdentity({ starts }: Axis): boolean {
  return starts.length === 0;
}

/** Which samples each target pixel is made of. */
interface Windows {
  /** Room for the weights of one. */
  most: number;
  starts: Int32Array;
  counts: Int32Array;
  weights: Int16Array;
}

/** The windows and weights of Lanczos3, scaled to the sampling distance where that is larger than 1; none for a ratio of 1. */
export function planAxis(
  length: number,
  { target, unroll, from = 0, extent = length }: AxisOptions,
): Axis {
  const isWhole = from === 0 && extent === length;
  if (isWhole && length === target) {
    const [starts, weights] = [new Int32Array(), new Int16Array()];
    return { box: 1, samples: length, pairs: unroll, starts, weights };
  }
  const box = Math.max(1, Math.min(Math.floor(extent / target / SAMPLES_PER_PIXEL), LARGEST_BOX));
  const samples = Math.ceil(length / box);
  const symmetric = isWhole && samples * box === length;
  const windows = windowsOf({ length, target, from, extent, box, samples, symmetric });
  const couples = Math.ceil(target / 2);
  const starts = new Int32Array(couples);
  let pairs = 1;
  for (let c = 0; c < couples; c++) {
    const first = c * 2, second = Math.min(first + 1, target - 1);
    const start = Math.min(windows.starts[first]!, windows.starts[second]!) >> 1;
    const end = Math.max(endOf(windows, first), endOf(windows, second));
    starts[c] = start;
    pairs = Math.max(pairs, Math.ceil(end / 2) - start);
  }
  pairs = Math.ceil(pairs / unroll) * unroll;
  const packed = new Int16Array(couples * pairs * 4);
  for (let x = 0; x < target; x++) {
    const couple = x >> 1;
    const ahead = windows.starts[x]! - starts[couple]! * 2;
    for (let i = 0; i < windows.counts[x]!; i++) {
      const sample = ahead + i;
      packed[(couple * pairs + (sample >> 1)) * 4 + (x & 1) * 2 + (sample & 1)] = windows
        .weights[x * windows.most + i]!;
    }
  }
  return { box, samples, pairs, starts, weights: packed };
}

function endOf({ starts, counts }: Windows, x: number): number {
  return starts[x]! + counts[x]!;
}

function windowsOf(
  { length, target, from, extent, box, samples, symmetric }:
    & Required<Omit<AxisOptions, "unroll">>
    & { length: number; box: number; samples: number; symmetric: boolean },
): Windows {
  const scale = extent / box / target;
  const stretch = Math.max(1, scale);
  const reach = LOBES * stretch;
  const most = Math.floor(2 * reach) + 2;
  const starts = new Int32Array(target), counts = new Int32Array(target);
  const weights = new Int16Array(target * most);
  const exact = new Float64Array(most);
  for (let x = 0; x < target; x++) {
    const twin = target - 1 - x;
    // Mirrored and not computed anew, so that a symmetric image stays symmetric to the last bit.
    if (symmetric && twin < x) {
      const count = counts[x] = counts[twin]!;
      starts[x] = samples - starts[twin]! - count;
      for (let i = 0; i < count; i++) {
        weights[x * most + i] = weights[twin * most + count - 1 - i]!;
      }
      continue;
    }
    const center = from / box + (x + 0.5) * scale;
    const start = Math.max(0, Math.ceil(center - reach - 0.5));
    const end = Math.max(start + 1, Math.min(samples, Math.floor(center + reach + 0.5)));
    let sum = 0;
    for (let i = start; i < end; i++) {
      const first = i * box;
      const last = Math.min(first + box, length);
      const weight = lanczos(((first + last) / 2 / box - center) / stretch) * (last - first);
      exact[i - start] = weight;
      sum += weight;
    }
    starts[x] = start;
    counts[x] = end - start;
    quantize(exact, { sum, count: end - start });
    for (let i = 0; i < end - start; i++) weights[x * most + i] = exact[i]!;
  }
  return { most, starts, counts, weights };
}

// sin(3t) = sin(t) (3 - 4 sin²(t)) makes one sine do for both factors of the filter.
function lanczos(x: number): number {
  if (x === 0) return 1;
  if (Math.abs(x) >= LOBES) return 0;
  const square = Math.sin(Math.PI * x / LOBES) ** 2;
  return LOBES * square * (3 - 4 * square) / (Math.PI * x) ** 2;
}

// Whatever rounding leaves goes to the largest weights, so that flat colours stay exact.
function quantize(weights: Float64Array, { sum, count }: { sum: number; count: number }): void {
  let largest = -Infinity, first = 0, last = 0, rest = WEIGHT_ONE;
  for (let i = 0; i < count; i++) {
    const weight = weights[i] = Math.round(weights[i]! / sum * WEIGHT_ONE);
    rest -= weight;
    if (weight > largest) [largest, first] = [weight, i];
    if (weight === largest) last = i;
  }
  const half = first === last ? 0 : Math.trunc(rest / 2);
  weights[first]! += rest - half;
  if (first !== last) weights[last]! += half;
}
