import assert from "node:assert/strict";
import {
  compose,
  type Dihedral,
  IDENTITY,
  inverse,
  isIdentity,
  rotation,
  turnRect,
  turnSize,
  uprightFrom,
} from "../../../src/image/pixels/dihedral.ts";

const ALL: Dihedral[] = [1, 2, 3, 4, 5, 6, 7, 8].map(uprightFrom);

// Where the pixels of "abc/def" lie after each change, row by row.
const TURNED: readonly (readonly [string, Dihedral, string])[] = [
  ["orientation 1", uprightFrom(1), "abc/def"],
  ["orientation 2", uprightFrom(2), "cba/fed"],
  ["orientation 3", uprightFrom(3), "fed/cba"],
  ["orientation 4", uprightFrom(4), "def/abc"],
  ["orientation 5", uprightFrom(5), "ad/be/cf"],
  ["orientation 6", uprightFrom(6), "da/eb/fc"],
  ["orientation 7", uprightFrom(7), "fc/eb/da"],
  ["orientation 8", uprightFrom(8), "cf/be/ad"],
  ["orientation 9", uprightFrom(9), "abc/def"],
  ["0° counter-clockwise", rotation(0), "abc/def"],
  ["90° counter-clockwise", rotation(90), "cf/be/ad"],
  ["180° counter-clockwise", rotation(180), "fed/cba"],
  ["270° counter-clockwise", rotation(270), "da/eb/fc"],
];

Deno.test("uprightFrom() and rotation() move pixels where they belong", () => {
  for (const [name, change, expected] of TURNED) {
    assert.equal(turn(["abc", "def"], change).join("/"), expected, name);
  }
});

Deno.test("compose() does one after the other", () => {
  for (const first of ALL) {
    for (const second of ALL) {
      const oneByOne = turn(turn(["abc", "def"], first), second);
      assert.deepEqual(turn(["abc", "def"], compose(first, second)), oneByOne);
    }
  }
});

Deno.test("inverse() takes a change back", () => {
  for (const change of ALL) {
    assert.deepEqual(compose(change, inverse(change)), IDENTITY);
    assert.ok(isIdentity(compose(inverse(change), change)));
  }
});

Deno.test("turnRect() takes a rectangle with its pixels", () => {
  const rows = ["abcd", "efgh", "ijkl"];
  const size = { width: 4, height: 3 };
  const rect = { x: 1, y: 0, width: 2, height: 3 };
  for (const change of ALL) {
    const inside = turn(cut(rows, rect), change);
    assert.deepEqual(cut(turn(rows, change), turnRect(rect, size, change)), inside);
  }
});

/** Moves characters as the definition says: mirror along the diagonal, then in x, then in y. */
function turn(rows: string[], change: Dihedral): string[] {
  const { width, height } = turnSize({ width: rows[0]!.length, height: rows.length }, change);
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const unflippedX = change.flipX ? width - 1 - x : x;
      const unflippedY = change.flipY ? height - 1 - y : y;
      return change.transpose ? rows[unflippedX]![unflippedY]! : rows[unflippedY]![unflippedX]!;
    }).join(""));
}

function cut(
  rows: string[],
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
): string[] {
  return rows.slice(y, y + height).map((row) => row.slice(x, x + width));
}
