// Pictures of AVIF and HEIC files, however their items are stored, told of and made of each other. What is seen is
// what Chromium shows, or where it refuses a file, what libheif's own programs do.
import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { box, u16Big, u32Big } from "../../../testing/heif_boxes.ts";
import { heifFile, type HeifRecipe, type Item, pictureOf } from "../../../testing/heif_items.ts";
import { letters, look, picture, startEngine } from "../../../testing/pictures.ts";
import { ascii } from "../../../testing/sample_images.ts";
import { transform } from "../../../testing/transforming.ts";

await startEngine();

const SCALE = 32;

function avif(rows: readonly string[]): Uint8Array<ArrayBuffer> {
  return engine.ImageMagick.read(picture(rows, { scale: SCALE }), (image) => {
    image.quality = 99;
    image.settings.setDefine("heic:chroma", "444");
    image.settings.setDefine("heic:speed", "9");
    return image.write("AVIF", (bytes) => bytes.slice());
  });
}

async function seen(bytes: Uint8Array): Promise<string> {
  return letters(look((await transform(bytes, "png")).bytes), { scale: SCALE }).join("/");
}

/** The size of so many letters. */
const ispe = (width: number, height: number) =>
  box("ispe", u32Big(0), u32Big(width * SCALE), u32Big(height * SCALE));
const TURN = box("irot", [1]);

const WHOLE = pictureOf(avif(["rgy", "bcm"]));
const TILES = Object.fromEntries(
  [..."rgby"].map((letter) => [letter, pictureOf(avif([letter + letter, letter + letter]))]),
);

const one = (more: Partial<Item> = {}): Item => ({
  id: 1,
  type: "av01",
  data: WHOLE.data,
  properties: [WHOLE.config, WHOLE.size],
  ...more,
});

/** Squares of two letters a side, from the number 10 on. */
const tiles = (letters: string, more: Partial<Item> = {}): Item[] =>
  [...letters].map((letter, index) => {
    const { data, config, size } = TILES[letter]!;
    return {
      id: 10 + index,
      type: "av01",
      data,
      properties: [config, size],
      isHidden: true,
      ...more,
    };
  });

const grid = (
  [columns, rows]: [number, number],
  [width, height]: [number, number],
  { isWide = false, ...more }: Partial<Item> & { isWide?: boolean } = {},
): Item => ({
  id: 1,
  type: "grid",
  data: [
    ...[0, isWide ? 1 : 0, rows - 1, columns - 1],
    ...[width, height].flatMap((side) => (isWide ? u32Big : u16Big)(side * SCALE)),
  ],
  properties: [ispe(width, height)],
  ...more,
});

const overlay = (
  [width, height]: [number, number],
  { places, ground }: { places: [x: number, y: number][]; ground: number[] },
): Item => ({
  id: 1,
  type: "iovl",
  data: [0, 0, ...ground.flatMap(u16Big)].concat(
    [[width, height], ...places].flat().flatMap((length) => u16Big(length * SCALE)),
  ),
  properties: [ispe(width, height)],
});

const madeOf = (...to: number[]) => ({ type: "dimg", from: 1, to });

const CUT = Math.floor(WHOLE.data.length / 3);
const LARGE = 100_000;

