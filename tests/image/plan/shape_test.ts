import assert from "node:assert/strict";
import fc from "fast-check";
import { type Size, splitAngle, turnedSize } from "../../../src/image/pixels/geometry.ts";
import { planShape, resultSize } from "../../../src/image/plan/shape.ts";
import type { ShapePlan } from "../../../src/image/plan/shape_plan.ts";
import { parseOptions } from "../../../src/options/parse.ts";
import { GRAVITIES } from "../../../src/options/placement.ts";
import type { Options } from "../../../src/options/table.ts";

// picture, options, region as x,y,w,h, target as w,h, canvas as x,y,w,h
const ROWS: readonly (readonly [string, string, string, string, string?])[] = [
  // Where the region of a shape lies.
  ["600x450", "150x300,gravity:c", "187,0,225,450", "150x300"],
  ["600x450", "150x300,gravity:w", "0,0,225,450", "150x300"],
  ["600x450", "150x300,gravity:nw", "0,0,225,450", "150x300"],
  ["600x450", "150x300,gravity:se", "375,0,225,450", "150x300"],
  ["600x450", "150x300,gravity:n", "187,0,225,450", "150x300"],
  ["450x600", "300x150,gravity:n", "0,0,450,225", "300x150"],
  ["450x600", "300x150,gravity:sw", "0,375,450,225", "300x150"],
  ["450x600", "300x150,gravity:e", "0,187,450,225", "300x150"],
  ["600x450", "cx100,cw300,ch100,50x50,gravity:e", "300,0,100,100", "50x50"],
  ["600x400", "100x100,focus:0:0", "0,0,400,400", "100x100"],
  ["600x400", "100x100,focus:1:1", "200,0,400,400", "100x100"],
  ["600x400", "100x100,focus:0.5:0.2", "100,0,400,400", "100x100"],
  ["600x400", "100x100,focus:0.6:0.5", "160,0,400,400", "100x100"],
  ["600x400", "100x100,focus:0.6:0.5,gravity:nw", "160,0,400,400", "100x100"],
  ["601x400", "100x100,focus:0.5:0.5", "101,0,400,400", "100x100"],
  // The focus is a point of the whole picture; the region stays inside the crop.
  ["600x400", "cx300,cw300,ch100,50x50,focus:0:0", "300,0,100,100", "50x50"],
  ["600x400", "cx300,cw300,ch100,50x50,focus:0.75:0", "400,0,100,100", "50x50"],
  ["600x400", "focus:0:0", "0,0,600,400", "600x400"],
  ["600x400", "300x,focus:0:0", "0,0,600,400", "300x200"],
  // A point in pixels of the whole picture; the focus comes before it.
  ["600x400", "100x100,point:360:0", "160,0,400,400", "100x100"],
  ["600x400", "100x100,point:600:400,focus:0:0", "0,0,400,400", "100x100"],
  // The box gets smaller in its shape, whatever then becomes of the picture in it.
  ["268x201", "200x400,within", "83,0,101,201", "101x201"],
  ["268x201", "200x400,within,pad", "0,0,268,201", "101x76", "0,62,101,201"],
  ["268x201", "200x400,within,fit:stretch", "0,0,268,201", "101x201"],
  ["268x201", "400x200,within:turned", "0,33,268,135", "201x101"],
  ["268x201", "20x40,within", "83,0,101,201", "20x40"],
  ["44x33", "0x49,cx1,cy12,cw43,ch21,within:sides", "1,12,43,21", "43x21"],
  ["44x33", "60x20,within:sides", "0,6,44,20", "44x20"],
  // Half a pixel goes up, or to the even number.
  ["124x93", "54x", "0,0,124,93", "54x41"],
  ["124x93", "54x,evenhalves", "0,0,124,93", "54x40"],
  ["124x93", "58x,evenhalves", "0,0,124,93", "58x44"],
  ["268x201", "14x,evenhalves,fit", "0,0,268,201", "13x10"],
  ["70x54", "50x,evenhalves,fit:outside", "0,0,70,54", "51x39"],
  ["268x201", "42x", "0,0,268,201", "42x32"],
  ["268x201", "42x,rounddown", "0,0,268,201", "42x31"],
  ["268x201", "x1,rounddown", "0,0,268,201", "1x1"],
  ["213x284", "x281,rounddown", "0,0,213,284", "210x281"],
  ["213x284", "x281,rounddown,fit", "0,0,213,284", "210x280"],
  ["213x284", "x281,fit", "0,0,213,284", "211x281"],
  // The box lies where the picture does.
  ["600x400", "100x200,adapt", "0,50,600,300", "200x100"],
  ["400x600", "100x200,adapt", "50,0,300,600", "100x200"],
  ["600x400", "100x200,adapt,pad", "0,0,600,400", "150x100", "25,0,200,100"],
  // A share of all sides at the end, cut.
  ["1000x1000", "33x15,proportion:0.5", "0,272,1000,455", "16x7"],
  ["1000x1000", "35x,padding:5,proportion:0.2", "0,0,1000,1000", "7x7", "1,1,9,9"],
  // Aspect ratio: completes a side, or crops alone; a size of two sides has its own shape.
  ["1000x1000", "400x,ar:16:9", "0,218,1000,563", "400x225"],
  ["1000x1000", "x225,ar:16:9", "0,218,1000,563", "400x225"],
  ["1000x1000", "333x,ar:16:9", "0,219,1000,562", "333x187"],
  ["1000x1000", "ar:16:9", "0,218,1000,563", "1000x563"],
  ["1000x1000", "ar:1:2,gravity:e", "500,0,500,1000", "500x1000"],
  ["1000x1000", "200x100,ar:1:1", "0,250,1000,500", "200x100"],
  ["1000x1000", "ar:1.91:1", "0,238,1000,524", "1000x524"],
  ["1000x1000", "ar:16:9,fit", "0,0,1000,1000", "1000x1000"],
  ["1000x1000", "400x,ar:2:1,fit", "0,0,1000,1000", "200x200"],
  ["400x300", "400x,ar:1:2", "125,0,150,300", "150x300"],
  ["400x300", "9999x,ar:4:3", "0,0,400,300", "400x300"],
  ["600x450", "cw100,ch100,ar:2:1", "0,25,100,50", "100x50"],
  // Pixels of the screen: lowered for all sides alike where the picture has no more.
  ["1000x1000", "100x50,dpr:2", "0,250,1000,500", "200x100"],
  ["1000x1000", "101x,dpr:1.5", "0,0,1000,1000", "152x152"],
  ["1000x1000", "50x,dpr:1.15", "0,0,1000,1000", "58x58"],
  ["400x400", "200x100,dpr:3", "0,100,400,200", "400x200"],
  ["401x1000", "200x100,dpr:3", "0,399,401,201", "401x201"],
  ["400x400", "200x,dpr:3", "0,0,400,400", "400x400"],
  ["400x100", "500x50,dpr:2", "0,25,400,50", "400x50"],
  ["1000x500", "0.25x,dpr:2", "0,0,1000,500", "500x250"],
  ["1000x500", "0.75x,dpr:2", "0,0,1000,500", "1000x500"],
  ["1000x1000", "100x,ar:4:3,dpr:2", "0,125,1000,750", "200x150"],
  // With fit it is the picture in the box that may not be enlarged.
  ["400x1000", "200x200,fit,dpr:3", "0,0,400,1000", "240x600"],
  ["400x1000", "200x200,fit,dpr:8", "0,0,400,1000", "400x1000"],
  ["400x300", "400x,ar:1:2,fit", "0,0,400,300", "400x300"],
  ["400x300", "100x,ar:1:2,fit,dpr:3", "0,0,400,300", "300x225"],
  ["300x300", "200x,ar:1:1,dpr:2", "0,0,300,300", "300x300"],
  ["1000x1000", "dpr:2", "0,0,1000,1000", "1000x1000"],
  // A crop is not enlarged by dpr, aspect ratio or padding either.
  ["600x400", "cw100,ch100,80x,dpr:4", "0,0,100,100", "100x100"],
  ["600x400", "cw100,ch50,40x40,dpr:4", "25,0,50,50", "50x50"],
  ["600x400", "cw100,ch100,400x,ar:2:1", "0,25,100,50", "100x50"],
  ["600x400", "cw100,ch100,300x300,pad", "0,0,100,100", "100x100", "100,100,300,300"],
  ["600x400", "cw100,ch100,50x50,fit,dpr:4", "0,0,100,100", "100x100"],
  ["600x400", "cw100,ch100,sc,300x300", "100,0,400,400", "300x300"],
  // Padding: the canvas is the box, whatever the picture.
  ["600x450", "100x100,pad", "0,0,600,450", "100x75", "0,12,100,100"],
  ["600x450", "100x100,pad,gravity:n", "0,0,600,450", "100x75", "0,0,100,100"],
  ["600x450", "100x100,pad,gravity:se", "0,0,600,450", "100x75", "0,25,100,100"],
  ["100x50", "300x300,pad", "0,0,100,50", "100x50", "100,125,300,300"],
  ["100x50", "300x20,pad", "0,0,100,50", "40x20", "130,0,300,20"],
  ["600x450", "100x100,pad,dpr:2", "0,0,600,450", "200x150", "0,25,200,200"],
  ["100x50", "100x100,pad,dpr:2", "0,0,100,50", "100x50", "50,75,200,200"],
  ["600x450", "100x,pad", "0,0,600,450", "100x75"],
  ["600x450", "pad", "0,0,600,450", "600x450"],
  ["600x450", "100x,ar:1:1,pad", "0,0,600,450", "100x75", "0,12,100,100"],
  ["600x450", "ar:1:1,pad", "0,0,600,450", "600x450", "0,75,600,600"],
  ["600x450", "ar:16:9,pad", "0,0,600,450", "600x450", "100,0,800,450"],
  ["600x450", "cw100,ch50,80x80,pad", "0,0,100,50", "80x40", "0,20,80,80"],
  ["600x450", "100x100,pad,fit,min:90x90", "0,0,600,450", "100x75", "0,12,100,100"],
  // Whole around the box, stretched to it, by which way it lies, or turned.
  ["600x400", "100x100,fit:outside", "0,0,600,400", "150x100"],
  ["250x250", "200x300,fit:outside", "0,0,250,250", "250x250"],
  ["600x400", "100x,fit:outside", "0,0,600,400", "100x67"],
  ["600x400", "100x100,fit:stretch", "0,0,600,400", "100x100"],
  ["60x400", "100x100,fit:stretch", "0,0,60,400", "60x100"],
  ["600x400", "100x100,fit:stretch,dpr:2", "0,0,600,400", "200x200"],
  ["600x400", "200x100,fit:auto", "0,50,600,300", "200x100"],
  ["600x400", "100x200,fit:auto", "0,0,600,400", "100x67"],
  ["400x600", "100x200,fit:auto", "50,0,300,600", "100x200"],
  ["600x400", "100x,fit:auto", "0,0,600,400", "100x67"],
  ["600x400", "100x200,fit:turned", "0,0,600,400", "150x100"],
  ["600x400", "200x100,fit:turned", "0,0,600,400", "150x100"],
  // Zoom: of the sides that are named, or of what is resized.
  ["600x400", "zoom:0.5", "0,0,600,400", "300x200"],
  ["601x401", "zoom:0.5", "0,0,601,401", "301x201"],
  ["600x400", "zoom:2", "0,0,600,400", "600x400"],
  ["600x400", "100x,zoom:1.5", "0,0,600,400", "150x100"],
  ["600x400", "100x100,fit,zoom:2", "0,0,600,400", "200x133"],
  ["600x400", "cw200,ch100,zoom:0.5", "0,0,200,100", "100x50"],
  ["600x400", "zoom:0.25,dpr:2", "0,0,600,400", "300x200"],
  // A crop with a gravity, within the rectangle where there is one.
  ["600x400", "crop:200x100", "200,150,200,100", "200x100"],
  ["600x400", "crop:200x:ne", "400,0,200,400", "200x400"],
  ["600x400", "crop:0.5x0.5:se", "300,200,300,200", "300x200"],
  ["600x400", "crop:200x100:se:10:20", "390,280,200,100", "200x100"],
  ["600x400", "crop:200x100:c:-50:0.1", "150,190,200,100", "200x100"],
  ["600x400", "crop:200x100:nw:9999:0", "400,0,200,100", "200x100"],
  ["600x400", "crop:9999x100:n", "0,0,600,100", "600x100"],
  ["600x400", "cx100,cw300,crop:100x100:w,50x50", "100,150,100,100", "50x50"],
  // Offsets of gravity count pixels of the result, shares what the region lies in.
  ["600x400", "100x100,gravity:w:10:0", "40,0,400,400", "100x100"],
  ["600x400", "100x100,gravity:e:10:0", "160,0,400,400", "100x100"],
  ["600x400", "100x100,gravity:c:0.1:0", "160,0,400,400", "100x100"],
  ["600x400", "100x100,gravity:w:999:0", "200,0,400,400", "100x100"],
  ["600x450", "100x100,pad,gravity:s:0:5", "0,0,600,450", "100x75", "0,20,100,100"],
  ["600x450", "100x100,pad,dpr:2,gravity:s:0:5", "0,0,600,450", "200x150", "0,40,200,200"],
  // Cut after the resize; padding after that, both on the canvas of `pad` where there is one.
  ["600x400", "300x,cut:10:20:100:50", "0,0,600,400", "300x200", "-10,-20,100,50"],
  ["600x400", "300x,cut:-100:-50:0:0", "0,0,600,400", "300x200", "-200,-150,100,50"],
  ["600x400", "300x,cut:0.1:0:0.5:0.5", "0,0,600,400", "300x200", "-30,0,150,100"],
  ["600x400", "padding:10:20:30:40", "0,0,600,400", "600x400", "40,10,660,440"],
  ["600x400", "300x,padding:5,dpr:2", "0,0,600,400", "600x400", "10,10,620,420"],
  ["600x450", "100x100,pad,padding:10", "0,0,600,450", "100x75", "10,22,120,120"],
  ["600x400", "300x,cut:10:20:100:50,padding:5", "0,0,600,400", "300x200", "-5,-15,110,60"],
  // Least sides: scaled up to them, cropped to what was wanted.
  ["2000x500", "200x,min:x100", "500,0,1000,500", "200x100"],
  ["2000x500", "200x,fit,min:x100", "500,0,1000,500", "200x100"],
  ["2000x500", "200x200,fit,min:150x150", "666,0,667,500", "200x150"],
  ["2000x500", "200x,min:300x", "0,0,2000,500", "300x75"],
  ["2000x500", "x50,min:x100", "0,0,2000,500", "400x100"],
  ["2000x500", "200x100,min:100x150", "666,0,667,500", "200x150"],
  ["2000x500", "200x,min:x100,gravity:w", "0,0,1000,500", "200x100"],
  ["2000x500", "200x,min:x100,dpr:2", "500,0,1000,500", "400x200"],
  ["200x50", "100x,min:500", "0,0,200,50", "200x50"],
  ["200x50", "min:500", "0,0,200,50", "200x50"],
  ["2000x500", "200x,min:10x10", "0,0,2000,500", "200x50"],
];

