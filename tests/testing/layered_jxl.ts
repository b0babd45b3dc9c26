// JPEG XL files of many frames without pixels: enough to be counted, too little to be decoded.

/**
 * A square still of 1000 pixels a side whose `layers` have no duration; the header is as short as it can be. A
 * `profile` is one of so many bytes, all of them nothing, which take no bits.
 */
export function layeredJxl(layers: number, { profile }: { profile?: number } = {}): Uint8Array {
  const { bits, align, bytes } = createBitWriter();
  bits([0x0aff, 16]);
  // Not a multiple of eight, 13 bits of height, as wide as high.
  bits([0, 1], [1, 2], [999, 13], [1, 3]);
  if (profile === undefined) bits([1, 1], [1, 1]); // all metadata and transforms by default
  else {
    // Eight bits, no extra channels, XYB, a profile of red, green and blue; no extensions, transforms by default.
    bits([0, 1], [0, 1], [0, 1], [0, 2], [1, 1], [0, 2], [1, 1]);
    bits([0, 1], [1, 1], [0, 2], [0, 2], [1, 1]);
    bits([3, 2], [profile & 0xfff, 12]);
    for (let rest = profile >> 12; rest > 0; rest >>= 8) bits([1, 1], [rest & 0xff, 8]);
    bits([0, 1]);
    // No repetitions, one distribution for all contexts, a prefix code of one symbol.
    bits([0, 1], [1, 1], [0, 2], [1, 1], [15, 4], [0, 1]);
  }
  for (let layer = 1; layer <= layers; layer++) {
    const isLast = layer === layers;
    align();
    // A regular modular frame in one group and one pass, without a crop, which replaces what is below.
    bits([0, 1], [0, 2], [1, 1], [0, 2], [0, 2], [3, 2], [0, 2], [0, 1], [0, 2]);
    bits([isLast ? 1 : 0, 1]);
    if (!isLast) bits([0, 2], [0, 1]);
    // No name, the usual filter, no extensions.
    bits([0, 2], [1, 1], [0, 2]);
    // One section of no bytes.
    bits([0, 1]);
    align();
    bits([0, 2], [0, 10]);
    align();
  }
  return bytes();
}

/** The lowest bit comes first. */
function createBitWriter() {
  const written: number[] = [];
  return {
    bits(...fields: [value: number, count: number][]) {
      for (const [value, count] of fields) {
        for (let bit = 0; bit < count; bit++) written.push(value >> bit & 1);
      }
    },
    align: () => void written.push(...Array(-written.length & 7).fill(0)),
    bytes: () =>
      Uint8Array.from(
        { length: Math.ceil(written.length / 8) },
        (_, index) =>
          written.slice(index * 8, index * 8 + 8).reduce((byte, bit, at) => byte | bit << at, 0),
      ),
  };
}
