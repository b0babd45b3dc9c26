import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import fc from "fast-check";

import type { TransformJob } from "../../src/image/plan/job.ts";
import { planShape, resultSize } from "../../src/image/plan/shape.ts";
import { createTransformer } from "../../src/image/transform.ts";
import { parseOptions } from "../../src/options/parse.ts";
import {
  animation,
  type Decoded,
  letters,
  look,
  picture,
  startEngine,
} from "../testing/pictures.ts";

const QUADRANTS = ["rg", "by"];

async function transform(bytes: Uint8Array, text: string, scaleUp = false) {
  await startEngine();
  const image = await createTransformer(engine).transform({
    bytes,
    options: parseOptions(text) as TransformJob["options"],
    scaleUp,
    limits: { maxPixels: 1e7, maxFrames: 100, maxTotalPixels: 2e7, maxOutputPixels: 1e6 },
  });
  return { ...image, seen: look(image.bytes) };
}

// options, what the four quadrants of 16 pixels become, in letters of 8 pixels
const SHAPES: readonly (readonly [string, string])[] = [
  ["pad,48x32", ".rrgg./.rrgg./.bbyy./.bbyy."],
  ["pad,48x32,gravity:w", "rrgg../rrgg../bbyy../bbyy.."],
  ["pad,48x32,gravity:w,fh", "..ggrr/..ggrr/..yybb/..yybb"],
  ["pad,48x32,gravity:e,r90", "ggyy/ggyy/rrbb/rrbb/..../...."],
  ["pad,48x32,bg:white,gravity:w", "rrggww/rrggww/bbyyww/bbyyww"],
  ["pad,ar:1:2,cw16,ch16", "../rr/rr/.."],
  ["16x32,gravity:e", "gg/gg/yy/yy"],
  ["16x32,focus:0:0.5", "rr/rr/bb/bb"],
  ["ar:2:1,gravity:s", "bbyy/bbyy"],
  ["rotate:90", "ggyy/ggyy/rrbb/rrbb"],
  ["rotate:-90", "bbrr/bbrr/yygg/yygg"],
  ["r90,rotate:90", "yybb/yybb/ggrr/ggrr"],
  ["rotate:90,fh", "yygg/yygg/bbrr/bbrr"],
  ["invert", "ccmm/ccmm/yybb/yybb"],
  ["border:8:black", "kkkk/krgk/kbyk/kkkk"],
  ["8x,dpr:2,border:4:white", "ww/ww"],
  ["pixelate:16", "rrgg/rrgg/bbyy/bbyy"],
  ["bg:red", "rrgg/rrgg/bbyy/bbyy"],
];

Deno.test("transform() shapes and paints the picture as the options say", async () => {
  await startEngine();
  const bytes = picture(QUADRANTS, { scale: 16 });
  for (const [options, expected] of SHAPES) {
    const { seen } = await transform(bytes, options);
    assert.equal(letters(seen, { scale: 8 }).join("/"), expected, options);
  }
});

Deno.test("transform() rotates counter-clockwise by any angle, and flips after that", async () => {
  await startEngine();
  // A bar whose right half is red.
  const bytes = picture(["bbrr"], { scale: 16 });
  const ends = ({ width, height, frames }: Decoded) =>
    ([[0.9, 0.1], [0.9, 0.9], [0.1, 0.1], [0.1, 0.9]] as const).map(([x, y]) => {
      const at = (Math.round(y * (height - 1)) * width + Math.round(x * (width - 1))) * 4;
      const [red, , blue, alpha] = frames[0]!.rgba.subarray(at, at + 4);
      return alpha! < 100 ? "." : red! > blue! ? "r" : "b";
    }).join("");
  // Of top right, bottom right, top left, bottom left.
  for (
    const [options, expected] of [
      ["rotate:45", "r..b"],
      ["rotate:-45", ".rb."],
      ["rotate:225", "b..r"],
      ["rotate:45,fh", ".br."],
      ["rotate:45,fv", ".rb."],
      ["rotate:45,fh,fv", "b..r"],
      ["r90,rotate:-45", "r..b"],
    ] as const
  ) {
    const { seen } = await transform(bytes, options);
    assert.equal(ends(seen), expected, options);
  }
});