// what is seen
const KINDS: Record<string, readonly [recipe: HeifRecipe, expected: string]> = {
  "locations of version 0": [{ primary: 1, items: [one()], locations: 0 }, "rgy/bcm"],
  "locations of version 2": [{ primary: 1, items: [one()], locations: 2 }, "rgy/bcm"],
  "offsets of 64 bits": [{ primary: 1, items: [one()], offsetBytes: 8 }, "rgy/bcm"],
  "numbers of items of 32 bits": [
    { primary: LARGE, items: [one({ id: LARGE })], isWide: true, locations: 2 },
    "rgy/bcm",
  ],
  "boxes with sizes of 64 bits": [{ primary: 1, items: [one()], isLong: true }, "rgy/bcm"],
  "data before what is said of them": [
    { primary: 1, items: [one()], isDataFirst: true },
    "rgy/bcm",
  ],
  "data in three pieces": [
    { primary: 1, items: [one({ cuts: [CUT, 2 * CUT] })] },
    "rgy/bcm",
  ],
  "data in pieces of a few bytes": [{ primary: 1, items: [one({ cuts: [4, 9] })] }, "rgy/bcm"],
  "data within the description": [{ primary: 1, items: [one({ isInside: true })] }, "rgy/bcm"],
  "a size before its configuration": [
    { primary: 1, items: [one({ properties: [WHOLE.size, WHOLE.config] })] },
    "rgy/bcm",
  ],
  "a hidden primary picture": [{ primary: 1, items: [one({ isHidden: true })] }, "rgy/bcm"],
  "other pictures before it": [
    { primary: 2, items: [...tiles("r", { isHidden: false }), one({ id: 2 })] },
    "rgy/bcm",
  ],
  "others that nobody decodes": [
    {
      primary: 1,
      items: [
        one(),
        ...["lhv1", "jpeg", "tmap"].map((type, index) => ({
          id: 5 + index,
          type,
          data: [1, 2, 3],
        })),
        { ...grid([1, 1], [2, 2]), id: 9 },
      ],
      references: [{ type: "dimg", from: 9, to: [5] }],
    },
    "rgy/bcm",
  ],
  "a grid": [
    {
      primary: 1,
      items: [grid([3, 1], [6, 2], { isWide: true }), ...tiles("rgb")],
      references: [madeOf(10, 11, 12)],
    },
    "rrggbb/rrggbb",
  ],
  "a grid within the description": [
    {
      primary: 1,
      items: [grid([2, 1], [4, 2], { isInside: true }), ...tiles("rg")],
      references: [madeOf(10, 11)],
    },
    "rrgg/rrgg",
  ],
  "a grid in two pieces": [
    {
      primary: 1,
      items: [grid([2, 1], [4, 2], { cuts: [3] }), ...tiles("rg")],
      references: [madeOf(10, 11)],
    },
    "rrgg/rrgg",
  ],
  "a grid that cuts its last tiles": [
    {
      primary: 1,
      items: [grid([2, 2], [3, 3]), ...tiles("rgby")],
      references: [madeOf(10, 11, 12, 13)],
    },
    "rrg/rrg/bby",
  ],
  "a grid behind its tiles, which come in another order and are not hidden": [
    {
      primary: 1,
      items: [...tiles("rg", { isHidden: false }), grid([2, 1], [4, 2])],
      references: [madeOf(11, 10)],
    },
    "ggrr/ggrr",
  ],
  "a grid that is turned": [
    {
      primary: 1,
      items: [grid([2, 1], [4, 2], { properties: [ispe(4, 2), TURN] }), ...tiles("rg")],
      references: [madeOf(10, 11)],
    },
    "gg/gg/rr/rr",
  ],
  "an overlay": [
    {
      primary: 1,
      items: [
        overlay([6, 3], { places: [[0, 0], [3, 1]], ground: [0xffff, 0, 0, 0xffff] }),
        ...tiles("gb"),
      ],
      references: [madeOf(10, 11)],
    },
    "ggrrrr/ggrbbr/rrrbbr",
  ],
  "the same picture again": [
    {
      primary: 1,
      items: [{ id: 1, type: "iden", data: [], properties: [ispe(3, 2)] }, one({ id: 10 })],
      references: [madeOf(10)],
    },
    "rgy/bcm",
  ],
  "the same picture turned": [
    {
      primary: 1,
      items: [{ id: 1, type: "iden", data: [], properties: [ispe(3, 2), TURN] }, one({ id: 10 })],
      references: [madeOf(10)],
    },
    "ym/gc/rb",
  ],
  "a choice of all layers": [
    {
      primary: 1,
      items: [one({ properties: [WHOLE.config, WHOLE.size, box("lsel", u16Big(0xffff))] })],
    },
    "rgy/bcm",
  ],
  "sizes of its layers": [
    {
      primary: 1,
      items: [one({ properties: [WHOLE.config, WHOLE.size, box("a1lx", Array(7).fill(0))] })],
    },
    "rgy/bcm",
  ],
};

for (const [name, [recipe, expected]] of Object.entries(KINDS)) {
  Deno.test(`an AVIF with ${name} is shown`, async () => {
    assert.equal(await seen(heifFile(recipe)), expected);
  });
}

/** Of a file that names a thumbnail of one letter as its primary picture. */
const THUMBNAIL: HeifRecipe = {
  primary: 10,
  items: [one(), ...tiles("r", { isHidden: false })],
  references: [{ type: "thmb", from: 10, to: [1] }],
};

