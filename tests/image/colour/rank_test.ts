// Every way in which a format can state its colours, alone and in pairs: what ranks higher is shown. All rows are
// what Chromium 156 shows of the same files, where it does not refuse them.
import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import type { Chunk } from "../../../src/image/formats/png/chunks.ts";
import { ADOBE_RGB, DISPLAY_P3, PROPHOTO } from "../../testing/colours.ts";
import { box, u16Big } from "../../testing/heif_boxes.ts";
import { heifFile, pictureOf } from "../../testing/heif_items.ts";
import { photo, writeByEngine } from "../../testing/photo.ts";
import { look, startEngine } from "../../testing/pictures.ts";
import { pngChunk, pngFile, profileChunk, u32s } from "../../testing/png_file.ts";
import { ascii } from "../../testing/sample_images.ts";
import { transform } from "../../testing/transforming.ts";

await startEngine();

type Rgb = readonly [number, number, number];

const SIDE = 16;
/** The values that are stored, and what they are in the colours that are stated. */
const STORED: Rgb = [192, 96, 48];
const IN = {
  srgb: STORED,
  displayP3: [206, 89, 30],
  adobeRgb: [218, 96, 40],
  proPhoto: [255, 77, 45],
  bt2020: [232, 73, 28],
  bt709OfGamma22: [193, 96, 44],
  gamma18: [203, 115, 63],
  gamma18OfAdobe: [227, 115, 59],
} as const satisfies Record<string, Rgb>;

const FLAT = { ...photo(SIDE, SIDE), data: photo(SIDE, SIDE).data.map((_, at) => STORED[at % 3]!) };

/** A way to state colours: how it is put into a file, what is shown where it counts, and above whom it ranks. */
interface Statement<Part> {
  name: string;
  part: Part;
  /** Undefined where it says nothing that anybody heeds. */
  shown: Rgb | undefined;
}

/** EXIF with the tag of colours, and how it is to be exchanged where that is told. */
function exif(colourSpace: number, exchange?: string): Uint8Array<ArrayBuffer> {
  const block = new Uint8Array(120);
  const view = new DataView(block.buffer);
  block.set([0x49, 0x49, 42, 0, 8]);
  const entry = (at: number, tag: number, [type, value]: [number, number]) => {
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, value, true);
  };
  view.setUint16(8, 1, true);
  entry(10, 0x8769, [4, 26]);
  view.setUint16(26, exchange ? 2 : 1, true);
  entry(28, 0xa001, [3, colourSpace]);
  if (exchange) {
    entry(40, 0xa005, [4, 80]);
    view.setUint16(80, 1, true);
    entry(82, 0x0001, [2, 0]);
    view.setUint32(86, 4, true);
    block.set(ascii(`${exchange}\0`), 90);
  }
  return block;
}

const EXIFS = { sRGB: exif(1, "R98"), none: exif(0xffff), "Adobe RGB": exif(0xffff, "R03") };

const exifs = <Part>(put: (block: Uint8Array) => Part): Statement<Part>[] =>
  Object.entries(EXIFS).map(([name, block]) => ({
    name: `EXIF of ${name}`,
    part: put(block),
    shown: undefined,
  }));

// From the highest rank to the lowest.
const PNG: readonly Statement<Chunk>[] = [
  { name: "cICP", part: pngChunk("cICP", 9, 13, 0, 1), shown: IN.bt2020 },
  { name: "a profile", part: profileChunk(DISPLAY_P3), shown: IN.displayP3 },
  { name: "sRGB", part: pngChunk("sRGB", 0), shown: IN.srgb },
  { name: "gAMA", part: pngChunk("gAMA", ...u32s(55_556)), shown: IN.gamma18 },
  {
    name: "cHRM",
    part: pngChunk("cHRM", ...u32s(31270, 32900, 64000, 33000, 21000, 71000, 15000, 6000)),
    shown: undefined,
  },
  ...exifs((block) => pngChunk("eXIf", ...block)),
];

function png(parts: readonly Chunk[]): Uint8Array {
  const row = [0, ...Array.from({ length: SIDE }, () => STORED).flat()];
  const rows = Uint8Array.from(Array.from({ length: SIDE }, () => row).flat());
  return pngFile({ width: SIDE, height: SIDE, rows, chunks: parts });
}

const segment = (marker: number, name: string, data: Uint8Array) => {
  const length = 2 + name.length + data.length;
  return [0xff, marker, length >> 8, length & 255, ...ascii(name), ...data];
};
const JPEG: readonly Statement<number[]>[] = [
  {
    name: "a profile",
    part: segment(0xe2, "ICC_PROFILE\0\x01\x01", DISPLAY_P3),
    shown: IN.displayP3,
  },
  ...exifs((block) => segment(0xe1, "Exif\0\0", block)),
];

function jpeg(parts: readonly number[][]): Uint8Array {
  const plain = writeByEngine(FLAT, "JPEG", {
    quality: 100,
    defines: { "jpeg:sampling-factor": "1x1" },
  });
  return Uint8Array.of(...plain.subarray(0, 2), ...parts.flat(), ...plain.subarray(2));
}

interface WebpPart {
  name: "ICCP" | "EXIF";
  data: Uint8Array;
}
const WEBP: readonly Statement<WebpPart>[] = [
  { name: "a profile", part: { name: "ICCP", data: DISPLAY_P3 }, shown: IN.displayP3 },
  ...exifs((data): WebpPart => ({ name: "EXIF", data })),
];

