import assert from "node:assert/strict";
import { canonicalLanguages, favouriteLanguage } from "../../src/http/languages.ts";

// deno-fmt-ignore
const ROWS: readonly (readonly [given: string, canonical: string, favourite: string | undefined])[] = [
  ["de", "de", "de"],
  ["de, en", "de, en", undefined],
  ["en, de", "de, en", undefined],
  ["fr;q=0.5, de;q=1.0", "de, fr;q=0.5", "de"],
  ["en-GB,en;q=0.9,de;q=0.80", "en-gb, en;q=0.9, de;q=0.8", "en-gb"],
  ["de;q=0.8,en;q=0.9,en-gb", "en-gb, en;q=0.9, de;q=0.8", "en-gb"],
  ["DE ;Q=0.5 ,  *;q=0.1", "de;q=0.5, *;q=0.1", "de"],
  ["*", "*", "*"],
  ["de;q=0", "de;q=0", undefined],
  [", de,", "de", "de"],
  ["", "", undefined],
  ["de;q=2", "de;q=2", undefined],
  ["de;level=1, en", "de;level=1, en", undefined],
  ["nonsense here", "nonsense here", undefined],
];

for (const [given, canonical, favourite] of ROWS) {
  Deno.test(`canonicalLanguages() of ${JSON.stringify(given)} is ${JSON.stringify(canonical)}`, () => {
    assert.equal(canonicalLanguages(given), canonical);
    assert.equal(canonicalLanguages(canonical), canonical);
  });
  Deno.test(`favouriteLanguage() of ${JSON.stringify(given)} is ${favourite}`, () => {
    assert.equal(favouriteLanguage(given), favourite);
  });
}
