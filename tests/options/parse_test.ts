import assert from "node:assert/strict";
import fc from "fast-check";
import { ProxyError } from "../../src/errors.ts";
import { formatOptions, parseOptions, transforms } from "../../src/options/parse.ts";
import { OPTIONS } from "../../src/options/table.ts";

const SIGNATURE = "s0sR2kjyfiF1RQRj4Jm2fFa3_6SDFqdAaDEmy1oD2U-4";

// Options as written, and their canonical form.
const CANONICAL: readonly (readonly [string, string])[] = [
  ["", "0x0"],
  ["x", "0x0"],
  ["0x0", "0x0"],
  ["0", "0x0"],
  [",,", "0x0"],
  ["1x", "1x0"],
  ["x1", "0x1"],
  ["1x2", "1x2"],
  ["0.1x0.2", "0.1x0.2"],
  ["1", "1x1"],
  ["0.1", "0.1x0.1"],
  ["1x2,3x4", "3x4"],
  ["1x2,3", "3x3"],
  ["1x2,0x3", "0x3"],
  ["1x,x2", "1x2"],
  ["5,x2", "5x2"],
  ["fit", "0x0,fit"],
  ["r90,r270", "0x0,r270"],
  ["jpeg,png", "0x0,png"],
  ["jpg", "0x0,jpeg"],
  ["100,r90,q75", "100x100,q75,r90"],
  ["400x400,q40," + SIGNATURE, "400x400,q40"],
  ["q70,1x2,fit,r90,fv,fh,png", "1x2,fh,fit,fv,png,q70,r90"],
  ["r90,fh,png,q90,1x2,fv,fit", "1x2,fh,fit,fv,png,q90,r90"],
  [
    "cx100,cw300,1x2,cy200,ch400,sc,scaleUp,vu1234567890",
    "1x2,ch400,cw300,cx100,cy200,sc,scaleUp,vu1234567890",
  ],
  ["cx10,cx20", "0x0,cx20"],
  ["cx-100,cy-0.5", "0x0,cx-100,cy-0.5"],
  ["cx0,cw0", "0x0"],
  ["trim,150,fit", "150x150,fit,trim"],
  ["1000000x", "1e+06x0"],
  ["007x", "7x0"],
];

Deno.test("formatOptions() gives the canonical form", () => {
  for (const [text, expected] of CANONICAL) {
    assert.equal(formatOptions(parseOptions(text)), expected, text);
  }
});

Deno.test("formatOptions() leaves the signature out", () => {
  const options = parseOptions(`100,${SIGNATURE}=`);
  assert.equal(options.signature, SIGNATURE.slice(1));
  assert.equal(formatOptions(options), "100x100");
});

// A token that cannot be read, and what the sentence about it must hold.
const MALFORMED: readonly (readonly [string, RegExp])[] = [
  ["r45", /rotate takes 90, 180 or 270/],
  ["r", /rotate takes/],
  ["r-90", /rotate takes/],
  ["r360", /rotate takes/],
  ["rx5", /rotate takes/],
  ["r90.0", /rotate takes/],
  ["q0", /from 1 to 100/],
  ["q101", /from 1 to 100/],
  ["q", /from 1 to 100/],
  ["q8.5", /from 1 to 100/],
  ["q-5", /from 1 to 100/],
  ["qhigh", /from 1 to 100/],
  ["s", /43 base64url characters/],
  ["sc0ffee", /43 base64url characters/],
  ["sharp5", /43 base64url characters .*did you mean "sharpen:…"\?/],
  ["sharpen5", /43 base64url characters .*did you mean "sharpen:…"\?/],
  ["rotate90", /rotate takes 90, 180 or 270; did you mean "rotate:…"\?/],
  ["blurr:3", /did you mean "blur:…"\?/],
  ["brighness:3", /did you mean "brightness:…"\?/],
  ["BLUR:3", /did you mean "blur:…"\?/],
  ["wepb", /did you mean webp\?/],
  ["tirm", /did you mean trim\?/],
  [SIGNATURE + "A", /43 base64url characters/],
  [SIGNATURE.replace("_", "/"), /43 base64url characters/],
  [SIGNATURE + "==", /43 base64url characters/],
  ["cx", /cx takes whole pixels or a share/],
  ["cx1.5", /cx takes whole pixels/],
  ["cx-1.5", /counts from the far edge/],
  ["cxx", /cx takes/],
  ["cy--1", /cy takes/],
  ["cw-1", /cw takes .*not below 0/],
  ["cw1e3", /cw takes/],
  ["ch-0.5", /ch takes .*not below 0/],
  ["ch1.01", /ch takes/],
  ["vu", /vu takes a time/],
  ["vu0", /vu takes a time/],
  ["vu-1", /vu takes a time/],
  ["vutomorrow", /vu takes a time/],
  ["vu1.5", /vu takes a time/],
  ["1xs", /a size is/],
  ["-1x-2", /a size is/],
  ["-1", /a size is/],
  ["x-2", /a size is/],
  ["1.5", /a size is/],
  ["1.5x", /a size is/],
  ["100x1.5", /a size is/],
  ["100x100x100", /a size is/],
  ["100X100", /a size is/],
  ["100px", /a size is/],
  ["50%", /a size is/],
  ["1e3x", /a size is/],
  ["+100", /a size is/],
  ["100x ", /a size is/],
  ["١٠٠x", /no option/],
  ["Infinity", /no option/],
  ["NaN", /no option/],
  ["FIT", /did you mean fit\?/],
  ["ScaleUp", /did you mean scaleUp\?/],
  ["Png", /did you mean png\?/],
  ["foo", /no option is written like this/],
  ["foo:1", /no option is written like this/],
  [":", /no option/],
  ["fit:1", /fit takes inside, outside, stretch, auto, turned/],
  ["bmp", /no option/],
  ["svg", /43 base64url characters/],
  ["__proto__", /no option/],
  ["constructor", /no option/],
  ["toString:1", /no option/],
  ["\u0000", /no option/],
  ["100 x", /a size is/],
  ["fit ", /no option/],
  ["<script>", /no option/],
];

