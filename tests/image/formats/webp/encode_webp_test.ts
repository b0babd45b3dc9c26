import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { prepareWebpWriter, readWebpWriter } from "../../../../src/image/engine/wasm/webp_wasm.ts";
import { createWebpWriter, isWritable } from "../../../../src/image/formats/webp/encode_webp.ts";
import { withProfiles } from "../../../../src/image/formats/webp/webp_profiles.ts";
import { chunksOf, readWebpFrames } from "../../../../src/image/formats/webp/webp_frames.ts";
import type { PixelBuffer } from "../../../../src/image/pixels/pixel_buffer.ts";
import { rgbaOf } from "../../../../src/image/pixels/rgba.ts";
import { startEngine } from "../../../testing/pictures.ts";
import { createTransformer } from "../../../../src/image/transform.ts";
import { jobOf, transform } from "../../../testing/transforming.ts";

const load = async () => await prepareWebpWriter(await readWebpWriter());

/** Waves and grain, with transparent corners where there is alpha. */
function picture(
  { width, height, channels }: Pick<PixelBuffer, "width" | "height" | "channels">,
): PixelBuffer {
  const hasAlpha = channels === 2 || channels === 4;
  const data = new Uint8Array(width * height * channels);
  for (let at = 0; at < data.length; at++) {
    const pixel = Math.floor(at / channels), channel = at % channels;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    data[at] = hasAlpha && channel === channels - 1
      ? Math.min(255, Math.max(0, (x + y - 10) * 20))
      : 128 + 90 * Math.sin((x + channel) / 7) * Math.cos(y / 9) +
        (Math.imul(at, 2654435761) >>> 29);
  }
  return { data, width, height, channels, hasAlpha };
}

/** What the engine reads of a WebP, as RGBA. */
async function pixelsOf(file: Uint8Array): Promise<Uint8Array> {
  await startEngine();
  const settings = new engine.MagickReadSettings({ format: "WEBP" });
  return engine.ImageMagick.read(
    file,
    settings,
    (image) =>
      image.getPixels((area) => area.toByteArray(0, 0, image.width, image.height, "RGBA"))!,
  );
}

for (const channels of [1, 2, 3, 4] as const) {
  Deno.test(`a WebP of ${channels} channels without loss has every visible pixel as it was`, async () => {
    const encoder = await createWebpWriter(load).ready();
    const pixels = picture({ width: 61, height: 43, channels });
    for (const effort of [1, 2, 3] as const) {
      const file = encoder.encode(pixels, { quality: 10, lossless: true, effort });
      const read = await pixelsOf(file);
      for (let at = 0; at < read.length / 4; at++) {
        const from = [...pixels.data.subarray(at * channels, (at + 1) * channels)];
        const alpha = pixels.hasAlpha ? from.pop()! : 255;
        const [red, green = red, blue = red] = from;
        assert.equal(read[at * 4 + 3], alpha);
        if (alpha > 0) assert.deepEqual([...read.subarray(at * 4, at * 4 + 3)], [red, green, blue]);
      }
    }
  });
}

for (const channels of [3, 4] as const) {
  Deno.test(`each effort writes a smaller WebP of ${channels} channels that is as like`, async () => {
    const encoder = await createWebpWriter(load).ready();
    const pixels = picture({ width: 300, height: 200, channels });
    const rgba = rgbaOf(pixels);
    const sizes: number[] = [];
    for (const effort of [1, 2, 3] as const) {
      const file = encoder.encode(pixels, { quality: 80, lossless: false, effort });
      sizes.push(file.length);
      const read = await pixelsOf(file);
      let off = 0;
      for (let at = 0; at < read.length; at++) {
        if (at % 4 === 3) assert.equal(read[at], rgba[at]);
        else if (rgba[at | 3]! > 0) off += Math.abs(read[at]! - rgba[at]!);
      }
      assert.ok(off / read.length < 8, `${off / read.length}`);
    }
    assert.deepEqual(sizes, sizes.toSorted((a, b) => b - a));
    // What more could be found of alpha would take far too long.
    assert.equal(new Set(sizes).size, channels === 3 ? 3 : 2);
  });
}

