import assert from "node:assert/strict";
import {
  ColorProfile,
  ColorSpace,
  ImageMagick,
  type IMagickImage,
  MagickFormat,
  MagickImage,
  MagickReadSettings,
} from "@imagemagick/magick-wasm";
import { cmykToSrgb } from "../../../src/image/colour/cmyk.ts";
import { greyProfile, powerCurve } from "../../../src/image/colour/icc_profile.ts";
import { isSrgb, readSimpleProfile } from "../../../src/image/colour/known_profile.ts";
import {
  ADOBE_RGB,
  type Colour,
  difference,
  DISPLAY_P3,
  lab,
  PROPHOTO,
  SRGB_PROFILE,
  withCodePoints,
} from "../../testing/colours.ts";
import { look, startEngine } from "../../testing/pictures.ts";
import { hasSharedImages, sharedImage } from "../../testing/shared_images.ts";
import { transform } from "../../testing/transforming.ts";

await startEngine();

function picture(
  colour: readonly number[],
  { profile, format = MagickFormat.Png, map = MagickFormat.Rgb, prepare }: {
    profile?: Uint8Array;
    format?: MagickFormat;
    map?: MagickFormat;
    prepare?: (image: IMagickImage) => void;
  } = {},
): Uint8Array {
  const size = 16;
  const data = new Uint8Array(size * size * colour.length);
  for (let at = 0; at < data.length; at += colour.length) data.set(colour, at);
  const settings = new MagickReadSettings({ format: map, width: size, height: size, depth: 8 });
  const image = MagickImage.create(data, settings);
  try {
    if (profile) image.setProfile("icc", profile);
    image.quality = 100;
    prepare?.(image);
    return image.write(format, (bytes) => bytes.slice());
  } finally {
    image.dispose();
  }
}

function middle(bytes: Uint8Array): Colour {
  const { width, height, frames } = look(bytes);
  const at = (Math.floor(height / 2) * width + Math.floor(width / 2)) * 4;
  return [...frames[0]!.rgba.subarray(at, at + 3)] as unknown as Colour;
}

function profileOf(bytes: Uint8Array): Uint8Array | undefined {
  return ImageMagick.read(
    bytes,
    new MagickReadSettings(),
    (image) => image.getColorProfile()?.data?.slice(),
  );
}

// profile, a colour in it, the same in sRGB (from the definitions of both)
const COLOURS: readonly (readonly [string, Uint8Array, Colour, Colour])[] = [
  ["Display P3", DISPLAY_P3, [200, 100, 50], [215, 96, 33]],
  ["Display P3", DISPLAY_P3, [128, 128, 128], [128, 128, 128]],
  ["Adobe RGB", ADOBE_RGB, [100, 150, 100], [66, 151, 98]],
  ["ProPhoto", PROPHOTO, [120, 110, 90], [160, 134, 105]],
];

Deno.test("the engine takes the sRGB profile that is built for it, and it is small", () => {
  assert.equal(new ColorProfile(SRGB_PROFILE).colorSpace, ColorSpace.sRGB);
  assert.ok(SRGB_PROFILE.length < 500, `${SRGB_PROFILE.length}`);
  assert.ok(isSrgb(readSimpleProfile(SRGB_PROFILE)!));
  assert.ok(!isSrgb(readSimpleProfile(DISPLAY_P3)!));
  assert.ok(!isSrgb(readSimpleProfile(ADOBE_RGB)!));
});

Deno.test("colours of every profile come out as LittleCMS computes them, and the profile goes", async () => {
  for (const [name, profile, colour, rough] of COLOURS) {
    for (const format of [MagickFormat.Png, MagickFormat.Jpeg, MagickFormat.WebP] as const) {
      const lossless = (image: IMagickImage) => image.settings.setDefine("webp:lossless", "true");
      const bytes = picture(colour, { profile, format, prepare: lossless });
      const expected = ImageMagick.read(bytes, new MagickReadSettings(), (image) => {
        image.transformColorSpace(new ColorProfile(SRGB_PROFILE));
        return middle(image.write(MagickFormat.Png, (data) => data.slice()));
      });
      const result = await transform(bytes, "8x,png");
      const label = `${name} ${colour} as ${format}: ${middle(result.bytes)}, not ${expected}`;
      assert.ok(difference(middle(result.bytes), expected) < 1.5, label);
      assert.ok(difference(expected, rough) < 6, `${name}: ${expected}`);
      assert.equal(profileOf(result.bytes), undefined, label);
    }
  }
});

// code points in a profile of sRGB, a colour, what Chromium 156 shows
const NAMED: readonly (readonly [readonly number[], Colour, Colour])[] = [
  [[12, 13, 0, 1], [192, 96, 48], [206, 89, 30]],
  [[9, 16, 0, 1], [128, 128, 0], [137, 133, 0]],
  [[9, 18, 0, 1], [192, 96, 48], [211, 49, 17]],
  [[2, 2, 0, 1], [192, 96, 48], [192, 96, 48]],
];

