import assert from "node:assert/strict";
import { ProxyError } from "../../src/errors.ts";
import { formatOptions, parseOptions, transforms } from "../../src/options/parse.ts";

// A named option as written, and its canonical form.
const CANONICAL: readonly (readonly [string, string])[] = [
  ["ar:16:9", "ar:16:9"],
  ["ar:32:18", "ar:16:9"],
  ["ar:1.91:1", "ar:191:100"],
  ["ar:1:100", "ar:1:100"],
  ["min:200x100", "min:200x100"],
  ["min:200x", "min:200x0"],
  ["min:x100", "min:0x100"],
  ["min:200", "min:200x200"],
  ["gravity:se", "gravity:se"],
  ["gravity:n,gravity:w", "gravity:w"],
  ["focus:0.30:.7", "focus:0.3:0.7"],
  ["focus:1:0", "focus:1:0"],
  ["pad", "pad"],
  ["dpr:2.0", "dpr:2"],
  ["dpr:1.25", "dpr:1.25"],
  ["trim", "trim"],
  ["trim:0", "trim"],
  ["trim:10", "trim:10"],
  ["trim:10,trim", "trim"],
  ["rotate:-30", "rotate:330"],
  ["rotate:360", "rotate:0"],
  ["rotate:12.5", "rotate:12.5"],
  ["bg:FFF", "bg:ffffff"],
  ["bg:White", "bg:ffffff"],
  ["bg:0008", "bg:00000088"],
  ["bg:ff0000ff", "bg:ff0000"],
  ["bg:transparent", "bg:00000000"],
  ["blur:2.50", "blur:2.5"],
  ["blur:1,blur:2", "blur:2"],
  ["sharpen:1", "sharpen:1"],
  ["pixelate:010", "pixelate:10"],
  ["gray", "gray"],
  ["grey", "gray"],
  ["sepia", "sepia"],
  ["invert", "invert"],
  ["normalize", "normalize"],
  ["brightness:-0", "brightness:0"],
  ["contrast:-100", "contrast:-100"],
  ["saturation:100", "saturation:100"],
  ["hue:-90", "hue:270"],
  ["gamma:2.2", "gamma:2.2"],
  ["tint:tomato", "tint:ff6347"],
  ["radius:10", "radius:10"],
  ["radius:.25", "radius:0.25"],
  ["radius:10,circle", "circle"],
  ["circle,radius:10", "radius:10"],
  ["border:4", "border:4:000000"],
  ["quality:80", "q80"],
  ["q:80", "q80"],
  ["quality:auto", "quality:auto"],
  ["q:auto", "quality:auto"],
  ["qauto", "quality:auto"],
  ["quality:auto:0.97", "quality:auto"],
  ["quality:auto:.980", "quality:auto:0.98"],
  ["quality:auto,q70", "q70"],
  ["border:4:gold", "border:4:ffd700"],
];

Deno.test("formatOptions() gives every named option one spelling", () => {
  for (const [text, expected] of CANONICAL) {
    assert.equal(
      formatOptions(parseOptions(text)),
      ["0x0", expected].sort().join(),
      text,
    );
  }
});

