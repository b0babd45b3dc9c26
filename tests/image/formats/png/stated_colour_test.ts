import assert from "node:assert/strict";
import type { Chunk } from "../../../../src/image/formats/png/chunks.ts";
import { DISPLAY_P3, SRGB_PROFILE } from "../../../testing/colours.ts";
import { look } from "../../../testing/pictures.ts";
import { pngChunk, pngRow, profileChunk, u32s } from "../../../testing/png_file.ts";
import { transform } from "../../../testing/transforming.ts";

const P3 = pngChunk("cHRM", ...u32s(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000));
const BT709 = pngChunk("cHRM", ...u32s(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000));
const SRGB = pngChunk("sRGB", 0);
const gamma = (value: number) => pngChunk("gAMA", ...u32s(value));
const cicp = (...points: readonly number[]) => pngChunk("cICP", ...points);
const icc = profileChunk;

type Rgb = readonly [number, number, number];

// what the file says, its colour, what Chromium 156 shows, or with 1/2.2 beside primaries all others
const ROWS: readonly (readonly [string, readonly Chunk[], Rgb, Rgb])[] = [
  ["nothing", [], [192, 96, 48], [192, 96, 48]],
  ["gamma 1", [gamma(100_000)], [192, 96, 48], [225, 165, 120]],
  ["gamma 1/1.8", [gamma(55_556)], [192, 96, 48], [203, 115, 63]],
  ["a gamma near 1/2.2", [gamma(46_000)], [192, 96, 48], [192, 96, 48]],
  ["a gamma further off", [gamma(48_000)], [192, 96, 48], [196, 101, 49]],
  ["a gamma of 0", [gamma(0)], [192, 96, 48], [192, 96, 48]],
  ["primaries alone", [P3], [192, 96, 48], [192, 96, 48]],
  ["sRGB's own primaries and a gamma of 1/2.2", [gamma(45_455), BT709], [64, 8, 128], [64, 8, 128]],
  ["gamma and primaries", [gamma(55_556), P3], [192, 96, 48], [217, 109, 48]],
  ["gamma and primaries of nothing", [
    gamma(45_455),
    pngChunk("cHRM", ...u32s(0, 0, 0, 0, 0, 0, 0, 0)),
  ], [
    192,
    96,
    48,
  ], [192, 96, 48]],
  ["sRGB before gamma", [SRGB, gamma(100_000), P3], [192, 96, 48], [192, 96, 48]],
  ["gamma before sRGB", [gamma(100_000), SRGB], [192, 96, 48], [192, 96, 48]],
  ["a profile over sRGB and gamma", [SRGB, gamma(100_000), icc(DISPLAY_P3)], [192, 96, 48], [
    206,
    89,
    30,
  ]],
  ["a damaged profile", [pngChunk("iCCP", 0x69, 0, 0, 1, 2, 3), gamma(100_000)], [192, 96, 48], [
    225,
    165,
    120,
  ]],
  ["cICP over all", [cicp(12, 13, 0, 1), icc(SRGB_PROFILE), SRGB, gamma(100_000)], [192, 96, 48], [
    206,
    89,
    30,
  ]],
  ["cICP of sRGB over a profile", [cicp(1, 13, 0, 1), icc(DISPLAY_P3)], [192, 96, 48], [
    192,
    96,
    48,
  ]],
  ["cICP of a matrix that is not RGB's", [cicp(12, 13, 1, 1)], [192, 96, 48], [192, 96, 48]],
  ["cICP that says nothing", [cicp(2, 2, 0, 1), gamma(100_000)], [192, 96, 48], [225, 165, 120]],
  ["cICP of half a colour", [cicp(12, 2, 0, 1), gamma(100_000)], [192, 96, 48], [225, 165, 120]],
  [
    "PQ no brighter than paper",
    [
      cicp(1, 16, 0, 1),
      pngChunk("cLLI", ...u32s(2_030_000, 1_000_000)),
    ],
    [255, 128, 64],
    [255, 181, 44],
  ],
  ["cICP of a reserved transfer", [cicp(12, 3, 0, 1)], [192, 96, 48], [192, 96, 48]],
  ["BT.2020", [cicp(9, 13, 0, 1)], [192, 96, 48], [232, 73, 28]],
  ["BT.2020 with its own transfer", [cicp(9, 14, 0, 1)], [192, 96, 48], [229, 60, 5]],
  ["BT.709", [cicp(1, 1, 0, 1)], [192, 96, 48], [189, 87, 37]],
  ["BT.601", [cicp(6, 13, 0, 1)], [192, 96, 48], [188, 98, 47]],
  ["linear", [cicp(1, 8, 0, 1)], [192, 96, 48], [225, 165, 120]],
  ["XYZ", [cicp(10, 13, 0, 1)], [192, 96, 48], [255, 0, 58]],
  ["PQ", [cicp(9, 16, 0, 1)], [128, 128, 128], [132, 132, 132]],
  ["PQ of 400 cd/m²", [cicp(1, 16, 0, 1), pngChunk("cLLI", ...u32s(4_000_000, 1_000_000))], [
    128,
    0,
    0,
  ], [163, 0, 0]],
  ["HLG", [cicp(1, 18, 0, 1)], [192, 96, 48], [172, 76, 36]],
];

