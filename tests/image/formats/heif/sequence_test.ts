// AVIF sequences, frame by frame beside what Chromium shows of them.
import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { framesByEngine } from "../../../../src/image/formats/coding/by_engine.ts";
import { AVIF } from "../../../../src/image/formats/heif/format.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { avifSequence } from "../../../testing/avif_sequence.ts";
import { chromiumPath, startBrowser } from "../../../testing/browser.ts";
import { framesInBrowser, openBlankPage } from "../../../testing/browser_frames.ts";
import { findCommand } from "../../../testing/command.ts";
import { findType } from "../../../testing/heif_files.ts";
import { lettersIn, look, startEngine } from "../../../testing/pictures.ts";
import { transform } from "../../../testing/transforming.ts";
import { SCALE } from "../../../testing/written_pictures.ts";

await startEngine();

const FRAMES = [
  { rows: ["rg", "by"], delay: 10 },
  { rows: ["gb", "yr"], delay: 25 },
  { rows: ["by", "rg"], delay: 40 },
  { rows: ["yr", "gb"], delay: 7 },
];
const SEEN = FRAMES.map(({ rows }) => rows.join("/"));
const PLAIN = avifSequence(FRAMES);

const lettersOf = (rgba: Uint8Array) =>
  lettersIn({ rgba, width: 2 * SCALE, height: 2 * SCALE }, SCALE);

Deno.test("an AVIF sequence moves on in every format that moves, and any of its frames can be had", async () => {
  for (const format of ["gif", "webp", "apng", "apng,50x", "gif,blur:1"]) {
    const { bytes, frames } = await transform(PLAIN, format);
    assert.equal(frames, 4);
    assert.deepEqual(readHeader(bytes)!.delays, [100, 250, 400, 70]);
  }
  for (const [index, rows] of SEEN.entries()) {
    const still = await transform(PLAIN, `frame:${index},png`);
    assert.equal(lettersOf(look(still.bytes).frames[0]!.rgba), rows);
  }
  await assert.rejects(transform(PLAIN, "frame:4,png"), { code: "malformed" });
});

const AVIFENC = findCommand("avifenc");

