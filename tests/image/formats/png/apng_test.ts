// Animated PNGs, read and written, frame by frame beside what Chromium shows of them.
import assert from "node:assert/strict";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { readChunks, writeChunks } from "../../../../src/image/formats/png/chunks.ts";
import {
  apngChunks,
  apngFile,
  type ApngPart,
  type ApngRecipe,
  pixelData,
} from "../../../testing/apng_file.ts";
import { type Browser, chromiumPath, startBrowser } from "../../../testing/browser.ts";
import { framesInBrowser, openBlankPage } from "../../../testing/browser_frames.ts";
import { lettersIn, look, startEngine } from "../../../testing/pictures.ts";
import { pngChunk, u32s } from "../../../testing/png_file.ts";
import { createSampleImages } from "../../../testing/sample_images.ts";
import { transform } from "../../../testing/transforming.ts";

await startEngine();

const SCALE = 4;
const CANVAS = { width: 2, height: 2 };
const RED: ApngPart = { rows: ["rr", "rr"] }, GREEN: ApngPart = { rows: ["gg", "gg"] };
const BLUE: ApngPart = { rows: ["b"], left: 1, top: 1 };

const movie = (parts: readonly ApngPart[], more: Partial<ApngRecipe> = {}) =>
  apngFile({ ...CANVAS, parts, ...more });
/** Chunks in another order. */
const mixed = (
  parts: readonly ApngPart[],
  change: (chunks: ReturnType<typeof apngChunks>) => ReturnType<typeof apngChunks>,
) => writeChunks(change(apngChunks({ ...CANVAS, parts, still: ["kk", "kk"] })));

interface Case {
  bytes: Uint8Array;
  /** What is seen of each frame; of a still, that alone. */
  seen: readonly string[];
  /** Whether something is missing. */
  isPartial?: true;
  /** Where Chromium shows less than we do: it refuses a file that is damaged at all in some of these. */
  inBrowser?: "nothing" | readonly string[];
}

const PATCHES: readonly ApngPart[] = [
  { rows: ["rrr", "rrr"] },
  { rows: [".g"], left: 1, blends: true },
  { rows: [".b"], left: 1, top: 1 },
  { rows: ["y"], left: 0 },
];
const WIDE = { width: 3, height: 2 };

