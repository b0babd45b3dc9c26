// The suite that every format of the table passes, with its rows in tests/testing/format_rows.ts.
import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { ProxyError } from "../../../src/errors.ts";
import { createCodecs } from "../../../src/image/formats/codecs.ts";
import type { Format } from "../../../src/image/formats/coding/format.ts";
import { createDecoder } from "../../../src/image/formats/decode.ts";
import { readHeader, sniffMediaType } from "../../../src/image/formats/read_header.ts";
import {
  encodingOf,
  FORMAT_NAMES,
  type FormatName,
  formatOf,
  OUTPUT_FORMATS,
  type OutputFormat,
} from "../../../src/image/formats/table.ts";
import { sizeOf } from "../../../src/image/pixels/geometry.ts";
import { createFormatFiles, type FormatRow, ROWS } from "../../testing/format_rows.ts";
import { photo, writeByEngine } from "../../testing/photo.ts";
import { letters, look, picture, psnr, startEngine } from "../../testing/pictures.ts";
import { LOADERS, transform } from "../../testing/transforming.ts";
import { SCALE } from "../../testing/written_pictures.ts";

await startEngine();
const FILES = await createFormatFiles();
const decoder = createDecoder(engine, createCodecs(engine, LOADERS));

const rowOf = (format: FormatName): FormatRow => ROWS[format];
const isWritten = (format: FormatName): format is OutputFormat =>
  (OUTPUT_FORMATS as readonly string[]).includes(format);
/** What a viewer sees of the bytes, by a detour over PNG. */
const seen = async (bytes: Uint8Array, options = "png") =>
  letters(look((await transform(bytes, options)).bytes), { scale: SCALE });

/** How the letters `rg` over `by` lie once they are upright, by the orientation that is stored. */
const UPRIGHT: readonly (readonly string[])[] = [
  ["rg", "by"],
  ["gr", "yb"],
  ["yb", "gr"],
  ["by", "rg"],
  ["rb", "gy"],
  ["br", "yg"],
  ["yg", "br"],
  ["gy", "rb"],
];

const FRAMES = [
  { rows: ["rr", "gg"], delay: 10 },
  { rows: ["gg", "bb"], delay: 25 },
  { rows: ["bb", "rr"], delay: 40 },
];

