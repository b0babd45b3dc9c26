import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import type { Effort } from "../../../../src/image/formats/coding/encoding.ts";
import { DEFAULT_ENCODING } from "../../../../src/image/formats/encoding.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { box, u16Big, u32Big } from "../../../testing/heif_boxes.ts";
import { avifWith, dataOf, findType } from "../../../testing/heif_files.ts";
import { photo, writeByEngine } from "../../../testing/photo.ts";
import { letters, look, picture, startEngine } from "../../../testing/pictures.ts";
import { ascii } from "../../../testing/sample_images.ts";
import { transform } from "../../../testing/transforming.ts";

await startEngine();

/** As large as shows that a crop to a part of it is not refused. */
const SCALE = 80;

function avif(rows: readonly string[], scale = SCALE): Uint8Array<ArrayBuffer> {
  return engine.ImageMagick.read(picture(rows, { scale }), (image) => {
    image.quality = 99;
    image.settings.setDefine("heic:chroma", "444");
    image.settings.setDefine("heic:speed", "9");
    return image.write("AVIF", (bytes) => bytes.slice());
  });
}

const STORED = avif(["rgy", "bcm"]);

async function seen(bytes: Uint8Array, scale = SCALE): Promise<string> {
  return letters(look((await transform(bytes, "png")).bytes), { scale }).join("/");
}

const irot = (quarters: number) => box("irot", [quarters]);
const imir = (axis: number) => box("imir", [axis]);
/** So many letters around a centre so many letters off. */
const clap = (width: number, height: number, x: number, y: number) =>
  box("clap", [width * SCALE, 1, height * SCALE, 1, x * SCALE, 2, y * SCALE, 2].flatMap(u32Big));

// properties, what is seen
const CHANGES: readonly (readonly [string, number[][], string])[] = [
  ["no change", [], "rgy/bcm"],
  ["a quarter turn", [irot(1)], "ym/gc/rb"],
  ["a half turn", [irot(2)], "mcb/ygr"],
  ["left and right exchanged", [imir(1)], "ygr/mcb"],
  ["top and bottom exchanged", [imir(0)], "bcm/rgy"],
  ["a turn and a mirror", [irot(1), imir(1)], "my/cg/br"],
  ["a crop to one letter", [clap(1, 1, 2, -1)], "y"],
  ["a crop to two", [clap(2, 1, -1, 1)], "bc"],
  ["a crop, a turn and a mirror", [clap(2, 2, -1, 0), irot(1), imir(0)], "rb/gc"],
  ["a turn, then a crop of what is upright", [irot(1), clap(1, 2, 1, -1)], "m/c"],
];

for (const [name, properties, expected] of CHANGES) {
  Deno.test(`an AVIF is shown with ${name}`, async () => {
    const bytes = avifWith(STORED, { properties });
    assert.equal(await seen(bytes), expected);
    const half = look((await transform(bytes, "0.5x,png")).bytes);
    assert.equal(letters(half, { scale: SCALE / 2 }).join("/"), expected);
  });
}

Deno.test("a crop that makes no sense is no crop", async () => {
  for (const numbers of [[0, 1, 0, 1, 0, 1, 0, 1], [10, 0, 10, 1, 0, 1, 0, 1]]) {
    const bytes = avifWith(STORED, { properties: [box("clap", numbers.flatMap(u32Big))] });
    assert.equal(await seen(bytes), "rgy/bcm");
  }
});

Deno.test("alpha is turned with its picture, whatever is said of it", async () => {
  const bytes = avif(["r.g", "b.."]);
  // A property of the picture alone becomes a turn: how many bits its three channels have.
  const at = bytes.findIndex((_, index) =>
    [...ascii("pixi"), 0, 0, 0, 0, 3].every((byte, place) => bytes[index + place] === byte)
  );
  bytes.set([...ascii("irot"), 1], at);
  assert.equal(await seen(bytes), "g./../rb");
});

Deno.test("a meta box that comes last and tells no size is read", async () => {
  assert.equal(await seen(avifWith(STORED, { sizeless: true })), "rgy/bcm");
});

