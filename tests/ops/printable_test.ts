import assert from "node:assert/strict";
import { printable } from "../../src/ops/printable.ts";

Deno.test("printable() escapes what steers a terminal, and nothing else", () => {
  for (
    const [text, expected] of [
      ["a ü 😀 漢.jpg", "a ü 😀 漢.jpg"],
      ["a\nb\r\tc", "a\\nb\\r\\tc"],
      ["\x1b[2Jx", "\\u001b[2Jx"],
      ["\x00\x7f\x9b", "\\u0000\\u007f\\u009b"],
      ["gpj.\u202eexe", "gpj.\\u202eexe"],
      ["a\u2028b", "a\\u2028b"],
      ['"quoted" \\', '"quoted" \\'],
    ] as const
  ) assert.equal(printable(text), expected);
});
