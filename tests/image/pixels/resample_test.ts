import assert from "node:assert/strict";
import fc from "fast-check";
import {
  FilterType,
  ImageMagick,
  initializeImageMagick,
  MagickFormat,
  MagickGeometry,
  MagickReadSettings,
} from "@imagemagick/magick-wasm";
import { engineModule } from "../../../src/image/engine/engine_module.js";
import { readPixels } from "../../../src/image/pixels/pixels.ts";
import type { PixelBuffer } from "../../../src/image/pixels/pixel_buffer.ts";
import type { PixelRows } from "../../../src/image/pixels/pixel_rows.ts";
import { createResampler } from "../../../src/image/pixels/resample.ts";
import { exists } from "../../testing/files.ts";

interface Size {
  width: number;
  height: number;
}

const PHOTO = new URL("../../../../shared/images/photo-2725x2225.jpg", import.meta.url);
const KINDS = [
  { channels: 1, hasAlpha: false },
  { channels: 2, hasAlpha: true },
  { channels: 2, hasAlpha: false },
  { channels: 3, hasAlpha: false },
  { channels: 4, hasAlpha: true },
  { channels: 4, hasAlpha: false },
] as const;

await initializeImageMagick(engineModule);
const { resample, memoryUsed } = createResampler();

for (const { channels, hasAlpha } of KINDS) {
  const kind = `${channels} channels ${hasAlpha ? "with" : "without"} alpha`;
  for (
    const [width, height] of [[150, 113], [299, 226], [61, 50], [13, 10], [700, 520], [5, 520]]
  ) {
    Deno.test(`resample() agrees with the engine: ${kind}, 300x227 to ${width}x${height}`, () => {
      const source = picture({ width: 300, height: 227, channels, hasAlpha });
      const target = { width: width!, height: height! };
      assertClose(source, target, 45);
    });
  }
}

for (const [width, height] of [[1400, 1143], [720, 588], [200, 163], [100, 82]]) {
  Deno.test({
    name: `resample() is within 45 dB of the engine on a photo, to ${width}x${height}`,
    ignore: !exists(PHOTO),
    fn: () => {
      ImageMagick.read(Deno.readFileSync(PHOTO), (image) => {
        const view = readPixels(image)!;
        const source = { ...view, data: new Uint8Array(view.data) };
        assertClose(source, { width: width!, height: height! }, 45);
      });
    },
  });
}

Deno.test("resample() keeps flat colours exactly, whatever the channels and sizes", () => {
  const side = fc.integer({ min: 1, max: 90 });
  fc.assert(
    fc.property(
      fc.constantFrom(...KINDS),
      fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 }),
      fc.tuple(side, side, side, side),
      ({ channels, hasAlpha }, color, [width, height, toWidth, toHeight]) => {
        const pixel = color.slice(0, channels);
        // An alpha of 1 leaves 128 steps for the colour; of 0, none.
        if (hasAlpha) pixel[channels - 1] = Math.max(2, pixel[channels - 1]!);
        const data = fill({ width, height }, pixel);
        const target = { width: toWidth, height: toHeight };
        const result = resample({ data, width, height, channels, hasAlpha }, { target });
        assert.deepEqual(result, fill(target, pixel));
      },
    ),
    { numRuns: 600 },
  );
});

Deno.test("resample() keeps every colour at every alpha but 0 and 1, and is one off at most at 1", () => {
  for (let alpha = 1; alpha < 256; alpha++) {
    for (const channels of [2, 4] as const) {
      const pixels = channels === 2 ? 256 : 86;
      for (let i = 0; i < pixels; i++) {
        const pixel = channels === 2
          ? [i, alpha]
          : [i * 3, Math.min(255, i * 3 + 1), Math.min(255, i * 3 + 2), alpha].map((v) => v & 255);
        const data = fill({ width: 2, height: 2 }, pixel);
        const source = { data, width: 2, height: 2, channels, hasAlpha: true };
        const result = resample(source, { target: { width: 1, height: 1 } });
        const off = Math.max(...pixel.map((value, c) => Math.abs(value - result[c]!)));
        assert(off <= (alpha === 1 ? 1 : 0), `${pixel} became ${result}`);
      }
    }
  }
});

Deno.test("resample() lets no colour of transparent pixels bleed in", () => {
  const size = { width: 64, height: 64 };
  const data = fill(size, [255, 0, 0, 255]);
  for (let i = 0; i < 64 * 64; i++) if (i % 64 >= 32) data.set([0, 255, 0, 0], i * 4);
  for (const target of [{ width: 21, height: 17 }, { width: 150, height: 99 }]) {
    const result = resample({ data, ...size, channels: 4, hasAlpha: true }, { target });
    for (let i = 0; i < result.length; i += 4) {
      const [red, green, blue, alpha] = result.subarray(i, i + 4);
      if (alpha === 0) continue;
      assert.deepEqual([red, green, blue], [alpha === 1 ? red : 255, 0, 0], `alpha ${alpha}`);
      assert(alpha! > 1 || red! >= 254);
    }
  }
});

