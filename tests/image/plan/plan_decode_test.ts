import assert from "node:assert/strict";
import { ProxyError } from "../../../src/errors.ts";
import { picture, startEngine } from "../../testing/pictures.ts";
import { transform } from "../../testing/transforming.ts";

Deno.test("transform() makes no side longer than it may be, but leaves those of the original alone", async () => {
  await startEngine();
  const long = picture(["rg", "gr", "rg", "gr"], { scale: 10 });
  const drawing = new TextEncoder().encode(
    "<svg xmlns='http://www.w3.org/2000/svg' width='20' height='40'/>",
  );
  // A side of 30 where the original has 40.
  const rows: readonly (readonly [options: string, bytes: Uint8Array, came: string | RegExp])[] = [
    ["png", long, "20x40"],
    ["q50,jpeg", long, "20x40"],
    ["r90,gif", long, "40x20"],
    ["trim,apng", long, "20x40"],
    ["100x,webp", long, "20x40"],
    ["10x,png", long, "10x20"],
    ["pad,30x40,avif", long, "30x40"],
    ["pad,10x41,png", long, /10x41 pixels is larger than the 40 pixels a side allowed/],
    ["scaleUp,x41,png", long, /x41 pixels is larger than the 40 pixels a side allowed/],
    // Its size is whatever it says.
    ["png", drawing, /20x40 pixels is larger than the 30 pixels a side allowed/],
  ];
  const limits = { maxOutputSide: 30 };
  for (const [options, bytes, came] of rows) {
    const made = transform(bytes, options, { limits, scaleUp: options.includes("scaleUp") });
    if (came instanceof RegExp) {
      await assert.rejects(made, (error) => {
        assert.ok(error instanceof ProxyError && error.code === "too_large", String(error));
        assert.match(error.message, came, options);
        return true;
      });
    } else {
      const { width, height } = await made;
      assert.equal(`${width}x${height}`, came, options);
    }
  }
});

Deno.test("transform() says which format does not hold so long a picture, and negotiates another", async () => {
  await startEngine();
  const bytes = picture(["r".repeat(16_384)]);
  await assert.rejects(transform(bytes, "webp"), (error) => {
    assert.ok(error instanceof ProxyError && error.code === "too_large", String(error));
    assert.match(error.message, /16384x1 pixels is larger than the 16383 pixels a side that WebP/);
    return true;
  });
  const rows = [["x", 16_384, "png"], ["16383x", 16_383, "webp"]] as const;
  for (const [options, width, format] of rows) {
    const made = await transform(bytes, options, { accepted: ["webp"] });
    assert.deepEqual([made.format, made.width], [format, width], options);
  }
});
