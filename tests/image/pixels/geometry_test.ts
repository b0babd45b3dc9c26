import assert from "node:assert/strict";
import fc from "fast-check";
import { ProxyError } from "../../../src/errors.ts";
import { centredRegion, fitInside, regionSize } from "../../../src/image/pixels/geometry.ts";
import { planShape } from "../../../src/image/plan/shape.ts";
import { parseOptions } from "../../../src/options/parse.ts";

// picture, options, region as x,y,w,h, target as w,h
type Row = readonly [string, string, string, string];

const ROWS: readonly Row[] = [
  ["2725x2225", "", "0,0,2725,2225", "2725x2225"],
  ["2725x2225", "200x", "0,0,2725,2225", "200x163"],
  ["2725x2225", "x200", "0,0,2725,2225", "245x200"],
  ["2725x2225", "x0.15", "0,0,2725,2225", "408x333"],
  ["2725x2225", "0.5x", "0,0,2725,2225", "1362x1112"],
  ["600x450", "100x150", "150,0,300,450", "100x150"],
  ["600x450", "100", "75,0,450,450", "100x100"],
  ["600x450", "150,fit", "0,0,600,450", "150x113"],
  ["450x600", "150,fit", "0,0,450,600", "113x150"],
  ["600x450", "200x,fit", "0,0,600,450", "200x150"],
  ["600x450", "1x", "0,0,600,450", "1x1"],
  ["600x1", "10x", "0,0,600,1", "10x1"],
  ["1x600", "x10", "0,0,1,600", "1x10"],
  // Rounded half up: 3 × 1/2.
  ["2x3", "1x", "0,0,2,3", "1x2"],
  ["4x10", "1x", "0,0,4,10", "1x3"],
  ["4x9", "1x", "0,0,4,9", "1x2"],
  // Nothing is enlarged unless allowed: each side is lowered to that side of the picture.
  ["100x100", "200x", "0,0,100,100", "100x100"],
  ["250x250", "200x300", "25,0,200,250", "200x250"],
  ["100x50", "200x200", "0,0,100,50", "100x50"],
  ["100x50", "200x200,fit", "0,0,100,50", "100x50"],
  ["100x50", "x80", "0,0,100,50", "100x50"],
  // Crops: pixels, shares, far edges, clipped.
  ["600x450", "cw100,ch100", "0,0,100,100", "100x100"],
  ["600x450", "cx10,cy20,cw100,ch200", "10,20,100,200", "100x200"],
  ["600x450", "cx0.5,cy0.1", "300,45,300,405", "300x405"],
  ["600x450", "cx-100,cy-50", "500,400,100,50", "100x50"],
  ["600x450", "cx-0.25,cw0.125", "450,0,75,450", "75x450"],
  ["600x450", "cx500,cw200", "500,0,100,450", "100x450"],
  ["600x450", "cx-700,cw200", "0,0,100,450", "100x450"],
  ["600x450", "cw9999,ch9999", "0,0,600,450", "600x450"],
  ["601x450", "cw0.5", "0,0,300,450", "300x450"],
  // A share below one pixel is one pixel, from either edge; 17 digits are a number like any other.
  ["600x450", "cw0.001,ch0.001", "0,0,1,1", "1x1"],
  ["600x450", "cx10,cy20,cw0.001", "10,20,1,430", "1x430"],
  ["600x450", "cx0.001,cy0.001,cw5,ch5", "1,1,5,5", "5x5"],
  ["600x450", "cx-0.001,cy-0.001", "599,449,1,1", "1x1"],
  ["600x450", "0.00000001x", "0,0,600,450", "1x1"],
  ["600x450", "cx0.16666666666666666,cw0.33333333333333331", "100,0,200,450", "200x450"],
  ["600x450", "0.33333333333333331x0.29999999999999999", "0,22,600,405", "200x135"],
  // The size applies to the crop, which is not enlarged; shares are of the whole.
  ["600x450", "cw100,ch50,50x", "0,0,100,50", "50x25"],
  ["600x450", "cw100,ch100,0.5x", "0,0,100,100", "100x100"],
  ["600x450", "cw100,ch100,0.1x", "0,0,100,100", "60x60"],
  ["600x450", "cw100,ch100,200x200", "0,0,100,100", "100x100"],
  ["300x200", "cw100,ch100,400x", "0,0,100,100", "100x100"],
  ["300x200", "cw100,ch100,x400", "0,0,100,100", "100x100"],
  ["300x200", "cw100,ch50,80x200", "10,0,80,50", "80x50"],
  ["300x200", "cw100,ch50,400x400,fit", "0,0,100,50", "100x50"],
  ["300x200", "cw100,ch50,400x20,fit", "0,0,100,50", "40x20"],
  ["600x450", "cw200,ch100,50x50", "50,0,100,100", "50x50"],
  ["600x450", "cw200,ch100,50x50,fit", "0,0,200,100", "50x25"],
  // Smart crop takes the place of a rectangle.
  ["600x450", "cw100,ch100,sc,50x50", "75,0,450,450", "50x50"],
];

Deno.test("planShape() follows the written rules", () => {
  for (const [picture, options, region, target] of ROWS) {
    const label = `${options} of ${picture}`;
    const shape = planShape(parseOptions(options), size(picture), { scaleUp: false });
    const { x, y, width, height } = shape.region;
    assert.equal([x, y, width, height].join(), region, label);
    assert.equal(`${shape.target.width}x${shape.target.height}`, target, label);
  }
});

