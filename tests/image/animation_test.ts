import assert from "node:assert/strict";
import { readGifFrames } from "../../src/image/formats/gif/read_gif.ts";
import { encodeLzw } from "../../src/image/formats/gif/lzw.ts";
import { readHeader } from "../../src/image/formats/read_header.ts";
import { chromiumPath, startBrowser } from "../testing/browser.ts";
import { framesInBrowser, openBlankPage } from "../testing/browser_frames.ts";
import { findMagick } from "../testing/native_tools.ts";
import { animation, look, psnr, startEngine } from "../testing/pictures.ts";
import { hasSharedImages, sharedImage } from "../testing/shared_images.ts";
import { transform } from "../testing/transforming.ts";

interface Part {
  left?: number;
  top?: number;
  /** Rows of palette indices; 3 is transparent. */
  rows: readonly string[];
  disposal?: 0 | 1 | 2 | 3;
  delay?: number;
  /** A table of its own instead of the common one. */
  local?: readonly number[];
  interlaced?: boolean;
}

const RED = [255, 0, 0], GREEN = [0, 255, 0], BLUE = [0, 0, 255], GREY = [90, 90, 90];
const COMMON = [...RED, ...GREEN, ...BLUE, ...GREY];
const FULL = ["012012", "120120", "201201", "012012"];
const PATCH = ["03", "31"];

/** A GIF of 6×4 pixels, written block by block. */
function gifOf(parts: readonly Part[], { loops = 0 } = {}): Uint8Array<ArrayBuffer> {
  const text = (value: string) => [...value].map((letter) => letter.charCodeAt(0));
  const bytes = [...text("GIF89a"), 6, 0, 4, 0, 0xf1, 0, 0, ...COMMON];
  bytes.push(0x21, 0xff, 11, ...text("NETSCAPE2.0"), 3, 1, loops, 0, 0);
  for (const { left = 0, top = 0, rows, disposal = 0, delay = 7, local, interlaced } of parts) {
    const width = rows[0]!.length, height = rows.length;
    bytes.push(0x21, 0xf9, 4, disposal << 2 | 1, delay & 255, delay >> 8, 3, 0);
    const flags = (local ? 0x81 : 0) | (interlaced ? 0x40 : 0);
    bytes.push(0x2c, left, 0, top, 0, width, 0, height, 0, flags, ...(local ?? []));
    const order = interlaced ? [0, 4, 2, 6, 1, 3, 5, 7].filter((y) => y < height) : rows.keys();
    const indices = Uint8Array.from([...order].flatMap((y) => [...rows[y]!].map(Number)));
    const data = encodeLzw(indices, 2);
    bytes.push(2, data.length, ...data, 0);
  }
  return Uint8Array.of(...bytes, 0x3b);
}

const MOVIES: Readonly<Record<string, readonly Part[]>> = {
  "no disposal": [{ rows: FULL }, { rows: PATCH, left: 1, top: 1 }, { rows: PATCH, left: 4 }],
  "left in place": [
    { rows: FULL, disposal: 1 },
    { rows: PATCH, left: 3, top: 2, disposal: 1 },
    { rows: PATCH, left: 0, top: 1, disposal: 1 },
  ],
  "to background": [
    { rows: FULL, disposal: 2 },
    { rows: PATCH, left: 1, top: 1, disposal: 2 },
    { rows: PATCH, left: 3, disposal: 2 },
  ],
  "to previous": [
    { rows: FULL, disposal: 1 },
    { rows: PATCH, left: 1, top: 1, disposal: 3 },
    { rows: PATCH, left: 3, top: 1, disposal: 3 },
    { rows: PATCH, left: 2, top: 2 },
  ],
  "mixed, transparent start": [
    { rows: ["333333", "301233", "333333", "333333"], disposal: 2 },
    { rows: PATCH, left: 4, top: 2, disposal: 1 },
    { rows: PATCH, left: 1, top: 2, disposal: 3 },
    { rows: ["2"], left: 5, top: 3, disposal: 2 },
  ],
  "local palettes": [
    { rows: FULL, disposal: 1 },
    { rows: PATCH, left: 1, local: [1, 2, 3, 250, 128, 7, 9, 9, 9, 0, 0, 0], disposal: 1 },
    { rows: ["012", "210"], top: 2, local: [255, 255, 0, 0, 255, 255, 255, 0, 255, 0, 0, 0] },
  ],
  "delays of 0 and 1, interlaced": [
    { rows: FULL, delay: 0, interlaced: true },
    { rows: PATCH, left: 1, delay: 1 },
    { rows: PATCH, left: 3, delay: 500 },
  ],
};