Deno.test("planShape() follows the rules of the shape options", () => {
  for (const [picture, options, region, target, canvas] of ROWS) {
    const label = `${options} of ${picture}`;
    const shape = plan(options, size(picture));
    assert.equal(rect(shape.region), region, `${label}: region`);
    assert.equal(`${shape.target.width}x${shape.target.height}`, target, `${label}: target`);
    assert.equal(shape.canvas && rect(shape.canvas), canvas, `${label}: canvas`);
  }
});

// picture, options, how many pixels stand for one
const SCALES: readonly (readonly [string, string, number])[] = [
  ["1000x1000", "100x50", 1],
  ["1000x1000", "dpr:3", 3],
  ["1000x1000", "100x50,dpr:1.5", 1.5],
  ["400x400", "200x100,dpr:3", 2],
  ["400x400", "500x,dpr:3", 1],
  ["400x400", "100x,ar:2:1,dpr:8", 4],
  ["400x400", "x100,ar:2:1,dpr:8", 2],
  ["400x400", "500x,ar:2:1,dpr:8", 1],
  ["400x1000", "200x200,fit,dpr:8", 5],
  ["400x1000", "100x,ar:1:1,fit,dpr:8", 8],
  ["40x40", "200x200,pad,dpr:2", 2],
];

Deno.test("planShape() tells how many pixels stand for one, for the lengths of effects", () => {
  for (const [picture, options, scale] of SCALES) {
    assert.equal(plan(options, size(picture)).scale, scale, `${options} of ${picture}`);
  }
});

