import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { rgbProfile, SRGB } from "../../../../src/image/colour/icc_profile.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { chromiumPath, startBrowser } from "../../../testing/browser.ts";
import { framesInBrowser, openBlankPage } from "../../../testing/browser_frames.ts";
import { letters, lettersIn, look, picture, startEngine } from "../../../testing/pictures.ts";
import { transform } from "../../../testing/transforming.ts";

await startEngine();

interface Part {
  rows: readonly string[];
  left?: number;
  top?: number;
  /** Replaces what is below instead of being laid over it. */
  replaces?: boolean;
  /** Is cleared before the next one. */
  clears?: boolean;
  lossy?: boolean;
}

const SCALE = 4;

/** An animated WebP, chunk by chunk; all numbers are letters of four pixels. */
function webpOf(
  { width, height, parts, extra = [] }: {
    width: number;
    height: number;
    parts: readonly Part[];
    extra?: readonly (readonly [string, Uint8Array])[];
  },
): Uint8Array<ArrayBuffer> {
  const u24 = (value: number) => [value & 255, value >> 8 & 255, value >> 16 & 255];
  const chunk = (name: string, content: readonly number[]) => [
    ...[...name].map((letter) => letter.charCodeAt(0)),
    ...[...u24(content.length), 0],
    ...content,
    ...(content.length & 1 ? [0] : []),
  ];
  const flags = 0x02 | 0x10 | (extra.some(([name]) => name === "ICCP") ? 0x20 : 0);
  const body = [
    ...[..."WEBP"].map((letter) => letter.charCodeAt(0)),
    ...chunk("VP8X", [flags, 0, 0, 0, ...u24(width * SCALE - 1), ...u24(height * SCALE - 1)]),
    ...extra.flatMap(([name, content]) => chunk(name, [...content])),
    ...chunk("ANIM", [0, 0, 0, 0, 2, 0]),
    ...parts.flatMap(({ rows, left = 0, top = 0, replaces, clears, lossy }) => {
      const still = stillOf(rows, lossy ? 80 : 100);
      return chunk("ANMF", [
        ...[...u24(left * SCALE / 2), ...u24(top * SCALE / 2)],
        ...[...u24(rows[0]!.length * SCALE - 1), ...u24(rows.length * SCALE - 1), ...u24(70)],
        (replaces ? 2 : 0) | (clears ? 1 : 0),
        ...picturePart(still),
      ]);
    }),
  ];
  return Uint8Array.of(...[0x52, 0x49, 0x46, 0x46], ...u24(body.length), 0, ...body);
}

function stillOf(rows: readonly string[], quality: number): Uint8Array {
  const png = picture(rows, { scale: SCALE });
  return engine.ImageMagick.read(png, (image) => {
    image.quality = quality;
    return image.write("WEBP", (bytes) => bytes.slice());
  });
}

/** The chunks behind the header of a still WebP, without its VP8X. */
function picturePart(still: Uint8Array): number[] {
  const at = String.fromCharCode(...still.subarray(12, 16)) === "VP8X" ? 30 : 12;
  return [...still.subarray(at)];
}

// canvas in letters, parts, what is seen of each frame
const MOVIES: Readonly<Record<string, readonly [number, number, Part[], string[]]>> = {
  "a first frame in the middle": [4, 3, [
    { rows: ["rg"], left: 1, top: 1 },
    { rows: ["b"], left: 3, top: 2 },
  ], ["..../.rg./....", "..../.rg./...b"]],
  "a lossy first frame with holes": [4, 3, [
    { rows: ["r.g"], left: 1, top: 2, lossy: true },
    { rows: ["b.", ".b"], lossy: true },
  ], ["..../..../.r.g", "b.../.b../.r.g"]],
  "frames that replace, and that are cleared": [3, 2, [
    { rows: ["rrr", "rrr"] },
    { rows: [".g"], left: 1, replaces: true },
    { rows: ["bb"], top: 1, clears: true },
    { rows: ["y"], left: 2, top: 1 },
  ], ["rrr/rrr", "r.g/rrr", "r.g/bbr", "r.g/..y"]],
  "frames that reach beyond the canvas": [2, 2, [
    { rows: ["rr"], left: 1, top: 1 },
    { rows: ["g", "g", "g"] },
    { rows: ["b"], left: 2, top: 2 },
  ], ["../.r", "g./gr", "g./gr"]],
};

