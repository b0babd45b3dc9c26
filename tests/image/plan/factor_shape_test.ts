import assert from "node:assert/strict";
import { planShape, resultSize } from "../../../src/image/plan/shape.ts";
import { parseOptions } from "../../../src/options/parse.ts";

/** Options, the picture, and what imgproxy 4.0 answered for the same. */
const ROWS: readonly (readonly [string, readonly [number, number], readonly [number, number]])[] = [
  // Least sides enlarge, and what then exceeds a wanted side is cropped.
  ["resize:fit:0:51:1:1:1:220:0,noScaleUp", [33, 44], [220, 51]],
  ["resize:auto:0:0:1:1:1:235:0,noScaleUp", [159, 212], [235, 313]],
  ["resize:auto:25:0:1:1:1:39:0,scaleUp", [177, 177], [25, 39]],
  // A dpr below 1, and one above that the picture is too small for.
  ["resize:fill:0:51:1:1:0.5,noScaleUp", [213, 284], [19, 26]],
  ["resize:fill:109:32:1:1:2,extend:ne,noScaleUp", [44, 33], [109, 32]],
  ["resize:force:171:0:1:1:2,extend:c,noScaleUp", [159, 212], [171, 197]],
  ["resize:fit:16:40:1:1:0.5,padding:7,noScaleUp", [124, 93], [16, 14]],
  ["resize:auto:18:81:1:1:2:174:0,padding:7:6:7:6,noScaleUp", [177, 177], [60, 190]],
  ["resize:fit:180:43:1:1:2:0:200,padding:16:1:2:3,noScaleUp", [141, 188], [308, 122]],
  ["resize:fit:236:0:1.3:1.3:1.5,scaleUp", [124, 93], [460, 345]],
  // Each side by its own factor, kept in shape where nothing may be enlarged.
  ["resize:force:172:27,noScaleUp", [44, 33], [44, 7]],
  ["resize:force:0:6:1:1:2:218:171,extend:c,noScaleUp", [268, 201], [7638, 6]],
  ["resize:fill:78:364:0.5:0.8,extendratio:sw,crop:0x124:c,noScaleUp", [124, 93], [39, 291]],
  // thumbor's second rounding, which leaves room beside the picture.
  ["resize:fit:38:0,extend:c,evenhalves,fit,noScaleUp", [44, 33], [38, 28]],
  ["resize:fit:300:0,extend:c,evenhalves,fit,noScaleUp", [268, 201], [300, 201]],
  // What is square lies, as it will be turned.
  ["resize:auto:148:36,r270,noScaleUp", [118, 118], [36, 36]],
  // Room around.
  ["resize:fit:309:0,extend:c,noScaleUp", [268, 201], [309, 201]],
  ["resize:fit:361:236:1:1:3,extendratio:se,noScaleUp", [44, 33], [50, 33]],
  ["resize:fill-down:60:83:1:1:2,extend:c,extendratio:c,crop:26x26,noScaleUp", [141, 188], [
    60,
    83,
  ]],
];

Deno.test("planShape() reckons resize: as imgproxy does", () => {
  for (const [text, [width, height], [wide, high]] of ROWS) {
    const options = parseOptions(text);
    const plan = planShape(options, { width, height }, { scaleUp: true });
    assert.deepEqual(resultSize(plan, options), { width: wide, height: high }, text);
  }
});