for (const format of FORMAT_NAMES) {
  const all = FILES[format];
  const row = rowOf(format);
  const { mediaType, recognition, decoding, encoding, name: title }: Format = formatOf(format);
  const test = (what: string, fn: () => Promise<void> | void) => Deno.test(`${title}: ${what}`, fn);

  assert.ok(all.length > 0, `${title} needs files`);

  test("is recognised by its signature alone", () => {
    const others = FORMAT_NAMES.filter((other) => formatOf(other).mediaType !== mediaType);
    for (const { name, bytes } of all) {
      const start = bytes.slice(0, recognition.within ?? 64);
      assert.equal(sniffMediaType(bytes), mediaType, name);
      assert.equal(sniffMediaType(start), mediaType, `the start of ${name}`);
      const noise = Uint8Array.from([...start, ...start.map((byte) => byte ^ 0x5a)]);
      assert.equal(sniffMediaType(noise), mediaType, `the start of ${name}, then noise`);
      const unsigned = Uint8Array.from(bytes, (byte, at) => at < 16 ? byte ^ 0x5a : byte);
      assert.equal(sniffMediaType(unsigned), undefined, `${name} without its first bytes`);
    }
    assert.equal(others.length, FORMAT_NAMES.length - 1, "no two have one media type");
  });

  if (!decoding) {
    test("is not decoded", async () => {
      for (const { bytes } of all) {
        await assert.rejects(transform(bytes, "10x"), { code: "undecodable" });
      }
    });
    continue;
  }

  test("its header says the size that is decoded", async () => {
    for (const { name, bytes } of all) {
      const header = readHeader(bytes)!;
      assert.equal(header.format, format, name);
      const plan = { header, frames: 0, keepsWhole: false } as const;
      const sizes = await decoder.decode(bytes, plan, (frames, loose) =>
        Promise.resolve(
          loose ? Array.from(loose, ({ pixels }) => sizeOf(pixels)) : frames.map(sizeOf),
        ));
      assert.deepEqual(sizes, [sizeOf(header)], name);
    }
  });

  test("cut short at every tenth it is a picture or a clear error", async () => {
    for (const { name, bytes } of all) {
      for (let tenths = 1; tenths < 10; tenths++) {
        const cut = bytes.slice(0, Math.floor(bytes.length * tenths / 10));
        const label = `${tenths} tenths of ${name}`;
        await transform(cut, "16x,png").then(
          ({ width, height }) => assert.ok(width <= 16 && height >= 1, label),
          (error) => {
            assert.ok(error instanceof ProxyError, `${label}: ${error?.stack}`);
            assert.equal(error.code, "undecodable", label);
            assert.match(error.message, /^[A-Z][^\n/]+[^.\n]$/, label);
          },
        );
      }
    }
  });

  test("is decoded at less than its size as at its size", async () => {
    for (const { name, bytes } of all) {
      const { width, height } = look((await transform(bytes, "png")).bytes);
      const small = look((await transform(bytes, "9x,png")).bytes);
      const expected = Math.max(1, Math.floor(height * 9 / width + 0.5));
      assert.deepEqual([small.width, small.height], [9, expected], name);
    }
  });

  const { oriented, swapped, transparent, moving, nearness, files = {} } = row;
  for (const [name, bytes] of Object.entries(files)) {
    test(`shows the letters of ${name}`, async () => {
      assert.deepEqual(await seen(bytes), UPRIGHT[0]);
    });
  }

  if (oriented) {
    test("every orientation is made upright", async () => {
      for (const [index, expected] of UPRIGHT.entries()) {
        const bytes = oriented(index + 1);
        assert.equal(readHeader(bytes)!.orientation, index + 1);
        assert.deepEqual(await seen(bytes), expected, `orientation ${index + 1}`);
      }
    });
  }

  if (transparent) {
    test("what is transparent stays so", async () => {
      const bytes = transparent();
      assert.equal(readHeader(bytes)!.hasAlpha, true);
      assert.deepEqual(await seen(bytes), ["r.", ".b"]);
    });
  }

  if (swapped) {
    test("a profile is computed into the pixels", async () => {
      const bytes = swapped(["rg", "bw"]);
      assert.equal(readHeader(bytes)!.hasProfile, true);
      assert.deepEqual(await seen(bytes), ["bg", "rw"]);
    });
  }

  if (moving) {
    test(
      decoding.moves ? "an animation moves on" : "of an animation the first frame is shown",
      async () => {
        const bytes = moving(FRAMES);
        const header = readHeader(bytes)!;
        assert.ok(header.animated);
        for (const into of OUTPUT_FORMATS) {
          const result = await transform(bytes, into);
          const frames: number = decoding.moves && encodingOf(into).moves ? FRAMES.length : 1;
          assert.equal(result.frames, frames, into);
          const after = readHeader(result.bytes)!;
          assert.equal(after.animated, frames > 1, into);
          if (frames > 1) assert.deepEqual(after.delays, [100, 250, 400], into);
          if (frames > 1) assert.equal(after.loopCount, 3, into);
        }
        for (const [index, { rows }] of decoding.moves ? FRAMES.entries() : []) {
          assert.deepEqual(await seen(bytes, `frame:${index},png`), rows);
        }
        assert.deepEqual(await seen(bytes), FRAMES[0]!.rows);
      },
    );
  }

  test("has no frames or pages that cannot be asked for", async () => {
    for (const { name, bytes } of all) {
      const { frames } = readHeader(bytes)!;
      const last = decoding.hasPages ? frames - 1 : 0;
      assert.ok((await transform(bytes, `frame:${last},8x,png`)).bytes.length > 0, name);
      await assert.rejects(transform(bytes, `frame:${last + 1},8x`), { code: "malformed" }, name);
    }
  });

  assert.equal(isWritten(format), nearness !== undefined, `${format} needs a nearness if written`);
  if (!isWritten(format) || !encoding) continue;
  const still = (encoding.still ?? format) as OutputFormat;

  test("what is written is what was there, within its nearness", async () => {
    const original = writeByEngine(photo(160, 120, { grain: 4 }), "PNG");
    const wanted = look((await transform(original, "png")).bytes).frames[0]!.rgba;
    const { bytes, mediaType: written } = await transform(original, format);
    assert.equal(written, formatOf(still).mediaType);
    assert.equal(readHeader(bytes)!.format, still);
    const near = psnr(look((await transform(bytes, "png")).bytes).frames[0]!.rgba, wanted);
    assert.ok(near >= nearness!, `${near} dB`);
  });

  test("holds transparency unless it is opaque, and then shows white", async () => {
    const { bytes } = await transform(picture(["r.", ".b"], { scale: SCALE }), format);
    assert.deepEqual(await seen(bytes), encoding.opaque ? ["rw", "wb"] : ["r.", ".b"]);
  });

  test("keeps the profiles that it holds, and no other", async () => {
    const { bytes } = await transform(
      ROWS.png.swapped(["rg", "bw"]),
      `icc:keep,lossless,${format}`,
    );
    const keeps = encoding.profiles.includes("rgb");
    assert.equal(readHeader(bytes)!.hasProfile, keeps);
    // As they look, whether that is by the profile or without it.
    assert.deepEqual(await seen(bytes), ["bg", "rw"]);
  });

  test("is what its words in a URL name", async () => {
    for (const word of [format, ...(formatOf(format).aliases ?? [])]) {
      const { bytes } = await transform(picture(["rg"], { scale: 8 }), word);
      assert.equal(sniffMediaType(bytes), formatOf(still).mediaType, word);
    }
  });
}
