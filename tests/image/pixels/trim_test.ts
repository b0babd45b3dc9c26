import assert from "node:assert/strict";
import { trimBox, union } from "../../../src/image/pixels/trim.ts";

// Letters are colours; the corner is where the border's colour is taken from.
const ROWS: readonly (readonly [string[], string | undefined])[] = [
  [["aaaa", "abba", "aaaa"], "1,1,2,1"],
  [["aaaa", "aaba", "aaaa"], "2,1,1,1"],
  [["aaaa", "aaaa"], undefined],
  [["abbb", "bbbb"], "0,0,4,2"],
  [["aaab", "aaaa"], "3,0,1,1"],
  [["aaaa", "baaa"], "0,1,1,1"],
  [["a"], undefined],
  [["aabaa"], "2,0,1,1"],
  [["aaaaa", "aabaa", "acaaa", "aaaaa"], "1,1,2,2"],
];

Deno.test("trimBox() finds what lies inside the border", () => {
  for (const [rows, expected] of ROWS) {
    const box = trimBox(picture(rows), { x: 0, y: 0 });
    assert.equal(box && [box.x, box.y, box.width, box.height].join(), expected, rows.join("/"));
  }
});

Deno.test("trimBox() takes the colour from the corner it is told", () => {
  const rows = ["caab", "aaab", "aaab"];
  assert.equal(trimBox(picture(rows), { x: 3, y: 2 })?.width, 3);
  assert.equal(trimBox(picture(rows), { x: 0, y: 0 })?.width, 4);
});

Deno.test("trimBox() takes all invisible pixels for one colour", () => {
  const data = Uint8Array.of(1, 2, 3, 0, 9, 9, 9, 0, 5, 5, 5, 255);
  const samples = { data, width: 3, height: 1, channels: 4 };
  assert.deepEqual(trimBox({ ...samples, hasAlpha: true }, { x: 0, y: 0 }), {
    x: 2,
    y: 0,
    width: 1,
    height: 1,
  });
  assert.equal(trimBox({ ...samples, hasAlpha: false }, { x: 0, y: 0 })?.x, 1);
});

Deno.test("union() holds both rectangles", () => {
  const a = { x: 1, y: 5, width: 2, height: 2 };
  const b = { x: 2, y: 1, width: 4, height: 1 };
  assert.deepEqual(union(a, b), { x: 1, y: 1, width: 5, height: 6 });
  assert.deepEqual(union(b, a), union(a, b));
});

function picture(rows: string[]) {
  const data = Uint8Array.from(rows.join(""), (letter) => letter.charCodeAt(0));
  return { data, width: rows[0]!.length, height: rows.length, channels: 1, hasAlpha: false };
}