/** A sequence of red and green whose primary picture is a blue one. */
function sequence(majorBrand: string): Uint8Array<ArrayBuffer> {
  const settings = new engine.MagickReadSettings({
    format: "RGB",
    width: 48,
    height: 48,
    depth: 8,
  });
  const raw = [[255, 0, 0], [0, 255, 0]].flatMap((colour) => Array(48 * 48).fill(colour).flat());
  const moving = engine.ImageMagick.readCollection(Uint8Array.from(raw), settings, (frames) => {
    for (const frame of frames) frame.quality = 90;
    return frames.write("AVIF", (bytes) => bytes.slice());
  });
  const still = avif(["b"], 48);
  const blue = still.subarray(...dataOf(still));
  const bytes = new Uint8Array(moving.length + blue.length);
  bytes.set(moving);
  bytes.set(blue, moving.length);
  const view = new DataView(bytes.buffer);
  // The engine writes one item in one piece, with a base of 32 bits.
  const iloc = findType(bytes, "iloc") + 8;
  view.setUint32(iloc + 12, moving.length);
  view.setUint32(iloc + 22, blue.length);
  bytes.set(ascii(majorBrand), 8);
  return bytes;
}

/** The brands of an HEVC file, in place of AVIF's; what they hold is the same. */
function asHeic(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  for (let at = 16; at < new DataView(bytes.buffer).getUint32(0); at += 4) {
    if (/^avi/.test(String.fromCharCode(...bytes.subarray(at, at + 4)))) {
      bytes.set(ascii("heic"), at);
    }
  }
  return bytes;
}

Deno.test("of a file with a sequence and a picture an AVIF is what its major brand says", async () => {
  assert.equal(await seen(sequence("avis"), 48), "r");
  assert.equal(await seen(sequence("mif1"), 48), "r");
  assert.equal(await seen(sequence("avif"), 48), "b");
  assert.deepEqual(
    ["avis", "avif"].map((brand) => readHeader(sequence(brand))!.animated),
    [true, false],
  );
});

Deno.test("of a file with a sequence and a picture any other is its picture", async () => {
  for (const brand of ["heic", "mif1", "msf1"]) {
    const bytes = asHeic(sequence(brand));
    assert.equal(readHeader(bytes)!.animated, false);
    assert.equal(await seen(bytes, 48), "b", brand);
  }
});

Deno.test("a sequence needs no primary picture, whatever its brand", async () => {
  for (const brand of ["avis", "avif"]) {
    const bytes = sequence(brand);
    bytes.set(ascii("free"), findType(bytes, "pitm") + 4);
    assert.equal(await seen(bytes, 48), "r", brand);
  }
});

/** The picture in a file of as few words as can be, under an EXIF orientation. */
function miniOf(picture: Uint8Array, { side, orientation }: { side: number; orientation: number }) {
  const data = picture.subarray(...dataOf(picture));
  const config = picture.subarray(findType(picture, "av1C") + 8, findType(picture, "av1C") + 12);
  const number = (value: number, bits: number) => value.toString(2).padStart(bits, "0");
  const bits = [
    // Version 0, values of the full range, nothing else, colours at full resolution.
    ...["00", "0", "0", "1", "0", "0", "0", "0", "0", "0", "11", number(orientation - 1, 3)],
    // Sides of 15 bits, samples of 8.
    ...["1", number(side - 1, 15), number(side - 1, 15), "0"],
    // A short description of the codec and short data.
    ...["0", "0", number(config.length, 3), number(data.length - 1, 15)],
  ].join("");
  const bytes = bits.match(/.{1,8}/g)!.map((byte) => parseInt(byte.padEnd(8, "0"), 2));
  const ftyp = box("ftyp", ascii("mif3"), ascii("avif"));
  return Uint8Array.from([...ftyp, ...box("mini", bytes, [...config], [...data])]);
}