for (const [name, chunks, stored, shown] of ROWS) {
  Deno.test(`a PNG that states ${name} looks as in a browser`, async () => {
    const file = pngRow(stored, { width: 1, chunks });
    // A profile is kept where it counts; what else is stated would be lost, so that it is always computed.
    const kept = chunks.some(({ type, data }) => type === "iCCP" && data.length > 9) &&
      !chunks.some(({ type }) => type === "cICP");
    for (const options of kept ? ["png"] : ["png", "png,icc:keep", "jpeg,icc:keep,q100"]) {
      const { rgba } = look((await transform(file, options)).bytes).frames[0]!;
      const far = Math.max(...shown.map((value, channel) => Math.abs(value - rgba[channel]!)));
      assert.ok(far <= (options.startsWith("png") ? 1 : 4), `${options}: ${rgba}, not ${shown}`);
    }
  });
}

Deno.test("a grey PNG's gamma is undone once", async () => {
  for (const colourType of [0, 4]) {
    const file = pngRow(colourType === 0 ? [128] : [128, 255], {
      width: 1,
      colourType,
      chunks: [gamma(100_000)],
    });
    for (const options of ["png", "png,icc:keep"]) {
      assert.equal(look((await transform(file, options)).bytes).frames[0]!.rgba[0], 188);
    }
  }
});

Deno.test("dark light of 16 bits keeps its shades", async () => {
  // 1 of 255 is the 13th value of sRGB's: between 0 and that there is room for what 16 bits tell apart.
  const lights = [0, 5, 10, 20, 40, 80, 120, 160, 200, 256];
  for (const [name, chunk] of [["gamma", gamma(100_000)], ["cICP", cicp(1, 8, 0, 1)]] as const) {
    for (const colourType of [0, 2, 4, 6]) {
      const grey = (light: number) => [light >> 8, light & 255];
      const row = lights.flatMap((light) => [
        ...Array.from({ length: colourType % 4 === 0 ? 1 : 3 }, () => grey(light)).flat(),
        ...(colourType >= 4 ? [0x80, 0x80] : []),
      ]);
      const file = pngRow(row, { width: lights.length, bitDepth: 16, colourType, chunks: [chunk] });
      const { rgba } = look((await transform(file, "png")).bytes).frames[0]!;
      const values = lights.map((_, x) => rgba[x * 4]);
      assert.deepEqual(
        values,
        [0, 0, 1, 1, 2, 4, 6, 8, 10, 13],
        `${name}, colour type ${colourType}`,
      );
      assert.equal(rgba[3], colourType >= 4 ? 128 : 255);
    }
  }
});

Deno.test("statements behind the pixels do not count", async () => {
  const file = pngRow([192, 96, 48], { width: 1 });
  const late = pngRow([192, 96, 48], { width: 1, chunks: [gamma(100_000)] });
  const chunk = late.subarray(33, 33 + 16);
  const moved = new Uint8Array([...file.subarray(0, -12), ...chunk, ...file.subarray(-12)]);
  assert.deepEqual(
    [...look((await transform(moved, "png")).bytes).frames[0]!.rgba.subarray(0, 3)],
    [192, 96, 48],
  );
});
