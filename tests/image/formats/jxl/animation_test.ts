// Animated JPEG XLs: the engine lays their layers and frames, which cjxl writes as rectangles.
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { powerCurve, rgbProfile, SRGB } from "../../../../src/image/colour/icc_profile.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { apngFile, type ApngPart } from "../../../testing/apng_file.ts";
import { findCommand } from "../../../testing/command.ts";
import { letters, look } from "../../../testing/pictures.ts";
import { pngChunk } from "../../../testing/png_file.ts";
import { failingImage, hasFailingImages } from "../../../testing/shared_images.ts";
import { transform } from "../../../testing/transforming.ts";

const cjxl = findCommand("cjxl");
const SCALE = 16;

const PARTS: readonly ApngPart[] = [
  { rows: ["rrr", "rrr"], delay: [1, 10] },
  { rows: [".g"], left: 1, blends: true, delay: [1, 4] },
  { rows: [".b"], left: 1, top: 1, delay: [7, 100] },
  { rows: ["y"], left: 0, delay: [2, 1] },
];
// how each frame is laid and what becomes of it, and what is seen
const MOVIES: Readonly<Record<string, readonly [Partial<ApngPart>, readonly string[]]>> = {
  "all is laid over what is there": [
    { blends: true },
    ["rrr/rrr", "rrg/rrr", "rrg/rrb", "yrg/rrb"],
  ],
  "all is taken away": [
    { dispose: "background" },
    ["rrr/rrr", "..g/...", ".../..b", "y../..."],
  ],
};

/** What cjxl makes of an animated PNG, without loss. */
async function jxlOf(png: Uint8Array, more = ["-e", "3"]): Promise<Uint8Array> {
  const folder = await Deno.makeTempDir({ prefix: "imageproxy-" });
  try {
    await Deno.writeFile(`${folder}/a.png`, png);
    const args = [`${folder}/a.png`, `${folder}/a.jxl`, "-d", "0", ...more];
    const { code, stderr } = await new Deno.Command(cjxl!, { args }).output();
    assert.equal(code, 0, new TextDecoder().decode(stderr));
    return await Deno.readFile(`${folder}/a.jxl`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const [name, [change, seen]] of Object.entries(MOVIES)) {
  Deno.test({
    name: `an animated JPEG XL is seen as what it was made of: ${name}`,
    ignore: cjxl === undefined,
    async fn() {
      const parts = PARTS.map((part) => ({ ...part, ...change }));
      const bytes = await jxlOf(apngFile({ width: 3, height: 2, scale: SCALE, parts, plays: 0 }));
      const header = readHeader(bytes)!;
      assert.deepEqual([header.format, header.frames, header.loopCount], ["jxl", 4, 0]);
      assert.deepEqual(header.delays, [100, 250, 70, 2000]);
      for (const format of ["gif", "webp,lossless", "apng"]) {
        const made = await transform(bytes, format);
        assert.deepEqual(readHeader(made.bytes)!.delays, header.delays, format);
        for (const [index, rows] of seen.entries()) {
          for (const movie of [bytes, made.bytes]) {
            const still = look((await transform(movie, `frame:${index},png`)).bytes);
            assert.equal(letters(still, { scale: SCALE }).join("/"), rows, `${format} ${index}`);
          }
        }
      }
    },
  });
}

Deno.test({
  name: "an animated JPEG XL with a profile moves, in the colours that it means",
  ignore: cjxl === undefined,
  async fn() {
    const side = 320;
    const grey = (level: number) =>
      deflateSync(
        Uint8Array.from(
          { length: side * (1 + 4 * side) },
          (_, at) =>
            [
              0,
              level,
              level,
              level,
              255,
            ][at % (1 + 4 * side) === 0 ? 0 : 1 + (at % (1 + 4 * side) - 1) % 4]!,
        ),
      );
    const parts = [128, 64, 200].map((level, at): ApngPart => ({
      rows: ["r"],
      delay: [1 + at, 10],
      data: grey(level),
    }));
    // Half the light is 188 where levels are light.
    const profile = rgbProfile("Linear", { ...SRGB, curve: powerCurve(1) });
    const chunk = pngChunk("iCCP", ...new TextEncoder().encode("p\0\0"), ...deflateSync(profile));
    const movie = apngFile({ width: 1, height: 1, scale: side, parts, chunks: [chunk] });
    // Prefix codes and numeral systems, sections in their order and in another one.
    for (
      const more of [["-e", "1"], ["-e", "3"], ["-e", "7", "--group_order=1"], ["-e", "9", "-p"]]
    ) {
      const bytes = await jxlOf(movie, more);
      const header = readHeader(bytes)!;
      assert.deepEqual([header.frames, header.delays], [3, [100, 200, 300]], more.join(" "));
      for (const [frame, level] of [188, 137, 228].entries()) {
        const { frames: [seen] } = look((await transform(bytes, `frame:${frame},8x,png`)).bytes);
        assert.ok(Math.abs(seen!.rgba[0]! - level) <= 1, `${more} ${frame}: ${seen!.rgba[0]}`);
      }
      assert.equal((await transform(bytes, "16x,webp")).frames, 3);
    }
  },
});

Deno.test({
  name: "readHeader() ends over damaged profiles of JPEG XLs, in a header or a sentence",
  ignore: !hasFailingImages,
  fn() {
    const whole = failingImage("jxl-lossy-icc-adobergb.jxl");
    let random = 1;
    const next = (below: number) => (random = (random * 48_271) % 0x7fffffff) % below;
    for (let round = 0; round < 3000; round++) {
      const bytes = whole.slice();
      for (let change = 0; change < 3; change++) bytes[2 + next(500)] = next(256);
      try {
        readHeader(bytes);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "undecodable", `${error}`);
      }
    }
  },
});
