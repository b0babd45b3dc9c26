import assert from "node:assert/strict";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { ascii } from "../../../testing/sample_images.ts";

const LONG = 4, UNDEFINED = 7;

interface Tag {
  tag: number;
  value: number;
  type?: number;
  count?: number;
}

/** A little-endian TIFF of one directory a page, with `spare` bytes behind the last. */
function tiff(
  tags: readonly Tag[],
  { pages = 1, spare = 0 }: { pages?: number; spare?: number } = {},
): Uint8Array {
  const size = 2 + tags.length * 12 + 4;
  const file = new Uint8Array(8 + pages * size + spare);
  const view = new DataView(file.buffer);
  file.set([...ascii("II*\0"), 8]);
  for (let page = 0; page < pages; page++) {
    const at = 8 + page * size;
    view.setUint16(at, tags.length, true);
    for (const [index, { tag, value, type = LONG, count = 1 }] of tags.entries()) {
      const entry = at + 2 + index * 12;
      view.setUint16(entry, tag, true);
      view.setUint16(entry + 2, type, true);
      view.setUint32(entry + 4, count, true);
      view.setUint32(entry + 8, value, true);
    }
    view.setUint32(at + size - 4, page === pages - 1 ? 0 : at + size, true);
  }
  return file;
}

const SIZE: readonly Tag[] = [{ tag: 256, value: 3000 }, { tag: 257, value: 3000 }];
const MEGABYTE = 1e6;
const profile: Tag = { tag: 34675, type: UNDEFINED, count: MEGABYTE, value: 8 };

Deno.test("readHeader() refuses a TIFF whose tags stand on the same bytes again and again", () => {
  // A profile for each of a hundred pages, and beyond it what libtiff would read for hours.
  assert.equal(readHeader(tiff([...SIZE, profile], { pages: 64, spare: MEGABYTE }))!.frames, 64);
  for (const tags of [[...SIZE, profile], [...SIZE, { ...profile, tag: 65_000 }]]) {
    assert.throws(() => readHeader(tiff(tags, { pages: 70, spare: MEGABYTE })), {
      code: "undecodable",
      message: /^The TIFF file of \d+ bytes has tags of \d+$/,
    });
  }
  const directory = Array.from({ length: 70 }, (_, index) => ({ ...profile, tag: 40_000 + index }));
  assert.throws(() => readHeader(tiff([...SIZE, ...directory])), { code: "undecodable" });
});

Deno.test("readHeader() refuses a TIFF whose pixels lie in pieces of a few each", () => {
  const rows: [tags: Tag[], pieces: number][] = [
    [[{ tag: 322, value: 1 }, { tag: 323, value: 1 }], 9_000_000],
    [[{ tag: 322, value: 4 }, { tag: 323, value: 4 }], 562_500],
    [[{ tag: 322, value: 16 }, { tag: 323, value: 2 }], 282_000],
  ];
  for (const [tags, pieces] of rows) {
    assert.throws(() => readHeader(tiff([...SIZE, ...tags])), {
      code: "undecodable",
      message: `The TIFF file has 3000x3000 pixels in ${pieces} pieces`,
    });
  }
  const narrow: Tag[] = [{ tag: 256, value: 10 }, { tag: 257, value: 60_000 }];
  const planes: Tag[] = [{ tag: 284, value: 2 }, { tag: 277, value: 30 }, { tag: 278, value: 1 }];
  assert.throws(() => readHeader(tiff([...narrow, ...planes])), {
    code: "undecodable",
    message: "The TIFF file has 10x60000 pixels in 1800000 pieces",
  });
});

Deno.test("readHeader() takes strips of one row and tiles of 16 pixels a side", () => {
  for (
    const tags of [
      [{ tag: 278, value: 1 }],
      [{ tag: 322, value: 16 }, { tag: 323, value: 16 }],
      [{ tag: 278, value: 0 }],
    ]
  ) assert.equal(readHeader(tiff([...SIZE, ...tags]))!.width, 3000);
});

Deno.test("readHeader() tells what the largest page takes, since any may be asked for", () => {
  const header = readHeader(tiff([...SIZE, { tag: 277, value: 10 }], { pages: 3 }))!;
  assert.equal(header.stillPixels, 18e6);
  assert.equal(header.totalPixels, 54e6);
});
