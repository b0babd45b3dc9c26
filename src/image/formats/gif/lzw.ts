// The compression of GIF (GIF89a specification, appendix F), both ways and on plain arrays, because
// the engine's way into and out of a GIF takes longer than everything else that is done to one.

const MAX_CODES = 4096;

/**
 * Decompresses into `out` and answers how many indices there were: fewer than its length where the
 * data end early or make no sense from some point on. Never more than `out` holds.
 */
export function decodeLzw(data: Uint8Array, minimumCodeSize: number, out: Uint8Array): number {
  const clear = 1 << minimumCodeSize;
  const end = clear + 1;
  // The string of a code lies in `out` already: what the code before it stood for, and the index after
  // that. The string of the next code begins with that index, so that no lengths need be kept.
  const starts = new Int32Array(MAX_CODES + 1);
  const input = new DataView(data.buffer, data.byteOffset, data.length);
  const words = new DataView(out.buffer, out.byteOffset, out.length);
  const { length: room } = out;
  const bits = data.length * 8;
  const lastWord = data.length - 4;
  let codeSize = minimumCodeSize + 1;
  let newest = end;
  let isFirst = true;
  let bit = 0, written = 0;
  while (written < room && bit + codeSize <= bits) {
    const byte = bit >> 3;
    // In a function of its own, the rare case made this loop take 1.7 times as long.
    let word: number;
    if (byte <= lastWord) word = input.getUint32(byte, true);
    else word = data[byte]! | (data[byte + 1] ?? 0) << 8 | (data[byte + 2] ?? 0) << 16;
    const code = word >>> (bit & 7) & (1 << codeSize) - 1;
    bit += codeSize;
    if (code === clear) {
      codeSize = minimumCodeSize + 1;
      newest = end;
      isFirst = true;
      continue;
    }
    // The string that this very code completes may be meant: its last index is its first.
    const isMeant = code < clear || (!isFirst && code > end && code <= newest + 1);
    if (!isMeant || code === MAX_CODES) return written;
    if (isFirst) {
      isFirst = false;
      starts[newest + 1] = written;
    } else if (newest < MAX_CODES - 1) {
      newest++;
      starts[newest + 1] = written;
      if (newest + 1 === 1 << codeSize && codeSize < 12) codeSize++;
    }
    if (code < clear) {
      out[written++] = code;
      continue;
    }
    let from = starts[code]!;
    const stop = written + starts[code + 1]! - from + 1;
    if (stop + 4 <= room && from + 4 <= written) {
      // Four at a time: what is one too many, the next string overwrites.
      do {
        words.setUint32(written, words.getUint32(from));
        written += 4;
        from += 4;
      } while (written < stop);
      written = stop;
    } else {
      for (const last = Math.min(stop, room); written < last;) out[written++] = out[from++]!;
    }
  }
  return written;
}

const HASH_SIZE = 1 << 14;
const HASH_MASK = HASH_SIZE - 1;

/** Compresses indices below 2^minimumCodeSize, where that is 2 to 8. The bytes are not yet cut into blocks. */
export function encodeLzw(indices: Uint8Array, minimumCodeSize: number): Uint8Array {
  const clear = 1 << minimumCodeSize;
  const end = clear + 1;
  // At the worst 12 bits for every index, and a clear code for every 4096 codes.
  const out = new Uint8Array(16 + Math.ceil(indices.length * 1.51));
  // Each slot has a string, as the code of all but its last index and that index, and its own code.
  const strings = new Int32Array(HASH_SIZE).fill(-1);
  let codeSize = minimumCodeSize + 1;
  let codes = end + 1;
  let bits = clear, bitCount = codeSize, at = 0;
  let prefix = indices[0] ?? 0;
  for (let i = 1; i < indices.length; i++) {
    const index = indices[i]!;
    const key = (prefix << 8) | index;
    let slot = ((key * 0x9e3779b1) >>> 18) & HASH_MASK;
    let string = strings[slot]!;
    while (string !== -1 && string >>> 12 !== key) string = strings[slot = (slot + 1) & HASH_MASK]!;
    if (string !== -1) {
      prefix = string & 4095;
      continue;
    }
    bits |= prefix << bitCount;
    bitCount += codeSize;
    while (bitCount >= 8) {
      out[at++] = bits & 255;
      bits >>>= 8;
      bitCount -= 8;
    }
    prefix = index;
    if (codes === MAX_CODES) {
      bits |= clear << bitCount;
      bitCount += codeSize;
      strings.fill(-1);
      codeSize = minimumCodeSize + 1;
      codes = end + 1;
      continue;
    }
    strings[slot] = key << 12 | codes;
    if (codes++ === 1 << codeSize) codeSize++;
  }
  for (const code of [prefix, end]) {
    bits |= code << bitCount;
    bitCount += codeSize;
    while (bitCount >= 8) {
      out[at++] = bits & 255;
      bits >>>= 8;
      bitCount -= 8;
    }
    // A decoder adds a string for the last code too, and may widen its codes by it.
    if (codes++ === 1 << codeSize && codeSize < 12) codeSize++;
  }
  if (bitCount > 0) out[at++] = bits & 255;
  return out.subarray(0, at);
}
