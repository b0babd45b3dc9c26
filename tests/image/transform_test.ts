import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { ProxyError } from "../../src/errors.ts";
import type { ImageLimits } from "../../src/image/plan/job.ts";
import { createTransformer } from "../../src/image/transform.ts";
import { parseOptions } from "../../src/options/parse.ts";
import type { OutputFormat } from "../../src/image/formats/table.ts";
import { createJpegEncoder } from "../../src/image/formats/jpeg/encode_jpeg.ts";
import { createResampler } from "../../src/image/pixels/resample.ts";
import {
  animation,
  type Decoded,
  letters,
  look,
  picture,
  startEngine,
} from "../testing/pictures.ts";
import { photo, psnr, readByEngine, writeByEngine } from "../testing/photo.ts";

const LIMITS: ImageLimits = {
  maxPixels: 1e7,
  maxFrames: 100,
  maxTotalPixels: 2e7,
  maxOutputPixels: 1e7,
};

const QUADRANTS = ["rg", "by"];

// options, what the quadrants become (letters of 8 pixels each)
const MOVES: readonly (readonly [string, string])[] = [
  ["png", "rg/by"],
  ["r90", "gy/rb"],
  ["r180", "yb/gr"],
  ["r270", "br/yg"],
  ["fv", "by/rg"],
  ["fh", "gr/yb"],
  ["r90,fv", "rb/gy"],
  ["r90,fh", "yg/br"],
  ["fv,fh", "yb/gr"],
  ["cw8,ch8", "r"],
  ["cx8,cw8", "g/y"],
  ["cx-8,cy-8", "y"],
  ["cy0.5", "by"],
  ["8x16", "rg/by"],
];

async function transform(
  bytes: Uint8Array,
  text: string,
  settings: { scaleUp?: boolean; limits?: Partial<ImageLimits> } = {},
) {
  await startEngine();
  const options = parseOptions(text) as ReturnType<typeof parseOptions> & { format?: OutputFormat };
  const { scaleUp = false, limits } = settings;
  const image = await createTransformer(engine).transform({
    bytes,
    options,
    scaleUp,
    limits: { ...LIMITS, ...limits },
  });
  return { ...image, seen: look(image.bytes) };
}

Deno.test("transform() moves every part of the picture where the options say", async () => {
  await startEngine();
  const bytes = picture(QUADRANTS, { scale: 8 });
  for (const [options, expected] of MOVES.slice(0, -1)) {
    const { seen } = await transform(bytes, options);
    assert.equal(letters(seen, { scale: 8 }).join("/"), expected, options);
  }
});

Deno.test("transform() makes every EXIF orientation upright before anything else", async () => {
  await startEngine();
  // How "rg/by" is stored under each orientation.
  const stored = ["rg/by", "gr/yb", "yb/gr", "by/rg", "rb/gy", "gy/rb", "yg/br", "br/yg"];
  for (const [index, rows] of stored.entries()) {
    const orientation = index + 1;
    const bytes = picture(rows.split("/"), { scale: 16, format: "JPEG", orientation });
    for (
      const [options, expected] of [["png", "rg/by"], ["16x,png", "rg/by"], ["r90,png", "gy/rb"], [
        "cw16,ch16,png",
        "r",
      ]] as const
    ) {
      const { seen } = await transform(bytes, options);
      const scale = seen.width / expected.split("/")[0]!.length;
      assert.equal(
        letters(seen, { scale }).join("/"),
        expected,
        `orientation ${orientation}, ${options}`,
      );
    }
  }
});

// options, expected size of a 40×20 picture
const SIZES: readonly (readonly [string, number, number])[] = [
  ["20x", 20, 10],
  ["x5", 10, 5],
  ["10", 10, 10],
  ["30,fit", 30, 15],
  ["0.5x", 20, 10],
  ["100x", 40, 20],
  ["100x100", 40, 20],
  ["20x,r90", 10, 20],
  ["cw10,ch10,5x", 5, 5],
  ["1x", 1, 1],
  ["13x7,fit", 13, 7],
  ["sc,10x20", 10, 20],
  ["sc,fit,10x20", 10, 5],
  ["sc", 40, 20],
  ["fit", 40, 20],
];