// Any options of the shape, over any picture.
const ANY_SIDE = fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 40 }));
const ANY_PICTURE = fc.record({ width: ANY_SIDE, height: ANY_SIDE });
const ANY_LENGTH = fc.oneof(
  fc.constant(""),
  ANY_SIDE.map(String),
  fc.integer({ min: 1, max: 99 }).map((share) => String(share / 100)),
);
const ANY_SIZE = fc.tuple(ANY_LENGTH, ANY_LENGTH).map(([width, height]) => `${width}x${height}`);
const ANY_DPR = fc.integer({ min: 100, max: 800 }).map((dpr) => `dpr:${dpr / 100}`);
const ANY_RATIO = fc.tuple(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 40 }))
  .map(([width, height]) => `ar:${width}:${height}`);
const ANY_PLACE = fc.oneof(
  fc.constantFrom(...Object.keys(GRAVITIES)).map((gravity) => `gravity:${gravity}`),
  fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 }))
    .map(([x, y]) => `focus:${x / 100}:${y / 100}`),
);
const ANY_CROP = fc.tuple(
  ...["cx", "cy"].map((side) => fc.integer({ min: -60, max: 60 }).map((n) => side + n / 100)),
  ...["cw", "ch"].map((side) => ANY_LENGTH.map((length) => side + (length || "0"))),
).map((tokens) => tokens.join());
const ANY_MIN = fc.tuple(ANY_SIDE, ANY_SIDE).map(([width, height]) => `min:${width}x${height}`);
const RUNS = { numRuns: 20_000 };