Deno.test("the highest effort takes a few times as long as the usual one, and no more", async () => {
  const encoder = await createWebpWriter(load).ready();
  const pixels = picture({ width: 300, height: 200, channels: 4 });
  for (const lossless of [false, true]) {
    const times = [2, 3].map(() => Infinity);
    for (let round = 0; round < 4; round++) {
      for (const [index, effort] of ([2, 3] as const).entries()) {
        const started = performance.now();
        encoder.encode(pixels, { quality: 80, lossless, effort });
        times[index] = Math.min(times[index]!, performance.now() - started);
      }
    }
    assert.ok(times[1]! < times[0]! * 6, `${times} ms, lossless: ${lossless}`);
  }
});

Deno.test("a writer takes no memory before its first picture, and keeps none of a large one's", async () => {
  const writer = createWebpWriter(load);
  assert.equal(writer.memoryUsed(), 0);
  const options = { quality: 80, lossless: false, effort: 1 } as const;
  const small = picture({ width: 64, height: 64, channels: 3 });
  const first = (await writer.ready()).encode(small, options).slice();
  const kept = writer.memoryUsed();
  assert.ok(kept > 0 && kept <= 64 << 20, `${kept}`);
  (await writer.ready()).encode(picture({ width: 4000, height: 3000, channels: 3 }), options);
  assert.equal(writer.memoryUsed(), 0);
  assert.deepEqual((await writer.ready()).encode(small, options), first);
  assert.equal(writer.memoryUsed(), kept);
});

Deno.test("a writer whose memory does not suffice says so, and writes the next picture", async () => {
  const writer = createWebpWriter(load);
  const options = { quality: 80, lossless: true, effort: 2 } as const;
  // Beyond the ceiling of its WebAssembly, though not of the format.
  const { ready } = writer;
  const encoder = await ready();
  const large = { data: new Uint8Array(16_000 * 12_000), width: 16_000, height: 12_000 };
  assert.throws(() => encoder.encode({ ...large, channels: 1, hasAlpha: false }, options));
  assert.equal(writer.memoryUsed(), 0);
  const small = picture({ width: 20, height: 20, channels: 3 });
  assert.ok((await ready()).encode(small, options).length > 0);
});

Deno.test("isWritable() takes what the format holds", () => {
  assert.equal(isWritable({ width: 16_383, height: 1 }), true);
  assert.equal(isWritable({ width: 1, height: 16_384 }), false);
});

Deno.test("withProfiles() puts profiles around the picture, and leaves it as it is", async () => {
  const encoder = await createWebpWriter(load).ready();
  const profiles = {
    icc: Uint8Array.of(1, 2, 3),
    exif: Uint8Array.of(4),
    xmp: Uint8Array.of(5, 6),
  };
  const rows = [
    [3, false, ["VP8X", "ICCP", "VP8 ", "EXIF", "XMP "], 0x2c],
    [4, false, ["VP8X", "ICCP", "ALPH", "VP8 ", "EXIF", "XMP "], 0x3c],
    [3, true, ["VP8X", "ICCP", "VP8L", "EXIF", "XMP "], 0x2c],
    [4, true, ["VP8X", "ICCP", "VP8L", "EXIF", "XMP "], 0x3c],
  ] as const;
  for (const [channels, lossless, names, flags] of rows) {
    const size = { width: 300, height: 41 };
    const pixels = picture({ ...size, channels });
    const still = encoder.encode(pixels, { quality: 80, lossless, effort: 2 });
    assert.equal(withProfiles(still, {}, size), still);
    const file = withProfiles(still, profiles, size);
    assert.deepEqual([...chunksOf(file, 12)].map(({ name }) => name), names);
    assert.deepEqual([...file.subarray(20, 30)], [flags, 0, 0, 0, 43, 1, 0, 40, 0, 0]);
    assert.deepEqual(readWebpFrames(file).profiles, profiles);
    assert.deepEqual(await pixelsOf(file), await pixelsOf(still));
  }
});

Deno.test("a result's WebP is smaller than the engine's, which writes where there is no writer", async () => {
  const { data, width, height } = picture({ width: 400, height: 300, channels: 3 });
  const settings = new engine.MagickReadSettings({ format: "RGB", width, height, depth: 8 });
  await startEngine();
  const png = engine.ImageMagick.read(
    data,
    settings,
    (image) => image.write("PNG", (bytes) => bytes.slice()),
  );
  const ours = await transform(png, "300x,webp");
  const engines = await createTransformer(engine).transform(jobOf(png, "300x,webp"));
  assert.ok(ours.bytes.length < engines.bytes.length, `${ours.bytes.length}`);
  assert.equal((await pixelsOf(ours.bytes)).length, (await pixelsOf(engines.bytes)).length);
});
