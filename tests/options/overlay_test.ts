import assert from "node:assert/strict";
import { overlaysIn } from "../../src/options/overlay.ts";
import { formatOptions, parseOptions } from "../../src/options/parse.ts";

const USUAL = { gravity: "c", x: 0, y: 0, width: 0, opacity: 1 };

Deno.test("parseOptions() reads overlays, and formatOptions() leaves out what is last and as usual", () => {
  const rows: readonly (readonly [text: string, canonical: string, value: object])[] = [
    ["logo", "logo", {}],
    ["logo:c:0:0:0:1", "logo", {}],
    ["logo:se", "logo:se", { gravity: "se" }],
    ["logo:se:10:-20", "logo:se:10:-20", { gravity: "se", x: 10, y: -20 }],
    ["logo:nw:0.1:-0.25", "logo:nw:0.1:-0.25", { gravity: "nw", x: 0.1, y: -0.25 }],
    ["logo:n:0:0:200", "logo:n:0:0:200", { gravity: "n", width: 200 }],
    ["logo::::.5:", "logo:c:0:0:0.5", { width: 0.5 }],
    ["logo:tile:10:0.05:0:0.50", "logo:tile:10:0.05:0:0.5", {
      gravity: "tile",
      x: 10,
      y: 0.05,
      opacity: 0.5,
    }],
    ["logo:c:0:0:0:0", "logo:c:0:0:0:0", { opacity: 0 }],
    ["aHR0cHM6Ly9hLz9fLQ:s", "aHR0cHM6Ly9hLz9fLQ:s", {
      picture: "aHR0cHM6Ly9hLz9fLQ",
      gravity: "s",
    }],
  ];
  for (const name of ["overlay", "overlay2", "overlay3", "overlay4"] as const) {
    for (const [text, canonical, value] of rows) {
      const options = parseOptions(`${name}:${text}`);
      assert.deepEqual(options[name], { picture: "logo", ...USUAL, ...value }, text);
      assert.equal(formatOptions(options), `0x0,${name}:${canonical}`);
      assert.deepEqual(parseOptions(formatOptions(options))[name], options[name]);
    }
  }
});

Deno.test("parseOptions() says what is wrong with an overlay", () => {
  const rows: readonly (readonly [text: string, says: RegExp])[] = [
    ["", /the picture is a name of the server's setting overlay, or the base64url of a URL/],
    ["https://example.com/a.png", /the picture|the gravity/],
    ["a.png", /the picture is a name/],
    ["logo:middle", /the gravity is one of c, n, .*, nw, or tile/],
    ["logo:constructor", /the gravity is one of/],
    ["logo:c:1.5", /x and y are whole pixels up to 65535 or shares between -1 and 1/],
    ["logo:c:x", /x and y are/],
    ["logo:c:0:70000", /x and y are/],
    ["logo:c:0.00001", /of at most four decimals/],
    [
      "logo:tile:-1",
      /x and y, between tiles, are whole pixels up to 65535 or shares between 0 and 1/,
    ],
    ["logo:c:0:0:-3", /the width is whole pixels up to 65535, a share between 0 and 1/],
    ["logo:c:0:0:2.5", /the width is/],
    ["logo:c:0:0:0:1.1", /the opacity is a number from 0 to 1/],
    ["logo:c:0:0:0:-0.1", /the opacity is/],
    ["logo:c:0:0:0:1:0", /it takes \{picture\}\[:\{gravity\}/],
  ];
  for (const [text, says] of rows) {
    assert.throws(() => parseOptions(`overlay2:${text}`), (error: Error) => {
      assert.match(error.message, /^Cannot parse option "overlay2:/);
      assert.match(error.message, says);
      return true;
    }, text);
  }
});

Deno.test("overlaysIn() gives overlays in the order in which they are painted", () => {
  const options = parseOptions("overlay3:c,overlay:a,overlay2:b,blur:2");
  assert.deepEqual(
    overlaysIn(options).map(({ name, overlay }) => [name, overlay.picture]),
    [["overlay", "a"], ["overlay2", "b"], ["overlay3", "c"]],
  );
});