Deno.test("the code points in a profile outrank what else it says", async () => {
  for (const [points, stored, seen] of NAMED) {
    const profile = withCodePoints(SRGB_PROFILE, points);
    for (const format of [MagickFormat.Png24, MagickFormat.Tiff, MagickFormat.Jpeg] as const) {
      const found = middle((await transform(picture(stored, { profile, format }), "png")).bytes);
      const far = Math.max(...seen.map((value, index) => Math.abs(value - found[index]!)));
      assert.ok(far <= (format === MagickFormat.Jpeg ? 6 : 1), `${points}, ${format}: ${found}`);
    }
  }
});

Deno.test("greys stay grey, with the curve of their profile taken out", async () => {
  const profile = greyProfile("linear", powerCurve(1));
  const bytes = picture([64], { map: MagickFormat.Gray, format: MagickFormat.Jpeg, profile });
  const result = await transform(bytes, "8x");
  assert.ok(difference(middle(result.bytes), [137, 137, 137]) < 1, `${middle(result.bytes)}`);
  const channels = ImageMagick.read(
    result.bytes,
    new MagickReadSettings(),
    (image) => image.colorSpace,
  );
  assert.equal(channels, ColorSpace.Gray);
});

Deno.test("an sRGB profile changes nothing", async () => {
  for (const colour of [[1, 2, 3], [200, 100, 50], [255, 0, 255]] as const) {
    const bytes = picture(colour, { profile: SRGB_PROFILE });
    assert.deepEqual(middle((await transform(bytes, "png")).bytes), colour);
  }
});

Deno.test("icc:keep keeps the profile and the values that it explains", async () => {
  for (const format of ["jpeg", "png", "webp", "tiff"] as const) {
    const bytes = picture([200, 100, 50], { profile: DISPLAY_P3 });
    const result = await transform(bytes, `8x,icc:keep,lossless,${format}`);
    assert.deepEqual(profileOf(result.bytes), DISPLAY_P3, format);
    const seen = middle(result.bytes);
    assert.ok(difference(seen, [200, 100, 50]) < 2, `${format}: ${seen}`);
  }
  const gif = await transform(picture([200, 100, 50], { profile: DISPLAY_P3 }), "icc:keep,gif");
  assert.ok(
    difference(middle(gif.bytes), [215, 96, 33]) < 3,
    `GIF holds none: ${middle(gif.bytes)}`,
  );
});

Deno.test("icc:keep keeps the profile of greys on greys", async () => {
  const profile = greyProfile("linear", powerCurve(1));
  const bytes = picture([64], { map: MagickFormat.Gray, format: MagickFormat.Jpeg, profile });
  for (const format of ["jpeg", "png", "tiff"] as const) {
    const result = await transform(bytes, `8x,icc:keep,${format}`);
    assert.deepEqual(profileOf(result.bytes), profile, format);
    assert.ok(Math.abs(middle(result.bytes)[0] - 64) <= 1, `${format}: ${middle(result.bytes)}`);
    const again = middle((await transform(result.bytes, "png")).bytes);
    assert.ok(difference(again, [137, 137, 137]) < 1, `${format}: ${again}`);
  }
});

Deno.test("icc:keep makes sRGB of what is written as a lossy JPEG XL, which loses the profile", async () => {
  const bytes = picture([200, 100, 50], { profile: DISPLAY_P3 });
  for (const [options, seen] of [["", [215, 96, 33]], ["lossless,", [200, 100, 50]]] as const) {
    const result = await transform(bytes, `icc:keep,${options}jxl`);
    const found = middle(result.bytes);
    assert.ok(difference(found, seen) < 3, `${options}: ${found}`);
    // As a viewer sees it the colour is the same both ways.
    const again = middle((await transform(result.bytes, "png")).bytes);
    assert.ok(difference(again, [215, 96, 33]) < 3, `${options}: ${again}`);
  }
});

Deno.test("icc:keep never leaves a profile of colours on a picture without any", async () => {
  for (const format of ["jpeg", "png"] as const) {
    const bytes = picture([200, 100, 50], { profile: DISPLAY_P3 });
    const result = await transform(bytes, `icc:keep,gray,${format}`);
    const space = ImageMagick.read(
      result.bytes,
      new MagickReadSettings(),
      (image) => image.colorSpace,
    );
    assert.deepEqual([space, profileOf(result.bytes)], [ColorSpace.sRGB, DISPLAY_P3], format);
  }
});