const magick = await findMagick();

/** Every frame as native ImageMagick sees it: RGBA. */
async function coalesced(bytes: Uint8Array): Promise<Uint8Array> {
  const process = new Deno.Command(magick!, {
    args: ["gif:-", "-coalesce", "-depth", "8", "rgba:-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await Promise.all([writer.write(bytes).then(() => writer.close())]);
  return (await process.output()).stdout;
}

function ours(bytes: Uint8Array): Uint8Array {
  const { width, height, frames } = readHeader(bytes)!;
  const all = new Uint8Array(width * height * 4 * frames);
  for (const { rgba, index } of readGifFrames(bytes, { width, height })) {
    all.set(rgba, index * rgba.length);
  }
  return all;
}

/** Browsers show for 100 ms what is to be shown for 10 or less. */
function asPlayed(delays: readonly number[] = []): number[] {
  return delays.map((delay) => delay > 10 ? delay : 100);
}

/** What is transparent has no colour. */
function withoutHidden(rgba: Uint8Array): Uint8Array {
  for (let at = 0; at < rgba.length; at += 4) if (rgba[at + 3] === 0) rgba.fill(0, at, at + 4);
  return rgba;
}

for (const [name, parts] of Object.entries(MOVIES)) {
  Deno.test({
    name: `readGifFrames() shows what ImageMagick's -coalesce does: ${name}`,
    ignore: !magick,
    async fn() {
      const gif = gifOf(parts);
      assert.deepEqual(ours(gif), withoutHidden(await coalesced(gif)));
    },
  });

  Deno.test(`a GIF stays as it was, frame by frame, when it is written again: ${name}`, async () => {
    const gif = gifOf(parts, { loops: 3 });
    const again = await transform(gif, "q80");
    assert.equal(again.format, "gif");
    assert.deepEqual(ours(again.bytes), ours(gif));
    const before = readHeader(gif)!, after = readHeader(again.bytes)!;
    assert.deepEqual([after.delays, after.loopCount], [asPlayed(before.delays), before.loopCount]);
  });

  Deno.test(`a GIF becomes a WebP that moves alike: ${name}`, async () => {
    const gif = gifOf(parts, { loops: 2 });
    const webp = await transform(gif, "webp,lossless");
    const before = readHeader(gif)!, after = readHeader(webp.bytes)!;
    assert.deepEqual([after.frames, after.loopCount], [before.frames, before.loopCount]);
    assert.deepEqual(after.delays, asPlayed(before.delays));
    const back = await transform(webp.bytes, "gif");
    assert.deepEqual(ours(back.bytes), ours(gif));
    assert.deepEqual(readHeader(back.bytes)!.delays, after.delays);
  });
}

Deno.test({
  name: "Chromium shows GIFs, and what becomes of them, as they are seen here",
  ignore: chromiumPath() === undefined,
  async fn() {
    await using browser = await startBrowser(chromiumPath()!);
    await using _page = await openBlankPage(browser);
    for (const [name, parts] of Object.entries(MOVIES)) {
      const gif = gifOf(parts, { loops: 3 });
      const { loopCount, delays } = readHeader(gif)!;
      const expected = ours(gif);
      for (const options of ["", "gif", "webp,lossless", "apng"]) {
        const { bytes, mediaType } = options
          ? await transform(gif, options)
          : { bytes: gif, mediaType: "image/gif" };
        const shown = await framesInBrowser(browser, { bytes, mediaType });
        const label = `${name} as ${options || "it is"}`;
        assert.deepEqual(
          Uint8Array.from(shown.frames.flatMap(({ rgba }) => [...rgba])),
          expected,
          label,
        );
        assert.equal(shown.loopCount, loopCount, label);
        const durations = shown.frames.map(({ duration }) => duration);
        assert.deepEqual(asPlayed(durations), asPlayed(delays), label);
      }
    }
  },
});

const SHARED = [
  "animated-30-frames.gif",
  "animated-transparent-loop-3.gif",
  "animated-40-frames-480x300.gif",
];

for (const name of SHARED) {
  Deno.test({
    name: `readGifFrames() shows what ImageMagick's -coalesce does: ${name} of ../shared/images`,
    ignore: !magick || !hasSharedImages,
    async fn() {
      const gif = sharedImage(name);
      assert.ok(Deno.inspect(ours(gif).length) === Deno.inspect((await coalesced(gif)).length));
      assert.ok(equal(ours(gif), withoutHidden(await coalesced(gif))));
    },
  });

  Deno.test({
    name: `a smaller GIF takes no more bytes: ${name} of ../shared/images`,
    ignore: !hasSharedImages,
    async fn() {
      const gif = sharedImage(name);
      const { width } = readHeader(gif)!;
      for (const share of [0.8, 0.5, 0.25]) {
        const { bytes, frames } = await transform(gif, `${Math.round(width * share)}x`);
        assert.equal(frames, readHeader(gif)!.frames);
        assert.ok(bytes.length <= gif.length, `${share}: ${bytes.length} of ${gif.length}`);
      }
    },
  });
}

Deno.test("an animation goes through every kind of option and stays one", async () => {
  await startEngine();
  const gif = animation([{ rows: ["rg", "by"], delay: 5 }, { rows: ["yb", "gr"], delay: 9 }], {
    format: "GIF",
    scale: 12,
  });
  for (
    const options of ["12x", "r90", "fh", "trim", "cw12", "gray", "rotate:30", "webp,12x", "bg:red"]
  ) {
    const result = await transform(gif, options);
    const { frames, delays } = readHeader(result.bytes)!;
    assert.deepEqual([frames, delays], [2, [50, 90]], options);
  }
});

Deno.test("frame: takes one frame, whole, as a still", async () => {
  const gif = gifOf(MOVIES["to previous"]!);
  const all = ours(gif);
  for (const index of [0, 1, 2, 3]) {
    for (
      const options of [`frame:${index},png`, `frame:${index},webp,lossless`, `frame:${index}`]
    ) {
      const still = await transform(gif, options);
      assert.equal(still.frames, 1);
      const expected = all.subarray(index * 96, index * 96 + 96);
      assert.deepEqual(withoutHidden(look(still.bytes).frames[0]!.rgba), expected, options);
    }
  }
  await assert.rejects(transform(gif, "frame:4"), /has the frames 0 to 3/);
});

Deno.test("an animation becomes its first frame in a format that does not move", async () => {
  const gif = gifOf(MOVIES["no disposal"]!);
  for (const format of ["png", "jpeg", "avif", "jxl", "tiff"] as const) {
    const still = await transform(gif, format);
    assert.deepEqual([still.format, still.frames], [format, 1]);
    const seen = look(still.bytes).frames[0]!.rgba;
    if (format === "png") assert.equal(psnr(seen, ours(gif).subarray(0, 96)), Infinity);
  }
});

Deno.test("a WebP's thousandths of a second survive, and add up in a GIF", async () => {
  const gif = gifOf(MOVIES["no disposal"]!);
  const webp = (await transform(gif, "webp,lossless")).bytes;
  const delays = [33, 34, 999];
  // The duration stands 20 bytes behind the start of each ANMF chunk.
  let frame = 0;
  for (let at = 12; at < webp.length - 24; at++) {
    if (String.fromCharCode(...webp.subarray(at, at + 4)) !== "ANMF") continue;
    const delay = delays[frame++]!;
    webp.set([delay & 255, delay >> 8, 0], at + 20);
  }
  assert.deepEqual(readHeader((await transform(webp, "webp,q90")).bytes)!.delays, delays);
  assert.deepEqual(readHeader((await transform(webp, "gif")).bytes)!.delays, [30, 40, 1000]);
});

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