function webp(parts: readonly WebpPart[]): Uint8Array {
  const little = (value: number) => [...new Uint8Array(Uint32Array.of(value).buffer)];
  const chunk = (name: string, data: ArrayLike<number>) => [
    ...[...ascii(name), ...little(data.length), ...Array.from(data)],
    ...data.length % 2 === 1 ? [0] : [],
  ];
  const plain = writeByEngine(FLAT, "WEBP", { quality: 100, defines: { "webp:lossless": "true" } });
  const flags = parts.reduce((all, { name }) => all | (name === "ICCP" ? 0x20 : 0x08), 0);
  const of = (wanted: string) =>
    parts.filter(({ name }) => name === wanted).flatMap(({ name, data }) => chunk(name, data));
  const chunks = [
    ...chunk("VP8X", [flags, 0, 0, 0, SIDE - 1, 0, 0, SIDE - 1, 0, 0]),
    ...of("ICCP"),
    ...plain.subarray(12),
    ...of("EXIF"),
  ];
  return Uint8Array.of(...ascii("RIFF"), ...little(chunks.length + 4), ...ascii("WEBP"), ...chunks);
}

const nclx = (primaries: number, transfer: number) =>
  box("colr", ascii("nclx"), [primaries, transfer, 6].flatMap(u16Big), [0x80]);
// Two of a kind make a file that Chromium refuses.
const AVIF: readonly Statement<number[]>[] = [
  {
    name: "a profile",
    part: box("colr", ascii("prof"), [...PROPHOTO]),
    shown: IN.proPhoto,
  },
  { name: "code points", part: nclx(1, 4), shown: IN.bt709OfGamma22 },
];
/** The profile of few kinds takes the place of the one of any. */
const AVIF_OF_FEW_KINDS: readonly Statement<number[]>[] = [
  {
    name: "a restricted profile",
    part: box("colr", ascii("rICC"), [...ADOBE_RGB]),
    shown: IN.adobeRgb,
  },
  { name: "code points that say nothing", part: nclx(2, 2), shown: IN.srgb },
];

/** An AVIF whose stream itself states BT.2020, or nothing. */
const avif = (points: string) => {
  const { data, config, size } = pictureOf(writeByEngine(FLAT, "AVIF", {
    quality: 99,
    defines: { "heic:cicp": points, "heic:chroma": "444", "heic:speed": "9" },
  }));
  return (parts: readonly number[][]) =>
    heifFile({
      primary: 1,
      items: [{ id: 1, type: "av01", data, properties: [config, size, ...parts] }],
    });
};

async function middleOf(file: Uint8Array): Promise<Rgb> {
  const { rgba } = look((await transform(file, "png")).bytes).frames[0]!;
  const at = (SIDE / 2 * SIDE + SIDE / 2) * 4;
  return [rgba[at]!, rgba[at + 1]!, rgba[at + 2]!];
}

async function assertRanks<Part>(
  statements: readonly Statement<Part>[],
  { write, otherwise = IN.srgb, together = {} }: {
    write: (parts: readonly Part[]) => Uint8Array;
    /** What is shown where nothing counts. */
    otherwise?: Rgb;
    /** What two say together that none says alone. */
    together?: Readonly<Record<string, Rgb>>;
  },
): Promise<void> {
  const cases: Statement<Part>[][] = [[], ...statements.map((one) => [one])];
  for (const a of statements) {
    for (const b of statements) if (a !== b) cases.push([a, b]);
  }
  for (const stated of cases) {
    const name = stated.map(({ name }) => name).join(", then ") || "nothing";
    const highest = statements.find((each) => stated.includes(each) && each.shown);
    const pair = statements.filter((each) => stated.includes(each)).map(({ name }) => name).join();
    const expected = together[pair] ?? highest?.shown ?? otherwise;
    const got = await middleOf(write(stated.map(({ part }) => part)));
    const far = Math.max(...expected.map((level, channel) => Math.abs(level - got[channel]!)));
    assert.ok(far <= 3, `${name}: ${got}, not ${expected}`);
  }
}

Deno.test("of all that a PNG states of its colours the highest rank is shown", async () => {
  await assertRanks(PNG, { write: png, together: { "gAMA,cHRM": IN.gamma18OfAdobe } });
});

Deno.test("of all that a JPEG states of its colours its profile is shown", async () => {
  await assertRanks(JPEG, { write: jpeg });
});

Deno.test("of all that a WebP states of its colours its profile is shown", async () => {
  await assertRanks(WEBP, { write: webp });
});

Deno.test("of all that an AVIF states of its colours the highest rank is shown", async () => {
  for (const statements of [AVIF, AVIF_OF_FEW_KINDS]) {
    await assertRanks(statements, { write: avif("2/2/6/1") });
    await assertRanks(statements, { write: avif("9/13/6/1"), otherwise: IN.bt2020 });
  }
});

Deno.test("of all that a TIFF states of its colours its profile is shown", async () => {
  const withProfile = (profile: Uint8Array | undefined) =>
    engine.ImageMagick.read(writeByEngine(FLAT, "PNG"), (image) => {
      if (profile) image.setProfile(new engine.ColorProfile(profile));
      return image.write("TIFF", (bytes) => bytes.slice());
    });
  assert.deepEqual(await middleOf(withProfile(undefined)), IN.srgb);
  const got = await middleOf(withProfile(DISPLAY_P3));
  assert.ok(IN.displayP3.every((level, channel) => Math.abs(level - got[channel]!) <= 3), `${got}`);
});
