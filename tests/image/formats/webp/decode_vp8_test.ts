import assert from "node:assert/strict";
import {
  createVp8Decoder,
  type Vp8Decoder,
} from "../../../../src/image/formats/webp/decode_vp8.ts";
import { lossyPictureOf, riffOf } from "../../../../src/image/formats/webp/webp_frames.ts";
import type { PixelBuffer } from "../../../../src/image/pixels/pixel_buffer.ts";
import { createResampler } from "../../../../src/image/pixels/resample.ts";
import { photo, psnr, readByEngine, writeByEngine } from "../../../testing/photo.ts";
import { startEngine } from "../../../testing/pictures.ts";

await startEngine();
const decoder = createVp8Decoder();

/** A decoder whose kernel is seen, or changed, as it is made. */
function decoderOn(see: (kernel: WebAssembly.Instance) => WebAssembly.Exports): Vp8Decoder {
  const { Instance } = WebAssembly;
  WebAssembly.Instance = class extends Instance {
    constructor(...args: ConstructorParameters<typeof Instance>) {
      super(...args);
      return { exports: see(this) };
    }
  };
  try {
    return createVp8Decoder();
  } finally {
    WebAssembly.Instance = Instance;
  }
}

/** Sizes with and without a rest in the last macroblock, and the smallest ones. */
// deno-fmt-ignore
const SIZES = [[160, 96], [161, 97], [33, 250], [17, 9], [16, 16], [3, 1], [2, 2], [1, 5], [1, 1]] as const;

/** What the engine's writer is told: both filters and none, segments, partitions, all kinds of predictions. */
const SETTINGS: readonly Record<string, string>[] = [
  {},
  { "webp:filter-type": "0", "webp:filter-strength": "60" },
  { "webp:filter-strength": "80", "webp:filter-sharpness": "5" },
  { "webp:filter-strength": "30", "webp:filter-sharpness": "2", "webp:segment": "1" },
  { "webp:filter-strength": "0", "webp:partitions": "3" },
  { "webp:method": "0", "webp:partitions": "1" },
  { "webp:method": "6", "webp:sns-strength": "100" },
];

function lossy(picture: PixelBuffer, quality: number, settings = {}): Uint8Array {
  const defines = { "webp:lossless": "false", ...settings };
  const file = writeByEngine(picture, "WEBP", { quality, defines });
  return lossyPictureOf(file)!;
}

/** A file around a bitstream. */
function fileOf(bitstream: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(8 + bitstream.length);
  chunk.set(new TextEncoder().encode("VP8 "));
  new DataView(chunk.buffer).setUint32(4, bitstream.length, true);
  chunk.set(bitstream, 8);
  return riffOf([chunk]);
}

/** What the engine makes of a bitstream; undefined where it makes nothing of it. */
function byEngine(bitstream: Uint8Array): PixelBuffer | undefined {
  try {
    return readByEngine(fileOf(bitstream), "WEBP");
  } catch {
    return undefined;
  }
}

/** The first pixel that is another one; -1 where none is. */
function firstDifference(a: PixelBuffer, b: PixelBuffer): number {
  assert.deepEqual([a.width, a.height, a.channels], [b.width, b.height, b.channels]);
  return a.data.findIndex((sample, at) => sample !== b.data[at]);
}

/** Whether there is a picture in it, which is then the engine's. What only the engine decodes is left to it. */
function expectSame(bitstream: Uint8Array, name: string): boolean {
  const made = decoder.decode(bitstream);
  const wanted = byEngine(bitstream);
  if (!made) return false;
  assert.ok(wanted, name);
  assert.equal(firstDifference(made, wanted), -1, name);
  return true;
}

function createNoise(seed: number): () => number {
  let state = seed;
  return () => (state = Math.imul(state, 1664525) + 1013904223) >>> 8;
}

Deno.test("decode() makes what libwebp makes, to the last bit, of every size and setting", () => {
  const versions = new Set<number>();
  for (const [width, height] of SIZES) {
    for (const settings of SETTINGS) {
      for (const quality of [1, 30, 75, 100]) {
        const bitstream = lossy(photo(width, height), quality, settings);
        versions.add(bitstream[0]! >> 1 & 7);
        const name = `${width}x${height} ${quality} ${JSON.stringify(settings)}`;
        const decoded = decoder.decode(bitstream);
        assert.ok(decoded, name);
        assert.equal(firstDifference(decoded, byEngine(bitstream)!), -1, name);
      }
    }
  }
  // The simple filter is that of later versions.
  assert.ok(versions.has(0) && versions.size > 1, `${[...versions]}`);
});

