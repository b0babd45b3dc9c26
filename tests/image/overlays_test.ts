import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { NeedsGrant } from "../../src/image/plan/cost.ts";
import { createTransformer } from "../../src/image/transform.ts";
import { animation, letters, look, picture, startEngine } from "../testing/pictures.ts";
import { pngFile } from "../testing/png_file.ts";
import { hasSharedImages, sharedImage } from "../testing/shared_images.ts";
import { jobOf, LIMITS, LOADERS } from "../testing/transforming.ts";

await startEngine();
const transformer = createTransformer(engine, LOADERS);

function lay(
  bytes: Uint8Array,
  options: string,
  overlays: readonly Uint8Array[],
  more: Partial<ReturnType<typeof jobOf>> = {},
) {
  return transformer.transform({ ...jobOf(bytes, options), overlays, ...more });
}

const CELL = 10;
const BLUE = picture(["bbbb", "bbbb", "bbbb"], { scale: CELL });
const RED = picture(["r"], { scale: CELL });
const GREEN = picture(["g"], { scale: CELL });

// options, what lies over the blue picture, and the cells of the result
const ROWS: readonly (readonly [string, readonly Uint8Array[], readonly string[]])[] = [
  ["overlay:a:se", [RED], ["bbbb", "bbbb", "bbbr"]],
  ["overlay:a:nw:10:10", [RED], ["bbbb", "brbb", "bbbb"]],
  ["overlay:a:ne:0.25:0", [RED], ["bbrb", "bbbb", "bbbb"]],
  ["overlay:a:tile:0:0:0.5", [RED], ["rrrr", "rrrr", "rrrr"]],
  // Pixels, a share, and its own width; the height follows.
  ["overlay:a:nw:0:0:20", [RED], ["rrbb", "rrbb", "bbbb"]],
  ["overlay:a:nw:0:0:0.75", [RED], ["rrrb", "rrrb", "rrrb"]],
  ["overlay:a:sw:0:0:20", [picture(["gr"], { scale: 2 })], ["bbbb", "bbbb", "grbb"]],
  ["overlay:a:w:0:0:0:0", [RED], ["bbbb", "bbbb", "bbbb"]],
  // One over the other, whatever order they stand in.
  ["overlay2:b:nw,overlay:a:nw:0:0:20", [RED, GREEN], ["grbb", "rrbb", "bbbb"]],
  ["overlay4:b:nw,overlay3:a:nw:0:0:20", [RED, GREEN], ["grbb", "rrbb", "bbbb"]],
  // On what the other options make of the shape.
  ["r90,overlay:a:nw", [RED], ["rbb", "bbb", "bbb", "bbb"]],
  ["fh,fv,overlay:a:nw", [RED], ["rbbb", "bbbb", "bbbb"]],
  ["padding:10:0,bg:lime,overlay:a:n:-15", [RED], ["rggg", "bbbb", "bbbb", "bbbb", "gggg"]],
  ["cut:0:0:20:20,overlay:a:se", [RED], ["bb", "br"]],
  // After the effects, and inside of border and corners.
  ["invert,overlay:a:nw", [RED], ["ryyy", "yyyy", "yyyy"]],
  ["border:10:lime,overlay:a:nw:0:0:20", [RED], ["gggg", "grbg", "gggg"]],
];

for (const [options, overlays, expected] of ROWS) {
  Deno.test(`transform() lays over the picture: ${options}`, async () => {
    const image = await lay(BLUE, `${options},png`, overlays);
    assert.deepEqual(letters(look(image.bytes), { scale: CELL }), expected);
  });
}

Deno.test("transform() lays tiles apart from the middle on", async () => {
  const image = await lay(BLUE, "overlay:a:tile:10:10,png", [RED]);
  const { frames: [frame], width } = look(image.bytes);
  const redAt = (x: number, y: number) => frame!.rgba[(y * width + x) * 4] === 255;
  // The middle one of three by three is at 15…24 and 10…19.
  for (const [x, y] of [[15, 10], [24, 19], [35, 10], [4, 10]] as const) {
    assert.ok(redAt(x, y), `${x} ${y}`);
  }
  for (const [x, y] of [[14, 10], [25, 19], [15, 9], [15, 20], [5, 10]] as const) {
    assert.ok(!redAt(x, y), `${x} ${y}`);
  }
});

