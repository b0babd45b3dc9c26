import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { fileForEngine } from "../../../../src/image/formats/heif/for_engine.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { createReader } from "../../../../src/image/formats/reading/byte_reader.ts";
import { readBoxes } from "../../../../src/image/formats/reading/isobmff.ts";
import { box, u16Big } from "../../../testing/heif_boxes.ts";
import { hasSharedImages, sharedImage } from "../../../testing/shared_images.ts";
import { ascii, createSampleImages } from "../../../testing/sample_images.ts";
import { transform } from "../../../testing/transforming.ts";

const samples = await createSampleImages();
const sample = (name: string) => samples.find((entry) => entry.name === name)!.bytes;

/** How many pictures the engine makes of a file where it is not told which. */
function picturesIn(bytes: Uint8Array): number {
  const settings = new engine.MagickReadSettings({ format: "AVIF" });
  return engine.ImageMagick.readCollection(bytes, settings, (frames) => frames.length);
}

/** A file of these items, which are hidden or not; the second is the primary one. */
function fileOf(...hidden: (0 | 1)[]): Uint8Array {
  const none = [0, 0, 0, 0];
  const items = hidden.map((flag, index) =>
    box("infe", [2, 0, 0, flag], u16Big(index + 1), [0, 0], ascii("av01"), [0])
  );
  const meta = box(
    "meta",
    none,
    box("pitm", none, u16Big(2)),
    box("iinf", none, u16Big(items.length), ...items),
  );
  // As long as the engine wants any file to be.
  const rest = box("free", Array(128).fill(0));
  return Uint8Array.from([
    ...box("ftyp", ascii("avif"), none, ascii("avifmif1")),
    ...meta,
    ...rest,
  ]);
}

Deno.test("fileForEngine() hides all pictures but the primary one, whatever the file does", () => {
  assert.deepEqual(fileForEngine(fileOf(0, 0, 0, 1)), fileOf(1, 0, 1, 1));
  assert.deepEqual(fileForEngine(fileOf(0, 1)), fileOf(1, 0));
});

Deno.test({
  name:
    "the engine makes one picture of a file of several that fileForEngine() has prepared (../shared/images)",
  ignore: !hasSharedImages,
  async fn() {
    const several = sharedImage("photo.avif");
    assert.equal(picturesIn(several), 5);
    const alone = fileForEngine(several);
    assert.equal(picturesIn(alone), 1);
    const [made, expected] = [
      await transform(alone, "40x,png"),
      await transform(several, "40x,png"),
    ];
    assert.deepEqual(made.bytes, expected.bytes);
  },
});

Deno.test("fileForEngine() leaves a file of one picture as it is", () => {
  const one = sample("avif");
  assert.equal(fileForEngine(one), one);
  const hidden = fileOf(1, 0, 1);
  assert.equal(fileForEngine(hidden), hidden);
});

Deno.test("readHeader() counts of a sequence what one frame takes", () => {
  const { width, height, stillPixels, totalPixels } = readHeader(sample("avif animated"))!;
  assert.equal(stillPixels, width * height);
  assert.equal(totalPixels, 4 * width * height);
});

Deno.test("readHeader() refuses a HEIF file that turns its picture again and again", async () => {
  const turned = (times: number) =>
    withProperty(sample("avif"), { property: box("irot", [1]), times });
  const { width, height } = readHeader(sample("avif"))!;
  const made = await transform(turned(7), "png");
  assert.deepEqual([made.width, made.height], [height, width]);
  for (const property of [box("irot", [1]), box("imir", [1])]) {
    assert.throws(() => readHeader(withProperty(sample("avif"), { property, times: 9 })), {
      code: "undecodable",
      message: "The HEIF file turns, mirrors and crops a picture more than 8 times",
    });
  }
});

/** The file with another property that is said so many times of its first picture. */
function withProperty(
  file: Uint8Array,
  { property, times }: { property: number[]; times: number },
): Uint8Array {
  const reader = createReader(file, { name: "HEIF", maxSteps: 1000 });
  const boxesIn = (start: number, end: number) => [...readBoxes(reader, { start, end })];
  const bytesOf = (start: number, end: number) => [...file.subarray(start, end)];
  const meta = boxesIn(0, file.length).find(({ type }) => type === "meta")!;
  const changed = boxesIn(meta.start + 4, meta.end).map((part) => {
    if (part.type !== "iprp") return bytesOf(part.start - 8, part.end);
    const inner = boxesIn(part.start, part.end);
    const list = inner.find(({ type }) => type === "ipco")!;
    const index = boxesIn(list.start, list.end).length + 1;
    // Of version 0: the number of items, and of each an id of two bytes, a count and one byte a property.
    const uses = inner.find(({ type }) => type === "ipma")!;
    const counted = uses.start + 10, first = counted + 1, next = first + file[counted]!;
    return box(
      "iprp",
      box("ipco", bytesOf(list.start, list.end), property),
      box(
        "ipma",
        bytesOf(uses.start, counted),
        [file[counted]! + times],
        bytesOf(first, next),
        Array(times).fill(0x80 | index),
        bytesOf(next, uses.end),
      ),
    );
  });
  // What the items' places count from stays where it was.
  const moved = Uint8Array.of(...file, ...box("meta", [0, 0, 0, 0], ...changed));
  moved.set(ascii("free"), meta.start - 4);
  return moved;
}
