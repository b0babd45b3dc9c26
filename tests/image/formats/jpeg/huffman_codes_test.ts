import assert from "node:assert/strict";
import fc from "fast-check";
import { codesFor } from "../../../../src/image/formats/jpeg/huffman_codes.ts";

const frequencies = fc.array(fc.integer({ min: 0, max: 1e6 }), { minLength: 1, maxLength: 256 })
  .filter((list) => list.some((frequency) => frequency > 0));

function lengthsOf(list: readonly number[]): Map<number, number> {
  const { counts, symbols } = codesFor(Uint32Array.from(list));
  const lengths = [...counts].flatMap((count, index) => Array<number>(count).fill(index + 1));
  return new Map([...symbols].map((symbol, place) => [symbol, lengths[place]!]));
}

Deno.test("codesFor() gives each symbol that occurs a code, and leaves the code of all ones free", () => {
  fc.assert(fc.property(frequencies, (list) => {
    const lengths = lengthsOf(list);
    assert.equal(lengths.size, list.filter((frequency) => frequency > 0).length);
    const taken = [...lengths.values()].reduce((sum, length) => sum + 2 ** -length, 0);
    assert.ok(taken < 1);
    assert.ok(Math.max(...lengths.values()) <= 16);
  }));
});

Deno.test("codesFor() gives what occurs more often no longer code", () => {
  fc.assert(fc.property(frequencies, (list) => {
    const sorted = [...lengthsOf(list)].sort(([a], [b]) => list[b]! - list[a]!);
    for (const [index, [symbol, length]] of sorted.entries()) {
      const next = sorted[index + 1];
      if (next && list[next[0]]! < list[symbol]!) assert.ok(length <= next[1]);
    }
  }));
});

Deno.test("codesFor() keeps to 16 bits where frequencies call for more", () => {
  const list = [1, 1];
  while (list.length < 40) list.push(list.at(-1)! + list.at(-2)!);
  const lengths = lengthsOf(list.map((frequency) => Math.min(frequency, 2 ** 32 - 1)));
  assert.equal(Math.max(...lengths.values()), 16);
});

/** Package-merge as it is told in words: packages hold the symbols that are in them. */
function plainLengths(list: readonly number[]): Map<number, number> {
  const leaves = [
    { weight: 0, symbols: [-1] },
    ...[...list.entries()].filter(([, weight]) => weight > 0)
      .map(([symbol, weight]) => ({ weight, symbols: [symbol] })),
  ].sort((a, b) => a.weight - b.weight);
  let packages = leaves;
  for (let round = 1; round < 16; round++) {
    const pairs = Array.from({ length: packages.length >> 1 }, (_, index) => {
      const [a, b] = [packages[2 * index]!, packages[2 * index + 1]!];
      return { weight: a.weight + b.weight, symbols: [...a.symbols, ...b.symbols] };
    });
    packages = [...leaves, ...pairs].sort((a, b) => a.weight - b.weight);
  }
  const lengths = new Map<number, number>();
  for (const symbol of packages.slice(0, 2 * leaves.length - 2).flatMap((it) => it.symbols)) {
    if (symbol >= 0) lengths.set(symbol, (lengths.get(symbol) ?? 0) + 1);
  }
  return lengths;
}

Deno.test("codesFor() gives the lengths of package-merge, also among equals", () => {
  const few = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 256 })
    .filter((list) => list.some((frequency) => frequency > 0));
  fc.assert(fc.property(fc.oneof(frequencies, few), (list) => {
    assert.deepEqual(new Map([...lengthsOf(list)].sort(([a], [b]) => a - b)), plainLengths(list));
  }));
});