Deno.test("transform() multiplies an overlay's lengths by dpr", async () => {
  const large = picture(["bbbb", "bbbb", "bbbb"], { scale: 2 * CELL });
  for (const width of [0, 10]) {
    const image = await lay(large, `40x,dpr:2,overlay:a:nw:10:10:${width},png`, [RED]);
    assert.deepEqual(letters(look(image.bytes), { scale: 2 * CELL }), ["bbbb", "brbb", "bbbb"]);
  }
  // As far as the picture allows that.
  const small = await lay(BLUE, "40x,dpr:2,overlay:a:nw:10:10,png", [RED]);
  assert.deepEqual(letters(look(small.bytes), { scale: CELL }), ["bbbb", "brbb", "bbbb"]);
});

Deno.test("transform() finds the size of an overlay where trimming tells the picture's", async () => {
  const framed = picture(["wwwwww", "wbbbbw", "wbbbbw", "wwwwww"], { scale: CELL });
  const image = await lay(framed, "trim,overlay:a:nw:0:0:0.5,png", [RED]);
  assert.deepEqual(letters(look(image.bytes), { scale: CELL }), ["rrbb", "rrbb"]);
});

Deno.test("transform() lays over pictures with transparency, and over every frame of an animation", async () => {
  const clear = picture(["....", "..b."], { scale: CELL });
  const image = await lay(clear, "overlay:a:nw,png", [RED]);
  assert.deepEqual(letters(look(image.bytes), { scale: CELL }), ["r...", "..b."]);
  const movie = animation([{ rows: ["bg"], delay: 10 }, { rows: ["k."], delay: 20 }], {
    format: "GIF",
    scale: CELL,
  });
  // Of an overlay that moves, the first frame.
  const moving = animation([{ rows: ["r"], delay: 10 }, { rows: ["y"], delay: 10 }], {
    format: "GIF",
    scale: CELL,
  });
  for (const format of ["gif", "webp"]) {
    const { bytes, frames } = await lay(movie, `overlay:a:w,${format}`, [moving]);
    assert.equal(frames, 2);
    const seen = [0, 1].map((frame) => letters(look(bytes), { scale: CELL, frame }).join("/"));
    // This look at a WebP shows nothing as black.
    assert.deepEqual(seen, ["rg", format === "gif" ? "r." : "rk"], format);
  }
  const still = await lay(clear, "overlay:a:nw,jpeg", [RED]);
  assert.deepEqual(letters(look(still.bytes), { scale: CELL }), ["rwww", "wwbw"]);
});

Deno.test("transform() lets no colour bleed out of what is transparent in an overlay", async () => {
  // Red that is seen and green that is not, by turns, so that resampling mixes all of them.
  const side = 40;
  const rows = Uint8Array.from({ length: side * (1 + 4 * side) }, (_, at) => {
    const column = at % (1 + 4 * side) - 1;
    if (column < 0) return 0;
    const isSeen = (column >> 3) % 2 === 0;
    return [isSeen ? 255 : 0, isSeen ? 0 : 255, 0, isSeen ? 255 : 0][column % 4]!;
  });
  const striped = pngFile({ width: side, height: side, colourType: 6, rows });
  for (const width of [10, 13, 80]) {
    const image = await lay(BLUE, `overlay:a:nw:0:0:${width},png`, [striped]);
    const [frame] = look(image.bytes).frames;
    for (let at = 0; at < frame!.rgba.length; at += 4) {
      assert.ok(frame!.rgba[at + 1]! <= 1, `${width}`);
    }
  }
});

Deno.test("transform() takes an overlay upright", async () => {
  const lying = picture(["rg"], { scale: CELL, format: "JPEG", orientation: 6 });
  const image = await lay(BLUE, "overlay:a:nw,png", [lying]);
  assert.deepEqual(letters(look(image.bytes), { scale: CELL }), ["rbbb", "gbbb", "bbbb"]);
});

Deno.test({
  name: "transform() takes an overlay's colours as a picture's own are taken",
  ignore: !hasSharedImages,
  async fn() {
    for (
      const name of ["display-p3-8x8.png", "cmyk-swop.jpg", "grey-alpha-16bit.png", "photo.avif"]
    ) {
      const overlay = sharedImage(name);
      const alone = look((await transformer.transform(jobOf(overlay, "40x,png"))).bytes);
      // On nothing, so that all that is seen is the overlay.
      const nothing = picture(["."], { scale: 1 });
      const options = `${alone.width}x${alone.height},pad,overlay:a:c:0:0:${alone.width},png`;
      const laid = look((await lay(nothing, options, [overlay])).bytes);
      assert.deepEqual([laid.width, laid.height], [alone.width, alone.height], name);
      const [a, b] = [alone, laid].map(({ frames }) => frames[0]!.rgba);
      for (let at = 0; at < a!.length; at += 4) {
        // What cannot be seen has no colour.
        if (a![at + 3] === 0) continue;
        for (let channel = 0; channel < 4; channel++) {
          assert.ok(Math.abs(a![at + channel]! - b![at + channel]!) <= 1, `${name} ${at}`);
        }
      }
    }
  },
});