Deno.test("resample() gives zeros where nothing is visible", () => {
  const data = fill({ width: 9, height: 9 }, [10, 20, 30, 0]);
  const source = { data, width: 9, height: 9, channels: 4, hasAlpha: true } as const;
  const result = resample(source, { target: { width: 4, height: 20 } });
  assert(result.every((byte) => byte === 0));
});

Deno.test("resample() does not shift: a dot keeps its centre of mass", () => {
  for (const [from, to] of [[99, 33], [100, 41], [64, 200], [90, 7], [300, 11]] as const) {
    const source = dot(from);
    const result = resample(source, { target: { width: to, height: to } });
    const [x, y] = centerOf(result, to).map((at) => at * from / to);
    const [wantedX, wantedY] = centerOf(source.data, from);
    assert(Math.abs(x! - wantedX!) < from / to * 0.1, `${from} to ${to}: ${x}, not ${wantedX}`);
    assert(Math.abs(y! - wantedY!) < from / to * 0.1, `${from} to ${to}: ${y}, not ${wantedY}`);
  }
});

Deno.test("resample() keeps symmetric pictures symmetric", () => {
  for (const [from, to] of [[40, 13], [41, 20], [41, 13], [30, 77], [31, 64], [96, 8]] as const) {
    const data = new Uint8Array(from * from);
    for (let y = 0; y < from; y++) {
      for (let x = 0; x < from; x++) {
        const [dx, dy] = [Math.min(x, from - 1 - x), Math.min(y, from - 1 - y)];
        data[y * from + x] = (dx * 97 + dy * 31 + dx * dy * 13) % 256;
      }
    }
    const source = { data, width: from, height: from, channels: 1, hasAlpha: false } as const;
    const result = resample(source, { target: { width: to, height: to } });
    const turned = result.toReversed();
    assert.deepEqual(result, turned, `${from} to ${to}`);
  }
});

Deno.test("resample() keeps a gradient rising", () => {
  for (const [from, to] of [[256, 100], [256, 31], [64, 500], [2000, 90], [100, 99]] as const) {
    const data = Uint8Array.from({ length: from }, (_, x) => x * 255 / (from - 1));
    const source = { data, width: from, height: 1, channels: 1, hasAlpha: false } as const;
    const result = resample(source, { target: { width: to, height: 1 } });
    for (let x = 1; x < to; x++) {
      // Where 8 bits make the source itself a staircase, an enlargement rings at its steps.
      assert(result[x]! >= result[x - 1]! - (to > from ? 1 : 0), `${from} to ${to} at ${x}`);
    }
  }
});

Deno.test("resample() of a region is resample() of its copy", () => {
  const source = picture({ width: 61, height: 47, channels: 3, hasAlpha: false });
  const side = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(fc.tuple(side, side, side, side, side, side), ([x, y, w, h, width, height]) => {
      const region = { x, y, width: Math.min(w, 61 - x), height: Math.min(h, 47 - y) };
      const target = { width, height };
      const expected = resample(crop(source, region), { target });
      assert.deepEqual(resample(source, { region, target }), expected);
    }),
  );
});

Deno.test("resample() makes the same of rows that come one after the other", () => {
  for (const { channels, hasAlpha } of KINDS) {
    const source = picture({ width: 97, height: 301, channels, hasAlpha });
    const regions = [
      { x: 0, y: 0, width: 97, height: 301 },
      { x: 0, y: 40, width: 97, height: 200 },
      { x: 5, y: 7, width: 80, height: 290 },
      { x: 60, y: 100, width: 20, height: 30 },
    ];
    for (const region of regions) {
      const { width, height } = region;
      for (
        const target of [{ width: 40, height: 50 }, { width: 9, height: 11 }, { width, height }]
      ) {
        assert.deepEqual(
          resample(rowsOf(source), { region, target }),
          resample(source, { region, target }),
          JSON.stringify({ channels, region, target }),
        );
      }
    }
  }
});

/** The same pixels, handed out once. */
function rowsOf({ data, ...picture }: PixelBuffer): PixelRows {
  const stride = picture.width * picture.channels;
  let given = 0;
  return {
    ...picture,
    take(count, out, at) {
      assert.ok(given + count <= picture.height);
      out.set(data.subarray(given * stride, (given += count) * stride), at);
    },
    spent: () => 0,
  };
}