Deno.test("transform() answers the promised size in every format", async () => {
  await startEngine();
  const bytes = picture(["rgrg", "byby"], { scale: 10 });
  for (const format of ["jpeg", "png", "gif", "webp", "avif", "jxl", "tiff"] as const) {
    for (const [options, width, height] of format === "png" ? SIZES : SIZES.slice(0, 3)) {
      const image = await transform(bytes, `${options},${format}`);
      assert.deepEqual([image.width, image.height], [width, height], `${options},${format}`);
      assert.deepEqual(
        [image.seen.width, image.seen.height],
        [width, height],
        `${options},${format}`,
      );
      assert.equal(image.seen.format, format.toUpperCase());
      assert.equal(image.mediaType, `image/${format}`);
    }
  }
});

Deno.test("transform() enlarges only where it may", async () => {
  await startEngine();
  const bytes = picture(["rg", "by"], { scale: 4 });
  assert.equal((await transform(bytes, "80x")).width, 8);
  const { seen } = await transform(bytes, "80x", { scaleUp: true });
  assert.equal(letters(seen, { scale: 40 }).join("/"), "rg/by");
});

Deno.test("transform() trims the border of the upright picture's top left colour", async () => {
  await startEngine();
  const rows = ["wwwww", "wrgww", "wbyww", "wwwww"];
  const { seen } = await transform(picture(rows, { scale: 4 }), "trim");
  assert.equal(letters(seen, { scale: 4 }).join("/"), "rg/by");
  // The top left pixel of the upright picture is the bottom left one of the stored picture.
  const mixed = picture(["kkkk", "krgk", "kbyk", "wkkk"], {
    format: "JPEG",
    orientation: 6,
    scale: 8,
  });
  assert.equal((await transform(mixed, "trim,png")).width, 32);
});

Deno.test("transform() keeps transparency, and flattens it on white where the format has none", async () => {
  await startEngine();
  const bytes = picture(["r.", ".b"], { scale: 8 });
  for (const format of ["png", "gif", "webp", "avif", "jxl", "tiff"]) {
    const { seen } = await transform(bytes, `8x,${format}`);
    assert.equal(letters(seen, { scale: 4 }).join("/"), "r./.b", format);
  }
  const { seen } = await transform(bytes, "8x,jpeg,q100");
  assert.equal(letters(seen, { scale: 4 }).join("/"), "rw/wb");
});

Deno.test("transform() draws no fringe around transparent edges", async () => {
  await startEngine();
  const bytes = picture(["rr..", "rr..", "rr..", "rr.."], { scale: 9 });
  const { seen } = await transform(bytes, "11x");
  forEachPixel(seen, (r, g, b, a) => {
    if (a > 8) assert.ok(r > 240 && g < 16 && b < 16, `${[r, g, b, a]}`);
  });
});

Deno.test("transform() keeps flat colours exact", async () => {
  await startEngine();
  const bytes = picture(["m"], { scale: 97 });
  for (const options of ["31x", "96x", "13x7", "1x"]) {
    const { seen } = await transform(bytes, options);
    forEachPixel(seen, (r, g, b, a) => assert.deepEqual([r, g, b, a], [255, 0, 255, 255], options));
  }
});