Deno.test({
  name: "transform() keeps no other colours than an overlay's where there is one",
  ignore: !hasSharedImages,
  async fn() {
    const wide = sharedImage("display-p3-8x8.png");
    const srgb = look((await transformer.transform(jobOf(wide, "png"))).bytes).frames[0]!.rgba;
    const kept = await lay(wide, "icc:keep,overlay:a:c:0:0:1:0,png", [RED]);
    assert.deepEqual([...look(kept.bytes).frames[0]!.rgba], [...srgb]);
  },
});

Deno.test("transform() says that it is the overlay which cannot be shown", async () => {
  const tall = picture(["r", "r"], { scale: 1 });
  const rows: readonly (readonly [string, Uint8Array, string, RegExp, object?])[] = [
    ["overlay:a", RED.slice(0, 30), "undecodable", /: the PNG file ends before/],
    ["overlay:a", new Uint8Array(), "undecodable", /: the bytes are not an image/],
    ["overlay:a", picture(["r"], { scale: 40 }), "too_large", /: the image has 1600 pixels/, {
      limits: { ...LIMITS, maxPixels: 1500 },
    }],
    ["overlay:a:c:0:0:40", tall, "too_large", /: the result of 40x80 pixels is larger than/, {
      limits: { ...LIMITS, maxOutputPixels: 3000 },
    }],
    ["trim,overlay:a:c:0:0:40", tall, "too_large", /: the result of 40x80 pixels is larger than/, {
      limits: { ...LIMITS, maxOutputPixels: 3000 },
    }],
    ["overlay:a", RED.slice(0, -20), "undecodable", /: the image is cut short/, { strict: true }],
  ];
  for (const [options, overlay, code, says, more] of rows) {
    const message = `${options} ${says}`;
    await assert.rejects(lay(BLUE, `${options},png`, [overlay], more), (error) => {
      const { code: actual, message: sentence } = error as Error & { code: string };
      assert.equal(actual, code, message);
      assert.match(sentence, /^The overlay cannot be shown: /);
      assert.match(sentence, says);
      return true;
    }, message);
  }
});

Deno.test("transform() lays a picture over another that is larger than a result may be where it is made smaller", async () => {
  const limits = { ...LIMITS, maxOutputPixels: 3000 };
  const large = picture(["g"], { scale: 100 });
  const drawing = new TextEncoder().encode(
    '<svg xmlns="http://www.w3.org/2000/svg" width="9000" height="9000"><rect width="9000" height="9000" fill="lime"/></svg>',
  );
  for (const overlay of [large, drawing]) {
    const { bytes } = await lay(BLUE, "overlay:a:nw:0:0:20,png", [overlay], { limits });
    assert.deepEqual(letters(look(bytes), { scale: CELL }), ["ggbb", "ggbb", "bbbb"]);
    await assert.rejects(lay(BLUE, "overlay:a,png", [overlay], { limits }), { code: "too_large" });
  }
});

Deno.test("transform() counts what an overlay costs", async () => {
  const large = picture(["rg", "by"], { scale: 1000 });
  const grant = { bytes: 20e6, milliseconds: Infinity };
  await lay(BLUE, "overlay:a,png", [RED], { grant });
  await assert.rejects(lay(BLUE, "overlay:a,png", [large], { grant }), NeedsGrant);
  const slow = { bytes: Infinity, milliseconds: 40 };
  await lay(BLUE, "overlay:a,png", [RED], { grant: slow });
  await assert.rejects(lay(BLUE, "overlay:a,png", [large], { grant: slow }), NeedsGrant);
});

Deno.test("facts are told of the picture with what lies over it", async () => {
  const options = "overlay:a:c:0:0:0.9999,color";
  const { bytes } = await lay(BLUE, options, [picture(["gg", "gg"], { scale: CELL })]);
  assert.equal(new TextDecoder().decode(bytes), "#00ff00\n");
});