Deno.test("resample() runs for every size from 1x1 to 32x32", () => {
  for (const { channels, hasAlpha } of [KINDS[0], KINDS[3], KINDS[4]]) {
    for (let width = 1; width <= 32; width++) {
      for (let height = 1; height <= 32; height++) {
        const source = flatWithGuard({ width, height, channels, hasAlpha });
        for (const target of [{ width: height, height: width }, { width: 5, height: 7 }]) {
          const result = resample(source, { target });
          assert.equal(result.length, target.width * target.height * channels);
          assert(result.every((byte) => byte === 200), `${width}x${height}`);
        }
      }
    }
  }
});

Deno.test("resample() stands extreme ratios", () => {
  const sizes = [[16384, 1], [1, 16384], [16384, 3], [2, 2], [1, 1], [4099, 17]] as const;
  for (const [width, height] of sizes) {
    for (const [toWidth, toHeight] of sizes) {
      const source = flatWithGuard({ width, height, channels: 4, hasAlpha: true });
      const result = resample(source, { target: { width: toWidth, height: toHeight } });
      assert.equal(result.findIndex((byte) => byte !== 200), -1);
    }
  }
});

Deno.test("resample() needs little memory for large images", () => {
  const own = createResampler();
  const [width, height] = [12000, 3000];
  const source = { data: new Uint8Array(width * height * 4), width, height } as const;
  for (const target of [{ width: 6100, height: 1500 }, { width: 300, height: 75 }]) {
    own.resample({ ...source, channels: 4, hasAlpha: true }, { target });
  }
  assert(own.memoryUsed() < 4_000_000, `${own.memoryUsed()} bytes`);
  assert(memoryUsed() > 0);
});

Deno.test("resample() only crops where the sizes agree, and writes where it is told", () => {
  const source = picture({ width: 20, height: 10, channels: 4, hasAlpha: true });
  const region = { x: 3, y: 2, width: 8, height: 5 };
  const into = new Uint8Array(8 * 5 * 4 + 1).fill(7);
  const result = resample(source, { region, target: { width: 8, height: 5 }, into });
  assert.deepEqual(result, crop(source, region).data);
  assert.equal(result.buffer, into.buffer);
  assert.equal(into.at(-1), 7);
});

Deno.test("resample() refuses sizes that do not agree", () => {
  const source = picture({ width: 4, height: 3, channels: 3, hasAlpha: false });
  const target = { width: 2, height: 2 };
  const whole = { x: 0, y: 0, width: 4, height: 3 };
  for (
    const [wrong, options] of [
      [{ ...source, data: source.data.subarray(1) }, { target }],
      [{ ...source, hasAlpha: true }, { target }],
      [source, { target: { width: 0, height: 2 } }],
      [source, { target: { width: 1.5, height: 2 } }],
      [source, { target, region: { ...whole, x: 1 } }],
      [source, { target, region: { ...whole, y: -1 } }],
      [source, { target, region: { ...whole, x: 0.5, width: 2 } }],
      [source, { target, into: new Uint8Array(11) }],
    ] as const
  ) assert.throws(() => resample(wrong, options), RangeError);
});

/** Something like a photo: smooth shading, soft and hard edges, fine grain. */
function picture({ width, height, ...kind }: Omit<PixelBuffer, "data">): PixelBuffer {
  const data = new Uint8Array(width * height * kind.channels);
  let seed = 1;
  for (let i = 0; i < data.length; i++) {
    const c = i % kind.channels;
    const x = Math.floor(i / kind.channels) % width;
    const y = Math.floor(i / kind.channels / width);
    seed = seed * 48271 % 2147483647;
    const shade = 110 + 70 * Math.sin(x / 41 + c) * Math.cos(y / 29) + 20 * Math.sin(x * y / 900);
    const edge = (x - 120) ** 2 + (y - 90) ** 2 < 4900 ? 45 : 0;
    const isAlpha = kind.hasAlpha && c === kind.channels - 1;
    data[i] = isAlpha ? 40 + 200 * Math.min(1, x / width * 2) : shade + edge + seed % 13;
  }
  return { data, width, height, ...kind };
}

/** 200 everywhere, with other bytes right behind the end of the pixels. */
function flatWithGuard({ width, height, ...kind }: Omit<PixelBuffer, "data">): PixelBuffer {
  const size = width * height * kind.channels;
  const data = new Uint8Array(size + 256).fill(33).fill(200, 0, size).subarray(0, size);
  return { data, width, height, ...kind };
}

function fill({ width, height }: Size, pixel: number[]): Uint8Array {
  return Uint8Array.from({ length: width * height * pixel.length }, (_, i) => {
    return pixel[i % pixel.length]!;
  });
}