Deno.test("planShape() answers a region inside the crop and sides within their bounds, whatever is asked", () => {
  const any = fc.tuple(
    ANY_PICTURE,
    ...[ANY_SIZE, ANY_DPR, ANY_RATIO, ANY_PLACE, ANY_CROP, ANY_MIN].map((part) =>
      fc.option(part, { nil: "" })
    ),
    fc.subarray(["fit", "pad"]).map((words) => words.join()),
  );
  fc.assert(
    fc.property(any, ([picture, ...tokens]) => {
      const text = (tokens as string[]).filter((token) => token !== "").join();
      let shape;
      try {
        shape = plan(text, picture);
      } catch (error) {
        return assert.match(String(error), /outside the picture/);
      }
      const { region, target, canvas, scale } = shape;
      for (const length of [region.width, region.height, target.width, target.height]) {
        assert.ok(Number.isInteger(length) && length >= 1, text);
      }
      assert.ok(region.x >= 0 && region.x + region.width <= picture.width, text);
      assert.ok(region.y >= 0 && region.y + region.height <= picture.height, text);
      assert.ok(scale >= 1 && scale <= 8, text);
      if (!text.includes("cw") && !text.includes("ch")) {
        // Nothing is enlarged: at most the picture's own pixels, give or take what rounding adds.
        assert.ok(target.width <= picture.width && target.height <= picture.height, text);
      }
      if (!canvas) return;
      assert.ok(canvas.x >= 0 && canvas.x + target.width <= canvas.width, text);
      assert.ok(canvas.y >= 0 && canvas.y + target.height <= canvas.height, text);
    }),
    RUNS,
  );
});

