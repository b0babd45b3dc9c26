import assert from "node:assert/strict";
import { MagickError } from "@imagemagick/magick-wasm";
import { rgbProfile, SRGB } from "../../../../src/image/colour/icc_profile.ts";
import { lossyPictureOf, riffOf } from "../../../../src/image/formats/webp/webp_frames.ts";
import { photo, readByEngine, writeByEngine } from "../../../testing/photo.ts";
import { letters, look, picture, startEngine } from "../../../testing/pictures.ts";
import { exifProfile } from "../../../testing/sample_images.ts";
import { transform } from "../../../testing/transforming.ts";

await startEngine();

const SCALE = 32;

function chunk(name: string, content: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(8 + content.length);
  bytes.set(new TextEncoder().encode(name));
  new DataView(bytes.buffer).setUint32(4, content.length, true);
  bytes.set(content, 8);
  return bytes;
}

/** A lossy WebP of letters, with what else its file says. */
function lossyOf(
  row: string,
  { icc, exif, alpha = false }: { icc?: Uint8Array; exif?: Uint8Array; alpha?: boolean } = {},
): Uint8Array<ArrayBuffer> {
  const pixels = readByEngine(picture([row], { scale: SCALE }), "PNG");
  const lossy = { quality: 90, defines: { "webp:lossless": "false" } };
  const bitstream = lossyPictureOf(writeByEngine(pixels, "WEBP", lossy))!;
  const flags = (icc ? 0x20 : 0) | (alpha ? 0x10 : 0) | (exif ? 0x08 : 0);
  const [right, bottom] = [pixels.width - 1, pixels.height - 1];
  const head = Uint8Array.of(flags, 0, 0, 0, right & 255, right >> 8, 0, bottom, 0, 0);
  return Uint8Array.from(riffOf([
    chunk("VP8X", head),
    ...(icc ? [chunk("ICCP", icc)] : []),
    chunk("VP8 ", bitstream),
    ...(exif ? [chunk("EXIF", exif)] : []),
  ]));
}

// Green and red stand in each other's place.
const { red, green, ...rest } = SRGB;
const SWAPPED = rgbProfile("swapped", { ...rest, red: green, green: red });

Deno.test("of a lossy WebP profile and orientation are heeded, whole and shrunk", async () => {
  const rows = [
    ["as it is", {}, "rgb"],
    ["under a profile", { icc: SWAPPED }, "grb"],
    ["turned over", { exif: exifProfile(3).slice(6) }, "bgr"],
    ["both", { icc: SWAPPED, exif: exifProfile(3).slice(6) }, "brg"],
    ["said to be transparent", { alpha: true }, "rgb"],
  ] as const;
  for (const [name, says, wanted] of rows) {
    const file = lossyOf("rgb", says);
    for (
      const [options, scale] of [["png", SCALE], ["48x,png", SCALE / 2], [
        "24x,png",
        SCALE / 4,
      ]] as const
    ) {
      const seen = look((await transform(file, options)).bytes);
      assert.deepEqual(letters(seen, { scale }), [wanted], `${name}, ${options}`);
    }
  }
});

Deno.test("a lossy WebP that says more bytes of its picture than of its file goes to the engine", async () => {
  const file = lossyOf("rgb");
  assert.ok(lossyPictureOf(file));
  new DataView(file.buffer).setUint32(4, 40, true);
  assert.equal(lossyPictureOf(file), undefined);
  await assert.rejects(
    transform(file, "png"),
    ({ code, cause }) => code === "undecodable" && cause instanceof MagickError,
  );
});

Deno.test("a lossy WebP comes to no other picture by our decoder than by the engine's", async () => {
  const lossy = { quality: 80, defines: { "webp:lossless": "false" } };
  const bytes = writeByEngine(photo(161, 97), "WEBP", lossy);
  const wanted = readByEngine(bytes, "WEBP").data;
  const { rgba } = look((await transform(bytes, "png")).bytes).frames[0]!;
  assert.ok(wanted.every((sample, at) => sample === rgba[Math.floor(at / 3) * 4 + at % 3]));
});