function dot(side: number): PixelBuffer {
  const data = new Uint8Array(side * side).fill(60);
  const [x, y] = [Math.floor(side * 0.4), Math.floor(side * 0.55)];
  const radius = Math.max(2, Math.floor(side / 12));
  for (let dy = -radius; dy <= radius; dy++) {
    data.fill(200, (y + dy) * side + x, (y + dy) * side + x + radius);
  }
  return { data, width: side, height: side, channels: 1, hasAlpha: false };
}

function centerOf(data: Uint8Array, side: number): [number, number] {
  let [mass, x, y] = [0, 0, 0];
  for (let i = 0; i < data.length; i++) {
    const weight = data[i]! - 60;
    mass += weight;
    x += weight * (i % side + 0.5);
    y += weight * (Math.floor(i / side) + 0.5);
  }
  return [x / mass, y / mass];
}

function crop(source: PixelBuffer, { x, y, width, height }: Size & { x: number; y: number }) {
  const { channels } = source;
  const data = new Uint8Array(width * height * channels);
  for (let row = 0; row < height; row++) {
    const from = ((y + row) * source.width + x) * channels;
    data.set(source.data.subarray(from, from + width * channels), row * width * channels);
  }
  return { ...source, data, width, height };
}

function assertClose(source: PixelBuffer, target: Size, decibels: number): void {
  const [ours, theirs] = [resample(source, { target }), engineResize(source, target)];
  assert.equal(ours.length, theirs.length);
  const [a, b] = [visible(ours, source), visible(theirs, source)];
  const error = a.reduce((sum, value, i) => sum + (value - b[i]!) ** 2, 0) / a.length;
  const psnr = 10 * Math.log10(255 ** 2 / error);
  assert(psnr >= decibels, `${psnr.toFixed(1)} dB`);
}

/** Colours as much as their alpha shows of them: under little alpha the engine rounds them freely. */
function visible(data: Uint8Array, { channels, hasAlpha }: PixelBuffer): Float64Array {
  return Float64Array.from(data, (value, i) => {
    if (!hasAlpha || i % channels === channels - 1) return value;
    return value * data[i - i % channels + channels - 1]! / 255;
  });
}

function engineResize({ data, width, height, channels, hasAlpha }: PixelBuffer, target: Size) {
  const formats = hasAlpha
    ? { 2: MagickFormat.Graya, 4: MagickFormat.Rgba }
    : { 1: MagickFormat.Gray, 3: MagickFormat.Rgb, 4: MagickFormat.Cmyk };
  const format = formats[channels as keyof typeof formats];
  // The engine has no two opaque channels: each is an image of its own.
  if (format === undefined) {
    const planes = [0, 1].map((c) => {
      const plane = data.filter((_, i) => i % 2 === c);
      return toEngine({ data: plane, width, height, format: MagickFormat.Gray, target });
    });
    const size = target.width * target.height * 2;
    return Uint8Array.from({ length: size }, (_, i) => planes[i % 2]![i >> 1]!);
  }
  return toEngine({ data, width, height, format, target });
}

function toEngine(
  { data, format, target, width, height }: Size & {
    data: Uint8Array;
    format: MagickFormat;
    target: Size;
  },
): Uint8Array {
  const settings = new MagickReadSettings({ format, width, height, depth: 8 });
  return ImageMagick.read(data, settings, (image) => {
    const box = new MagickGeometry(target.width, target.height);
    box.ignoreAspectRatio = true;
    image.resize(box, FilterType.Lanczos);
    return new Uint8Array(readPixels(image)!.data);
  });
}

/** How far the samples of a row are spread around their mean, leaving out its ends. */
function spread(row: Uint8Array): number {
  const inner = row.subarray(Math.floor(row.length * 0.1), Math.ceil(row.length * 0.9));
  const mean = inner.reduce((sum, value) => sum + value, 0) / inner.length;
  return Math.sqrt(inner.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inner.length);
}

// widths of 2,000 pixels, and what is left at most of stripes from 27 to 228 that are finer than a pixel
const STRIPES = [[900, 1], [500, 1], [490, 1], [400, 1], [320, 1], [260, 1], [200, 8], [
  100,
  8,
]] as const;

Deno.test("resample() folds hardly anything of fine stripes into what remains", () => {
  for (const [width, most] of STRIPES) {
    for (const period of [2, 2.1, 2.2, 2.35, 2.5, 2.7, 3, 3.3, 3.6, 4, 4.4, 5, 6, 7, 8, 10]) {
      if (period > 2000 / width) continue;
      const data = Uint8Array.from(
        { length: 2000 },
        (_, x) => Math.round(127.5 + 100 * Math.sin(2 * Math.PI * x / period)),
      );
      const source = { data, width: 2000, height: 1, channels: 1, hasAlpha: false } as const;
      const row = createResampler().resample(source, { target: { width, height: 1 } });
      assert.ok(spread(row) <= most, `${width} pixels, period ${period}: ${spread(row)}`);
    }
  }
});