Deno.test("planShape() with pad answers exactly the box times dpr", () => {
  const dpr = fc.integer({ min: 100, max: 800 });
  fc.assert(
    fc.property(ANY_PICTURE, ANY_SIDE, ANY_SIDE, dpr, (picture, width, height, dpr) => {
      const { canvas, target, region, scale } = plan(
        `${width}x${height},pad,dpr:${dpr / 100}`,
        picture,
      );
      assert.equal(canvas?.width, halfUp(width * dpr, 100));
      assert.equal(canvas?.height, halfUp(height * dpr, 100));
      assert.equal(scale, dpr / 100);
      assert.equal(rect(region), rect({ x: 0, y: 0, ...picture }));
      assert.ok(target.width <= picture.width && target.height <= picture.height);
      assert.ok(isShapeOf(target, picture));
    }),
    RUNS,
  );
});

Deno.test("planShape() multiplies both sides of a box by the same dpr, the largest that the picture allows", () => {
  const dpr = fc.integer({ min: 100, max: 800 });
  fc.assert(
    fc.property(ANY_PICTURE, ANY_SIDE, ANY_SIDE, dpr, (picture, width, height, dpr) => {
      const { target } = plan(`${width}x${height},dpr:${dpr / 100}`, picture);
      if (width >= picture.width || height >= picture.height) {
        assert.deepEqual(target, {
          width: Math.min(width, picture.width),
          height: Math.min(height, picture.height),
        });
      } else if (width * dpr <= picture.width * 100 && height * dpr <= picture.height * 100) {
        assert.deepEqual(target, {
          width: halfUp(width * dpr, 100),
          height: halfUp(height * dpr, 100),
        });
      } else if (picture.width * height <= picture.height * width) {
        assert.deepEqual(target, {
          width: picture.width,
          height: halfUp(height * picture.width, width),
        });
      } else {
        assert.deepEqual(target, {
          width: halfUp(width * picture.height, height),
          height: picture.height,
        });
      }
    }),
    RUNS,
  );
});

