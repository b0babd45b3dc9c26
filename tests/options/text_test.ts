import assert from "node:assert/strict";
import { formatOptions, parseOptions, transforms } from "../../src/options/parse.ts";
import { encoded } from "../testing/lettering.ts";

const USUAL = { gravity: "c", x: 0, y: 0, size: 0, colour: [0, 0, 0, 255] };

Deno.test("parseOptions() reads text, and formatOptions() leaves out what is last and as usual", () => {
  const rows: readonly (readonly [text: string, rest: string, canonical: string, value: object])[] =
    [
      ["Hi", "", "", {}],
      ["Hi", ":c:0:0:0:000", "", {}],
      ["Hi", "=:se:10:-20", ":se:10:-20", { gravity: "se", x: 10, y: -20 }],
      ["Zwei\nZeilen", ":tile:0.1:5:0.25", ":tile:0.1:5:0.25", {
        gravity: "tile",
        x: 0.1,
        y: 5,
        size: 0.25,
      }],
      ["שלום", ":::::ffffff80", ":c:0:0:0:ffffff80", { colour: [255, 255, 255, 128] }],
      ["a👩‍👩‍👧b", ":n::0.5:24:White", ":n:0:0.5:24:ffffff", {
        gravity: "n",
        y: 0.5,
        size: 24,
        colour: [255, 255, 255, 255],
      }],
      ['<&">,;?/+', "", "", {}],
    ];
  for (const [text, rest, canonical, value] of rows) {
    const written = `text:${encoded(text)}`;
    const options = parseOptions(written + rest);
    assert.deepEqual(options.text, { text, ...USUAL, ...value }, text);
    assert.equal(formatOptions(options), `0x0,${written}${canonical}`);
    assert.deepEqual(parseOptions(formatOptions(options)).text, options.text);
  }
});

Deno.test("parseOptions() takes any kind of line break as the same one", () => {
  for (const text of ["a\nb", "a\r\nb", "a\rb", "a\u2028b", "a\u2029b"]) {
    assert.equal(parseOptions(`text:${encoded(text)}`).text!.text, "a\nb");
  }
});

Deno.test("parseOptions() says what is wrong with a text", () => {
  const rows: readonly (readonly [value: string, says: RegExp])[] = [
    ["", /the text is empty$/],
    ["a+b/", /the text is not base64url$/],
    ["a", /the text is not base64url$/],
    ["a b", /the text is not base64url$/],
    ["Zm9v=Zm9v", /the text is not base64url$/],
    // A byte that begins nothing, half a surrogate pair, and a NUL the long way.
    ["_w", /the text is not UTF-8$/],
    ["7aCA", /the text is not UTF-8$/],
    ["wIA", /the text is not UTF-8$/],
    [encoded("a\0b"), /the text holds control characters$/],
    [encoded("a\tb"), /the text holds control characters$/],
    [encoded("a\x1b[31mb"), /the text holds control characters$/],
    [encoded("a\u009bb"), /the text holds control characters$/],
    [encoded("x".repeat(201)), /the text has more than 200 characters$/],
    [encoded("😀".repeat(201)), /the text has more than 200 characters$/],
    ["SGk:middle", /the gravity is one of c, n, .*, nw, or tile$/],
    ["SGk:c:1.5", /x and y are whole pixels up to 65535 or shares between -1 and 1/],
    ["SGk:tile:-1", /x and y, between tiles, are/],
    ["SGk:c:0:0:-3", /the size is whole pixels up to 65535, a share between 0 and 1/],
    ["SGk:c:0:0:1.5", /the size is/],
    ["SGk:c:0:0:0:reddish", /the colour is a CSS colour name, or hex digits/],
    ["SGk:c:0:0:0:red:1", /it takes \{base64url of UTF-8\}\[:\{gravity\}/],
  ];
  for (const [value, says] of rows) {
    assert.throws(() => parseOptions(`text:${value}`), (error: Error & { code: string }) => {
      assert.equal(error.code, "malformed");
      assert.match(error.message, /^Cannot parse option "text:/);
      assert.match(error.message, says, value);
      return true;
    });
  }
  for (const most of ["x".repeat(200), "😀".repeat(200)]) parseOptions(`text:${encoded(most)}`);
});

Deno.test("parseOptions() reads names of fonts, which change nothing without a text", () => {
  assert.equal(parseOptions("font:Brand-Bold_2.1").font, "Brand-Bold_2.1");
  for (const name of ["", "a b", "../a", "a/b", "a+b", "a:b", "x".repeat(101)]) {
    assert.throws(() => parseOptions(`font:${name}`), /a font's name is made of letters, digits/);
  }
  assert.equal(transforms(parseOptions("font:DejaVuSans")), false);
  assert.equal(transforms(parseOptions("text:SGk")), true);
});
