import assert from "node:assert/strict";
import { closest, nearest } from "../../src/options/nearest.ts";
import { assertWithin } from "../testing/quickly.ts";

const NAMES = ["allowHosts", "cache", "config", "help", "fit", "fv"];

Deno.test("closest() finds what a slip of the finger meant", () => {
  for (
    const [word, expected] of [
      ["alowHosts", "allowHosts"],
      ["ALLOWHOST", "allowHosts"],
      ["cahce", "cache"],
      ["hlep", "help"],
      ["ift", "fit"],
      ["fitt", "fit"],
      ["memory", undefined],
      ["f", "fv"],
      ["", undefined],
    ] as const
  ) {
    assert.equal(closest(word, NAMES), expected, word);
  }
});

Deno.test("nearest() makes the end of a sentence of it, or nothing", () => {
  assert.equal(nearest("cahce", NAMES, { prefix: "-" }), "; did you mean -cache?");
  assert.equal(nearest("zebra", NAMES), "");
});

Deno.test("closest() spends no time on words of kilobytes", async () => {
  await assertWithin(1000, () => {
    for (let times = 0; times < 500; times++) {
      assert.equal(closest("fit".repeat(10_000), NAMES), undefined);
    }
  });
});