const CASES: Readonly<Record<string, Case>> = {
  "rectangles laid over, and in place of what is there": {
    bytes: apngFile({ ...WIDE, parts: PATCHES }),
    seen: ["rrr/rrr", "rrg/rrr", "rrg/r.b", "yrg/r.b"],
  },
  "rectangles that are taken away": {
    bytes: apngFile({
      ...WIDE,
      parts: PATCHES.map((part) => ({ ...part, dispose: "background" })),
    }),
    seen: ["rrr/rrr", "..g/...", ".../..b", "y../..."],
  },
  "rectangles under which what was there comes back": {
    bytes: apngFile({
      ...WIDE,
      parts: PATCHES.map((part, at) => at === 0 ? part : { ...part, dispose: "previous" }),
    }),
    seen: ["rrr/rrr", "rrg/rrr", "rrr/r.b", "yrr/rrr"],
  },
  "a first frame that what was before comes back under": {
    bytes: movie([{ ...RED, dispose: "previous" }, BLUE]),
    seen: ["rr/rr", "../.b"],
  },
  "a still for others, which is no frame": {
    bytes: movie([RED, BLUE], { still: ["kk", "ww"] }),
    seen: ["rr/rr", "rr/rb"],
  },
  "a first frame in a corner, behind a still for others": {
    bytes: movie([BLUE, { rows: ["g"] }], { still: ["kk", "ww"] }),
    seen: ["../.b", "g./.b"],
  },
  "frames in pieces": {
    bytes: movie([{ ...RED, pieces: 3 }, { ...GREEN, pieces: 4 }, BLUE]),
    seen: ["rr/rr", "gg/gg", "gg/gb"],
  },
  "one frame alone, behind a still for others": {
    bytes: movie([BLUE], { still: ["kk", "ww"] }),
    seen: ["../.b"],
  },
  "more frames than there are": {
    bytes: movie([RED, BLUE], { frames: 9 }),
    seen: ["rr/rr", "rr/rb"],
  },
  "fewer frames than there are": {
    bytes: movie([RED, BLUE, GREEN], { frames: 2 }),
    seen: ["rr/rr", "rr/rb"],
  },
  "no frames, as it says": { bytes: movie([RED, BLUE], { frames: 0 }), seen: ["rr/rr"] },
  "more frames than a PNG can count": {
    bytes: movie([RED, BLUE], { frames: 2 ** 31 + 1 }),
    seen: ["rr/rr"],
  },
  "more plays than a PNG can count": {
    bytes: movie([RED, BLUE], { plays: 2 ** 31 + 1 }),
    seen: ["rr/rr"],
  },
  "an announcement behind the pixels": {
    bytes: mixed(
      [RED, BLUE],
      (chunks) => [...chunks.filter(({ type }) => type !== "acTL"), chunks[1]!],
    ),
    seen: ["kk/kk"],
  },
  "a frame that reaches outside the canvas": {
    bytes: movie([RED, { ...GREEN, left: 1 }, BLUE]),
    seen: ["rr/rr"],
    isPartial: true,
  },
  "a frame so far outside that the sum is small again": {
    bytes: movie([RED, { ...GREEN, control: { left: 0xffffffff } }, BLUE]),
    seen: ["rr/rr"],
    isPartial: true,
  },
  "a frame without a pixel": {
    bytes: movie([RED, { ...GREEN, control: { width: 0 } }, BLUE]),
    seen: ["rr/rr"],
    isPartial: true,
  },
  "a way to dispose of a frame that does not exist": {
    bytes: movie([RED, { ...GREEN, control: { dispose: 3 } }, BLUE]),
    seen: ["rr/rr"],
    isPartial: true,
  },
  "a way to lay a frame that does not exist": {
    bytes: movie([RED, { ...GREEN, control: { blend: 2 } }, BLUE]),
    seen: ["rr/rr"],
    isPartial: true,
  },
  "a number too high in the midst": {
    bytes: movie([RED, GREEN, { ...BLUE, sequence: 9 }, RED]),
    seen: ["rr/rr", "gg/gg"],
    isPartial: true,
  },
  "a number that comes twice": {
    bytes: movie([RED, GREEN, { ...BLUE, sequence: 2 }, RED]),
    seen: ["rr/rr", "gg/gg"],
    isPartial: true,
  },
  "a frame without data": {
    bytes: mixed([RED, GREEN, BLUE], (chunks) => chunks.filter((_, at) => at !== 6)),
    seen: ["rr/rr"],
    isPartial: true,
  },
  "the first number wrong": {
    bytes: movie([{ ...RED, sequence: 5 }, BLUE]),
    seen: ["rr/rr"],
    inBrowser: "nothing",
  },
  "two controls before the first frame": {
    bytes: mixed([RED, BLUE], (chunks) => [...chunks.slice(0, 4), chunks[3]!, ...chunks.slice(4)]),
    seen: ["kk/kk"],
    inBrowser: [],
  },
  "a first frame that is not the whole canvas, but the still": {
    bytes: movie([{ ...RED, control: { width: 4 } }, BLUE]),
    seen: ["rr/rr"],
    inBrowser: "nothing",
  },
  "data before the still": {
    bytes: mixed([RED, BLUE], (chunks) => [
      ...chunks.slice(0, 2),
      ...chunks.slice(3, 5),
      chunks[2]!,
      ...chunks.slice(5),
    ]),
    seen: ["kk/kk"],
    inBrowser: "nothing",
  },
  "a first frame outside the canvas, behind a still": {
    bytes: movie([{ ...RED, left: 1 }, BLUE], { still: ["kk", "kk"] }),
    seen: ["kk/kk"],
    inBrowser: [],
  },
  "cut short in its last frame": {
    bytes: movie([RED, GREEN, BLUE]).slice(0, -30),
    seen: ["rr/rr", "gg/gg"],
    isPartial: true,
    inBrowser: "nothing",
  },
  "cut short behind its last frame": {
    bytes: movie([RED, GREEN, BLUE]).slice(0, -12),
    seen: ["rr/rr", "gg/gg", "gg/gb"],
    isPartial: true,
    inBrowser: "nothing",
  },
  "a frame that is no compressed data": {
    bytes: movie([RED, GREEN, { ...BLUE, data: Uint8Array.of(1, 2, 3, 4, 5) }, RED]),
    seen: ["rr/rr", "gg/gg"],
    inBrowser: "nothing",
  },
  "a frame with too few rows": {
    bytes: movie([RED, BLUE, { ...GREEN, data: pixelData(["gg"], SCALE) }, RED]),
    seen: ["rr/rr", "rr/rb"],
    inBrowser: "nothing",
  },
};

/** Every frame of a file, by a detour over PNG. */
async function seenIn(bytes: Uint8Array): Promise<string[]> {
  const { frames } = await transform(bytes, "gif");
  const seen = [];
  for (let frame = 0; frame < frames; frame++) {
    const still = look((await transform(bytes, `frame:${frame},png`)).bytes);
    seen.push(lettersIn({ ...still, ...still.frames[0]! }, SCALE));
  }
  return seen;
}

for (const [name, { bytes, seen, isPartial = false }] of Object.entries(CASES)) {
  Deno.test(`an animated PNG is seen as browsers show it: ${name}`, async () => {
    assert.deepEqual(await seenIn(bytes), seen);
    const result = await transform(bytes, "q80");
    assert.equal(result.mediaType, seen.length > 1 ? "image/apng" : "image/png");
    assert.equal(result.isPartial, isPartial);
    assert.deepEqual(await seenIn(result.bytes), seen, "written again");
    for (const format of ["gif", "webp,lossless"]) {
      const other = await transform(bytes, format);
      assert.deepEqual(await seenIn(other.bytes), seen, format);
    }
  });
}