Deno.test("transform() answers an opaque picture without an alpha channel, and a rounded one with it", async () => {
  await startEngine();
  const bytes = picture(QUADRANTS, { scale: 16 });
  for (
    const [options, expected] of [
      ["gray", false],
      ["pad,40x32,bg:red", false],
      ["rotate:10,bg:red", false],
      ["rotate:10", true],
      ["radius:8", true],
      ["radius:8,bg:red", true],
      ["bg:ff000000", false],
    ] as const
  ) {
    for (const format of ["png", "webp"]) {
      const { seen } = await transform(bytes, `${options},${format}`);
      assert.equal(seen.hasAlpha, expected, `${options},${format}`);
    }
  }
});

Deno.test("transform() fills what a JPEG cannot leave transparent: with bg, else white", async () => {
  await startEngine();
  const corner = ({ frames }: Decoded) => [...frames[0]!.rgba.subarray(0, 4)];
  const near = (seen: Decoded, [red, green, blue]: readonly number[], label: string) => {
    const [r, g, b, alpha] = corner(seen);
    assert.equal(alpha, 255, label);
    for (const off of [r! - red!, g! - green!, b! - blue!]) assert.ok(Math.abs(off) < 12, label);
  };
  for (const rows of [["bb", "bb"], ["..", ".b"]]) {
    const bytes = picture(rows, { scale: 32 });
    for (
      const [options, colour] of [
        ["circle,jpeg", [255, 255, 255]],
        ["circle,bg:ff8000,jpeg", [255, 128, 0]],
        ["circle,bg:00000080,jpeg", [127, 127, 127]],
        ["pad,64x128,jpeg", [255, 255, 255]],
        ["pad,64x128,bg:ff8000,jpeg", [255, 128, 0]],
        ["pad,64x128,bg:00000080,jpeg", [127, 127, 127]],
        ["rotate:45,jpeg", [255, 255, 255]],
        ["rotate:45,bg:ff8000,jpeg", [255, 128, 0]],
      ] as const
    ) {
      const { seen } = await transform(bytes, options);
      near(seen, colour, `${options} of ${rows}`);
    }
  }
  const { seen } = await transform(picture(["..", ".b"], { scale: 32 }), "bg:ff8000,jpeg");
  near(seen, [255, 128, 0], "bg beneath a transparent picture");
});

Deno.test("transform() shapes and paints every frame of an animation alike", async () => {
  await startEngine();
  for (const format of ["GIF", "WEBP"] as const) {
    const bytes = animation(
      [{ rows: ["rg", "by"], delay: 10 }, { rows: ["gr", "yb"], delay: 20 }, {
        rows: ["ww", "kk"],
        delay: 30,
      }],
      { format, scale: 16 },
    );
    for (
      const [options, expected] of [
        ["border:8:black", ["kkkk/krgk/kbyk/kkkk", "kkkk/kgrk/kybk/kkkk", "kkkk/kwwk/kkkk/kkkk"]],
        ["pad,48x32,bg:red", [
          "rrrggr/rrrggr/rbbyyr/rbbyyr",
          "rggrrr/rggrrr/ryybbr/ryybbr",
          "rwwwwr/rwwwwr/rkkkkr/rkkkkr",
        ]],
        ["rotate:180", ["yybb/yybb/ggrr/ggrr", "bbyy/bbyy/rrgg/rrgg", "kkkk/kkkk/wwww/wwww"]],
        ["8x,dpr:2,invert", ["cm/yb", "mc/by", "kk/ww"]],
      ] as const
    ) {
      const { seen, frames } = await transform(bytes, options);
      assert.equal(frames, 3, options);
      assert.deepEqual(seen.frames.map(({ delay }) => delay), [10, 20, 30], options);
      expected.forEach((rows, frame) =>
        assert.equal(letters(seen, { scale: 8, frame }).join("/"), rows, `${options} ${format}`)
      );
    }
    const { seen } = await transform(bytes, "radius:12");
    for (const { rgba } of seen.frames) {
      assert.equal(rgba[3], 0, format);
      assert.equal(rgba[(16 * 32 + 16) * 4 + 3], 255, format);
    }
  }
});

