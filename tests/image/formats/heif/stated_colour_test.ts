import assert from "node:assert/strict";
import { BT709, SRGB_CURVE } from "../../../../src/image/colour/icc_profile.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { photo, writeByEngine } from "../../../testing/photo.ts";
import { look, startEngine } from "../../../testing/pictures.ts";
import { transform } from "../../../testing/transforming.ts";

await startEngine();

type Rgb = readonly [number, number, number];

function plain(colour: Rgb) {
  const pixels = photo(32, 32, { channels: 3 });
  return { ...pixels, data: pixels.data.map((_, at) => colour[at % 3]!) };
}

/** An AVIF whose boxes and stream name the code points: primaries, transfer, matrix, range. */
function avif(colour: Rgb, points: string): Uint8Array {
  return writeByEngine(plain(colour), "AVIF", {
    quality: 99,
    defines: { "heic:cicp": points, "heic:chroma": "444", "heic:speed": "9" },
  });
}

async function middleOf(bytes: Uint8Array, options: string): Promise<Rgb> {
  const result = await transform(bytes, options);
  const { rgba } = look(result.bytes).frames[0]!;
  return [...rgba.subarray((16 * 32 + 16) * 4, (16 * 32 + 16) * 4 + 3)] as unknown as Rgb;
}

function assertNear(got: Rgb, wanted: Rgb, message: string): void {
  const far = Math.max(...wanted.map((value, channel) => Math.abs(value - got[channel]!)));
  assert.ok(far <= 3, `${message}: ${got}, not ${wanted}`);
}

// code points, a colour, what Chromium 156 shows
const ROWS: readonly (readonly [string, Rgb, Rgb])[] = [
  ["1/13/6/1", [192, 96, 48], [192, 96, 48]],
  ["12/13/6/1", [192, 96, 48], [206, 89, 30]],
  ["12/2/6/1", [192, 96, 48], [206, 89, 30]],
  ["9/13/9/1", [192, 96, 48], [232, 73, 28]],
  ["6/13/6/1", [192, 96, 48], [188, 98, 47]],
  ["2/2/6/1", [192, 96, 48], [192, 96, 48]],
  // Not as in a PNG: what encoders call video is sRGB to them.
  ["1/1/1/1", [192, 96, 48], [192, 96, 48]],
  ["1/8/1/1", [192, 96, 48], [225, 165, 120]],
  ["1/4/1/1", [192, 96, 48], [193, 96, 44]],
  ["9/16/9/1", [128, 128, 128], [132, 132, 132]],
  ["1/18/1/1", [192, 96, 48], [172, 76, 36]],
  // With a matrix that is derived from the primaries Chromium leaves them, and the transfer, out of account.
  ["12/16/12/1", [192, 96, 48], [192, 96, 48]],
];

for (const [points, stored, shown] of ROWS) {
  Deno.test(`an AVIF of the code points ${points} looks as in a browser`, async () => {
    const bytes = avif(stored, points);
    for (const options of ["png", "png,icc:keep"]) {
      assertNear(await middleOf(bytes, options), shown, options);
    }
  });
}

Deno.test("what an AVIF's stream says counts where no box says anything", async () => {
  const bytes = avif([192, 96, 48], "12/13/6/1");
  const at = indexOf(bytes, "colr");
  assert.ok(at > 0);
  bytes.set([...text("free")], at);
  assertNear(await middleOf(bytes, "png"), [206, 89, 30], "without the box");
});

Deno.test("an AVIF made of an AVIF says nothing but sRGB", async () => {
  for (const points of ["12/13/6/1", "9/16/9/1", "1/8/6/1"]) {
    for (const options of ["avif", "avif,icc:keep", "avif,meta:keep", "16x,avif"]) {
      const { bytes } = await transform(avif([192, 96, 48], points), options);
      const { primaries, transfer } = readHeader(bytes)!.colour ?? {};
      assert.deepEqual(primaries ?? BT709, BT709, `${points}, ${options}`);
      assert.deepEqual(transfer ?? SRGB_CURVE, SRGB_CURVE, `${points}, ${options}`);
    }
  }
});

/** 16×16 pixels of (60, 161, 200) in Display P3, by libheif and x265. */
const HEIC =
  "AAAAHGZ0eXBoZWl4AAAAAG1pZjFoZWl4bWlhZgAAAX5tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAAAAAERAAAEAAQAAAAABogABAAAAAAAAADYAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/mlwcnAAAADeaXBjbwAAAHdodmNDAQQIAAAAnjgAAAAAHvAA/P/4+AAADwNgAAEAF0ABDAH//wQIAAADAJ44AAADAAAeugJAYQABACpCAQEECAAAAwCeOAAAAwAAHpAEECCy3VXTXNwwNBgQAAADAZAAAAMAEIBiAAEACEQBwXMYMBiQAAAAE2NvbHJuY2x4AAwADQAGgAAAABRpc3BlAAAAAAAAAEAAAABAAAAAKGNsYXAAAAAQAAAAAQAAABAAAAAB////0AAAAAL////QAAAAAgAAABBwaXhpAAAAAAMICAgAAAAYaXBtYQAAAAAAAAABAAEFgQIDBYQAAAA+bWRhdAAAADIoAa8GshZnNJICQ/Yz/3v2ZX//7ICAFrA2X2/oZsTkstqBHPph8xg6licaI3CtwJy7wA==";

