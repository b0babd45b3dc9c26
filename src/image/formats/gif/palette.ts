// Colours to a palette: exact where there are few enough, else Wu's quantiser (greedy splitting of the
// colour cube where it lowers the variance most) refined by two rounds of k-means, and the nearest
// entry of each colour, remembered in a table.

/**
 * Colours at 5 bits per channel, with the exact sums of what fell into each cell: four numbers for each,
 * the pixels and the sums of their red, green and blue.
 */
export type Histogram = Float64Array;

const CELLS = 1 << 15;
const SIDE = 33;
const MOMENTS = SIDE ** 3;

export function createHistogram(): Histogram {
  return new Float64Array(CELLS * 4);
}

/** Counts a colour: 0xBBGGRR. */
export function addColour(histogram: Histogram, colour: number): void {
  const red = colour & 255, green = (colour >> 8) & 255, blue = (colour >> 16) & 255;
  const cell = ((red >> 3) << 10 | (green >> 3) << 5 | blue >> 3) * 4;
  histogram[cell]!++;
  histogram[cell + 1]! += red;
  histogram[cell + 2]! += green;
  histogram[cell + 3]! += blue;
}

interface Box {
  /** Exclusive lower and inclusive upper corner in the cube of moments. */
  from: [number, number, number];
  to: [number, number, number];
  variance: number;
}

/** At most `size` colours (0xBBGGRR) that stand for those of the histogram. */
export function quantise(histogram: Histogram, size: number): Uint32Array {
  const moments = momentsOf(histogram);
  const boxes: Box[] = [{ from: [0, 0, 0], to: [32, 32, 32], variance: Infinity }];
  while (boxes.length < size) {
    const widest = boxes.reduce((best, box) => box.variance > best.variance ? box : best);
    if (!(widest.variance > 0)) break;
    const cut = bestCut(moments, widest);
    if (!cut) {
      widest.variance = 0;
      continue;
    }
    const { axis, position } = cut;
    const second: Box = { from: [...widest.from], to: [...widest.to], variance: 0 };
    widest.to[axis] = position;
    second.from[axis] = position;
    widest.variance = varianceOf(moments, widest);
    second.variance = varianceOf(moments, second);
    boxes.push(second);
  }
  const centres = boxes.flatMap((box) => {
    const weight = volume(moments.count, box);
    if (weight === 0) return [];
    return [[moments.red, moments.green, moments.blue].map((sums) => volume(sums, box) / weight)];
  });
  return refine(histogram, centres);
}

interface Moments {
  count: Float64Array;
  red: Float64Array;
  green: Float64Array;
  blue: Float64Array;
  square: Float64Array;
}

/** Sums over everything below and including each cell, so that any box takes eight look-ups. */
function momentsOf(histogram: Histogram): Moments {
  const cube = () => new Float64Array(MOMENTS);
  const moments = { count: cube(), red: cube(), green: cube(), blue: cube(), square: cube() };
  for (let cell = 0; cell < CELLS; cell++) {
    const [weight, red, green, blue] = sumsOf(histogram, cell);
    if (weight === 0) continue;
    const at = ((cell >> 10) + 1) * SIDE * SIDE + ((cell >> 5 & 31) + 1) * SIDE + (cell & 31) + 1;
    moments.count[at] = weight;
    moments.red[at] = red;
    moments.green[at] = green;
    moments.blue[at] = blue;
    moments.square[at] = (red ** 2 + green ** 2 + blue ** 2) / weight;
  }
  for (const sums of Object.values(moments)) addUp(sums);
  return moments;
}

/** Makes each number the sum of all up to it, along each of the three axes. */
function addUp(sums: Float64Array): void {
  for (const step of [1, SIDE, SIDE * SIDE]) {
    for (let slab = 0; slab < MOMENTS; slab += step * SIDE) {
      for (let at = slab + step; at < slab + step * SIDE; at++) sums[at]! += sums[at - step]!;
    }
  }
}

function sumsOf(histogram: Histogram, cell: number): [number, number, number, number] {
  const at = cell * 4;
  return [histogram[at]!, histogram[at + 1]!, histogram[at + 2]!, histogram[at + 3]!];
}

function volume(sums: Float64Array, { from, to }: Pick<Box, "from" | "to">): number {
  const at = (r: number, g: number, b: number) => sums[(r * SIDE + g) * SIDE + b]!;
  const [r0, g0, b0] = from, [r1, g1, b1] = to;
  return at(r1, g1, b1) - at(r1, g1, b0) - at(r1, g0, b1) + at(r1, g0, b0) -
    at(r0, g1, b1) + at(r0, g1, b0) + at(r0, g0, b1) - at(r0, g0, b0);
}

