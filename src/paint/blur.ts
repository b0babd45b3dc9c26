// Blurring at a cost that does not grow with the radius: a wide blur is made on a picture averaged to
// fewer pixels and enlarged again, which nobody can tell apart. Sums are of premultiplied colours, so
// that what cannot be seen never bleeds into what can.
import type { Raster } from "./raster.ts";

/** Rows of premultiplied RGBA as floats, delivered from the top. */
type RowSink = (y: number, row: Float32Array) => void;

interface Rows {
  width: number;
  height: number;
  /** Asked for every row once, from the top. */
  row(y: number, into: Float32Array): void;
}

/** Wide enough that averaging and enlarging leave no trace, in pixels of the smaller picture. */
const REDUCED_SIGMA = 1.5;

/** A Gaussian blur by this standard deviation in pixels, in place; edges go on as they end. */
export function blur(picture: Raster, sigma: number): void {
  const { data, width } = picture;
  blurRows(picture, sigma, (y, row) => {
    const start = y * width * 4;
    for (let index = 0; index < row.length; index += 4) {
      const alpha = row[index + 3]!;
      const scale = alpha > 0 ? 255 / alpha : 0;
      const at = start + index;
      data[at] = row[index]! * scale;
      data[at + 1] = row[index + 1]! * scale;
      data[at + 2] = row[index + 2]! * scale;
      data[at + 3] = alpha;
    }
  });
}

/** Adds the difference from a blur by this standard deviation once more, in place; alpha stays. */
export function sharpen(picture: Raster, sigma: number): void {
  const { data, width } = picture;
  blurRows(picture, sigma, (y, row) => {
    const start = y * width * 4;
    for (let index = 0; index < row.length; index += 4) {
      const alpha = row[index + 3]!;
      if (alpha <= 0) continue;
      const scale = 255 / alpha;
      const at = start + index;
      data[at] = 2 * data[at]! - row[index]! * scale;
      data[at + 1] = 2 * data[at + 1]! - row[index + 1]! * scale;
      data[at + 2] = 2 * data[at + 2]! - row[index + 2]! * scale;
    }
  });
}

/** A row is delivered when the picture's rows up to it are no longer needed, so that it may be replaced. */
function blurRows(picture: Raster, sigma: number, sink: RowSink): void {
  const factor = Math.floor(sigma / REDUCED_SIGMA);
  if (factor < 2) return convolve(picturesRows(picture), { x: sigma, y: sigma }, sink);
  const width = Math.ceil(picture.width / factor);
  const height = Math.ceil(picture.height / factor);
  const small = new Float32Array(width * height * 4);
  convolve(
    averagedRows(picture, width, height),
    {
      x: reducedSigma(sigma, picture.width / width),
      y: reducedSigma(sigma, picture.height / height),
    },
    (y, row) => small.set(row, y * width * 4),
  );
  enlarge({ data: small, width, height }, picture, sink);
}

/** What remains to blur at a scale: averaging boxes and interpolating linearly have blurred already. */
function reducedSigma(sigma: number, scale: number): number {
  const done = (scale * scale - 1) / 12 + (scale * scale) / 6;
  return Math.sqrt(Math.max(0.01, sigma * sigma - done)) / scale;
}

function picturesRows({ data, width, height }: Raster): Rows {
  return {
    width,
    height,
    row(y, into) {
      const start = y * width * 4;
      for (let index = 0; index < into.length; index += 4) {
        const alpha = data[start + index + 3]!;
        const scale = alpha / 255;
        into[index] = data[start + index]! * scale;
        into[index + 1] = data[start + index + 1]! * scale;
        into[index + 2] = data[start + index + 2]! * scale;
        into[index + 3] = alpha;
      }
    },
  };
}

/** The picture averaged in boxes of equal size, give or take a pixel. */
function averagedRows(picture: Raster, width: number, height: number): Rows {
  const source = picturesRows(picture);
  const line = new Float32Array(picture.width * 4);
  const starts = boxStarts(picture.width, width);
  return {
    width,
    height,
    row(y, into) {
      into.fill(0);
      const top = Math.floor((y * picture.height) / height);
      const bottom = Math.floor(((y + 1) * picture.height) / height);
      for (let from = top; from < bottom; from++) {
        source.row(from, line);
        for (let x = 0; x < width; x++) {
          const [start, end] = [starts[x]! * 4, starts[x + 1]! * 4];
          for (let index = start; index < end; index += 4) {
            into[x * 4]! += line[index]!;
            into[x * 4 + 1]! += line[index + 1]!;
            into[x * 4 + 2]! += line[index + 2]!;
            into[x * 4 + 3]! += line[index + 3]!;
          }
        }
      }
      for (let x = 0; x < width; x++) {
        const pixels = (bottom - top) * (starts[x + 1]! - starts[x]!);
        for (let index = x * 4; index < x * 4 + 4; index++) into[index]! /= pixels;
      }
    },
  };
}

