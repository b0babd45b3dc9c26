import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import type { LooseFrame } from "../../../../src/image/formats/coding/decode_plan.ts";
import { createCodec } from "../../../../src/image/formats/jpeg/codec.ts";
import { JPEG } from "../../../../src/image/formats/jpeg/format.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { photo, writeByEngine } from "../../../testing/photo.ts";
import { startEngine } from "../../../testing/pictures.ts";

await startEngine();
const codec = createCodec(engine, JPEG.decoding);
const PHOTO = writeByEngine(photo(320, 240), "JPEG", {
  defines: { "jpeg:sampling-factor": "4:2:0" },
});

/** The file with an application segment in front of the others. */
function withSegment(number: number, text: string): Uint8Array {
  const body = new TextEncoder().encode(text);
  return Uint8Array.from([
    ...[0xff, 0xd8, 0xff, 0xe0 | number, 0, body.length + 2, ...body],
    ...PHOTO.subarray(2),
  ]);
}

/** Has `use` look at what is decoded of a file that is to become smaller; then, how many frames there are. */
async function framesAfter(
  file: Uint8Array,
  use: (decoded: LooseFrame) => void,
): Promise<number> {
  const plan = { header: readHeader(file)!, frames: 0, keepsWhole: false, wantedScale: 0.2 };
  return await codec.decode!(file, plan, (frames, loose) => {
    for (const decoded of loose!) use(decoded);
    return Promise.resolve(frames.length);
  });
}

Deno.test("a JPEG's frame is made when it is looked at, once", async () => {
  const comment = Uint8Array.from([0xff, 0xd8, 0xff, 0xfe, 0, 4, 104, 105, ...PHOTO.subarray(2)]);
  assert.equal(await framesAfter(comment, ({ pixels }) => assert.ok("planes" in pixels)), 0);
  const made = await framesAfter(comment, (decoded) => {
    assert.equal(decoded.frame.getAttribute("comment"), "hi");
    assert.equal(decoded.frame.colorSpace, engine.ColorSpace.sRGB);
    assert.equal(decoded.frame, decoded.frame);
  });
  assert.equal(made, 1);
});

Deno.test("a JPEG is plain that has none of the segments in which profiles come", async () => {
  // file, whether it is plain
  const files: readonly (readonly [Uint8Array, boolean])[] = [
    [PHOTO, true],
    [withSegment(1, "Exif\0\0MM\0*"), true],
    [withSegment(2, "ICC_PROFILE\0\x01\x01"), false],
    [withSegment(13, "Photoshop 3.0\0"), false],
  ];
  for (const [file, isPlain] of files) {
    await framesAfter(file, (decoded) => assert.equal(decoded.isPlain, isPlain));
  }
});