// A token that cannot be read, and what the sentence about it must hold.
const MALFORMED: readonly (readonly [string, RegExp])[] = [
  ["quality:", /from 1 to 100, or auto/],
  ["quality:best", /from 1 to 100, or auto/],
  ["quality:101", /from 1 to 100, or auto/],
  ["quality:auto:1", /from 0\.8 to 0\.999/],
  ["quality:auto:0.79", /from 0\.8 to 0\.999/],
  ["quality:auto:0.9801", /at most three decimals/],
  ["quality:auto:0.98:1", /from 0\.8 to 0\.999/],
  ["qbest", /from 1 to 100, or auto/],
  ["ar:16", /\{width\}:\{height\}, from 1:100 to 100:1/],
  ["ar:16:9:1", /from 1:100 to 100:1/],
  ["ar:0:1", /from 1:100/],
  ["ar:101:1", /from 1:100/],
  ["ar:-1:1", /from 1:100/],
  ["ar:1:", /from 1:100/],
  ["min:", /min takes/],
  ["min:x", /min takes/],
  ["min:0x0", /min takes/],
  ["min:0.5x", /whole pixels/],
  ["min:-5x5", /whole pixels/],
  ["gravity:", /c, n, ne, e, se, s, sw, w, nw/],
  ["gravity:north", /c, n, ne/],
  ["gravity:toString", /c, n, ne/],
  ["focus:0.5", /each from 0 to 1/],
  ["focus:0.5:1.1", /each from 0 to 1/],
  ["focus:-0.1:0", /each from 0 to 1/],
  ["focus:0:0:0", /each from 0 to 1/],
  ["dpr:0.5", /from 1 to 8/],
  ["dpr:9", /from 1 to 8/],
  ["dpr:1.255", /two decimals/],
  ["trim:", /from 0 to 255/],
  ["trim:256", /from 0 to 255/],
  ["trim:1.5", /whole number from 0 to 255/],
  ["rotate:361", /from -360 to 360/],
  ["rotate:left", /degrees from -360 to 360/],
  ["bg:", /CSS colour name/],
  ["bg:#fff", /without|hex digits/],
  ["bg:ff", /hex digits/],
  ["bg:fffff", /hex digits/],
  ["bg:reddish", /hex digits/],
  ["bg:constructor", /hex digits/],
  ["blur:", /from 0.1 to 1000/],
  ["blur:0", /from 0.1 to 1000/],
  ["blur:1001", /from 0.1 to 1000/],
  ["blur:1e2", /from 0.1 to 1000/],
  ["sharpen:11", /from 0.1 to 10/],
  ["pixelate:1", /from 2 to 1000/],
  ["pixelate:2.5", /whole number of pixels from 2 to 1000/],
  ["brightness:101", /from -100 to 100/],
  ["contrast:-101", /from -100 to 100/],
  ["saturation:1000", /from -100 to 100/],
  ["hue:720", /from -360 to 360/],
  ["gamma:0", /from 0.1 to 10/],
  ["tint:", /tint takes a CSS colour name/],
  ["radius:0", /share of the shorter side/],
  ["radius:1.5", /from 1 to 10000/],
  ["radius:10001", /from 1 to 10000/],
  ["radius:-1", /from 1 to 10000/],
  ["border:0", /from 1 to 1000/],
  ["border:1001", /from 1 to 1000/],
  ["border::red", /from 1 to 1000/],
  ["border:1:", /border takes/],
  ["border:1:red:2", /border takes/],
  ["border:1:reddish", /border takes/],
  ["gray:1", /no option/],
  ["circle:5", /no option/],
  ["pad:5", /no option/],
  ["Gravity:n", /did you mean "gravity:…"/],
  ["blur", /did you mean "blur:…"/],
];

Deno.test("parseOptions() refuses values out of range and says the range", () => {
  for (const [token, sentence] of MALFORMED) {
    assert.throws(() => parseOptions(token), (error) => {
      assert.ok(error instanceof ProxyError, token);
      assert.equal(error.status, 400, token);
      assert.match(error.message, sentence, token);
      assert.ok(error.message.includes(JSON.stringify(token)), error.message);
      return true;
    });
  }
});

Deno.test("transforms() knows the shape options that say nothing alone", () => {
  for (const text of ["pad", "dpr:2", "gravity:n", "focus:0:0", "pad,dpr:2,fit"]) {
    assert.equal(transforms(parseOptions(text)), false, text);
  }
  for (const text of ["ar:1:1", "pad,ar:1:1", "bg:fff", "gray", "circle", "rotate:5", "trim:9"]) {
    assert.equal(transforms(parseOptions(text)), true, text);
  }
});