Deno.test("a HEIC of Display P3 looks as in a browser", async () => {
  const bytes = Uint8Array.from(atob(HEIC), (letter) => letter.charCodeAt(0));
  const { rgba } = look((await transform(bytes, "png")).bytes).frames[0]!;
  assertNear([...rgba.subarray(0, 3)] as unknown as Rgb, [0, 164, 204], "HEIC");
});

/** 256×16 pixels from black to white, grey in the narrow range of video, by libaom. */
const NARROW_GREYS =
  "AAAAHGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZgAAAPBtZXRhAAAAAAAAAChoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAbGliYXZpZgAAAAAOcGl0bQAAAAAAAQAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAEUAAAArQAAAChpaW5mAAAAAAABAAAAGmluZmUCAAAAAAEAAGF2MDFDb2xvcgAAAABoaXBycAAAAElpcGNvAAAAFGlzcGUAAAAAAAABAAAAABAAAAAOcGl4aQAAAAABCAAAAAxhdjFDgQAcAAAAABNjb2xybmNseAABAA0AAQAAAAAXaXBtYQAAAAAAAAABAAEEAQKDBAAAALVtZGF0EgAKCRgc//2GAhoCQDKdARAAAPsfyxALL1d7+8BYl8hjA/50WPDm2XjbMk8vEkREC3wKC/i+WmbyT92l9JFjJlukMnQAPpZTdJOVEVNSNn/8wiOTqo/cijLJefepmu9syLDxF7nck+LTZa21Wp11jRBZmEds9XNCcQs8oKConE3g87IQcED3Hu1JXrcJmUh6RQt4UKfqvXVKaBsm32SNDFXPmdxCOImV2OY+j6I=";

Deno.test("a grey AVIF of the narrow range is as black and white as it should be", async () => {
  const bytes = Uint8Array.from(atob(NARROW_GREYS), (letter) => letter.charCodeAt(0));
  const withoutBox = bytes.slice();
  withoutBox.set(text("free"), indexOf(bytes, "colr"));
  for (const file of [bytes, withoutBox]) {
    const { rgba } = look((await transform(file, "png")).bytes).frames[0]!;
    for (const x of [0, 64, 128, 192, 255]) {
      assert.ok(Math.abs(rgba[x * 4]! - x) <= 1, `${rgba[x * 4]} at ${x}`);
    }
  }
});

/** 16×16 pixels of (200, 100, 50), half transparent above, stored multiplied by their alpha, by libaom. */
const PREMULTIPLIED =
  "AAAAIGZ0eXBhdmlmAAAAAGF2aWZtaWYxbWlhZk1BMUEAAAGUbWV0YQAAAAAAAAAhaGRscgAAAAAAAAAAcGljdAAAAAAAAAAAAAAAAAAAAAAOcGl0bQAAAAAAAQAAACxpbG9jAAAAAEQAAAIAAQAAAAEAAAHRAAAAHwACAAAAAQAAAbwAAAAVAAAAQmlpbmYAAAAAAAIAAAAaaW5mZQIAAAAAAQAAYXYwMUNvbG9yAAAAABppbmZlAgAAAAACAABhdjAxQWxwaGEAAAAAKGlyZWYAAAAAAAAADnByZW0AAQABAAIAAAAOYXV4bAACAAEAAQAAAMNpcHJwAAAAnWlwY28AAAAUaXNwZQAAAAAAAAAQAAAAEAAAABBwaXhpAAAAAAMICAgAAAAMYXYxQ4EgAAAAAAATY29scm5jbHgAAQANAAaAAAAADnBpeGkAAAAAAQgAAAAMYXYxQ4EAHAAAAAA4YXV4QwAAAAB1cm46bXBlZzptcGVnQjpjaWNwOnN5c3RlbXM6YXV4aWxpYXJ5OmFscGhhAAAAAB5pcG1hAAAAAAAAAAIAAQQBAoMEAAIEAQWGBwAAADxtZGF0EgAKBRgM/9hUMgpEAABzePrdt2CAEgAKCDgM/9hAQ0GkMhFEAACseURJfX1ls7d/6BJXgA==";

Deno.test("an AVIF whose colours are stored multiplied by their alpha is no darker for it", async () => {
  const bytes = Uint8Array.from(atob(PREMULTIPLIED), (letter) => letter.charCodeAt(0));
  for (const options of ["png", "8x,png", "webp,lossless"]) {
    const { width, frames } = look((await transform(bytes, options)).bytes);
    const { rgba } = frames[0]!;
    const pixel = (y: number) => [...rgba.subarray(y * width * 4, y * width * 4 + 4)];
    assertNear(pixel(1).slice(0, 3) as unknown as Rgb, [200, 100, 50], options);
    assertNear(pixel(width - 1).slice(0, 3) as unknown as Rgb, [200, 100, 50], options);
    assert.deepEqual([pixel(1)[3], pixel(width - 1)[3]], [128, 255]);
  }
});

function indexOf(bytes: Uint8Array, word: string): number {
  const letters = text(word);
  return bytes.findIndex((_, at) => letters.every((letter, index) => bytes[at + index] === letter));
}

function text(word: string): number[] {
  return [...word].map((letter) => letter.charCodeAt(0));
}
