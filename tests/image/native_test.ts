// Our results beside those of programs that many trust, where one is installed: the pixels of resizes,
// the colours of profiles, and which way up. A row that differs too much fails with its figure.
import assert from "node:assert/strict";
import { MagickFormat } from "@imagemagick/magick-wasm";
import type { Rect, Size } from "../../src/image/pixels/geometry.ts";
import { readHeader } from "../../src/image/formats/read_header.ts";
import { ADOBE_RGB, type Colour, difference, PROPHOTO, SRGB_PROFILE } from "../testing/colours.ts";
import { findNativeTools, type NativeTool } from "../testing/native_tools.ts";
import { photo, writeByEngine } from "../testing/photo.ts";
import { look, psnr, startEngine } from "../testing/pictures.ts";
import { hasSharedImages, sharedImage } from "../testing/shared_images.ts";
import { transform } from "../testing/transforming.ts";

/** Files of one test, and the program that it is about. */
interface Bench {
  tool: NativeTool;
  /** Writes a file and says where it lies. */
  put(name: string, bytes: Uint8Array): Promise<string>;
}

type MakeFile = (bench: Bench) => Promise<string>;

interface Picture {
  name: string;
  /** Undefined where it takes ../shared/images and that is not here. */
  make: MakeFile | undefined;
  /** The least PSNR in dB by row; 40 unless told. */
  least?: Readonly<Record<string, number>>;
}

const shared = (name: string): MakeFile | undefined =>
  hasSharedImages ? ({ put }) => put(name, sharedImage(name)) : undefined;

// A JPEG is decoded with 1.75 times the samples of its result (src/image/formats/jpeg/jpeg_size.ts), which against a
// full decode leaves 38.5 to 39.7 dB; rows that take all of its pixels keep to 40.
const SHRUNK_BY_ITS_DECODER = { "200x": 38, "720x": 38, "500x500": 38 };

const PICTURES: readonly Picture[] = [
  { name: "a made-up photo", make: madeUp(3) },
  { name: "a made-up photo with alpha", make: madeUp(4) },
  { name: "alpha-2048x1536.png", make: shared("alpha-2048x1536.png") },
  {
    name: "photo-2725x2225.jpg stored losslessly",
    make: hasSharedImages ? losslessPhoto : undefined,
  },
  {
    name: "photo-2725x2225.jpg",
    make: shared("photo-2725x2225.jpg"),
    least: SHRUNK_BY_ITS_DECODER,
  },
];

interface Resize {
  options: string;
  region: (size: Size) => Rect;
  scaleUp?: boolean;
}

const whole = ({ width, height }: Size): Rect => ({ x: 0, y: 0, width, height });
const middleSquare = ({ width, height }: Size): Rect => ({
  x: (width - height) / 2,
  y: 0,
  width: height,
  height,
});

const RESIZES: readonly Resize[] = [
  { options: "200x", region: whole },
  { options: "720x", region: whole },
  { options: "1400x", region: whole },
  { options: "500x500", region: middleSquare },
  {
    options: "cx301,cy199,cw1200,ch900,640x",
    region: () => ({ x: 301, y: 199, width: 1200, height: 900 }),
  },
  {
    options: "cx301,cy199,cw400,ch300,1000x",
    region: () => ({ x: 301, y: 199, width: 400, height: 300 }),
    scaleUp: true,
  },
];

const TOOLS = await findNativeTools();

for (const { name, make, least = {} } of PICTURES) {
  compare(`resizes of ${name} are those of`, make, async (bench, file) => {
    const source = await Deno.readFile(file);
    for (const { options, region, scaleUp = false } of RESIZES) {
      if (scaleUp && !bench.tool.enlarges) continue;
      const ours = look((await transform(source, `${options},png`, { scaleUp })).bytes);
      const target = { width: ours.width, height: ours.height };
      const theirs = await bench.tool.resize(file, { region: region(readHeader(source)!), target });
      const db = likeness(ours.frames[0]!.rgba, theirs);
      assert.ok(db >= (least[options] ?? 40), `${options}: ${db.toFixed(2)} dB`);
    }
  });
}

interface ColourRow {
  name: string;
  make: MakeFile | undefined;
  /** What the program is given, where that is not the same file. */
  reference?: MakeFile | undefined;
}

const COLOURS: readonly ColourRow[] = [
  { name: "cmyk-swop.jpg", make: shared("cmyk-swop.jpg") },
  {
    name: "cmyk-no-profile.jpg",
    make: shared("cmyk-no-profile.jpg"),
    reference: shared("cmyk-swop.jpg"),
  },
  { name: "display-p3-8x8.png", make: shared("display-p3-8x8.png") },
  // libvips writes inverted CMYK, ImageMagick YCCK; both with Adobe's marker.
  {
    name: "a CMYK JPEG of the program's own",
    make: hasSharedImages ? recompressedCmyk : undefined,
  },
  { name: "a made-up photo in Adobe RGB", make: inProfile(ADOBE_RGB) },
  { name: "a made-up photo in ProPhoto RGB", make: inProfile(PROPHOTO) },
];

for (const { name, make, reference } of COLOURS) {
  compare(`the colours of ${name} are those of`, make, async (bench, file) => {
    const profile = await bench.put("srgb.icc", SRGB_PROFILE);
    const ours = look((await transform(await Deno.readFile(file), "png")).bytes);
    const theirs = await bench.tool.toSrgb(reference ? await reference(bench) : file, profile);
    const mean = meanDifference(ours.frames[0]!.rgba, theirs);
    assert.ok(mean <= 3, `ΔE ${mean.toFixed(2)}`);
  });
}