Deno.test("a picture of few words is read, and lies as it says", async () => {
  const stored = avif(["rg", "by"], 32);
  for (const [orientation, expected] of [[1, "rg/by"], [6, "br/yg"], [2, "gr/yb"]] as const) {
    const bytes = miniOf(stored, { side: 64, orientation });
    const { format, width, height, bitDepth } = readHeader(bytes)!;
    assert.deepEqual([format, width, height, bitDepth], ["avif", 64, 64, 8]);
    assert.equal(await seen(bytes, 32), expected);
  }
});

Deno.test("the shortest files are read too", async () => {
  const bytes = miniOf(avif(["r"], 8), { side: 8, orientation: 1 });
  assert.ok(bytes.length < 128, `${bytes.length}`);
  assert.equal(await seen(bytes, 8), "r");
});

/** A grid of two by two whose tiles are one item, and a thumbnail that is called that twice. */
function sameTiles(): Uint8Array<ArrayBuffer> {
  const none = [0, 0, 0, 0];
  const tile = avif(["rg", "by"], 32);
  const data = tile.subarray(...dataOf(tile));
  const size = (side: number) => box("ispe", none, u32Big(side), u32Big(side));
  const config = tile.subarray(findType(tile, "av1C"), findType(tile, "av1C") + 12);
  const item = (id: number, type: string) =>
    box("infe", [2, 0, 0, 0], u16Big(id), u16Big(0), ascii(type), [0]);
  // Two rows and columns less one, and the sides of the whole.
  const grid = [0, 0, 1, 1, ...u16Big(128), ...u16Big(128)];
  const ftyp = box("ftyp", ascii("avif"), none, ascii("mif1"), ascii("miaf"));
  const meta = (at: number) => {
    const place = (id: number, from: number, length: number) =>
      [...[id, 0, 1].map(u16Big), u32Big(from), u32Big(length)].flat();
    return box(
      "meta",
      none,
      box("hdlr", none, none, ascii("pict"), Array(12).fill(0), [0]),
      box("pitm", none, u16Big(1)),
      box("iloc", none, [0x44, 0], u16Big(2), place(1, at, 8), place(2, at + 8, data.length)),
      box("iinf", none, u16Big(2), item(1, "grid"), item(2, "av01")),
      box(
        "iref",
        none,
        box("dimg", ...[1, 4, 2, 2, 2, 2].map(u16Big)),
        box("thmb", ...[2, 2, 1, 1].map(u16Big)),
      ),
      box(
        "iprp",
        box("ipco", size(128), [...config], size(64)),
        box("ipma", none, u32Big(2), u16Big(1), [1, 1], u16Big(2), [2, 0x82, 3]),
      ),
    );
  };
  const at = ftyp.length + meta(0).length + 8;
  return Uint8Array.from([...ftyp, ...meta(at), ...box("mdat", grid, [...data])]);
}

Deno.test("a grid may name the same tile again and again", async () => {
  assert.equal(await seen(sameTiles(), 32), "rgrg/byby/rgrg/byby");
});

Deno.test("a meta box that names an item twice is written anew behind a box without a size", async () => {
  const bytes = sameTiles();
  new DataView(bytes.buffer).setUint32(findType(bytes, "mdat"), 0);
  assert.equal(await seen(bytes, 32), "rgrg/byby/rgrg/byby");
});

Deno.test("black and white of video are those of a grey AVIF too", async () => {
  // No encoder at hand writes greys but for alpha, here of 128.
  const half = engine.ImageMagick.read(picture(["r.", ".r"], { scale: 32 }), (image) => {
    const data = Uint8Array.from({ length: 64 * 64 * 4 }, (_, at) => at % 4 === 3 ? 128 : 90);
    image.getPixels((area) => area.setArea(0, 0, 64, 64, data));
    image.quality = 90;
    return image.write("AVIF", (bytes) => bytes.slice());
  });
  const nclx = (range: number) => box("colr", ascii("nclx"), [0, 1, 0, 13, 0, 6, range]);
  for (const [range, level] of [[0x80, 128], [0, 130]] as const) {
    const bytes = avifWith(half, { properties: [nclx(range)], isAlpha: true });
    assert.equal(readHeader(bytes)!.colorModel, "grey");
    const { frames } = look((await transform(bytes, "png")).bytes);
    assert.ok(Math.abs(frames[0]!.rgba[0]! - level) <= 1, `${frames[0]!.rgba.slice(0, 4)}`);
  }
});

