import assert from "node:assert/strict";
import { planShape, resultSize } from "../../../src/image/plan/shape.ts";
import { parseOptions } from "../../../src/options/parse.ts";

// Options, the original's size and format, and the size that the program whose reckoning it is gave for them: sharp
// 0.35.5 (ipx and Next.js), imagor 1.9.5 on libvips 8.18, and imgproxy 4.0.12.
const ROWS: readonly (readonly [string, string, string, string])[] = [
  // A JPEG is shrunk by a whole number and its sides are cut: 53x39 of this one.
  ["34x,reckon:sharp,noTurn", "212x159", "jpeg", "34x25"],
  ["34x,reckon:libvips", "212x159", "jpeg", "34x26"],
  ["34x", "212x159", "jpeg", "34x26"],
  ["34x,reckon:sharp", "212x159", "png", "34x26"],
  ["42x,reckon:sharp", "212x159", "jpeg", "42x31"],
  ["x28,fit,reckon:sharp", "212x159", "jpeg", "38x28"],
  ["64x,reckon:sharp", "213x284", "jpeg", "64x86"],
  ["64x", "213x284", "jpeg", "64x85"],
  // Thumbnails leave a factor of two for the resizing, imgproxy none.
  ["42x,reckon:thumbnail,scaleUp", "268x201", "jpeg", "42x31"],
  ["31x,reckon:thumbnail,scaleUp", "213x284", "jpeg", "31x42"],
  ["x25,fit,reckon:thumbnail", "159x212", "jpeg", "18x25"],
  ["38x,reckon:imgproxy", "268x201", "jpeg", "38x28"],
  ["123x38,fit,reckon:imagor", "141x188", "webp", "29x38"],
  ["123x38,fit,reckon:thumbnail", "141x188", "webp", "28x38"],
  ["42x,reckon:imagor,scaleUp", "268x201", "jpeg", "42x31"],
  // Half a pixel goes where the doubles of libvips lie, and to the even number in a column of frames.
  ["125x,rounddown,fit,reckon:libvips", "141x188", "webp", "124x166"],
  ["125x,rounddown,fit", "141x188", "webp", "125x166"],
  ["22x,reckon:sharp", "124x93", "gif, moving", "22x16"],
  ["22x,reckon:sharp", "124x93", "gif", "22x17"],
  ["38x270,fit,reckon:thumbnail", "124x93", "gif, moving", "38x28"],
  // What imgproxy crops and makes room for is shrunk on loading with the rest.
  ["crop:0x57:c,resize:fit:54:0,reckon:imgproxy", "213x284", "jpeg", "54x15"],
  ["resize:fit:0:122:1:1:1:0:76,padding:3,reckon:imgproxy", "159x212", "jpeg", "97x128"],
  // weserv, whose code says so, takes the whole step of 4 where sharp takes 2: 42x57 and 85x114 are loaded.
  ["42x,reckon:weserv", "171x228", "jpeg", "42x57"],
  ["42x,reckon:sharp", "171x228", "jpeg", "42x56"],
  // A box is made no larger than the picture was before it was trimmed, by each side here.
  ["0x49,cx1,cy12,cw43,ch21,within:sides", "44x33", "png", "68x33"],
  // What is trimmed has been decoded.
  ["34x,reckon:sharp,trim", "212x159", "jpeg", "34x26"],
];

Deno.test("planShape() reckons a side that follows as the programs on libvips do, to the pixel", () => {
  for (const [text, size, kind, expected] of ROWS) {
    const [width = 0, height = 0] = size.split("x").map(Number);
    const [format = "", moves] = kind.split(", ");
    const options = parseOptions(text);
    const settings = { scaleUp: true, original: { format, moves: moves !== undefined } };
    const { width: wide, height: high } = resultSize(
      planShape(options, { width, height }, settings),
      options,
    );
    assert.equal(`${wide}x${high}`, expected, `${text} of ${size} ${kind}`);
  }
});

Deno.test("planShape() keeps a box within what the picture was before it was trimmed", () => {
  const options = parseOptions("364x10,within,fit:outside");
  const trimmed = { width: 118, height: 118 };
  const sizes = [undefined, { width: 177, height: 177 }].map((size) =>
    planShape(options, trimmed, { scaleUp: true, original: size && { size } }).target
  );
  assert.deepEqual(sizes, [trimmed, { width: 177, height: 177 }]);
});

Deno.test("planShape() with a reckoning leaves every side at least one pixel", () => {
  for (const reckon of ["libvips", "thumbnail", "imagor", "sharp", "weserv", "imgproxy"]) {
    for (const size of ["1x,", "x1,", "1x1,fit,", "1x1,fit:outside,"]) {
      const options = parseOptions(`${size}reckon:${reckon}`);
      for (const format of ["jpeg", "webp", "png"]) {
        for (const [width, height] of [[1, 900], [900, 1], [17, 3], [1, 1]] as const) {
          const { target } = planShape(options, { width, height }, {
            scaleUp: false,
            original: { format },
          });
          assert.ok(
            target.width >= 1 && target.height >= 1,
            `${size} ${reckon} ${width}x${height}`,
          );
        }
      }
    }
  }
});