/** The squared length of the colour sums over their weight: what splitting makes larger. */
function energy(moments: Moments, box: Pick<Box, "from" | "to">): number {
  const weight = volume(moments.count, box);
  if (weight === 0) return -1;
  return (volume(moments.red, box) ** 2 + volume(moments.green, box) ** 2 +
    volume(moments.blue, box) ** 2) / weight;
}

function varianceOf(moments: Moments, box: Box): number {
  const cells = box.to.reduce((product, to, axis) => product * (to - box.from[axis]!), 1);
  if (cells <= 1) return 0;
  return Math.max(0, volume(moments.square, box) - energy(moments, box));
}

function bestCut(
  moments: Moments,
  { from, to }: Box,
): { axis: 0 | 1 | 2; position: number } | undefined {
  let best: { axis: 0 | 1 | 2; position: number } | undefined;
  let highest = 0;
  for (const axis of [0, 1, 2] as const) {
    for (let position = from[axis] + 1; position < to[axis]; position++) {
      const lower: Box["to"] = [...to];
      lower[axis] = position;
      const upper: Box["from"] = [...from];
      upper[axis] = position;
      const first = energy(moments, { from, to: lower });
      const second = energy(moments, { from: upper, to });
      if (first >= 0 && second >= 0 && first + second > highest) {
        highest = first + second;
        best = { axis, position };
      }
    }
  }
  return best;
}

/** Moves each centre to the mean of the cells that are nearest to it, twice. */
function refine(histogram: Histogram, centres: number[][]): Uint32Array {
  for (let round = 0; round < 2 && centres.length > 1; round++) {
    const nearest = createNearest(packColours(centres));
    const sums = centres.map(() => [0, 0, 0, 0]);
    for (let cell = 0; cell < CELLS; cell++) {
      const [weight, red, green, blue] = sumsOf(histogram, cell);
      if (weight === 0) continue;
      const sum = sums[nearest(pack(red / weight, green / weight, blue / weight))]!;
      sum[0]! += red;
      sum[1]! += green;
      sum[2]! += blue;
      sum[3]! += weight;
    }
    centres = centres.map((centre, index) => {
      const [r = 0, g = 0, b = 0, weight = 0] = sums[index]!;
      return weight === 0 ? centre : [r / weight, g / weight, b / weight];
    });
  }
  return packColours(centres);
}

function packColours(centres: number[][]): Uint32Array {
  return Uint32Array.from(centres, ([r = 0, g = 0, b = 0]) => pack(r, g, b));
}

function pack(red: number, green: number, blue: number): number {
  return Math.round(red) | Math.round(green) << 8 | Math.round(blue) << 16;
}

/**
 * The index of the palette's entry nearest to a colour, 0xBBGGRR. Colours that agree in the upper six
 * bits of every channel share the answer for the middle of them, whoever is asked for first.
 */
export function createNearest(palette: Uint32Array): (colour: number) => number {
  const known = new Int16Array(1 << 18).fill(-1);
  const { reds, greens, blues, indices } = byGreen(palette);
  return (colour) => {
    const key = (colour & 0xfc) >> 2 | (colour & 0xfc00) >> 4 | (colour & 0xfc0000) >> 6;
    const found = known[key]!;
    if (found >= 0) return found;
    const middle = colour & 0xfcfcfc | 0x020202;
    const red = middle & 255, green = (middle >> 8) & 255, blue = (middle >> 16) & 255;
    let above = 0;
    while (above < greens.length && greens[above]! < green) above++;
    let best = 0, least = Infinity;
    const consider = (at: number) => {
      const r = reds[at]! - red, g = greens[at]! - green, b = blues[at]! - blue;
      // Nothing farther in this direction can be nearer than green alone is far.
      if (4 * g * g > least) return false;
      const distance = 2 * r * r + 4 * g * g + b * b;
      if (distance < least) [best, least] = [indices[at]!, distance];
      return true;
    };
    for (let at = above; at < greens.length && consider(at);) at++;
    for (let at = above - 1; at >= 0 && consider(at);) at--;
    return known[key] = best;
  };
}

/** The palette's channels in the order of their green, which weighs most. */
function byGreen(palette: Uint32Array) {
  const indices = Array.from(palette.keys()).sort((a, b) =>
    (palette[a]! & 0xff00) - (palette[b]! & 0xff00)
  );
  const channel = (shift: number) =>
    Int32Array.from(indices, (index) => palette[index]! >> shift & 255);
  return { reds: channel(0), greens: channel(8), blues: channel(16), indices };
}