// C, M, Y, K of 0…255, and what is seen on a coated paper
const INKS: readonly (readonly [readonly number[], Colour])[] = [
  [[0, 0, 0, 0], [255, 255, 255]],
  [[255, 0, 0, 0], [0, 174, 239]],
  [[0, 255, 0, 0], [236, 0, 140]],
  [[0, 0, 255, 0], [255, 242, 0]],
  [[0, 0, 0, 255], [35, 31, 32]],
  [[0, 255, 255, 0], [237, 28, 36]],
];

Deno.test("CMYK without a profile looks like print, whether JPEG or TIFF holds it", async () => {
  for (const [inks, expected] of INKS) {
    for (const format of [MagickFormat.Jpeg, MagickFormat.Tiff]) {
      const bytes = picture(inks, { map: MagickFormat.Cmyk, format });
      const { bytes: result } = await transform(bytes, "8x,png");
      const seen = middle(result);
      assert.ok(difference(seen, expected) < 14, `${inks} in ${format}: ${seen}, not ${expected}`);
    }
  }
});

Deno.test("cmykToSrgb() darkens with every ink and is white without any", () => {
  assert.deepEqual([...cmykToSrgb(new Uint8Array(4))], [255, 255, 255]);
  for (const ink of [0, 1, 2, 3]) {
    let last = Infinity;
    for (let amount = 0; amount < 256; amount += 15) {
      const inks = new Uint8Array(4);
      inks[ink] = amount;
      const [lightness = 0] = lab([...cmykToSrgb(inks)] as unknown as Colour);
      assert.ok(lightness <= last, `ink ${ink} at ${amount}`);
      last = lightness;
    }
  }
});

/** Replaces bytes of the profile inside a JPEG, or cuts it short in place. */
function breakProfile(jpeg: Uint8Array, from: number): Uint8Array {
  const broken = jpeg.slice();
  const start = new TextDecoder("latin1").decode(broken).indexOf("acsp") - 36;
  assert.ok(start > 0);
  broken.fill(0xa5, start + from, start + from + 160);
  return broken;
}

Deno.test("a broken profile costs neither the picture nor its colours", async () => {
  const jpeg = picture([200, 100, 50], { profile: DISPLAY_P3, format: MagickFormat.Jpeg });
  for (const from of [0, 36, 128, 200, 300]) {
    for (const options of ["8x,png", "8x,jpeg", "8x,webp,icc:keep"]) {
      const { bytes } = await transform(breakProfile(jpeg, from), options);
      const seen = middle(bytes);
      const near = Math.min(difference(seen, [200, 100, 50]), difference(seen, [215, 96, 33]));
      assert.ok(near < 12, `${from}, ${options}: ${seen}`);
    }
  }
});

Deno.test("a profile in which one primary is no colour is none", async () => {
  for (const tag of ["rXYZ", "bXYZ"]) {
    const profile = Uint8Array.from(DISPLAY_P3);
    const entry = new TextDecoder("latin1").decode(profile).indexOf(tag);
    // Its type, and with it what it means.
    profile[new DataView(profile.buffer).getUint32(entry + 4)] = 0;
    for (const format of [MagickFormat.Jpeg, MagickFormat.Png]) {
      const { bytes } = await transform(picture([200, 100, 50], { profile, format }), "png");
      assert.ok(difference(middle(bytes), [200, 100, 50]) <= 3, `${tag}: ${middle(bytes)}`);
    }
  }
});

Deno.test("16 bits per sample come out as the nearest of 8", async () => {
  const bytes = picture([200, 100, 50], { format: MagickFormat.Png48 });
  assert.deepEqual(middle((await transform(bytes, "png")).bytes), [200, 100, 50]);
});

Deno.test({
  name:
    "CMYK pictures agree with their profile's conversion, or come near it without one (../shared/images)",
  ignore: !hasSharedImages,
  async fn() {
    const source = sharedImage("cmyk-swop.jpg");
    const expected = ImageMagick.read(source, new MagickReadSettings(), (image) => {
      image.blackPointCompensation = true;
      image.transformColorSpace(new ColorProfile(SRGB_PROFILE));
      return image.getPixels((area) => area.toByteArray(0, 0, 500, 333, "RGBA"))!.slice();
    });
    // More than once: a profile must not depend on memory that another picture has left behind.
    const rows = [["cmyk-swop.jpg", 1], ["cmyk-no-profile.jpg", 3], ["cmyk-swop.jpg", 1]] as const;
    for (const [name, most] of [...rows, ...rows]) {
      const seen = look((await transform(sharedImage(name), "png")).bytes).frames[0]!.rgba;
      let sum = 0, count = 0;
      for (let at = 0; at < seen.length; at += 4 * 97, count++) {
        const at3 = (from: Uint8Array) => [...from.subarray(at, at + 3)] as unknown as Colour;
        sum += difference(at3(seen), at3(expected));
      }
      assert.ok(sum / count < most, `${name}: ΔE ${sum / count}`);
    }
  },
});
