import assert from "node:assert/strict";
import { parseDuration, parseSize } from "../../src/cloud/location_query.ts";

const DURATIONS: [string, number | undefined][] = [
  ["24h", 86_400_000],
  ["1h30m", 5_400_000],
  ["1.5s", 1_500],
  [".5s", 500],
  ["100ms", 100],
  ["250us", 0.25],
  ["250µs", 0.25],
  ["0", 0],
  ["0s", 0],
  ["", undefined],
  ["24", undefined],
  ["1d", undefined],
  ["-1h", undefined],
  ["1h 30m", undefined],
  [".s", undefined],
];
for (const [text, ms] of DURATIONS) {
  Deno.test(`parseDuration() takes "${text}" for ${ms} ms`, () => {
    assert.equal(parseDuration(text), ms);
  });
}

const SIZES: [string, number | undefined][] = [
  ["10GB", 10e9],
  ["10gb", 10e9],
  ["10G", 10e9],
  ["500MB", 500e6],
  ["1.5GiB", 1.5 * 2 ** 30],
  ["2TiB", 2 * 2 ** 40],
  ["4096", 4096],
  ["4096B", 4096],
  ["64k", 64_000],
  ["", undefined],
  ["big", undefined],
  ["-1GB", undefined],
  ["10XB", undefined],
  ["10iB", undefined],
];
for (const [text, bytes] of SIZES) {
  Deno.test(`parseSize() takes "${text}" for ${bytes} bytes`, () => {
    assert.equal(parseSize(text), bytes);
  });
}