Deno.test("transform() keeps animations moving: frames, delays, loops and transparency", async () => {
  await startEngine();
  const frames = [
    { rows: ["r.", ".b"], delay: 10 },
    { rows: ["rg", ".b"], delay: 3 },
    { rows: ["..", "yb"], delay: 50 },
  ];
  const bytes = animation(frames, { format: "GIF", scale: 8, loops: 3 });
  for (
    const [options, turned] of [
      ["8x", ["r./.b", "rg/.b", "../yb"]],
      ["r90", [".b/r.", "gb/r.", ".b/.y"]],
      ["fh", [".r/b.", "gr/b.", "../by"]],
      ["8x,webp", ["r./.b", "rg/.b", "../yb"]],
    ] as const
  ) {
    const { seen, frames: count } = await transform(bytes, options);
    assert.equal(count, 3, options);
    assert.deepEqual(seen.frames.map(({ delay }) => delay), [10, 3, 50], options);
    assert.equal(seen.loops, 3, options);
    const scale = seen.width / 2;
    const shown = seen.frames.map((_, frame) => letters(seen, { scale, frame }).join("/"));
    assert.deepEqual(shown, [...turned], options);
  }
  const still = await transform(bytes, "png");
  assert.equal(still.seen.frames.length, 1);
  assert.equal(letters(still.seen, { scale: 8 }).join("/"), "r./.b");
});

Deno.test("transform() lowers the file with the quality", async () => {
  await startEngine();
  const noise = picture(
    Array.from(
      { length: 12 },
      (_, y) => [..."rgbycmwkrgby"].map((_, x) => "rgbycmwk"[(x * 7 + y * 5 + x * y) % 8]).join(""),
    ),
    { scale: 5 },
  );
  for (const format of ["jpeg", "webp", "avif", "jxl"]) {
    const high = await transform(noise, `q95,${format}`);
    const low = await transform(noise, `q20,${format}`);
    assert.ok(
      low.bytes.length < high.bytes.length,
      `${format}: ${low.bytes.length} < ${high.bytes.length}`,
    );
  }
});

Deno.test("transform() refuses what is no image, and images beyond the limits, by their header", async () => {
  await startEngine();
  const bytes = picture(["rg", "by"], { scale: 10 });
  const moving = animation([{ rows: ["r"] }, { rows: ["g"] }, { rows: ["b"] }], {
    format: "GIF",
    scale: 10,
  });
  const rows: readonly (readonly [string, Uint8Array, Partial<ImageLimits>, RegExp])[] = [
    ["undecodable", new TextEncoder().encode("<html>hello</html>"), {}, /not an image/],
    ["undecodable", new Uint8Array(0), {}, /not an image/],
    ["undecodable", new TextEncoder().encode("<svg width='0' height='9'/>"), {}, /0x9 pixels/],
    ["too_large", bytes, { maxPixels: 399 }, /400/],
    ["too_large", moving, { maxFrames: 2 }, /3/],
    ["too_large", moving, { maxTotalPixels: 299 }, /300/],
  ];
  for (const [code, input, limits, sentence] of rows) {
    await assert.rejects(transform(input, "5x", { limits }), (error) => {
      assert.ok(error instanceof ProxyError, String(error));
      assert.equal(error.code, code);
      assert.match(error.message, sentence);
      return true;
    });
  }
  await assert.rejects(
    transform(bytes, "900x", { scaleUp: true, limits: { maxOutputPixels: 1000 } }),
    /900x900/,
  );
  await assert.rejects(transform(bytes, "cx50"), /lies outside the picture of 20x20/);
});

function forEachPixel(
  { frames }: Decoded,
  check: (r: number, g: number, b: number, a: number) => void,
): void {
  const { rgba } = frames[0]!;
  for (let at = 0; at < rgba.length; at += 4) {
    check(rgba[at]!, rgba[at + 1]!, rgba[at + 2]!, rgba[at + 3]!);
  }
}

Deno.test("transform() with noTurn leaves a picture as it is stored", async () => {
  await startEngine();
  const bytes = picture(["rgb"], { scale: 16, format: "JPEG", orientation: 6 });
  const { seen } = await transform(bytes, "24x,noTurn,png");
  assert.deepEqual([seen.width, seen.height], [24, 8]);
  assert.deepEqual(letters(seen, { scale: 8 }), ["rgb"]);
  assert.equal((await transform(bytes, "8x,png")).seen.height, 24);
});

