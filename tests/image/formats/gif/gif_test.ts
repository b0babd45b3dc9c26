import assert from "node:assert/strict";
import fc from "fast-check";
import { readGifFrames } from "../../../../src/image/formats/gif/read_gif.ts";
import { toHundredths, writeGif } from "../../../../src/image/formats/gif/write_gif.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";

const WIDTH = 9, HEIGHT = 7;

/** Frames of few colours, some pixels transparent. */
const movies = fc.array(
  fc.array(fc.constantFrom(0, 0xff0000ff, 0xff00ff00, 0xffff8000, 0xff010203), {
    minLength: WIDTH * HEIGHT,
    maxLength: WIDTH * HEIGHT,
  }),
  { minLength: 1, maxLength: 6 },
);

function pixelsOf(rgba: Uint8Array): Uint32Array {
  return new Uint32Array(rgba.buffer, rgba.byteOffset, rgba.length / 4);
}

function bytesOf(pixels: readonly number[]): Uint8Array {
  return new Uint8Array(Uint32Array.from(pixels).buffer);
}

function framesOf(gif: Uint8Array, size = { width: WIDTH, height: HEIGHT }): Uint8Array[] {
  return Array.from(readGifFrames(gif, size), ({ rgba }) => rgba.slice());
}

Deno.test("readGifFrames() sees exactly the frames that writeGif() was given, transparency included", () => {
  fc.assert(
    fc.property(movies, (movie) => {
      const frames = movie.map(bytesOf);
      const gif = writeGif({
        width: WIDTH,
        height: HEIGHT,
        frames: frames.map(pixelsOf),
        delays: frames.map((_, index) => index * 10),
        loopCount: 3,
      });
      const seen: Uint8Array[] = [];
      for (const { rgba } of readGifFrames(gif, { width: WIDTH, height: HEIGHT })) {
        seen.push(rgba.slice());
      }
      assert.deepEqual(seen, frames);
      const header = readHeader(gif)!;
      assert.equal(header.frames, frames.length);
      if (frames.length > 1) {
        assert.equal(header.loopCount, 3);
        assert.deepEqual(header.delays, frames.map((_, index) => index * 10));
      }
    }),
    { numRuns: 100, seed: 3 },
  );
});

Deno.test("writeGif() writes 65,535 pixels a side, and refuses more", () => {
  const gifOf = (width: number, height: number) =>
    writeGif({
      width,
      height,
      frames: [new Uint32Array(width * height)],
      delays: [],
      loopCount: 0,
    });
  for (const [width, height] of [[65_535, 1], [1, 65_535]] as const) {
    const { width: across, height: down } = readHeader(gifOf(width, height))!;
    assert.deepEqual([across, down], [width, height]);
  }
  assert.throws(() => gifOf(65_536, 1), RangeError);
  assert.throws(() => gifOf(1, 65_536), RangeError);
});

Deno.test("writeGif() keeps 256 colours exactly", () => {
  const rgba = new Uint8Array(16 * 16 * 4);
  for (let at = 0; at < 256; at++) rgba.set([at, 255 - at, at ^ 85, 255], at * 4);
  const gif = writeGif({
    width: 16,
    height: 16,
    frames: [pixelsOf(rgba)],
    delays: [0],
    loopCount: 1,
  });
  assert.deepEqual(framesOf(gif, { width: 16, height: 16 }), [rgba]);
});

Deno.test("writeGif() stays near the colours of a picture with thousands of them", () => {
  const size = 64;
  const frame = (shift: number) => {
    const rgba = new Uint8Array(size * size * 4);
    for (let at = 0; at < size * size; at++) {
      const x = at % size, y = Math.floor(at / size);
      rgba.set([(x * 4 + shift) & 255, y * 4, (x + y) * 2, 255], at * 4);
    }
    return rgba;
  };
  const frames = [frame(0), frame(8), frame(16)];
  const gif = writeGif({
    width: size,
    height: size,
    frames: frames.map(pixelsOf),
    delays: [50, 50, 50],
    loopCount: 0,
  });
  framesOf(gif, { width: size, height: size }).forEach((seen, index) => {
    let sum = 0;
    for (let at = 0; at < seen.length; at++) sum += (seen[at]! - frames[index]![at]!) ** 2;
    assert.ok(sum / seen.length < 80, `frame ${index}: mean squared error ${sum / seen.length}`);
  });
});

// milliseconds, hundredths of a second
const DELAYS: readonly (readonly [number[], number[]])[] = [
  [[0, 10, 20, 1000], [0, 1, 2, 100]],
  [[33, 33, 33], [3, 4, 3]],
  [[15, 15, 15, 15], [2, 2, 2, 2]],
  [[5, 5], [1, 0]],
  [[1_000_000], [65535]],
];

Deno.test("toHundredths() rounds without losing time, and never to what viewers play slower", () => {
  for (const [delays, expected] of DELAYS) {
    assert.deepEqual(toHundredths(delays), expected, String(delays));
  }
});

Deno.test("readGifFrames() survives any damage to a GIF", () => {
  const frames = [[1, 2, 3], [3, 2, 1]].map((shifts) =>
    bytesOf(Array.from({ length: WIDTH * HEIGHT }, (_, at) => 0xff000000 + shifts[at % 3]! * 70))
  );
  const gif = writeGif({
    width: WIDTH,
    height: HEIGHT,
    frames: frames.map(pixelsOf),
    delays: [1, 1],
    loopCount: 0,
  });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(gif.length - 1), fc.nat(255)), { maxLength: 8 }),
      fc.integer({ min: 13, max: gif.length }),
      (changes, length) => {
        const damaged = gif.slice(0, length);
        for (const [at, value] of changes) if (at < length) damaged[at] = value;
        try {
          for (const { rgba } of readGifFrames(damaged, { width: WIDTH, height: HEIGHT })) {
            assert.equal(rgba.length, WIDTH * HEIGHT * 4);
          }
        } catch (error) {
          assert.equal((error as { code?: string }).code, "undecodable");
        }
      },
    ),
    { numRuns: 400, seed: 4 },
  );
});