Deno.test("transform() normalizes all frames of an animation by one measure", async () => {
  await startEngine();
  const bytes = animation([{ rows: ["kk"] }, { rows: ["ww"] }], { format: "GIF", scale: 8 });
  const dimmed = (await transform(bytes, "contrast:-50")).bytes;
  const { seen } = await transform(dimmed, "normalize");
  assert.deepEqual(seen.frames.map(({ rgba }) => rgba[0]), [0, 255]);
});

Deno.test("transform() paints grey, indexed and transparent pictures as it does colours", async () => {
  await startEngine();
  for (const rows of [["kw", "wk"], ["k.", ".w"], ["rg", "b."]]) {
    for (const format of ["PNG", "GIF", "TIFF"] as const) {
      const bytes = picture(rows, { format, scale: 8 });
      const { seen } = await transform(bytes, "tint:00ffff00,border:1:ff0000,png");
      assert.equal(letters(seen, { scale: 8 }).join(), rows.join(), `${rows} ${format}`);
      assert.deepEqual([...seen.frames[0]!.rgba.subarray(0, 4)], [255, 0, 0, 255], format);
    }
  }
});

Deno.test("transform() trims what differs from the border by no more than the tolerance", async () => {
  await startEngine();
  const bytes = picture(["kkkk", "krwk", "kkkk"], { scale: 8 });
  const softened = (await transform(bytes, "brightness:2,border:1:0d0505,png")).bytes;
  assert.equal((await transform(softened, "trim")).width, 32 - 2);
  assert.equal((await transform(softened, "trim:8")).width, 16);
});

Deno.test("transform() refuses a canvas or a turn beyond the limit before it makes it", async () => {
  await startEngine();
  const bytes = picture(QUADRANTS, { scale: 16 });
  for (const options of ["pad,1001x1000", "pad,200x200,dpr:8", "pad,100000000x100000000"]) {
    await assert.rejects(transform(bytes, options), { code: "too_large" }, options);
  }
  assert.equal((await transform(bytes, "pad,1000x1000")).width, 1000);
  await assert.rejects(transform(bytes, "pad,1000x1000,rotate:1"), { code: "too_large" });
});

Deno.test("transform() answers the size that the geometry promises, whatever is asked", async () => {
  await startEngine();
  const side = fc.integer({ min: 1, max: 40 });
  const maybe = (...tokens: readonly string[]) => fc.constantFrom("", ...tokens);
  const any = fc.tuple(
    fc.tuple(side, side).map(([width, height]) => `${width}x${height}`),
    maybe("fit", "pad", "sc"),
    maybe("ar:3:2", "min:9x7", "ar:1:2"),
    maybe("dpr:1.5", "dpr:3"),
    maybe("gravity:ne", "focus:0.1:0.8"),
    maybe("cx3,cw11", "cx-9,cy0.2,ch0.5"),
    maybe("r90", "rotate:90", "rotate:17", "rotate:-100"),
    maybe("fh", "fv"),
    maybe("radius:3", "circle", "border:2:red", "blur:1", "blur:9", "pixelate:4", "bg:red"),
    maybe("jpeg", "webp", "gif"),
  );
  const originals = ([[37, 23], [1, 9], [16, 16]] as const).map(([width, height]) => ({
    size: { width, height },
    bytes: picture(Array.from({ length: height }, () => "r".repeat(width))),
  }));
  await fc.assert(
    fc.asyncProperty(any, fc.constantFrom(...originals), fc.boolean(), async (tokens, of, up) => {
      const text = tokens.filter((token) => token !== "").join();
      const options = parseOptions(text);
      let promised;
      try {
        promised = resultSize(planShape(options, of.size, { scaleUp: up }), options);
      } catch {
        await assert.rejects(transform(of.bytes, text, up), { code: "malformed" });
        return;
      }
      const { seen, width, height } = await transform(of.bytes, text, up);
      assert.deepEqual({ width: seen.width, height: seen.height }, promised, text);
      assert.deepEqual({ width, height }, promised, text);
    }),
    { numRuns: 300 },
  );
});