Deno.test("transform() trims by the colour of the corner that is named", async () => {
  await startEngine();
  const bytes = picture(["rrr", "rgb", "rbb"], { scale: 8 });
  const rows = [["trim", ["gb", "bb"]], ["trim:0:se", ["rrr", "rgb", "rbb"]]] as const;
  for (const [options, seen] of rows) {
    assert.deepEqual(letters((await transform(bytes, options)).seen, { scale: 8 }), seen, options);
  }
  const framed = picture(["rrb", "rgb", "bbb"], { scale: 8 });
  assert.deepEqual(letters((await transform(framed, "trim:0:se")).seen, { scale: 8 }), [
    "rr",
    "rg",
  ]);
});

Deno.test("transform() with basic writes JPEG, PNG or GIF, by what the picture is", async () => {
  await startEngine();
  const webp = picture(["rg"], { scale: 8, format: "WEBP" });
  const clear = picture(["r."], { scale: 8, format: "WEBP" });
  const rows = [
    [webp, "basic", "jpeg"],
    [clear, "basic", "png"],
    [clear, "basic:jpeg", "jpeg"],
    [webp, "basic:png", "png"],
    [picture(["rg"], { scale: 8, format: "GIF" }), "basic:png", "gif"],
    [webp, "basic,webp", "webp"],
  ] as const;
  for (const [bytes, options, format] of rows) {
    assert.equal((await transform(bytes, options)).format, format, options);
  }
});

Deno.test("transform() with noScaleUp enlarges nothing, whatever the server allows", async () => {
  await startEngine();
  const bytes = picture(["rg", "by"], { scale: 8 });
  const rows = [["64x", 64], ["64x,noScaleUp", 16], ["64x,scaleUp,noScaleUp", 16]] as const;
  for (const [options, width] of rows) {
    const { seen } = await transform(bytes, options, { scaleUp: true });
    assert.equal(seen.width, width, options);
  }
});

Deno.test("a JPEG becomes the same picture as JPEG, which needs no frame, and as PNG, which does", async () => {
  await startEngine();
  for (const sampling of ["4:4:4", "4:2:2", "4:2:0"]) {
    const file = writeByEngine(photo(323, 211, { grain: 4 }), "JPEG", {
      defines: { "jpeg:sampling-factor": sampling },
    });
    for (
      const options of [
        ...["200x", "101x", "33x21", "7x"],
        ...["cx11,cy7,cw201,ch151,90x", "cx1,cy1,cw99,ch77,98x", "90x,r90"],
      ]
    ) {
      const frame = await transform(file, `${options},png`);
      for (const [quality, least] of [[80, 24], [95, 30]] as const) {
        const result = await transform(file, `${options},jpeg,q${quality}`);
        assert.deepEqual([result.width, result.height], [frame.width, frame.height]);
        const near = psnr(readByEngine(result.bytes, "JPEG"), readByEngine(frame.bytes, "PNG"));
        assert.ok(near > least, `${sampling} ${options},q${quality}: ${near} dB`);
      }
    }
  }
});

Deno.test("a JPEG of noise becomes smaller as its colours do, though its chroma lies beyond them", async () => {
  await startEngine();
  const [width, height] = [96, 96];
  const noise = (seed: number) => {
    const data = new Uint8Array(width * height);
    for (let at = 0; at < data.length; at++) data[at] = Math.imul(at + seed, 2654435761) >>> 24;
    return { data, width, height, channels: 1 as const, hasAlpha: false };
  };
  const planes = [noise(1), noise(77_777), noise(333_333)] as const;
  const file = createJpegEncoder().encodePlanes(
    { width, height, planes, across: 1, down: 1 },
    { quality: 95 },
  );
  const seen = readByEngine(file, "JPEG");
  const target = { width: 60, height: 60 };
  const wanted = { ...seen, ...target, data: createResampler().resample(seen, { target }) };
  const near = psnr(readByEngine((await transform(file, "60x,png")).bytes, "PNG"), wanted);
  assert.ok(near > 40, `${near} dB`);
});
