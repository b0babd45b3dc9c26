// JPEG XL in inks: six bands of 4 by 8 pixels under a profile of 16 overprints, by libjxl without loss.
import assert from "node:assert/strict";
import { blackAsAlpha } from "../../../../src/image/formats/jxl/black_plate.ts";
import { readHeader } from "../../../../src/image/formats/read_header.ts";
import { look, startEngine } from "../../../testing/pictures.ts";
import { transform } from "../../../testing/transforming.ts";
import { written } from "../../../testing/written_pictures.ts";

await startEngine();

/** What has alpha is transparent below the middle. */
const FILES = ([
  [
    "no alpha",
    "AAAADEpYTCANCocKAAAAFGZ0eXBqeGwgAAAAAGp4bCAAAAAJanhsbAoAAAEeanhsY/8KAQQYBUB4bhiQMA+ATQ0v" +
    "AbDndXxV31b0PVYJlXYAJQxUBoSdTBywkdNonaf1BJaRlln/QHIXifFybpf0RiO16pyc/Fyk2HFiIz8UgpUIC5NU" +
    "pLiszPkzweXFpfzsaNf66dLpNlpM6JV5UtxXXvr9Tv/Klfj3/+b2HwHhlz/N/lT+bfOAa/GqfHQDvXAbhultmYRi" +
    "91zbMWEcf5Icz6JSdS5LxyIMOBCjxhQtCBZucye7EXDZGqTDXMa8dbSC65eAP2xVjgwQIceCAF/ssI1N7IQCdsU4" +
    "P7mAvGEFCAgQAMwASxiTjoOFAKh7J8ajegExACD6PQD4qfwAkNyUfz+PCBGB/hcktJ9hAuKVjx6QXKEoCtwE",
  ],
  [
    "alpha behind black",
    "AAAADEpYTCANCocKAAAAFGZ0eXBqeGwgAAAAAGp4bCAAAAAJanhsbAoAAAE0anhsY/8KAQQoUAAJzw0DEuYBsKnh" +
    "JQD2vI6v6tuKvscqodIOoISByoCwk4kDNnIarfO0nsAy0jLrH0juIjFezu2S3mikVp2Tk5+LFDtObOSHQrASYWGS" +
    "ihSXlTl/Jri8uJSfHe1aP1063UaLCb0yT4r7yku/3+lfuRL//t/c/iMg/PKn2Z/Kv20ecC1elY9uoBduwzC9LZNQ" +
    "7J5rOyaM40+S41lUqs5l6ViEAQdi1JiiBcHCbe5kNwIuW4N0mMuYt45WcP0S8IetypEBIuRYEOCLHbaxiZ1QwK4Y" +
    "5ycXkDesCCAAAQAgAUsYk46DgwkAU7ojUYcxBtXhBSYAMAA2YF8Afug4AP+//57BH+CHG/cD+reF/AD9/n3+kF/9" +
    "/v79/v3++YY2S8yAgss/2YGlAA==",
  ],
  [
    "alpha before black",
    "AAAADEpYTCANCocKAAAAFGZ0eXBqeGwgAAAAAGp4bCAAAAAJanhsbAoAAAE1anhsY/8KAQQopAAIzw0DEuYBsKnh" +
    "JQD2vI6v6tuKvscqodIOoISByoCwk4kDNnIarfO0nsAy0jLrH0juIjFezu2S3mikVp2Tk5+LFDtObOSHQrASYWGS" +
    "ihSXlTl/Jri8uJSfHe1aP1063UaLCb0yT4r7yku/3+lfuRL//t/c/iMg/PKn2Z/Kv20ecC1elY9uoBduwzC9LZNQ" +
    "7J5rOyaM40+S41lUqs5l6ViEAQdi1JiiBcHCbe5kNwIuW4N0mMuYt45WcP0S8IetypEBIuRYEOCLHbaxiZ1QwK4Y" +
    "5ycXkDesCCAAAQAkAUsYk46DgwkAU7oTUYcxBtXhBSYAMAD8iBhEfgB/8Jm/37+yFODX79+f5+/f79/v74896/f7" +
    "+wEY2Pv9ACZONih11VKAMnYLfQA=",
  ],
] as const).map(([name, text]) => ({ name, file: Uint8Array.fromBase64(text) }));

/**
 * Paper, cyan, magenta, half of black, black, and half of cyan with a quarter of magenta and of black. Chromium shows
 * the same but for the last, between more overprints than one, and leaves out the alpha.
 */
const BANDS = [
  [255, 255, 255],
  [0, 158, 219],
  [219, 26, 128],
  [133, 133, 133],
  [31, 31, 31],
  [122, 150, 175],
];

for (const { name, file } of FILES) {
  Deno.test(`a CMYK JPEG XL with ${name} is shown in the colours of its profile, black among them`, async () => {
    assert.equal(readHeader(file)!.colorModel, "cmyk");
    const { width, frames } = look((await transform(file, "png")).bytes);
    const { rgba } = frames[0]!;
    for (const [band, colour] of BANDS.entries()) {
      const [red, green, blue, alpha] = rgba.subarray((2 * width + band * 4 + 1) * 4);
      const distances = colour.map((level, index) => Math.abs(level - [red, green, blue][index]!));
      assert.ok(Math.max(...distances) <= 4, `${band}: ${red},${green},${blue}`);
      assert.equal(alpha, 255);
    }
    assert.equal(rgba[(6 * width + 5) * 4 + 3], name === "no alpha" ? 255 : 0);
  });
}

Deno.test("a CMYK JPEG XL keeps its inks in a JPEG that keeps its profile", async () => {
  const { bytes } = await transform(FILES[0]!.file, "jpeg,icc:keep,q100");
  const { colorModel, hasProfile } = readHeader(bytes)!;
  assert.deepEqual([colorModel, hasProfile], ["ycck", true]);
});

Deno.test("blackAsAlpha() is for files with a black plate", () => {
  const plain = written("JXL", [{ rows: ["rg"] }], { quality: 100, swapped: true });
  assert.equal(blackAsAlpha(plain), undefined);
  assert.equal(blackAsAlpha(Uint8Array.of(0xff, 0x0a)), undefined);
  const { hasAlpha, colorModel } = readHeader(blackAsAlpha(FILES[0]!.file)!)!;
  assert.deepEqual([hasAlpha, colorModel], [true, "rgb"]);
});
