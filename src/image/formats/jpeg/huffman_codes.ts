// The shortest prefix codes of at most 16 bits for a scan's symbols, in the form that JPEG files carry.
import type { HuffmanCodes } from "./jpeg_file.ts";

const LONGEST = 16;

/** The codes for symbols that occur so often, by their value; no code is all ones (T.81 annex K.2). */
export function codesFor(frequencies: Uint32Array): HuffmanCodes {
  const symbols = [...frequencies.keys()].filter((symbol) => frequencies[symbol]! > 0);
  // The one that takes the code of all ones, as the rarest.
  const leaves = [
    { weight: 0, symbols: [-1] },
    ...symbols.map((symbol) => ({
      weight: frequencies[symbol]!,
      symbols: [symbol],
    })),
  ].sort((a, b) => a.weight - b.weight);
  const lengths = new Map<number, number>();
  // Package-merge: each round pairs what is cheapest and puts the pairs among the leaves again.
  let packages = leaves;
  for (let round = 1; round < LONGEST; round++) {
    const pairs = [];
    for (let i = 0; i + 1 < packages.length; i += 2) {
      const [a, b] = [packages[i]!, packages[i + 1]!];
      pairs.push({ weight: a.weight + b.weight, symbols: [...a.symbols, ...b.symbols] });
    }
    packages = [...leaves, ...pairs].sort((a, b) => a.weight - b.weight);
  }
  for (const { symbols } of packages.slice(0, 2 * leaves.length - 2)) {
    for (const symbol of symbols) lengths.set(symbol, (lengths.get(symbol) ?? 0) + 1);
  }
  const counts = new Uint8Array(LONGEST);
  for (const symbol of symbols) counts[lengths.get(symbol)! - 1]!++;
  const byLength = symbols.sort((a, b) => lengths.get(a)! - lengths.get(b)! || a - b);
  return { counts, symbols: Uint8Array.from(byLength) };
}