Deno.test("planShape() completes one side by the aspect ratio, and never leaves the picture", () => {
  const part = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(ANY_PICTURE, ANY_SIDE, part, part, (picture, side, across, down) => {
      const { target } = plan(`${side}x,ar:${across}:${down}`, picture);
      const height = halfUp(side * down, across);
      if (side <= picture.width && height <= picture.height) {
        assert.deepEqual(target, { width: side, height });
      } else {
        assert.ok(target.width === picture.width || target.height === picture.height);
        assert.ok(target.width <= picture.width && target.height <= picture.height);
        assert.ok(isShapeOf(target, { width: across, height: down }));
      }
      const alone = plan(`ar:${across}:${down}`, picture);
      assert.deepEqual(size(rect(alone.region).split(",").slice(2).join("x")), alone.target);
      assert.ok(alone.target.width === picture.width || alone.target.height === picture.height);
      assert.ok(isShapeOf(alone.target, { width: across, height: down }));
      const mirrored = plan(`x${side},ar:${down}:${across}`, swapped(picture));
      assert.deepEqual(swapped(mirrored.target), target);
    }),
    RUNS,
  );
});

Deno.test("planShape() with min answers no side below it that the picture has, and none above what is wanted", () => {
  fc.assert(
    fc.property(
      ANY_PICTURE,
      ANY_SIDE,
      ANY_SIDE,
      fc.record({ width: ANY_SIDE, height: ANY_SIDE }),
      (picture, width, height, min) => {
        const { target, region } = plan(
          `${width}x${height},fit,min:${min.width}x${min.height}`,
          picture,
        );
        for (const side of ["width", "height"] as const) {
          const wanted = side === "width" ? width : height;
          assert.ok(target[side] >= Math.min(min[side], picture[side]));
          assert.ok(
            target[side] <= Math.max(1, Math.min(picture[side], Math.max(wanted, min[side]))),
          );
        }
        // The region keeps its proportions to the pixel.
        assert.ok(isShapeOf(region, target) || isShapeOf(target, region));
      },
    ),
    RUNS,
  );
});

