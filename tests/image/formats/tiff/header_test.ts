import assert from "node:assert/strict";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { tiffOfTags, type TiffTag } from "../../../testing/tiff_files.ts";

const UNDEFINED = 7;

const SIZE: readonly TiffTag[] = [{ tag: 256, value: 3000 }, { tag: 257, value: 3000 }];
const MEGABYTE = 1e6;
const profile: TiffTag = { tag: 34675, type: UNDEFINED, count: MEGABYTE, value: 8 };

Deno.test("readHeader() refuses a TIFF whose tags stand on the same bytes again and again", () => {
  // A profile for each of a hundred pages, and beyond it what libtiff would read for hours.
  assert.equal(
    readHeader(tiffOfTags([...SIZE, profile], { pages: 64, spare: MEGABYTE }))!.frames,
    64,
  );
  for (const tags of [[...SIZE, profile], [...SIZE, { ...profile, tag: 65_000 }]]) {
    assert.throws(() => readHeader(tiffOfTags(tags, { pages: 70, spare: MEGABYTE })), {
      code: "undecodable",
      message: /^The TIFF file of \d+ bytes has tags of \d+$/,
    });
  }
  const directory = Array.from({ length: 70 }, (_, index) => ({ ...profile, tag: 40_000 + index }));
  assert.throws(() => readHeader(tiffOfTags([...SIZE, ...directory])), { code: "undecodable" });
});

Deno.test("readHeader() refuses a TIFF whose pixels lie in pieces of a few each", () => {
  const rows: [tags: TiffTag[], pieces: number][] = [
    [[{ tag: 322, value: 1 }, { tag: 323, value: 1 }], 9_000_000],
    [[{ tag: 322, value: 4 }, { tag: 323, value: 4 }], 562_500],
    [[{ tag: 322, value: 16 }, { tag: 323, value: 2 }], 282_000],
  ];
  for (const [tags, pieces] of rows) {
    assert.throws(() => readHeader(tiffOfTags([...SIZE, ...tags])), {
      code: "undecodable",
      message: `The TIFF file has 3000x3000 pixels in ${pieces} pieces`,
    });
  }
  const narrow: TiffTag[] = [{ tag: 256, value: 10 }, { tag: 257, value: 60_000 }];
  const planes: TiffTag[] = [{ tag: 284, value: 2 }, { tag: 277, value: 30 }, {
    tag: 278,
    value: 1,
  }];
  assert.throws(() => readHeader(tiffOfTags([...narrow, ...planes])), {
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
  ) assert.equal(readHeader(tiffOfTags([...SIZE, ...tags]))!.width, 3000);
});

Deno.test("readHeader() tells what the largest page takes, since any may be asked for", () => {
  const header = readHeader(tiffOfTags([...SIZE, { tag: 277, value: 10 }], { pages: 3 }))!;
  assert.equal(header.stillPixels, 18e6);
  assert.equal(header.totalPixels, 54e6);
});

Deno.test("readHeader() counts what deep samples take before they are levels, of one strip or tile", () => {
  const pixels = 3000 * 3000 * 9;
  const depth = (bits: number) => [{ tag: 258, value: bits }, { tag: 277, value: 4 }];
  const rows: [tags: TiffTag[], heldBytes: number][] = [
    [depth(8), pixels],
    [depth(16), pixels + 3000 * 3000 * 8],
    [depth(32), pixels + 3000 * 3000 * 16],
    [[...depth(16), { tag: 278, value: 10 }], pixels + 3000 * 10 * 8],
    [[...depth(16), { tag: 284, value: 2 }], pixels + 3000 * 3000 * 2],
    [
      [...depth(32), { tag: 322, value: 1000 }, { tag: 323, value: 500 }],
      pixels + 1000 * 500 * 16,
    ],
  ];
  for (const [tags, heldBytes] of rows) {
    const file = tiffOfTags([...SIZE, ...tags].sort((a, b) => a.tag - b.tag));
    assert.equal(readHeader(file)!.heldBytes, heldBytes, JSON.stringify(tags));
  }
});
