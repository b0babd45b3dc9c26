import assert from "node:assert/strict";
import { formatOptions, parseOptions } from "../../src/options/parse.ts";
import { expandPreset, parsePresets } from "../../src/options/preset.ts";

const PRESETS = parsePresets([
  "avatar=100x100,sc",
  "hero=1200x,q80,webp",
  "full=",
  "hero=1000x,q80",
]);

Deno.test("expandPreset() puts a preset's options in its place, and the URL's own over them", () => {
  const rows: readonly (readonly [string, string])[] = [
    ["preset:avatar", "100x100,sc"],
    ["preset:avatar,q60", "100x100,q60,sc"],
    ["50x,preset:avatar", "50x0,sc"],
    ["preset:full", "0x0"],
    ["preset:avatar,preset:hero", "1000x0,q80"],
    ["200x", "200x0"],
  ];
  for (const [asked, meant] of rows) {
    assert.equal(formatOptions(expandPreset(parseOptions(asked), PRESETS)), meant, asked);
  }
});

Deno.test("expandPreset() names a preset that does not exist", () => {
  assert.throws(
    () => expandPreset(parseOptions("preset:constructor"), PRESETS),
    /no preset "constructor"/,
  );
});

Deno.test("parsePresets() quotes an entry that cannot be read", () => {
  for (
    const entry of ["", "avatar", "=100", "a b=100", "a=r45", "a=nonsense", "a=preset:b", "a=vu1"]
  ) {
    assert.throws(() => parsePresets([entry]), {
      name: "RangeError",
      message: /^Cannot parse preset "/,
    });
  }
});