/** An AVIF whose alpha calls itself one of video's range. */
function withNarrowAlpha(avif: Uint8Array): Uint8Array<ArrayBuffer> {
  const [start] = dataOf(avif, { isAlpha: true });
  assert.equal(readHeader(avif)!.isAlphaNarrow, undefined);
  // The last bit of the sequence header that decides it, wherever what stands before that ends.
  for (let bit = 24 * 8; bit-- > 0;) {
    const bytes = Uint8Array.from(avif);
    bytes[start + (bit >> 3)]! ^= 0x80 >> (bit & 7);
    try {
      if (readHeader(bytes)?.isAlphaNarrow) return bytes;
    } catch {
      // Another bit ends the header too early.
    }
  }
  throw new Error("There is no such bit");
}

Deno.test("alpha of video's range is brought to the full one", async () => {
  const alphaAt = (pixel: number) => pixel % 64 < 32 ? 16 : pixel < 64 * 32 ? 126 : 235;
  const data = Uint8Array.from(
    { length: 64 * 64 * 4 },
    (_, at) => at % 4 === 3 ? alphaAt(at >> 2) : 90,
  );
  const raw = new engine.MagickReadSettings({ format: "RGBA", width: 64, height: 64, depth: 8 });
  const full = engine.ImageMagick.read(data, raw, (image) => {
    image.quality = 99;
    return image.write("AVIF", (bytes) => bytes.slice());
  });
  for (
    const [bytes, expected] of [[full, [16, 126, 235]], [withNarrowAlpha(full), [
      0,
      128,
      255,
    ]]] as const
  ) {
    const { rgba } = look((await transform(bytes, "png")).bytes).frames[0]!;
    const seen = [8 * 64 + 8, 8 * 64 + 56, 56 * 64 + 56].map((pixel) => rgba[pixel * 4 + 3]!);
    assert.ok(seen.every((alpha, at) => Math.abs(alpha - expected[at]!) <= 2), `${seen}`);
  }
});

Deno.test("the edges of an AVIF of colours at half the size are as the rest of it", async () => {
  for (const [width, height] of [[64, 48], [63, 47]] as const) {
    const picture = photo(width, height, { grain: 4 });
    const file = writeByEngine(picture, "AVIF", {
      quality: 95,
      defines: { "heic:chroma": "420", "heic:speed": "9" },
    });
    const { rgba } = look((await transform(file, "png")).bytes).frames[0]!;
    const isEdge = (x: number, y: number) =>
      x === 0 || y === 0 || x === width - 1 || y === height - 1;
    const far = { edge: 0, inside: 0 };
    for (let pixel = 0; pixel < width * height; pixel++) {
      const x = pixel % width, y = Math.floor(pixel / width);
      const where = isEdge(x, y) ? "edge" : "inside";
      for (let channel = 0; channel < 3; channel++) {
        const off = Math.abs(rgba[pixel * 4 + channel]! - picture.data[pixel * 3 + channel]!);
        far[where] = Math.max(far[where], off);
      }
    }
    assert.ok(far.edge <= far.inside + 10, `${width}x${height}: ${JSON.stringify(far)}`);
  }
});

Deno.test("AVIFs of photos are written faster than those of drawings, which would be much larger", async () => {
  const written = async (file: Uint8Array, effort: Effort) => {
    const encoding = { ...DEFAULT_ENCODING, effort };
    return (await transform(file, "avif,q60", { encoding })).bytes;
  };
  const seen = writeByEngine(photo(320, 240), "PNG");
  assert.deepEqual(await written(seen, 2), await written(seen, 1));
  const drawn = picture(["wkwkkw", "kwkwwk", "wwkwkk", "rwwbww"], { scale: 37 });
  const [fast, ordinary] = [await written(drawn, 1), await written(drawn, 2)];
  assert.ok(ordinary.length < fast.length * 0.9, `${ordinary.length} of ${fast.length}`);
});
