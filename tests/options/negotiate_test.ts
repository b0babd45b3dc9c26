import assert from "node:assert/strict";
import { acceptedFormats } from "../../src/options/negotiate.ts";

const ROWS: readonly (readonly [string | undefined, string])[] = [
  [undefined, ""],
  ["", ""],
  ["*/*", ""],
  ["image/*", ""],
  ["image/webp", "webp"],
  ["image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8", "avif webp"],
  ["image/webp,image/apng,image/*,*/*;q=0.8", "webp"],
  ["image/avif,image/apng,image/*,*/*;q=0.8", "avif apng"],
  ["image/apng,image/*,*/*;q=0.8", "apng"],
  ["image/webp;q=1,image/avif;q=0.9", "webp avif"],
  ["image/avif;q=0,image/webp", "webp"],
  ["image/webp;q=0.5,image/png", ""],
  ["image/webp;q=0.5,*/*;q=0.1", "webp"],
  ["IMAGE/WebP ; Q=0.8", "webp"],
  ["image/webp;q=nonsense", ""],
  ["image/webp;q=1,image/webp;q=0", ""],
];

Deno.test("acceptedFormats() names what a client likes at least as much as what it would get", () => {
  for (const [accept, expected] of ROWS) {
    assert.equal(acceptedFormats(accept).join(" "), expected, accept);
  }
});
