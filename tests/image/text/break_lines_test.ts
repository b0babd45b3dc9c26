import assert from "node:assert/strict";
import { charactersOf, piecesOf } from "../../../src/image/text/break_lines.ts";

Deno.test("piecesOf() breaks lines at blanks, behind hyphens, and between words without blanks", () => {
  const rows: readonly (readonly [line: string, pieces: readonly string[]])[] = [
    ["", []],
    ["one", ["one"]],
    ["one two", ["one ", "two"]],
    ["one  two ", ["one  ", "two "]],
    [" one", [" ", "one"]],
    ["well-known, 3-4", ["well-", "known, ", "3-", "4"]],
    ["-5 and a - b", ["-5 ", "and ", "a ", "- ", "b"]],
    ["10\u00a0km", ["10\u00a0km"]],
    ["don't (stop) here!", ["don't ", "(stop) ", "here!"]],
    ["שלום, עולם!", ["שלום, ", "עולם!"]],
    ["日本語「漢字」。", ["日本語", "「漢字」。"]],
    ["ภาษาไทย", ["ภาษา", "ไทย"]],
  ];
  for (const [line, pieces] of rows) {
    const found = piecesOf(line).map(({ text, blanks }) => text + blanks);
    assert.equal(found.join(""), line);
    assert.deepEqual(found, pieces);
  }
});

Deno.test("charactersOf() keeps marks with what they stand on", () => {
  assert.deepEqual(charactersOf("e\u0301שׁ👩‍👩‍👧a"), ["e\u0301", "שׁ", "👩‍👩‍👧", "a"]);
});
