import assert from "node:assert/strict";
import fc from "fast-check";
import type { PixelBuffer } from "../../../src/image/pixels/pixel_buffer.ts";
import { createResampler } from "../../../src/image/pixels/resample.ts";
import { isWithinRgb, type YccPlanes } from "../../../src/image/pixels/ycc_planes.ts";

const { resample, resamplePlanes } = createResampler();

type At = (x: number, y: number) => number;

/** A plane whose rows are longer than the picture, as decoders have them; what is beyond is glaring. */
function planeOf(width: number, height: number, at: At): PixelBuffer {
  const stride = width + 5;
  const data = new Uint8Array(stride * height).fill(255);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) data[y * stride + x] = Math.round(at(x, y));
  }
  return { data, width: stride, height, channels: 1, hasAlpha: false };
}

/** Values of luma and chroma at a place of the picture, a sample in the middle of the pixels it spans. */
function picture(
  { width, height, across = 1, down = 1 }: {
    width: number;
    height: number;
    across?: 1 | 2;
    down?: 1 | 2;
  },
  [luma, blue, red]: readonly [At, At, At],
): YccPlanes {
  const chroma = (at: At) =>
    planeOf(
      Math.ceil(width / across),
      Math.ceil(height / down),
      (x, y) => at((x + 0.5) * across - 0.5, (y + 0.5) * down - 0.5),
    );
  const planes = [planeOf(width, height, luma), chroma(blue), chroma(red)] as const;
  return { width, height, planes, across, down };
}

/** BT.601 of full range, as JFIF 1.02 has it. */
function rgbOf(y: number, cb: number, cr: number): number[] {
  const [blue, red] = [cb - 128, cr - 128];
  const exact = [y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue];
  return exact.map((value) => Math.max(0, Math.min(255, value)));
}

function assertNear(result: Uint8Array, wanted: (index: number) => number, most: number): void {
  for (const [index, value] of result.entries()) {
    const off = Math.abs(value - wanted(index));
    assert.ok(off <= most, `${value} and not ${wanted(index)} at ${index}`);
  }
}

Deno.test("resample() of planes keeps every flat colour, whatever the sampling, area and sizes", () => {
  const side = fc.integer({ min: 1, max: 70 });
  const byte = fc.integer({ min: 0, max: 255 });
  const span = fc.constantFrom<1 | 2>(1, 2);
  fc.assert(
    fc.property(
      fc.tuple(byte, byte, byte),
      fc.tuple(side, side, side, side),
      fc.tuple(span, span),
      fc.tuple(side, side),
      ([y, cb, cr], [width, height, toWidth, toHeight], [across, down], [left, top]) => {
        const size = { width, height, across, down };
        const source = picture(size, [() => y, () => cb, () => cr]);
        const [x, from] = [left % width, top % height];
        const region = { x, y: from, width: width - x, height: height - from };
        const target = { width: toWidth, height: toHeight };
        const result = resample(source, { target, region });
        assert.equal(result.length, toWidth * toHeight * 3);
        const colour = rgbOf(y, cb, cr);
        assertNear(result, (index) => colour[index % 3]!, 1.5);
      },
    ),
    { numRuns: 600 },
  );
});

Deno.test("resample() of planes does not shift chroma against luma, not in odd areas either", () => {
  // All three rise alike: where one lay elsewhere, colours would differ from those of the place.
  const ramp = (at: number) => 40 + at * 0.6;
  for (const [across, down] of [[1, 1], [2, 1], [2, 2]] as const) {
    for (const [x, width] of [[0, 256], [0, 255], [1, 200], [31, 97], [100, 33]] as const) {
      for (const target of [16, 31, 90, 400]) {
        const source = picture({ width: 257, height: 9, across, down }, [ramp, ramp, ramp]);
        const region = { x, y: 1, width, height: 7 };
        const result = resample(source, { target: { width: target, height: 5 }, region });
        const scale = width / target;
        // The filter's window is cut off at the edges.
        const edge = Math.ceil(3 * Math.max(1, scale) * across / scale) + 1;
        for (let row = 0; row < 5; row++) {
          for (let column = edge; column < target - edge; column++) {
            const value = ramp(x + (column + 0.5) * scale - 0.5);
            const wanted = rgbOf(value, value, value);
            const at = (row * target + column) * 3;
            assertNear(result.subarray(at, at + 3), (channel) => wanted[channel]!, 2.6);
          }
        }
      }
    }
  }
});