Deno.test("planShape() enlarges where it may", () => {
  for (
    const [options, target] of [
      ["400x", "400x200"],
      ["x400", "800x400"],
      ["300x300", "300x300"],
      [
        "300,fit",
        "300x150",
      ],
      ["1x", "1x1"],
      ["cw50,ch50,400x", "400x400"],
      ["cw50,ch20,100x100", "100x100"],
    ] as const
  ) {
    const shape = planShape(parseOptions(options), size("200x100"), { scaleUp: true });
    assert.equal(`${shape.target.width}x${shape.target.height}`, target, options);
  }
});

Deno.test("planShape() refuses a crop that leaves nothing", () => {
  for (
    const options of ["cx600", "cy450", "cx9999,cw10", "cx-700,cw50", "cx-700,cw0.001"]
  ) {
    assert.throws(
      () => planShape(parseOptions(options), size("600x450"), { scaleUp: false }),
      (error) => {
        assert.ok(error instanceof ProxyError, options);
        assert.equal(error.status, 400);
        assert.match(error.message, /600x450/);
        return true;
      },
    );
  }
});

const side = fc.integer({ min: 1, max: 5000 });
const picture = fc.record({ width: side, height: side });
const wanted = fc.oneof(side, fc.constant(0), fc.double({ min: 0.001, max: 0.999, noNaN: true }));
const crop = fc.record({
  x: fc.integer({ min: -5000, max: 5000 }),
  y: fc.integer({ min: -5000, max: 5000 }),
  width: wanted,
  height: wanted,
}, { requiredKeys: [] });

Deno.test("planShape() promises a region inside the picture and the sides that were asked for", () => {
  fc.assert(
    fc.property(
      picture,
      fc.record({ width: wanted, height: wanted }),
      crop,
      fc.boolean(),
      fc.boolean(),
      (of, box, rectangle, fit, scaleUp) => {
        const options = { size: box, crop: rectangle, ...(fit ? { fit: "inside" as const } : {}) };
        let shape;
        try {
          shape = planShape(options, of, { scaleUp });
        } catch (error) {
          assert.ok(error instanceof ProxyError);
          return;
        }
        const { region, target } = shape;
        const { region: cropped } = planShape({ crop: rectangle }, of, { scaleUp });
        for (
          const value of [
            region.x,
            region.y,
            region.width,
            region.height,
            target.width,
            target.height,
          ]
        ) {
          assert.ok(Number.isInteger(value));
        }
        assert.ok(region.x >= 0 && region.y >= 0 && region.width >= 1 && region.height >= 1);
        assert.ok(region.x + region.width <= of.width && region.y + region.height <= of.height);
        const expected = {
          width: pixels(box.width, of.width, scaleUp ? Infinity : cropped.width),
          height: pixels(box.height, of.height, scaleUp ? Infinity : cropped.height),
        };
        if (expected.width && expected.height && !fit) assert.deepEqual(target, expected);
        if (expected.width && !expected.height) {
          assert.equal(target.width, expected.width);
          assert.equal(target.height, halfUp(region.height * expected.width, region.width));
        }
        if (expected.height && !expected.width) {
          assert.equal(target.height, expected.height);
          assert.equal(target.width, halfUp(region.width * expected.height, region.height));
        }
        if (expected.width && expected.height && fit) {
          assert.ok(target.width <= expected.width && target.height <= expected.height);
          assert.ok(target.width === expected.width || target.height === expected.height);
        }
      },
    ),
    { numRuns: 20_000 },
  );
});

Deno.test("centredRegion() has the wanted shape, touches two sides and lies in the middle", () => {
  fc.assert(fc.property(picture, picture, (of, shape) => {
    const region = centredRegion({ x: 7, y: 11, ...of }, shape);
    assert.ok(region.width === of.width || region.height === of.height);
    assert.ok(Math.abs((of.width - region.width) - 2 * (region.x - 7)) <= 1);
    assert.ok(Math.abs((of.height - region.height) - 2 * (region.y - 11)) <= 1);
    const exact = Math.min(of.width / shape.width, of.height / shape.height);
    assert.ok(Math.abs(region.width - Math.max(1, shape.width * exact)) <= 0.5 + 1e-9);
    assert.ok(Math.abs(region.height - Math.max(1, shape.height * exact)) <= 0.5 + 1e-9);
  }));
});

Deno.test("fitInside() and regionSize() never leave the box", () => {
  fc.assert(fc.property(picture, picture, (of, box) => {
    for (const result of [fitInside(of, box), regionSize(box, of)]) {
      assert.ok(result.width >= 1 && result.width <= box.width);
      assert.ok(result.height >= 1 && result.height <= box.height);
    }
  }));
});

function size(text: string) {
  const [width, height] = text.split("x").map(Number);
  return { width: width!, height: height! };
}

function pixels(value: number, length: number, most: number): number {
  if (value === 0) return 0;
  const whole = value < 1 ? Math.max(1, Math.floor(value * length)) : value;
  return Math.min(whole, most);
}

function halfUp(numerator: number, denominator: number): number {
  const quotient = BigInt(numerator) * 2n + BigInt(denominator);
  return Math.max(1, Number(quotient / (2n * BigInt(denominator))));
}