Deno.test("parseOptions() names the malformed token and what is accepted", () => {
  assert.ok(MALFORMED.length >= 60);
  for (const [token, sentence] of MALFORMED) {
    assert.throws(
      () => parseOptions(`100x,${token}`),
      (error) => {
        assert.ok(error instanceof ProxyError, token);
        assert.equal(error.status, 400, token);
        assert.match(error.message, sentence, token);
        assert.ok(error.message.includes(JSON.stringify(token)), `${token}: ${error.message}`);
        return true;
      },
    );
  }
});

Deno.test("parseOptions() drops unknown and malformed tokens where told to", () => {
  const settings = { ignoreUnknown: true };
  for (
    const [tokens, canonical] of [
      ["FOO,1,BAR,r90,BAZ", "1x1,r90"],
      ["r45,100x,q0,q101,qhigh", "100x0"],
      ["100x50,-1x-2,1xs,1.5x", "100x50"],
      ["cx0cy0cw100,50x", "50x0"],
      ["blur:loud,gravity:up,no:1,50x", "50x0"],
      ["svg,vutomorrow", "0x0"],
    ] as const
  ) {
    assert.equal(formatOptions(parseOptions(tokens, settings)), canonical, tokens);
  }
  for (const [token] of MALFORMED) {
    assert.equal(formatOptions(parseOptions(`7x,${token}`, settings)), "7x0", token);
  }
  assert.throws(() => parseOptions("1,".repeat(64), settings), /at most 64/);
});

Deno.test("parseOptions() refuses more tokens than allowed", () => {
  assert.throws(() => parseOptions("1,".repeat(64)), /at most 64/);
  assert.throws(() => parseOptions("1,2,3", { maxTokens: 2 }), /at most 2/);
});

Deno.test("parseOptions() cuts long tokens in its message", () => {
  assert.throws(
    () => parseOptions("z".repeat(5000)),
    (error) => (error as Error).message.length < 200,
  );
});

Deno.test("transforms() tells options that change the picture from those that do not", () => {
  for (const text of ["", "x", "0x0", "fit", "sc", "scaleUp", "cx0", "vu1800000000", SIGNATURE]) {
    assert.equal(transforms(parseOptions(text)), false, text);
  }
  for (const text of ["1x", "trim", "r90", "fv", "fh", "q80", "png", "auto", "cx1", "ch0.5"]) {
    assert.equal(transforms(parseOptions(text)), true, text);
  }
});

Deno.test("every example of the table parses to its own option and is stable in canonical form", () => {
  for (const [name, option] of Object.entries(OPTIONS)) {
    assert.ok(option.examples.length > 0, name);
    for (const example of option.examples) {
      const options = parseOptions(example);
      assert.ok(name in options, `${name}: ${example}`);
      const canonical = formatOptions(options);
      assert.equal(formatOptions(parseOptions(canonical)), canonical, example);
    }
  }
});

const EXAMPLES = Object.values(OPTIONS).flatMap(({ examples }) => [...examples])
  .filter((token) => !token.startsWith("s0"));

Deno.test("parse after format is the identity, and the order of options does not matter", () => {
  const distinct = fc.uniqueArray(fc.constantFrom(...EXAMPLES), { selector: optionNames });
  fc.assert(fc.property(distinct, (tokens) => {
    const options = parseOptions(tokens.join(","));
    const canonical = formatOptions(options);
    assert.equal(formatOptions(parseOptions(canonical)), canonical);
    assert.deepEqual(parseOptions([...tokens].reverse().join(",")), options);
    assert.deepEqual(canonical.split(","), canonical.split(",").sort());
  }));
});

Deno.test("parseOptions() answers any text with options or a ProxyError", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    try {
      parseOptions(text);
    } catch (error) {
      assert.ok(error instanceof ProxyError);
    }
  }));
});

function optionNames(tokens: string): string {
  return Object.keys(parseOptions(tokens)).join();
}
