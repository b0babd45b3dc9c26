// Files that are damaged in the ways that files are, and strangers make them.

/** Mulberry32: the same numbers every time. */
export function randomOf(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor(((t ^ (t >>> 14)) >>> 0) / 2 ** 32 * below);
  };
}

/** A file cut short, with bits turned, under the beginning of another, or with some bytes of noise. */
export function mutate(
  bytes: Uint8Array,
  { other, random }: { other: Uint8Array; random: (below: number) => number },
): Uint8Array {
  const kind = random(4);
  if (kind === 0) return bytes.slice(0, random(bytes.length));
  const mutant = bytes.slice();
  if (kind === 1) {
    for (let count = 1 + random(12); count > 0; count--) {
      mutant[random(mutant.length)]! ^= 1 << random(8);
    }
  } else if (kind === 2) {
    mutant.set(other.subarray(0, Math.min(4 + random(28), mutant.length)));
  } else {
    const from = random(mutant.length), to = Math.min(mutant.length, from + 1 + random(40));
    for (let at = from; at < to; at++) mutant[at] = random(256);
  }
  return mutant;
}