for (let orientation = 1; orientation <= 8; orientation++) {
  const name = `orientation-${orientation}.jpg`;
  // All but the first have a profile, too.
  compare(`${name} is as upright as by`, shared(name), async ({ tool, put }, file) => {
    const profile = await put("srgb.icc", SRGB_PROFILE);
    const ours = look((await transform(await Deno.readFile(file), "png")).bytes);
    const db = likeness(ours.frames[0]!.rgba, await tool.toSrgb(file, profile));
    assert.ok(db >= 40, `${db.toFixed(2)} dB`);
  });
}

/** One test for each program, of a file that is made for it. */
function compare(
  title: string,
  make: MakeFile | undefined,
  test: (bench: Bench, file: string) => Promise<void>,
): void {
  for (const [name, tool] of Object.entries(TOOLS)) {
    const missing = !tool ? `no ${name}` : !make ? "no ../shared/images" : "";
    Deno.test({
      name: `${title} ${name}${missing && ` (skipped: ${missing})`}`,
      ignore: missing !== "",
      async fn() {
        await startEngine();
        const folder = await Deno.makeTempDir({ prefix: "imageproxy-native-" });
        const put = async (file: string, bytes: Uint8Array) => {
          await Deno.writeFile(`${folder}/${file}`, bytes);
          return `${folder}/${file}`;
        };
        try {
          const bench = { tool: tool!, put };
          await test(bench, await make!(bench));
        } finally {
          await Deno.remove(folder, { recursive: true });
        }
      },
    });
  }
}

/** Has soft and hard edges of its transparency where it has any, and hidden colours. */
function madeUp(channels: 3 | 4): MakeFile {
  return ({ put }) => {
    const pixels = photo(1600, 1200, { channels });
    for (let at = 3; channels === 4 && at < pixels.data.length; at += 4) {
      const x = (at >> 2) % pixels.width, y = Math.floor((at >> 2) / pixels.width);
      const wave = 128 + 200 * Math.sin(x / 83) * Math.cos(y / 61);
      pixels.data[at] = (x >> 7) + (y >> 7) & 1 ? Math.max(0, Math.min(255, wave)) : 255;
    }
    return put("photo.png", writeByEngine(pixels, MagickFormat.Png, { quality: 10 }));
  };
}

async function losslessPhoto({ tool, put }: Bench): Promise<string> {
  const to = await put("photo.png", new Uint8Array());
  await tool.convert(await put("photo.jpg", sharedImage("photo-2725x2225.jpg")), to);
  return to;
}

async function recompressedCmyk({ tool, put }: Bench): Promise<string> {
  const to = await put("again.jpg", new Uint8Array());
  await tool.convert(await put("cmyk-swop.jpg", sharedImage("cmyk-swop.jpg")), to);
  const { marker, transform } = adobeMarker(await Deno.readFile(to));
  assert.deepEqual([marker, transform], ["Adobe", tool.name === "libvips" ? 0 : 2]);
  return to;
}

/** The same numbers as colours of a wider space, many of which lie outside sRGB. */
function inProfile(bytes: Uint8Array): MakeFile {
  return async ({ tool, put }) => {
    const file = await put("plain.png", writeByEngine(photo(300, 200), MagickFormat.Png));
    const to = await put("profiled.png", new Uint8Array());
    await tool.assignProfile(file, { profile: await put("wide.icc", bytes), to });
    return to;
  };
}

/** The name in a JPEG's APP14 segment and how it says that the colours are stored. */
function adobeMarker(jpeg: Uint8Array): { marker: string; transform: number | undefined } {
  const at = jpeg.findIndex((byte, index) => byte === 0xff && jpeg[index + 1] === 0xee) + 4;
  return {
    marker: String.fromCharCode(...jpeg.subarray(at, at + 5)),
    transform: jpeg[at + 11],
  };
}

/** PSNR of RGBA against RGB, or against RGBA with the colours of both premultiplied. */
function likeness(rgba: Uint8Array, theirs: Uint8Array): number {
  const opaque = theirs.length === rgba.length / 4 * 3;
  if (opaque) return psnr(withoutAlpha(rgba), theirs);
  assert.equal(theirs.length, rgba.length);
  return psnr(premultiplied(rgba), premultiplied(theirs));
}

function meanDifference(rgba: Uint8Array, theirs: Uint8Array): number {
  const ours = withoutAlpha(rgba);
  assert.equal(theirs.length, ours.length);
  const colour = (from: Uint8Array, at: number) =>
    [...from.subarray(at, at + 3)] as unknown as Colour;
  let sum = 0;
  for (let at = 0; at < ours.length; at += 3) {
    sum += difference(colour(ours, at), colour(theirs, at));
  }
  return sum / (ours.length / 3);
}

function withoutAlpha(rgba: Uint8Array): Uint8Array {
  assert.ok(rgba.every((value, at) => at % 4 < 3 || value === 255), "Ours is not opaque");
  return rgba.filter((_, at) => at % 4 < 3);
}

function premultiplied(rgba: Uint8Array): Uint8Array {
  return rgba.map((value, at) => at % 4 === 3 ? value : Math.round(value * rgba[at | 3]! / 255));
}