Deno.test("of an AVIF a thumbnail is shown where the file says so, as browsers do, of a HEIC what it is one of", async () => {
  assert.equal(await seen(heifFile(THUMBNAIL)), "rr/rr");
  const heic = heifFile({ ...THUMBNAIL, brand: "heic" });
  assert.equal(await seen(heic), "rgy/bcm");
  const { format, width, height } = readHeader(heic)!;
  assert.deepEqual([format, width, height], ["heic", 3 * SCALE, 2 * SCALE]);
});

Deno.test("a HEIC is no thumbnail of what is smaller, or of its own tile", async () => {
  const smaller = heifFile({
    ...THUMBNAIL,
    brand: "heic",
    primary: 1,
    references: [{ type: "thmb", from: 1, to: [10, 1] }],
  });
  assert.equal(await seen(smaller), "rgy/bcm");
});

const CLEAR = pictureOf(avif(["r.g", "b.y"]));
const ALPHA = pictureOf(avif(["r.g", "b.y"]), { isAlpha: true });
const auxC = (name: string) => box("auxC", u32Big(0), [...ascii(name), 0]);
const MPEG_ALPHA = auxC("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha");

const colours = (properties: number[][] = []): Item =>
  one({ data: CLEAR.data, properties: [CLEAR.config, ispe(3, 2), ...properties] });
const alpha = (properties: number[][] = [MPEG_ALPHA], more: Partial<Item> = {}): Item => ({
  id: 2,
  type: "av01",
  data: ALPHA.data,
  properties: [ALPHA.config, ispe(3, 2), ...properties],
  isHidden: true,
  ...more,
});

// what is seen
const ALPHAS: Record<string, readonly [items: Item[], expected: string]> = {
  "by MPEG's name": [[colours(), alpha()], "r.g/b.y"],
  "by HEVC's name": [[colours(), alpha([auxC("urn:mpeg:hevc:2015:auxid:1")])], "r.g/b.y"],
  "told of before it": [[alpha(), colours()], "r.g/b.y"],
  "that is not hidden": [[colours(), alpha([MPEG_ALPHA], { isHidden: false })], "r.g/b.y"],
  "turned with it": [[colours([TURN]), alpha([MPEG_ALPHA, TURN])], "gy/../rb"],
  "without a size": [
    [colours(), alpha([], { properties: [ALPHA.config, MPEG_ALPHA] })],
    "r.g/b.y",
  ],
  "that is a depth": [
    [colours(), alpha([auxC("urn:mpeg:mpegB:cicp:systems:auxiliary:depth")])],
    "rkg/bky",
  ],
};

for (const [name, [items, expected]] of Object.entries(ALPHAS)) {
  Deno.test(`an AVIF with an alpha map ${name} is shown`, async () => {
    const references = [{ type: "auxl", from: 2, to: [1] }];
    assert.equal(await seen(heifFile({ primary: 1, items, references })), expected);
  });
}

Deno.test("an AVIF of tiles has the alpha of the whole, or that of each tile", async () => {
  const tile = pictureOf(avif(["r.", "r."])),
    own = pictureOf(avif(["r.", "r."]), { isAlpha: true });
  const square = (id: number, { data, config }: typeof tile, ...properties: number[][]): Item => ({
    id,
    type: "av01",
    data,
    properties: [config, ispe(2, 2), ...properties],
    isHidden: true,
  });
  const items = [
    grid([2, 1], [4, 2]),
    square(10, tile),
    square(11, tile),
    square(20, own, MPEG_ALPHA),
    square(21, own, MPEG_ALPHA),
  ];
  const each = heifFile({
    primary: 1,
    items,
    references: [
      madeOf(10, 11),
      ...[0, 1].map((at) => ({ type: "auxl", from: 20 + at, to: [10 + at] })),
    ],
  });
  assert.equal(await seen(each), "r.r./r.r.");
  const together = heifFile({
    primary: 1,
    items: [
      ...items,
      { ...grid([2, 1], [4, 2]), id: 2, properties: [ispe(4, 2), MPEG_ALPHA], isHidden: true },
    ],
    references: [
      madeOf(10, 11),
      { type: "dimg", from: 2, to: [20, 21] },
      { type: "auxl", from: 2, to: [1] },
    ],
  });
  assert.equal(await seen(together), "r.r./r.r.");
});
