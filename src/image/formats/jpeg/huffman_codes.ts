// The shortest prefix codes of at most 16 bits for a scan's symbols, in the form that JPEG files carry.
import type { HuffmanCodes } from "./jpeg_tables.ts";

const LONGEST = 16;
/** More than there are symbols: what tells equal weights apart. */
const RANKS = 512;

/** The codes for symbols that occur so often, by their value; no code is all ones (T.81 annex K.2). */
export function codesFor(frequencies: Uint32Array): HuffmanCodes {
  // Weight and symbol in one number, so that they are sorted as numbers are. Loops, since `from()` and iterators
  // take longer than all the rest.
  const weighted = new Float64Array(frequencies.length);
  let used = 0;
  for (let symbol = 0; symbol < frequencies.length; symbol++) {
    const weight = frequencies[symbol]!;
    if (weight > 0) weighted[used++] = weight * RANKS + symbol;
  }
  const ranked = weighted.subarray(0, used).sort();
  // In front the one that takes the code of all ones, as the rarest.
  const leaves = new Float64Array(used + 1);
  for (let index = 0; index < used; index++) leaves[index + 1] = Math.floor(ranked[index]! / RANKS);
  const lengths = lengthsOf(leaves);
  const counts = new Uint8Array(LONGEST);
  for (let index = 0; index < used; index++) {
    const length = lengths[index + 1]!;
    counts[length - 1]!++;
    ranked[index] = length * RANKS + ranked[index]! % RANKS;
  }
  ranked.sort();
  const symbols = new Uint8Array(used);
  for (let place = 0; place < used; place++) symbols[place] = ranked[place]! % RANKS;
  return { counts, symbols };
}

/** The lengths of the codes for weights in ascending order, by package-merge. */
function lengthsOf(leaves: Float64Array): Uint8Array {
  const rounds = [mergedWith(new Float64Array(), leaves)];
  // Each round pairs what is cheapest and puts the pairs among the leaves again.
  for (let round = 1; round < LONGEST; round++) {
    const { weights } = rounds[round - 1]!;
    const pairs = new Float64Array(weights.length >> 1);
    for (let i = 0; i < pairs.length; i++) pairs[i] = weights[2 * i]! + weights[2 * i + 1]!;
    rounds.push(mergedWith(pairs, leaves));
  }
  // A code is as long as there are rounds that take its leaf: those of pairs count where these were made.
  const lengths = new Uint8Array(leaves.length);
  let taken = 2 * leaves.length - 2;
  for (const { leavesBefore } of rounds.reverse()) {
    const leavesTaken = leavesBefore[taken]!;
    for (let index = 0; index < leavesTaken; index++) lengths[index]!++;
    taken = 2 * (taken - leavesTaken);
  }
  return lengths;
}

/** Pairs and leaves in ascending order, the leaf first where they weigh the same. */
function mergedWith(
  pairs: Float64Array,
  leaves: Float64Array,
): { weights: Float64Array; /** How many of the first n are leaves. */ leavesBefore: Uint16Array } {
  const weights = new Float64Array(pairs.length + leaves.length);
  const leavesBefore = new Uint16Array(weights.length + 1);
  let leaf = 0;
  for (let at = 0; at < weights.length; at++) {
    const pair = at - leaf;
    const isLeaf = pair === pairs.length ||
      (leaf < leaves.length && leaves[leaf]! <= pairs[pair]!);
    weights[at] = isLeaf ? leaves[leaf++]! : pairs[pair]!;
    leavesBefore[at + 1] = leaf;
  }
  return { weights, leavesBefore };
}