Deno.test("resample() of planes is that of each plane alone, in RGB", () => {
  const waves: readonly [At, At, At] = [
    (x, y) => 128 + 100 * Math.sin(x / 5) * Math.cos(y / 7),
    (x, y) => 128 + 60 * Math.cos((x + y) / 9),
    (x, y) => 128 + 60 * Math.sin((x - y) / 6),
  ];
  for (const [width, height] of [[40, 30], [7, 200], [150, 113], [149, 2], [300, 400]] as const) {
    const source = picture({ width: 150, height: 113 }, waves);
    const target = { width, height };
    const region = { x: 0, y: 0, width: 150, height: 113 };
    const apart = source.planes.map((plane) => resample(plane, { target, region }));
    const result = resample(source, { target });
    const wanted = (index: number) => {
      const pixel = Math.floor(index / 3);
      return rgbOf(apart[0]![pixel]!, apart[1]![pixel]!, apart[2]![pixel]!)[index % 3]!;
    };
    assertNear(result, wanted, 1.5);
  }
});

Deno.test("resamplePlanes() gives planes that are the same picture, whatever chroma spans", () => {
  // Too even for the filter to tell at which of two sizes chroma was asked for.
  const waves: readonly [At, At, At] = [
    (x, y) => 128 + 100 * Math.sin(x / 25) * Math.cos(y / 17),
    (x, y) => 128 + 60 * Math.cos((x + y) / 29),
    (x, y) => 128 + 60 * Math.sin((x - y) / 26),
  ];
  for (const [across, down] of [[1, 1], [2, 1], [2, 2]] as const) {
    const source = picture({ width: 151, height: 113, across, down }, waves);
    for (
      const [width, height] of [[40, 30], [75, 57], [101, 33], [151, 113], [1, 1], [2, 90]] as const
    ) {
      for (const region of [undefined, { x: 31, y: 7, width: 99, height: 70 }]) {
        const target = { width, height };
        const wanted = resample(source, { target, ...(region && { region }) });
        for (const span of [1, 2] as const) {
          const planes = resamplePlanes(source, { target, span, ...(region && { region }) });
          assert.deepEqual([planes.across, planes.down], [span, span]);
          const whole = planes.planes.map((
            { width, height, data },
          ) => [width, height, data.length]);
          const [wide, high] = [Math.ceil(width / span), Math.ceil(height / span)];
          assert.deepEqual(whole[0], [width, height, width * height]);
          assert.deepEqual(whole[1], [wide, high, wide * high]);
          const result = resample(planes, { target });
          // One sample for two pixels cannot show a wave of four.
          const most = span === 1 ? 1 : width > 30 && height > 20 ? 14 : 255;
          assertNear(result, (index) => wanted[index]!, most);
        }
      }
    }
  }
});

Deno.test("resample() refuses planes that lack samples", () => {
  const flat: readonly [At, At, At] = [() => 1, () => 2, () => 3];
  const whole = picture({ width: 20, height: 11, across: 2, down: 2 }, flat);
  const [luma, blue, red] = whole.planes;
  const target = { width: 5, height: 5 };
  const faults: YccPlanes[] = [
    { ...whole, planes: [{ ...luma, width: 19 }, blue, red] },
    { ...whole, planes: [luma, { ...blue, height: 5 }, red] },
    { ...whole, planes: [luma, blue, { ...red, data: red.data.subarray(1) }] },
    { ...whole, planes: [luma, blue, { ...red, channels: 3 }] },
    { ...whole, across: 1 },
  ];
  for (const source of faults) {
    assert.throws(() => resample(source, { target }), /a plane lacks samples/);
  }
  const region = { x: 1, y: 0, width: 20, height: 11 };
  assert.throws(() => resample(whole, { target, region }), /not inside/);
});

Deno.test("isWithinRgb() tells noise from pictures, whose few colours beyond RGB do no harm", () => {
  const noise = (seed: number): At => (x, y) =>
    Math.imul((x * 71 + y * 131 + seed) | 1, 2654435761) >>> 24;
  for (const [across, down] of [[1, 1], [2, 1], [2, 2]] as const) {
    for (const [width, height] of [[200, 150], [65, 3], [1, 1]] as const) {
      const size = { width, height, across, down };
      const photo = picture(size, [(x) => 60 + x % 130, (_, y) => 120 + y % 20, () => 128]);
      assert.equal(isWithinRgb(photo), true);
      // Red as JPEG has it, a level or two beyond.
      assert.equal(isWithinRgb(picture(size, [() => 76, () => 85, () => 255])), true);
      assert.equal(isWithinRgb(picture(size, [() => 250, () => 250, () => 250])), false);
    }
    const size = { width: 96, height: 96, across, down };
    assert.equal(isWithinRgb(picture(size, [noise(1), noise(2), noise(3)])), false);
  }
});
