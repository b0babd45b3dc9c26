import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import {
  type Chunk,
  readChunks,
  writeChunks,
  writeIhdr,
} from "../../../../src/image/formats/png/chunks.ts";
import { headOfPng } from "../../../../src/image/formats/png/head_of_png.ts";
import { assertWithin } from "../../../testing/quickly.ts";
import { ascii } from "../../../testing/sample_images.ts";

const LITTLE = new Uint8Array(deflateSync(new Uint8Array(1000)));
const MUCH = new Uint8Array(deflateSync(new Uint8Array(5e6)));
const XMP = "XML:com.adobe.xmp\0";
const EXIF = "Raw profile type exif\0";

function chunk(type: string, text: string, packed: Uint8Array = new Uint8Array()): Chunk {
  return { type, data: Uint8Array.of(...ascii(text), ...packed) };
}

/** What the head of a picture that says all this says of it. */
function handedOn(...said: Chunk[]): string[] {
  const pixels = { type: "IDAT", data: new Uint8Array() };
  const file = writeChunks([writeIhdr({ width: 2, height: 2, colourType: 2 }), ...said, pixels]);
  return [...readChunks(headOfPng(file, { channels: 3 }))].map(({ type }) => type)
    .filter((type) => !["IHDR", "IDAT", "IEND"].includes(type));
}

const PASSING: Readonly<Record<string, Chunk>> = {
  "a profile": chunk("iCCP", "sRGB\0\0", LITTLE),
  "EXIF": chunk("eXIf", "II*\0"),
  "XMP": chunk("iTXt", `${XMP}\0\0\0\0<x/>`),
  "packed XMP": chunk("iTXt", `${XMP}\x01\0en\0word\0`, LITTLE),
  "EXIF as text": chunk("tEXt", `${EXIF}hex`),
  "EXIF as packed text": chunk("zTXt", `${EXIF}\0`, LITTLE),
};

const DROPPED: Readonly<Record<string, Chunk>> = {
  "a comment": chunk("tEXt", "Comment\0hello"),
  "a packed comment": chunk("zTXt", "Comment\0\0", LITTLE),
  "a chunk of somebody's own": chunk("prVt", "?"),
  "a profile that unpacks to much": chunk("iCCP", "sRGB\0\0", MUCH),
  "a profile that does not unpack": chunk("iCCP", "sRGB\0\0?"),
  "XMP that unpacks to much": chunk("iTXt", `${XMP}\x01\0en\0word\0`, MUCH),
  "XMP that does not unpack": chunk("iTXt", `${XMP}\x01`),
  "EXIF as text that unpacks to much": chunk("zTXt", `${EXIF}\0`, MUCH),
  "EXIF that is much": { type: "eXIf", data: new Uint8Array(5e6) },
};

for (const [name, said] of Object.entries(PASSING)) {
  Deno.test(`headOfPng() hands on ${name}, and no second one`, () => {
    assert.deepEqual(handedOn(said, said), [said.type]);
  });
}

for (const [name, said] of Object.entries(DROPPED)) {
  Deno.test(`headOfPng() leaves out ${name}`, () => {
    assert.deepEqual(handedOn(said), []);
  });
}

Deno.test("headOfPng() unpacks no more than the first of a name", async () => {
  const said = Array(1000).fill(DROPPED["EXIF as text that unpacks to much"]!);
  // To unpack them all would take seconds.
  await assertWithin(500, () => assert.deepEqual(handedOn(...said), []));
});