function boxStarts(length: number, boxes: number): Int32Array {
  return Int32Array.from({ length: boxes + 1 }, (_, box) => Math.floor((box * length) / boxes));
}

/** Gaussian convolution of rows and columns; keeps only as many rows as one column of weights spans. */
function convolve(source: Rows, sigma: { x: number; y: number }, sink: RowSink): void {
  const { width, height } = source;
  const across = gaussian(sigma.x);
  const down = gaussian(sigma.y);
  const reach = across.length - 1;
  const samples = width * 4;
  const padded = new Float32Array((width + 2 * reach) * 4);
  const inner = padded.subarray(reach * 4, reach * 4 + samples);
  const kept = Array.from({ length: 2 * down.length - 1 }, () => new Float32Array(samples));
  const result = new Float32Array(samples);
  let read = 0;
  const readRow = () => {
    source.row(read, inner);
    for (let index = 0; index < reach * 4; index++) {
      padded[index] = inner[index & 3]!;
      padded[reach * 4 + samples + index] = inner[samples - 4 + (index & 3)]!;
    }
    const row = kept[read % kept.length]!;
    scaleInto(row, inner, across[0]!);
    const shifted = (by: number) => padded.subarray((reach + by) * 4, (reach + by) * 4 + samples);
    addPairs(row, across, (tap) => [shifted(-tap), shifted(tap)]);
    read++;
  };
  const rowAt = (y: number) => kept[Math.max(0, Math.min(height - 1, y)) % kept.length]!;
  for (let y = 0; y < height; y++) {
    while (read < height && read < y + down.length) readRow();
    scaleInto(result, rowAt(y), down[0]!);
    addPairs(result, down, (tap) => [rowAt(y - tap), rowAt(y + tap)]);
    sink(y, result);
  }
}

function scaleInto(to: Float32Array, from: Float32Array, weight: number): void {
  for (let index = 0; index < to.length; index++) to[index] = weight * from[index]!;
}

/** Adds what lies to both sides at every distance, two distances at a time to spare half of the memory traffic. */
function addPairs(
  to: Float32Array,
  weights: Float32Array,
  pairAt: (distance: number) => [Float32Array, Float32Array],
): void {
  for (let distance = 1; distance < weights.length; distance += 2) {
    const [a, b] = pairAt(distance);
    const near = weights[distance]!;
    if (distance + 1 === weights.length) {
      for (let index = 0; index < to.length; index++) {
        to[index] = to[index]! + near * (a[index]! + b[index]!);
      }
      return;
    }
    const [c, d] = pairAt(distance + 1);
    const far = weights[distance + 1]!;
    for (let index = 0; index < to.length; index++) {
      to[index] = to[index]! + near * (a[index]! + b[index]!) + far * (c[index]! + d[index]!);
    }
  }
}

/** Weights from the middle outwards, which sum up to 1 when all but the first count twice. */
function gaussian(sigma: number): Float32Array {
  const reach = Math.ceil(3 * sigma);
  const weights = Float32Array.from(
    { length: reach + 1 },
    (_, distance) => Math.exp(-(distance * distance) / (2 * sigma * sigma)),
  );
  const sum = weights.reduce((total, weight) => total + 2 * weight, -1);
  return weights.map((weight) => weight / sum);
}

/** Interpolates linearly between the middles of the boxes that became the small picture's pixels. */
function enlarge(
  { data, width, height }: { data: Float32Array; width: number; height: number },
  size: { width: number; height: number },
  sink: RowSink,
): void {
  const columns = interpolation(width, size.width);
  const rows = interpolation(height, size.height);
  const line = new Float32Array(width * 4);
  const result = new Float32Array(size.width * 4);
  for (let y = 0; y < size.height; y++) {
    const above = rows.first[y]! * width * 4;
    const below = rows.second[y]! * width * 4;
    const weight = rows.weight[y]!;
    for (let index = 0; index < line.length; index++) {
      const start = data[above + index]!;
      line[index] = start + weight * (data[below + index]! - start);
    }
    for (let x = 0; x < size.width; x++) {
      const left = columns.first[x]! * 4;
      const right = columns.second[x]! * 4;
      const share = columns.weight[x]!;
      for (let channel = 0; channel < 4; channel++) {
        const start = line[left + channel]!;
        result[x * 4 + channel] = start + share * (line[right + channel]! - start);
      }
    }
    sink(y, result);
  }
}

function interpolation(from: number, to: number) {
  const first = new Int32Array(to);
  const second = new Int32Array(to);
  const weight = new Float32Array(to);
  for (let index = 0; index < to; index++) {
    const place = Math.max(0, Math.min(from - 1, ((index + 0.5) * from) / to - 0.5));
    first[index] = Math.floor(place);
    second[index] = Math.min(from - 1, first[index]! + 1);
    weight[index] = place - first[index]!;
  }
  return { first, second, weight };
}
