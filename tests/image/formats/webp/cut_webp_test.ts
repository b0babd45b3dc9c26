import assert from "node:assert/strict";
import { exifProfile } from "../../../testing/sample_images.ts";
import { photo, writeByEngine } from "../../../testing/photo.ts";
import { animation, letters, look, startEngine } from "../../../testing/pictures.ts";
import { transform } from "../../../testing/transforming.ts";

await startEngine();

const WIDTH = 160, HEIGHT = 128;

// what is cut, how it is written
const KINDS = [
  ["a lossy WebP", 3, {}],
  ["a lossy WebP with transparency", 4, {}],
  ["a lossless WebP", 3, { "webp:lossless": "true" }],
  ["a lossless WebP with transparency", 4, { "webp:lossless": "true" }],
] as const;

for (const [name, channels, defines] of KINDS) {
  Deno.test(`of ${name} that is cut short the rows that are there are shown`, async () => {
    const picture = photo(WIDTH, HEIGHT, { channels, grain: 60 });
    if (channels === 4) {
      for (let at = 3; at < picture.data.length; at += 4) picture.data[at]! |= 0x80;
    }
    const bytes = writeByEngine(picture, "WEBP", { defines });
    const { rgba: whole } = look((await transform(bytes, "png")).bytes).frames[0]!;
    const { isPartial } = await transform(bytes, "png");
    assert.ok(!isPartial);
    let before = 0;
    for (const share of [0.3, 0.5, 0.7, 0.9, 0.999]) {
      const cut = await transform(bytes.slice(0, Math.floor(bytes.length * share)), "png");
      assert.ok(cut.isPartial, `${share}`);
      const { rgba } = look(cut.bytes).frames[0]!;
      const first = rgba.findIndex((value, at) => at % 4 === 3 && value === 0);
      const rows = first < 0 ? HEIGHT : Math.floor(first / WIDTH / 4);
      assert.ok(rows >= before, `${rows} rows of ${share}, ${before} of less`);
      // The filter of a lossy picture reaches across the last row of blocks.
      const sure = Math.max(0, rows - 8) * WIDTH * 4;
      assert.deepEqual(rgba.subarray(0, sure), whole.subarray(0, sure));
      assert.ok(rgba.subarray(rows * WIDTH * 4).every((value) => value === 0));
      before = rows;
    }
    assert.ok(before > HEIGHT * 0.7, `${before}`);
  });
}

Deno.test("a WebP that is cut behind its pixels is shown whole, and said to be cut", async () => {
  const picture = photo(WIDTH, HEIGHT);
  const bytes = writeByEngine(picture, "WEBP");
  // Behind the header of an extended file, EXIF follows the pixels.
  const header = [...text("VP8X"), 10, 0, 0, 0, 8, 0, 0, 0, WIDTH - 1, 0, 0, HEIGHT - 1, 0, 0];
  const exif = exifProfile(1).slice(6);
  const chunks = [...header, ...bytes.subarray(12), ...text("EXIF"), 200, 0, 0, 0, ...exif];
  const size = chunks.length + 4 + 200 - exif.length;
  const file = Uint8Array.of(
    ...text("RIFF"),
    size & 255,
    size >> 8,
    0,
    0,
    ...text("WEBP"),
    ...chunks,
  );
  const result = await transform(file, "png");
  assert.ok(result.isPartial);
  assert.equal(look(result.bytes).hasAlpha, false);
});

Deno.test("of an animated WebP that is cut short the frames that are there are shown", async () => {
  const frames = ["rg", "gb", "by"].map((row) => ({ rows: [row], delay: 10 }));
  const bytes = animation(frames, { format: "WEBP", scale: 30 });
  const second = new TextDecoder("latin1").decode(bytes).lastIndexOf("ANMF", bytes.length - 80);
  for (let length = second; length < bytes.length; length += 7) {
    const cut = await transform(bytes.slice(0, length), "png");
    assert.ok(cut.isPartial, `${length}`);
    assert.deepEqual(
      letters(look(cut.bytes), { scale: 30 }),
      ["rg"],
      `${length} of ${bytes.length}`,
    );
  }
});

function text(word: string): number[] {
  return [...word].map((letter) => letter.charCodeAt(0));
}