Deno.test("planShape() puts the region as near to the focus as the crop allows", () => {
  fc.assert(
    fc.property(
      ANY_PICTURE,
      ANY_SIDE,
      ANY_SIDE,
      fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 100 })),
      (picture, width, height, [x, y]) => {
        const { region } = plan(`${width}x${height},focus:${x / 100}:${y / 100}`, picture);
        const off = (start: number, length: number, [of, at]: [number, number]) => {
          const middle = start + length / 2;
          const point = (at / 100) * of;
          return start > 0 && start + length < of ? Math.abs(middle - point) : 0;
        };
        assert.ok(off(region.x, region.width, [picture.width, x]) <= 0.5001);
        assert.ok(off(region.y, region.height, [picture.height, y]) <= 0.5001);
      },
    ),
    RUNS,
  );
});

Deno.test("splitAngle() leaves at most 45 degrees to turn and loses none", () => {
  fc.assert(fc.property(fc.double({ min: -720, max: 720, noNaN: true }), (degrees) => {
    const { quarters, rest } = splitAngle(degrees);
    assert.ok(Math.abs(rest) <= 45);
    assert.ok(Math.abs(((quarters * 90 + rest - degrees) % 360 + 540) % 360 - 180) < 1e-9);
  }));
});

// size, degrees, size when turned
const TURNED: readonly (readonly [string, number, string])[] = [
  ["100x50", 0, "100x50"],
  ["100x100", 45, "142x142"],
  ["100x50", 30, "112x94"],
  ["100x50", -30, "112x94"],
  ["1x1", 45, "2x2"],
  ["1000x1", 0.1, "1000x3"],
];

Deno.test("turnedSize() holds the turned picture", () => {
  for (const [from, degrees, expected] of TURNED) {
    const { width, height } = turnedSize(size(from), degrees);
    assert.equal(`${width}x${height}`, expected, `${from} by ${degrees}`);
  }
});

Deno.test("resultSize() counts right angles exactly, and the canvas where there is one", () => {
  for (
    const [options, expected] of [
      ["100x50", "100x50"],
      ["100x50,r90", "50x100"],
      ["100x50,rotate:90", "50x100"],
      ["100x50,r90,rotate:-90", "100x50"],
      ["100x50,r180,rotate:-180", "100x50"],
      ["100x50,rotate:30", "112x94"],
      ["100x50,r90,rotate:30", "94x112"],
      ["100x50,rotate:120", "94x112"],
      ["90x90,pad", "90x90"],
      ["90x30,pad,r90", "30x90"],
    ] as const
  ) {
    const parsed = parseOptions(options);
    const { width, height } = resultSize(plan(options, size("400x400")), parsed);
    assert.equal(`${width}x${height}`, expected, options);
  }
});

function plan(options: string, picture: Size, scaleUp = false): ShapePlan {
  return planShape(parseOptions(options) as Options, picture, { scaleUp });
}

/** Whether one side is the other's share by the shape, rounded half up and at least 1. */
function isShapeOf(size: Size, shape: Size): boolean {
  return size.height === halfUp(size.width * shape.height, shape.width) ||
    size.width === halfUp(size.height * shape.width, shape.height);
}

/** `of / by` rounded half up, at least 1, in whole numbers. */
function halfUp(of: number, by: number): number {
  const rest = of % by;
  return Math.max(1, (of - rest) / by + (2 * rest >= by ? 1 : 0));
}

function swapped({ width, height }: Size): Size {
  return { width: height, height: width };
}

function size(text: string): Size {
  const [width = 0, height = 0] = text.split("x").map(Number);
  return { width, height };
}

function rect({ x, y, width, height }: Size & { x: number; y: number }): string {
  return [x, y, width, height].join();
}