for (const [name, [width, height, parts, expected]] of Object.entries(MOVIES)) {
  Deno.test(`an animated WebP is seen as browsers show it: ${name}`, async () => {
    const webp = webpOf({ width, height, parts });
    const header = readHeader(webp)!;
    assert.deepEqual([header.width, header.height, header.frames], [
      width * SCALE,
      height * SCALE,
      parts.length,
    ]);
    for (const [index, rows] of expected.entries()) {
      const still = look((await transform(webp, `frame:${index},png`)).bytes);
      assert.equal(letters(still, { scale: SCALE }).join("/"), rows, `frame ${index}`);
    }
    const gif = await transform(webp, "gif");
    assert.equal(gif.frames, parts.length);
    for (const [index, rows] of expected.entries()) {
      const still = look((await transform(gif.bytes, `frame:${index},png`)).bytes);
      assert.equal(letters(still, { scale: SCALE }).join("/"), rows, `frame ${index} of the GIF`);
    }
  });
}

Deno.test({
  name: "Chromium shows animated WebPs, and what becomes of them, as they are seen here",
  ignore: chromiumPath() === undefined,
  async fn() {
    await using browser = await startBrowser(chromiumPath()!);
    await using _page = await openBlankPage(browser);
    for (const [name, [width, height, parts, expected]] of Object.entries(MOVIES)) {
      const webp = webpOf({ width, height, parts });
      const written = await transform(webp, "apng");
      // It refuses those that reach beyond the canvas.
      const original = name.includes("beyond") ? [] : [{ bytes: webp, mediaType: "image/webp" }];
      for (const { bytes, mediaType } of [...original, written]) {
        const { frames, loopCount } = await framesInBrowser(browser, { bytes, mediaType });
        const seen = frames.map((frame) => lettersIn(frame, SCALE));
        assert.deepEqual([seen, loopCount], [expected, 2], `${name} as ${mediaType}`);
        assert.ok(frames.every(({ duration }) => duration === 70));
      }
    }
  },
});

Deno.test("an animation of one frame lies where its file says", async () => {
  const webp = webpOf({ width: 3, height: 2, parts: [{ rows: ["r"], left: 1, top: 1 }] });
  const still = look((await transform(webp, "png")).bytes);
  assert.equal(letters(still, { scale: SCALE }).join("/"), ".../.r.");
});

Deno.test("the profile of an animated WebP holds for all of its frames", async () => {
  // Green and red stand in each other's place.
  const { red, green, ...rest } = SRGB;
  const profile = rgbProfile("swapped", { ...rest, red: green, green: red });
  const parts = [{ rows: ["rg"] }, { rows: ["g"] }];
  const webp = webpOf({ width: 2, height: 1, parts, extra: [["ICCP", profile]] });
  for (const [index, rows] of ["gr", "rr"].entries()) {
    const still = look((await transform(webp, `frame:${index},png`)).bytes);
    assert.equal(letters(still, { scale: SCALE }).join("/"), rows, `frame ${index}`);
  }
});

Deno.test("of an animated WebP that is cut short the whole frames are shown", async () => {
  const parts = [{ rows: ["rg"] }, { rows: ["bb"] }, { rows: ["yy"] }];
  const webp = webpOf({ width: 2, height: 1, parts });
  const last = webp.lastIndexOf(0x4e); // The N of the last ANMF.
  const cut = await transform(webp.slice(0, last + 30), "gif");
  assert.ok(cut.frames >= 2, `${cut.frames}`);
  const still = look((await transform(webp.slice(0, last + 30), "frame:1,png")).bytes);
  assert.equal(letters(still, { scale: SCALE }).join("/"), "bb");
  await assert.rejects(transform(webp.slice(0, 60), "png"), /WebP/);
});
