// The tables of a JPEG file as its segments hold them, several to a segment (T.81 B.2.4); what of them is acceptable
// is for whoever reads them to say.

export interface HuffmanCodes {
  /** How many codes there are of 1…16 bits. */
  counts: Uint8Array;
  symbols: Uint8Array;
}

/** Hands on each table of quantities, in the order of the file; false where one is cut short or is not taken. */
export function readQuantityTables(
  body: Uint8Array,
  take: (table: { precision: number; index: number; quantities: Uint16Array }) => boolean,
): boolean {
  for (let at = 0; at < body.length;) {
    const precision = body[at]! >> 4;
    const end = at + 1 + (precision === 0 ? 64 : 128);
    if (end > body.length) return false;
    const quantities = new Uint16Array(64);
    for (let k = 0; k < 64; k++) {
      quantities[k] = precision === 0
        ? body[at + 1 + k]!
        : body[at + 1 + k * 2]! << 8 | body[at + 2 + k * 2]!;
    }
    if (!take({ precision, index: body[at]! & 15, quantities })) return false;
    at = end;
  }
  return true;
}

/** Hands on each table of codes, by the byte that names it; false where one is cut short or is not taken. */
export function readHuffmanTables(
  body: Uint8Array,
  take: (index: number, codes: HuffmanCodes) => boolean,
): boolean {
  for (let at = 0; at < body.length;) {
    const counts = body.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    const end = at + 17 + total;
    if (counts.length < 16 || total > 256 || end > body.length) return false;
    if (!take(body[at]!, { counts, symbols: body.subarray(at + 17, end) })) return false;
    at = end;
  }
  return true;
}