Deno.test({
  name: "a sequence whose colours are stored multiplied by their alpha is no darker for it",
  ignore: AVIFENC === undefined,
  async fn() {
    const folder = await Deno.makeTempDir();
    try {
      const [from, to] = [`${folder}/half.png`, `${folder}/sequence.avif`];
      await Deno.writeFile(from, halfRed());
      const args = ["--premultiply", "-y", "444", "--min", "0", "--max", "8", from, from, to];
      assert.ok((await new Deno.Command(AVIFENC!, { args }).output()).success);
      const bytes = await Deno.readFile(to);
      assert.equal(readHeader(bytes)!.frames, 2);
      for (const options of ["png", "frame:1,png", "apng"]) {
        const { rgba } = look((await transform(bytes, options)).bytes).frames[0]!;
        const seen = [...rgba.subarray(0, 4)];
        assert.ok(
          [255, 0, 0, 128].every((value, at) => Math.abs(seen[at]! - value) <= 6),
          `${seen}`,
        );
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

/** A PNG of red that is half transparent. */
function halfRed(): Uint8Array<ArrayBuffer> {
  const data = Uint8Array.from({ length: 64 * 64 * 4 }, (_, at) => [255, 0, 0, 128][at % 4]!);
  const raw = new engine.MagickReadSettings({ format: "RGBA", width: 64, height: 64, depth: 8 });
  return engine.ImageMagick.read(
    data,
    raw,
    (image) => image.write("PNG", (bytes) => bytes.slice()),
  );
}

for (const table of ["stts", "stsc", "stco", "stss"]) {
  Deno.test(`a sequence whose ${table} announces more than it holds is refused before memory is taken for it`, () => {
    const bytes = avifSequence(FRAMES);
    const entries = findType(bytes, table) + 12;
    const view = new DataView(bytes.buffer);
    for (const more of [view.getUint32(entries) + 1, 0xff0001, 0xffffffff]) {
      view.setUint32(entries, more);
      assert.throws(() => readHeader(bytes), {
        code: "undecodable",
        message: `The ${table} box of the HEIF file announces more than it holds`,
      });
    }
  });
}

Deno.test("frames are the same however many are decoded at once, and whichever are asked for", () => {
  const header = readHeader(PLAIN)!;
  const canvas = header.width * header.height;
  for (const atOnce of [1, canvas, 3 * canvas, Infinity]) {
    for (const range of [undefined, { from: 1, to: 3 }, { from: 3, to: 9 }]) {
      const plan = { header, frames: "all", keepsWhole: false, ...(range && { range }) } as const;
      const decoding = { ...AVIF.decoding, atOnce };
      const seen = Array.from(
        framesByEngine(PLAIN, { plan, decoding, engine }),
        ({ pixels, index }) => {
          const { data, channels } = pixels;
          const rgba = Uint8Array.from(
            { length: canvas * 4 },
            (_, at) => at % 4 === 3 ? 255 : data[Math.floor(at / 4) * channels + at % 4]!,
          );
          return [index, lettersOf(rgba)];
        },
      );
      assert.deepEqual(seen, [...SEEN.entries()].slice(range?.from, range?.to), `${atOnce}`);
    }
  }
});

Deno.test("a sequence that claims more frames than it has shows those that it has", async () => {
  const bytes = PLAIN.slice();
  new DataView(bytes.buffer).setUint32(findType(bytes, "stsz") + 16, 9);
  assert.equal(readHeader(bytes)!.frames, 9);
  const result = await transform(bytes, "webp").catch((error) => error);
  assert.ok(result.cause instanceof engine.MagickError || result.frames === 4, `${result}`);
});

Deno.test("a sequence of which one size is said and another stored has the one that is said", async () => {
  const bytes = PLAIN.slice();
  const width = findType(bytes, "tkhd") + 8 + 76;
  const view = new DataView(bytes.buffer);
  assert.equal(view.getUint16(width), 2 * SCALE);
  view.setUint16(width, 3 * SCALE);
  const made = await transform(bytes, "apng");
  assert.deepEqual([made.width, made.height, made.frames], [3 * SCALE, 2 * SCALE, 4]);
  const { width: half } = await transform(bytes, "0.5x,webp");
  assert.equal(half, 1.5 * SCALE);
});

Deno.test("a sequence that claims billions of frames is refused at once", async () => {
  const bytes = PLAIN.slice();
  new DataView(bytes.buffer).setUint32(findType(bytes, "stsz") + 16, 0xffffffff);
  await assert.rejects(transform(bytes, "webp"), { code: "too_large" });
});

Deno.test("a sequence without durations moves, each frame for a tenth of a second", async () => {
  const bytes = PLAIN.slice();
  bytes.set(new TextEncoder().encode("free"), findType(bytes, "stts") + 4);
  assert.equal(readHeader(bytes)!.delays, undefined);
  const result = await transform(bytes, "webp").catch((error) => error);
  if (result instanceof Error) assert.ok(result.cause instanceof engine.MagickError, `${result}`);
  else assert.deepEqual(readHeader(result.bytes)!.delays, [100, 100, 100, 100]);
});

// how often the file says that it plays, and how often it does
const PLAYS: readonly (readonly [number | undefined, number])[] = [
  [undefined, 0],
  [0, 0],
  [1, 1],
  [2, 2],
  [7, 7],
];

Deno.test("a sequence plays as often as it says", async () => {
  for (const [plays, expected] of PLAYS) {
    const bytes = avifSequence(FRAMES, plays === undefined ? {} : { plays });
    assert.equal(readHeader(bytes)!.loopCount, expected, `${plays}`);
    const { bytes: written } = await transform(bytes, "apng");
    assert.equal(readHeader(written)!.loopCount, expected, `${plays}`);
  }
});

Deno.test({
  name: "Chromium shows AVIF sequences, and what becomes of them, as they are seen here",
  ignore: chromiumPath() === undefined,
  async fn() {
    await using browser = await startBrowser(chromiumPath()!);
    await using _page = await openBlankPage(browser);
    for (const [plays, expected] of PLAYS) {
      const bytes = avifSequence(FRAMES, plays === undefined ? {} : { plays });
      const shown = await framesInBrowser(browser, { bytes, mediaType: "image/avif" });
      assert.deepEqual(shown.frames.map(({ rgba }) => lettersOf(rgba)), SEEN);
      assert.deepEqual(shown.frames.map(({ duration }) => duration), readHeader(bytes)!.delays);
      // In 32 bits a duration without an end is a very long one to Chromium.
      if (plays === 0) assert.ok(shown.loopCount > 1e6);
      else assert.equal(shown.loopCount, expected, `${plays}`);
      for (const format of ["apng", "webp,lossless", "gif"]) {
        const made = await transform(bytes, format);
        const { mediaType } = made;
        const { frames, loopCount } = await framesInBrowser(browser, {
          bytes: made.bytes,
          mediaType,
        });
        assert.deepEqual(frames.map(({ rgba }) => lettersOf(rgba)), SEEN, format);
        assert.deepEqual(frames.map(({ duration }) => duration), [100, 250, 400, 70], format);
        assert.equal(loopCount, expected, `${format} ${plays}`);
      }
    }
  },
});
