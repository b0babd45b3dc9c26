import assert from "node:assert/strict";
import fc from "fast-check";
import { formatHttpDate, parseHttpDate } from "../../src/http/http_date.ts";

const NOW = Date.UTC(2026, 0, 15);
const EXAMPLE = Date.UTC(1994, 10, 6, 8, 49, 37);

// deno-fmt-ignore
const ROWS: readonly (readonly [string, number | undefined])[] = [
  ["Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE],
  ["Sunday, 06-Nov-94 08:49:37 GMT", EXAMPLE],
  ["Sun Nov  6 08:49:37 1994", EXAMPLE],
  ["Sun Nov 16 08:49:37 1994", Date.UTC(1994, 10, 16, 8, 49, 37)],
  ["  Sun, 06 Nov 1994 08:49:37 GMT ", EXAMPLE],
  ["sun, 06 nov 1994 08:49:37 utc", EXAMPLE],
  ["Mon, 06 Nov 1994 08:49:37 GMT", EXAMPLE], // the day's name is not worth an argument
  ["Thursday, 15-Jan-76 00:00:00 GMT", Date.UTC(2076, 0, 15)],
  ["Thursday, 15-Jan-77 00:00:00 GMT", Date.UTC(1977, 0, 15)],
  ["Sat, 31 Dec 2016 23:59:60 GMT", Date.UTC(2017, 0, 1)],
  ["Thu, 29 Feb 2024 00:00:00 GMT", Date.UTC(2024, 1, 29)],
  ["Thu, 01 Jan 0050 00:00:00 GMT", Date.parse("0050-01-01T00:00:00Z")],
  ["Wed, 29 Feb 2023 00:00:00 GMT", undefined],
  ["Sun, 31 Apr 1994 08:49:37 GMT", undefined],
  ["Sun, 00 Nov 1994 08:49:37 GMT", undefined],
  ["Sun, 06 Nov 1994 24:00:00 GMT", undefined],
  ["Sun, 06 Nov 1994 08:60:00 GMT", undefined],
  ["Sun, 06 Nov 1994 08:49:61 GMT", undefined],
  ["Sun, 6 Nov 1994 08:49:37 GMT", undefined],
  ["Sun, 06 Nov 1994 08:49:37", undefined],
  ["Sun, 06 Nov 1994 08:49:37 EST", undefined],
  ["Sun, 06 Nov 1994 08:49:37 +0000", undefined],
  ["1994-11-06T08:49:37Z", undefined],
  ["784111777", undefined],
  ["0", undefined],
  ["", undefined],
];

for (const [text, time] of ROWS) {
  Deno.test(`parseHttpDate() [9110 5.6.7] reads ${JSON.stringify(text)}`, () => {
    assert.equal(parseHttpDate(text, NOW), time);
  });
}

Deno.test("parseHttpDate() of no field is undefined", () => {
  assert.equal(parseHttpDate(undefined, NOW), undefined);
});

Deno.test("parseHttpDate() reads what formatHttpDate() writes, to the second", () => {
  const times = fc.integer({ min: 0, max: Date.UTC(9999, 11, 31) });
  fc.assert(fc.property(times, (time) => {
    assert.equal(parseHttpDate(formatHttpDate(time), NOW), Math.floor(time / 1000) * 1000);
  }));
});
