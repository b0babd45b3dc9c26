import assert from "node:assert/strict";
import { createPngFilters } from "../../../../../src/image/formats/png/rows/filters.ts";

const filters = createPngFilters();

/** A row as it was, by the words of W3C PNG 3rd edition, section 9.2. */
function plainRow(filtered: Uint8Array, above: Uint8Array, pixel: number): Uint8Array {
  const row = new Uint8Array(filtered.length - 1);
  for (let at = 0; at < row.length; at++) {
    const [a, b, c] = [row[at - pixel] ?? 0, above[at] ?? 0, above[at - pixel] ?? 0];
    const near = [a, b, c].toSorted((x, y) =>
      Math.abs(a + b - c - x) - Math.abs(a + b - c - y)
    )[0]!;
    const said = [0, a, b, (a + b) >> 1, near][filtered[0]!]!;
    row[at] = filtered[at + 1]! + said;
  }
  return row;
}

/** Hands out so many of the bytes at a time as are asked for. */
function readerOf(bytes: Uint8Array) {
  let at = 0;
  return (count: number) => bytes.subarray(at, at += count);
}

function rowsUnder(numbers: readonly number[], rowBytes: number): Uint8Array {
  const rows = new Uint8Array(numbers.length * (rowBytes + 1));
  for (let at = 0, noise = 1; at < rows.length; at++) {
    noise = Math.imul(noise, 1103515245) + 12345;
    // Small differences are common, and large ones too.
    rows[at] = at % 5 === 0 ? noise >>> 24 : noise >>> 30;
  }
  for (const [y, filter] of numbers.entries()) rows[y * (rowBytes + 1)] = filter;
  return rows;
}

/** Has all rows undone, so many at a time, and gives their number. */
function undo(
  rows: Uint8Array,
  size: Parameters<typeof filters.open>[1],
  { atOnce, use = () => {} }: { atOnce: number; use?: (row: Uint8Array, y: number) => void },
): number {
  const next = filters.open(readerOf(rows), size);
  let y = 0;
  for (let some = next(atOnce); some.length > 0; some = next(atOnce)) {
    assert.ok(some.length <= atOnce * size.rowBytes && some.length % size.rowBytes === 0);
    for (let at = 0; at < some.length; at += size.rowBytes) {
      use(some.subarray(at, at + size.rowBytes), y++);
    }
  }
  return y;
}

Deno.test("open() gives rows back under every filter behind every other, for pixels of any size", () => {
  const numbers = [4, 4, 4, 4, 4, 1, 4, 2, 4, 4, 3, 4, 0, 0, 1, 1, 2, 2, 3, 3, 4, 0, 4, 4, 1, 4];
  for (const pixel of [1, 2, 3, 4, 6, 8]) {
    for (const columns of [1, 2, 3, 16, 61]) {
      const rowBytes = pixel * columns;
      for (
        const [first, atOnce] of [[0, Infinity], [1, Infinity], [0, 1], [1, 2], [0, 7]] as const
      ) {
        const rows = rowsUnder(numbers.slice(first), rowBytes);
        let above: Uint8Array = new Uint8Array(rowBytes), seen = 0;
        const size = { rowBytes, height: numbers.length - first, pixel };
        const use = (row: Uint8Array, y: number) => {
          const wanted = plainRow(
            rows.slice(y * (rowBytes + 1), (y + 1) * (rowBytes + 1)),
            above,
            pixel,
          );
          assert.deepEqual(row.slice(), wanted, `row ${y} of ${columns} pixels of ${pixel} bytes`);
          assert.equal(y, seen++);
          above = wanted;
        };
        const count = undo(rows, size, { atOnce, use });
        assert.deepEqual([count, seen], [size.height, size.height]);
      }
    }
  }
});

Deno.test("open() ends at a row that is cut, or under a filter that does not exist", () => {
  const size = { rowBytes: 30, height: 8, pixel: 3 };
  for (let whole = 0; whole < 8; whole++) {
    for (const filter of [1, 4]) {
      const rows = rowsUnder(Array(8).fill(filter), 30);
      const cut = rows.subarray(0, (whole + 1) * 31 - 1);
      const strange = rows.slice();
      strange[whole * 31] = 5;
      for (const bytes of [cut, strange]) {
        for (const atOnce of [1, 2, 3, Infinity]) {
          assert.equal(undo(bytes, size, { atOnce }), whole);
        }
      }
    }
  }
});

Deno.test("the kernel reads nothing that it was not given, and writes nothing outside its layout", () => {
  const { Instance } = WebAssembly;
  let memory: WebAssembly.Memory | undefined;
  WebAssembly.Instance = class extends Instance {
    constructor(...args: ConstructorParameters<typeof Instance>) {
      super(...args);
      memory = this.exports["memory"] as WebAssembly.Memory;
    }
  };
  const { open } = (() => {
    try {
      return createPngFilters();
    } finally {
      WebAssembly.Instance = Instance;
    }
  })();
  const heap = new Uint8Array(memory!.buffer);
  const STATIC = 4096, MOST = 200_000;
  const constants = heap.slice(0, STATIC);
  const run = (rows: Uint8Array, size: Parameters<typeof open>[1], poison: number) => {
    heap.fill(poison, STATIC);
    const next = open(readerOf(rows), size);
    const given: number[] = [];
    for (let some = next(3); some.length > 0; some = next(3)) given.push(...some);
    assert.equal(given.length, size.rowBytes * size.height);
    assert.ok(heap.subarray(MOST).every((value) => value === poison), "written behind the layout");
    assert.deepEqual(heap.slice(0, STATIC), constants);
    return given;
  };
  for (const pixel of [1, 2, 3, 4, 6, 8]) {
    for (const columns of [1, 2, 3, 4, 5, 17, 400]) {
      const size = { rowBytes: pixel * columns, height: 11, pixel };
      const rows = rowsUnder([4, 4, 4, 1, 2, 3, 0, 4, 4, 3, 4], size.rowBytes);
      assert.deepEqual(run(rows, size, 0xa5), run(rows, size, 0x5a), "the poison has been read");
    }
  }
});
