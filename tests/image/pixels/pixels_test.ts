import assert from "node:assert/strict";
import {
  ColorSpace,
  ImageMagick,
  type IMagickImage,
  initializeImageMagick,
  MagickColor,
  MagickColors,
  MagickFormat,
  MagickReadSettings,
} from "@imagemagick/magick-wasm";
import { engineModule } from "../../../src/image/engine/engine_module.js";
import { readPixels, replacePixels } from "../../../src/image/pixels/pixels.ts";

await initializeImageMagick(engineModule);

const KINDS = [
  { name: "grey", channels: 1, format: MagickFormat.Gray },
  { name: "grey with alpha", channels: 2, format: MagickFormat.Graya },
  { name: "RGB", channels: 3, format: MagickFormat.Rgb },
  { name: "RGB with alpha", channels: 4, format: MagickFormat.Rgba },
  { name: "CMYK", channels: 4, format: MagickFormat.Cmyk },
];
const SIZES = [[7, 5], [1, 1], [1, 9], [9, 1], [12, 3], [40, 30]] as const;

for (const { name, channels, format } of KINDS) {
  Deno.test(`readPixels() gives the samples of ${name}`, () => {
    withImage({ format, width: 7, height: 5, channels }, (image) => {
      const pixels = readPixels(image);
      assert(pixels);
      assert.equal(pixels.channels, channels);
      assert.equal(pixels.hasAlpha, name.includes("alpha"));
      assert.deepEqual(new Uint8Array(pixels.data), samples(7 * 5 * channels));
    });
  });

  for (const [width, height] of SIZES) {
    Deno.test(`replacePixels() puts ${width}x${height} into an image of ${name}`, () => {
      withImage({ format, width: 7, height: 5, channels }, (image) => {
        image.backgroundColor = new MagickColor(200, 30, 60, 90);
        const data = samples(width * height * channels).reverse();
        replacePixels(image, { data, width, height });
        assert.deepEqual([image.width, image.height], [width, height]);
        assert.deepEqual([image.page.x, image.page.y], [0, 0]);
        const { data: back, ...rest } = readPixels(image)!;
        assert.deepEqual(rest, { width, height, channels, hasAlpha: name.includes("alpha") });
        assert.deepEqual(new Uint8Array(back), data);
        image.write(format, (bytes) => assert.deepEqual(new Uint8Array(bytes), data));
      });
    });
  }
}

Deno.test("readPixels() dissolves a palette, with and without transparency", () => {
  for (const color of [MagickColors.Red, new MagickColor(255, 0, 0, 0)]) {
    const gif = ImageMagick.read(color, 3, 2, (image) => {
      return image.write(MagickFormat.Gif, (bytes) => bytes.slice());
    });
    ImageMagick.read(gif, (image) => {
      const pixels = readPixels(image)!;
      assert.equal(pixels.channels, image.hasAlpha ? 4 : 3);
      assert.equal(pixels.data.length, 3 * 2 * pixels.channels);
    });
  }
});

Deno.test("readPixels() has nothing to give for five channels", () => {
  ImageMagick.read(MagickColors.Red, 3, 2, (image) => {
    image.colorSpace = ColorSpace.CMYK;
    image.hasAlpha = true;
    assert.equal(readPixels(image), undefined);
  });
});

Deno.test("replacePixels() keeps format, quality, profile, attributes and timing", () => {
  const jpeg = ImageMagick.read(MagickColors.Teal, 8, 6, (image) => {
    image.quality = 61;
    return image.write(MagickFormat.Jpeg, (bytes) => bytes.slice());
  });
  ImageMagick.read(jpeg, (image) => {
    image.setProfile("exif", new Uint8Array([69, 120, 105, 102, 0, 0, 1, 2]));
    image.setAttribute("comment", "kept");
    image.animationDelay = 7;
    const before = [image.format, image.quality, image.orientation, image.colorSpace];
    replacePixels(image, { data: samples(20 * 10 * 3), width: 20, height: 10 });
    assert.deepEqual([image.format, image.quality, image.orientation, image.colorSpace], before);
    assert.deepEqual(image.profileNames, ["exif"]);
    assert.equal(image.getAttribute("comment"), "kept");
    assert.equal(image.animationDelay, 7);
  });
});

Deno.test("replacePixels() refuses pixels of another number of channels", () => {
  ImageMagick.read(MagickColors.Red, 3, 2, (image) => {
    const wrong = { data: samples(3 * 2 * 2), width: 3, height: 2 };
    assert.throws(() => replacePixels(image, wrong), RangeError);
  });
});

Deno.test("replacePixels() takes only the colours of RGBA where the image has no alpha", () => {
  ImageMagick.read(MagickColors.Red, 3, 2, (image) => {
    const rgba = samples(3 * 2 * 4);
    replacePixels(image, { data: rgba, width: 3, height: 2 });
    const { data, channels } = readPixels(image)!;
    assert.equal(channels, 3);
    assert.deepEqual([...data], [...rgba].filter((_, index) => index % 4 !== 3));
  });
});

function withImage(
  { format, width, height, channels }: {
    format: MagickFormat;
    width: number;
    height: number;
    channels: number;
  },
  test: (image: IMagickImage) => void,
): void {
  const settings = new MagickReadSettings({ format, width, height, depth: 8 });
  ImageMagick.read(samples(width * height * channels), settings, (image) => {
    test(image);
  });
}

function samples(count: number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, i) => i * 37 % 251);
}
