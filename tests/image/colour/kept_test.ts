// Whatever of its colours and words a result keeps, it looks as the original does, from every format into every one.
import assert from "node:assert/strict";
import * as engine from "@imagemagick/magick-wasm";
import { readHeader } from "../../../src/image/formats/read_header.ts";
import { PROPHOTO } from "../../testing/colours.ts";
import { photo, writeByEngine } from "../../testing/photo.ts";
import { look, startEngine } from "../../testing/pictures.ts";
import { pngChunk, pngFile } from "../../testing/png_file.ts";
import { transform } from "../../testing/transforming.ts";

await startEngine();

type Rgb = readonly [number, number, number];

const SIDE = 16;
const STORED: Rgb = [192, 96, 48];
const FLAT = { ...photo(SIDE, SIDE), data: photo(SIDE, SIDE).data.map((_, at) => STORED[at % 3]!) };
const EXACT = { "heic:chroma": "444", "heic:speed": "9", "jpeg:sampling-factor": "1x1" };

/** The flat picture with a profile of wide colours. */
function withProfile(format: "JPEG" | "PNG" | "WEBP" | "AVIF" | "JXL" | "TIFF"): Uint8Array {
  return engine.ImageMagick.read(writeByEngine(FLAT, "PNG"), (image) => {
    image.setProfile(new engine.ColorProfile(PROPHOTO));
    image.quality = format === "AVIF" ? 99 : 100;
    for (const [name, value] of Object.entries(EXACT)) image.settings.setDefine(name, value);
    return image.write(format, (bytes) => bytes.slice());
  });
}

const row = [0, ...Array.from({ length: SIDE }, () => STORED).flat()];

// what the file is, whether its colours are those of a profile, and what they look like
const ORIGINALS: readonly (readonly [name: string, file: Uint8Array, hasProfile: boolean, Rgb])[] =
  [
    ...(["JPEG", "PNG", "WEBP", "AVIF", "JXL", "TIFF"] as const).map((format) =>
      [`${format} with a profile`, withProfile(format), true, [255, 77, 45]] as const
    ),
    [
      "PNG with cICP",
      pngFile({
        width: SIDE,
        height: SIDE,
        rows: Uint8Array.from(Array.from({ length: SIDE }, () => row).flat()),
        chunks: [pngChunk("cICP", 9, 13, 0, 1)],
      }),
      false,
      [232, 73, 28],
    ],
    [
      "AVIF with code points",
      writeByEngine(FLAT, "AVIF", { quality: 99, defines: { ...EXACT, "heic:cicp": "9/13/6/1" } }),
      false,
      [232, 73, 28],
    ],
  ];

/** Into what, and whether that holds a profile of colours. */
const RESULTS: readonly (readonly [options: string, holdsProfile: boolean])[] = [
  ["jpeg,quality:100", true],
  ["png", true],
  ["webp,lossless", true],
  ["avif,quality:100", true],
  ["jxl,quality:100", false],
  ["jxl,lossless", true],
  ["tiff", true],
  ["gif", false],
];

async function middleOf(file: Uint8Array): Promise<Rgb> {
  const { rgba } = look((await transform(file, "png")).bytes).frames[0]!;
  const at = (SIDE / 2 * SIDE + SIDE / 2) * 4;
  return [rgba[at]!, rgba[at + 1]!, rgba[at + 2]!];
}

for (const [name, file, hasProfile, shown] of ORIGINALS) {
  Deno.test(`a ${name} looks the same in every format, whatever is kept`, async () => {
    for (const [format, holdsProfile] of RESULTS) {
      for (const kept of ["meta:keep", "icc:keep,meta:keep"]) {
        const options = `${kept},${format}`;
        const { bytes } = await transform(file, options);
        const got = await middleOf(bytes);
        const far = Math.max(...shown.map((level, channel) => Math.abs(level - got[channel]!)));
        assert.ok(far <= 4, `${options}: ${got}, not ${shown}`);
        const isKept = hasProfile && holdsProfile && kept.startsWith("icc:keep");
        assert.equal(readHeader(bytes)!.hasProfile, isKept, options);
      }
    }
  });
}