Deno.test({
  name: "Chromium shows animated PNGs, and those that are written, as they are seen here",
  ignore: chromiumPath() === undefined,
  async fn() {
    await using browser = await startBrowser(chromiumPath()!);
    await using _page = await openBlankPage(browser);
    for (const [name, { bytes, seen, inBrowser = seen }] of Object.entries(CASES)) {
      assert.deepEqual(await seenInBrowser(browser, bytes), inBrowser, name);
      const { bytes: written } = await transform(bytes, "apng");
      assert.deepEqual(await seenInBrowser(browser, written), seen, `${name}, written again`);
    }
  },
});

Deno.test({
  name:
    "an animated PNG is played as fast and as often as Chromium plays it, and so is what becomes of it",
  ignore: chromiumPath() === undefined,
  async fn() {
    await using browser = await startBrowser(chromiumPath()!);
    await using _page = await openBlankPage(browser);
    const delays = [[1, 30], [5, 0], [0, 100], [1, 100], [11, 1000], [65_535, 1], [1, 65_535], [
      2,
      3,
    ]];
    const parts = delays.map((delay, index) => ({
      ...(index % 2 === 0 ? RED : GREEN),
      delay: delay as [number, number],
    }));
    for (const plays of [0, 1, 3]) {
      const bytes = movie(parts, { plays });
      const shown = await framesInBrowser(browser, { bytes, mediaType: "image/png" });
      const header = readHeader(bytes)!;
      assert.deepEqual(header.delays, shown.frames.map(({ duration }) => duration));
      assert.deepEqual([header.loopCount, shown.loopCount], [plays, plays]);
      const { bytes: written } = await transform(bytes, "apng");
      const again = await framesInBrowser(browser, { bytes: written, mediaType: "image/apng" });
      // What is to be shown for 10 ms and less is shown for 100.
      const played = header.delays!.map((delay) => delay > 10 ? delay : 100);
      assert.deepEqual(again.frames.map(({ duration }) => duration), played);
      assert.equal(again.loopCount, plays);
      const other = await transform(bytes, `webp,loop:${plays + 1}`);
      assert.equal(readHeader(other.bytes)!.loopCount, plays + 1);
    }
  },
});

/** A still as an animation of two frames that are both that still. */
function twice(png: Uint8Array): Uint8Array {
  const control = pngChunk("acTL", ...u32s(2, 0));
  let sequence = 0;
  const [header, ...chunks] = [...readChunks(png)].filter(({ type }) => type !== "IEND");
  const { width, height } = readHeader(png)!;
  const frame = () =>
    pngChunk("fcTL", ...u32s(sequence++, width, height, 0, 0), ...[0, 1, 0, 10, 0, 0]);
  const pixels = chunks.filter(({ type }) => type === "IDAT");
  return writeChunks([
    header!,
    control,
    ...chunks.filter(({ type }) => type !== "IDAT"),
    frame(),
    ...pixels,
    frame(),
    ...pixels.map(({ data }) => pngChunk("fdAT", ...u32s(sequence++), ...data)),
  ]);
}

Deno.test("frames are of all kinds that a PNG may be", async () => {
  const stills = (await createSampleImages()).filter(({ name }) => /^png (?!with)/.test(name));
  assert.ok(stills.length >= 6);
  for (const { name, bytes } of stills) {
    const moving = twice(bytes);
    assert.deepEqual([readHeader(moving)!.frames, readHeader(moving)!.bitDepth], [
      2,
      readHeader(bytes)!.bitDepth,
    ]);
    const expected = look((await transform(bytes, "png")).bytes).frames[0]!.rgba;
    for (const options of ["frame:0,png", "frame:1,png"]) {
      const seen = look((await transform(moving, options)).bytes).frames[0]!.rgba;
      assert.deepEqual(seen, expected, `${name}, ${options}`);
    }
  }
});

Deno.test("loop:{n} and frame:{n} count for animated PNGs", async () => {
  const bytes = movie([RED, GREEN, BLUE], { plays: 2 });
  for (const [options, expected] of [["", 2], ["loop:5", 5], ["loop:0", 0]] as const) {
    const { bytes: written } = await transform(bytes, `apng,${options}`);
    assert.equal(readHeader(written)!.loopCount, expected, options);
  }
  const still = await transform(bytes, "frame:1");
  assert.deepEqual([still.mediaType, still.frames], ["image/png", 1]);
  assert.deepEqual(await seenIn(still.bytes), ["gg/gg"]);
});

Deno.test("an animated PNG named png, jpeg or avif becomes its first frame", async () => {
  const bytes = movie([RED, GREEN, BLUE], { still: ["kk", "kk"] });
  for (const format of ["png", "jpeg", "avif"]) {
    const { bytes: written, mediaType } = await transform(bytes, format);
    assert.equal(mediaType, `image/${format}`);
    assert.equal(readHeader(written)!.format, format);
    assert.deepEqual(await seenIn(written), ["rr/rr"], format);
  }
});

async function seenInBrowser(browser: Browser, bytes: Uint8Array): Promise<string[] | "nothing"> {
  try {
    const { frames } = await framesInBrowser(browser, { bytes, mediaType: "image/png" });
    return frames.map((frame) => lettersIn(frame, SCALE));
  } catch {
    return "nothing";
  }
}
