// Animated JPEG XLs: the engine lays their layers and frames, which cjxl writes as rectangles.
import assert from "node:assert/strict";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { apngFile, type ApngPart } from "../../../testing/apng_file.ts";
import { findCommand } from "../../../testing/command.ts";
import { letters, look } from "../../../testing/pictures.ts";
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
async function jxlOf(png: Uint8Array): Promise<Uint8Array> {
  const folder = await Deno.makeTempDir({ prefix: "imageproxy-" });
  try {
    await Deno.writeFile(`${folder}/a.png`, png);
    const args = [`${folder}/a.png`, `${folder}/a.jxl`, "-d", "0", "-e", "3"];
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