Deno.test("decode() makes what libwebp makes of pictures that are noise from the first bit on", () => {
  // Every sequence of bits is a header, predictions and coefficients, those that no encoder writes among them.
  const noise = createNoise(3);
  let decoded = 0;
  for (let n = 0; n < 600; n++) {
    const width = 1 + noise() % 70, height = 1 + noise() % 50;
    const first = 900, length = 10 + first + 30_000;
    const bytes = Uint8Array.from({ length }, noise);
    const tag = 0x10 | (noise() % 4) << 1 | first << 5;
    bytes.set([tag & 255, tag >> 8 & 255, tag >> 16, 0x9d, 1, 0x2a, width, 0, height, 0]);
    if (expectSame(bytes, `${n}, ${width}x${height}`)) decoded++;
  }
  assert.ok(decoded > 100, `${decoded}`);
});

/** Bitstreams, each damaged in a few places. */
function* damaged(count: number): Generator<Uint8Array> {
  const noise = createNoise(17);
  const sources = SETTINGS.flatMap((settings, index) => [
    lossy(photo(48, 33, { grain: 90 }), 20 + index * 10, settings),
    lossy(photo(20, 50), 95 - index * 10, settings),
  ]);
  for (let n = 0; n < count; n++) {
    const bytes = sources[n % sources.length]!.slice();
    // Most of what a change means is decided where the header is.
    const reach = noise() % 2 === 0 ? 60 : bytes.length;
    for (let changes = 1 + noise() % 3; changes > 0; changes--) {
      const at = noise() % Math.min(reach, bytes.length);
      // Sizes would take long.
      if (at < 6 || at > 9) bytes[at] = noise();
    }
    yield bytes;
  }
}

Deno.test("decode() makes of thousands of damaged pictures what libwebp makes of them, or nothing", () => {
  let decoded = 0;
  for (const bytes of damaged(4000)) {
    if (expectSame(bytes, `${bytes}`)) decoded++;
  }
  assert.ok(decoded > 2000, `${decoded}`);
});

Deno.test("decodePlanes() gives what is resampled to the same picture", () => {
  const { resample } = createResampler();
  const source = photo(323, 211, { grain: 0 });
  const bitstream = lossy(source, 95);
  for (const [width, height] of [[300, 196], [200, 131], [90, 59], [33, 20]] as const) {
    const target = { width, height };
    const result = { ...target, channels: 3, hasAlpha: false } as const;
    const wanted = resample(decoder.decode(bitstream)!, { target });
    const data = resample(decoder.decodePlanes(bitstream, 1)!, { target });
    const quality = psnr({ ...result, data }, { ...result, data: wanted });
    assert.ok(quality > 34, `to ${width}: ${quality} dB`);
  }
});

Deno.test("decodePlanes() gives means of two by two samples for a quarter of the size", () => {
  const unfiltered = decoderOn((instance) => ({ ...instance.exports, filterRow() {} }));
  for (const [width, height] of SIZES) {
    // What lies beyond the edges, and counts for nothing, is far from the picture at such a quality.
    for (const quality of [0, 50, 100]) {
      const bitstream = lossy(photo(width, height, { grain: 60 }), quality);
      const whole = unfiltered.decodePlanes(bitstream, 1)!;
      const halved = decoder.decodePlanes(bitstream, 0.25)!;
      assert.deepEqual([halved.width, halved.height], [
        Math.ceil(width / 2),
        Math.ceil(height / 2),
      ]);
      for (const [index, plane] of halved.planes.entries()) {
        const [w, h] = [width, height].map((side) => index === 0 ? side : Math.ceil(side / 2));
        const { data, width: stride } = whole.planes[index]!;
        const at = (x: number, y: number) =>
          data[Math.min(y, h! - 1) * stride + Math.min(x, w! - 1)]!;
        for (let y = 0; y < Math.ceil(h! / 2); y++) {
          for (let x = 0; x < Math.ceil(w! / 2); x++) {
            const [left, top] = [x * 2, y * 2];
            const sum = at(left, top) + at(left + 1, top) + at(left, top + 1) +
              at(left + 1, top + 1);
            const mean = plane.data[y * plane.width + x]!;
            const name = `${x},${y} of ${width}x${height}, plane ${index}, quality ${quality}`;
            assert.equal(mean, Math.floor((sum + 2) / 4), name);
          }
        }
      }
    }
  }
});

Deno.test("decodePlanes() gives nearly the same picture where half the size is enough", () => {
  const { resample } = createResampler();
  const bitstream = lossy(photo(1203, 811, { grain: 8 }), 75);
  for (const [width, height] of [[330, 222], [240, 162], [75, 51]] as const) {
    const target = { width, height };
    const result = { ...target, channels: 3, hasAlpha: false } as const;
    const wanted = resample(decoder.decode(bitstream)!, { target });
    const planes = decoder.decodePlanes(bitstream, width / 1203)!;
    assert.equal(planes.width, 602);
    const quality = psnr({ ...result, data: resample(planes, { target }) }, {
      ...result,
      data: wanted,
    });
    assert.ok(quality > 34, `to ${width}: ${quality} dB`);
  }
  assert.equal(decoder.decodePlanes(bitstream, 0.28)!.width, 1203);
});

