import assert from "node:assert/strict";
import { colourOfCodePoints } from "../../../src/image/colour/code_points.ts";
import { convertStated } from "../../../src/image/colour/convert_stated.ts";
import { powerCurve, SRGB_CURVE } from "../../../src/image/colour/icc_profile.ts";

type Rgb = readonly [number, number, number];

const VIDEO = { video: powerCurve(2.4) };

function shown(
  [primaries, transfer]: readonly [number, number],
  stored: Rgb,
  changes: { isNarrow?: boolean; peak?: number } = {},
): number[] {
  const colour = colourOfCodePoints({ primaries, transfer }, VIDEO);
  assert.ok(colour, `${primaries}, ${transfer}`);
  const pixels = {
    data: Uint8Array.from(stored),
    width: 1,
    height: 1,
    channels: 3,
    hasAlpha: false,
  } as const;
  return [...convertStated(pixels, { ...colour, ...changes }) ?? stored];
}

// primaries and transfer (ITU-T H.273), a colour, what Chromium 156 shows
const COLOURS: readonly (readonly [readonly [number, number], Rgb, Rgb])[] = [
  ...([
    [4, [222, 89, 29]],
    [5, [195, 96, 49]],
    [6, [188, 98, 47]],
    [7, [188, 98, 47]],
    [8, [214, 89, 31]],
    [
      9,
      [232, 73, 28],
    ],
    [11, [202, 89, 31]],
    [12, [206, 89, 30]],
    [22, [194, 98, 47]],
  ] as const).map(
    ([primaries, rgb]) => [[primaries, 13], [192, 96, 48], rgb] as const,
  ),
  ...([[4, [193, 96, 44]], [5, [179, 72, 24]], [7, [199, 112, 66]], [8, [225, 165, 120]], [17, [
    191,
    83,
    32,
  ]], [
    15,
    [189, 87, 37],
  ]] as const).map(([transfer, rgb]) => [[1, transfer], [192, 96, 48], rgb] as const),
];

Deno.test("convertStated() shows every code point as a browser does", () => {
  for (const [points, stored, expected] of COLOURS) {
    const got = shown(points, stored);
    const far = Math.max(...expected.map((value, channel) => Math.abs(value - got[channel]!)));
    assert.ok(far <= 1, `${points}: ${got}, not ${expected}`);
  }
});

// grey stored, grey shown by Chromium 156 under PQ and under HLG
const HDR = [
  [0, 0, 0],
  [32, 5, 14],
  [64, 30, 43],
  [96, 70, 71],
  [128, 132, 99],
  [160, 213, 135],
  [
    192,
    255,
    189,
  ],
  [224, 255, 228],
  [240, 255, 243],
  [255, 255, 255],
] as const;

Deno.test("convertStated() bends the highlights of PQ and HLG into sRGB", () => {
  for (const [stored, pq, hlg] of HDR) {
    for (const [transfer, expected] of [[16, pq], [18, hlg]] as const) {
      const [grey] = shown([9, transfer], [stored, stored, stored]);
      assert.ok(
        Math.abs(grey! - expected) <= 1,
        `${stored} in ${transfer}: ${grey}, not ${expected}`,
      );
    }
  }
});

Deno.test("convertStated() leaves PQ of a dark picture as bright as it is", () => {
  // 100 cd/m² and 203, white paper, where nothing is brighter than that.
  for (const [stored, expected] of [[130, 188], [148, 255]] as const) {
    const [grey] = shown([1, 16], [stored, stored, stored], { peak: 203 });
    assert.ok(Math.abs(grey! - expected) <= 2, `${grey}`);
  }
});

Deno.test("convertStated() widens the narrow range of video", () => {
  assert.deepEqual(shown([1, 13], [16, 235, 126], { isNarrow: true }), [0, 255, 128]);
  assert.deepEqual(shown([1, 13], [0, 255, 16], { isNarrow: true }), [0, 255, 0]);
});

Deno.test("convertStated() changes nothing of sRGB, and never alpha", () => {
  const colour = colourOfCodePoints({ primaries: 1, transfer: 13 }, VIDEO)!;
  const pixels = {
    data: Uint8Array.of(1, 2, 3, 4),
    width: 1,
    height: 1,
    channels: 4,
    hasAlpha: true,
  } as const;
  assert.equal(convertStated(pixels, colour), undefined);
  for (const transfer of [8, 16, 18]) {
    const other = colourOfCodePoints({ primaries: 9, transfer }, VIDEO)!;
    assert.equal(convertStated(pixels, other)![3], 4);
    const greys = { ...pixels, channels: 2, width: 2 } as const;
    const converted = convertStated(greys, other)!;
    assert.deepEqual([converted[1], converted[3]], [2, 4]);
  }
});

Deno.test("colourOfCodePoints() knows nothing of reserved and unspecified points", () => {
  for (
    const [primaries, transfer] of [[2, 2], [3, 13], [0, 13], [23, 13], [1, 0], [1, 3], [1, 19], [
      1,
      9,
    ], [1, 12]] as const
  ) {
    assert.equal(colourOfCodePoints({ primaries, transfer }, VIDEO), undefined);
  }
  const half = colourOfCodePoints({ primaries: 12, transfer: 2 }, VIDEO)!;
  assert.equal(half.transfer, SRGB_CURVE);
});