Deno.test("decode() leaves to the engine what is no still, and what is cut anywhere", () => {
  const bitstream = lossy(photo(64, 64), 80, { "webp:partitions": "2" });
  const changed = (at: number, value: number) => {
    const bytes = bitstream.slice();
    bytes[at] = value;
    return bytes;
  };
  const others = {
    "a frame between keys": changed(0, bitstream[0]! | 1),
    "a frame that is not shown": changed(0, bitstream[0]! & ~0x10),
    "a version of the future": changed(0, bitstream[0]! | 0x0e),
    "another start code": changed(3, 0),
    "a first partition that is too long": changed(2, 0xff),
    nothing: new Uint8Array(),
  };
  assert.ok(decoder.decode(bitstream));
  for (const [name, bytes] of Object.entries(others)) {
    assert.equal(decoder.decode(bytes), undefined, name);
  }
  for (let tenth = 1; tenth < 10; tenth++) {
    const cut = bitstream.subarray(0, bitstream.length * tenth / 10);
    assert.equal(decoder.decode(cut), undefined, `${tenth}/10`);
    assert.equal(decoder.decodePlanes(cut, 1), undefined, `${tenth}/10`);
  }
});

Deno.test("decodeCut() shows the rows that a bitstream cut anywhere still tells, as they are", () => {
  for (const settings of SETTINGS) {
    const bitstream = lossy(photo(97, 150, { grain: 60 }), 70, settings);
    const whole = decoder.decode(bitstream)!.data.slice();
    let before = 0;
    for (let share = 0.05; share < 1; share += 0.05) {
      const cut = decoder.decodeCut(bitstream.subarray(0, bitstream.length * share));
      if (!cut) continue;
      const end = cut.data.findIndex((value, at) => at % 4 === 3 && value === 0) - 3;
      const rows = end / 97 / 4;
      assert.ok(Number.isInteger(rows) && rows >= before, `${rows} rows, ${before} of less`);
      before = rows;
      for (let at = 0; at < rows * 97; at++) {
        const [colour, wanted] = [cut.data.subarray(at * 4), whole.subarray(at * 3)];
        assert.ok([0, 1, 2].every((channel) => colour[channel] === wanted[channel]), `${share}`);
      }
      assert.ok(cut.data.subarray(end).every((value) => value === 0));
    }
    assert.ok(before >= 96, `${before} rows, ${JSON.stringify(settings)}`);
  }
});

Deno.test("the kernel reads nothing that it was not given, and writes nothing outside its layout", () => {
  let memory: WebAssembly.Memory | undefined;
  const { decode, decodePlanes, decodeCut } = decoderOn(({ exports }) => {
    memory = exports["memory"] as WebAssembly.Memory;
    return exports;
  });
  // Room for more than the small ones need, which is then poison; the kernel's constants lie below.
  assert.ok(decode(lossy(photo(400, 300), 60)));
  const STATIC = 4096, MOST = 200_000;
  assert.ok(memory!.buffer.byteLength > MOST * 2);
  const heap = new Uint8Array(memory!.buffer);
  const constants = heap.slice(0, STATIC);
  // As numbers of eight bytes: there are many.
  const behind = new BigUint64Array(heap.buffer, MOST);
  const isPoison = (poison: number) => {
    const eight = BigInt(poison) * 0x0101010101010101n;
    return behind.every((bytes) => bytes === eight);
  };
  const run = (bytes: Uint8Array, poison: number) => {
    heap.fill(poison, STATIC);
    const pixels = decode(bytes)?.data.slice();
    assert.ok(isPoison(poison), "written behind the layout");
    const planes = [1, 0.2].map((scale) => {
      heap.fill(poison, STATIC);
      const planes = decodePlanes(bytes, scale)?.planes.map(({ data }) => data.slice());
      assert.ok(isPoison(poison), "written behind the layout");
      return planes;
    });
    heap.fill(poison, STATIC);
    const cut = decodeCut(bytes.subarray(0, bytes.length * 0.8))?.data.slice();
    assert.ok(isPoison(poison), "written behind the layout");
    return { pixels, planes, cut };
  };
  for (const bytes of damaged(150)) {
    assert.deepEqual(run(bytes, 0xa5), run(bytes, 0x5a), "the poison has been read");
    assert.deepEqual(heap.slice(0, STATIC), constants);
  }
});
