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
  // Each code stands for a string that is already in `out`: where it begins and how long it is.
  const starts = new Int32Array(MAX_CODES);
  const lengths = new Int32Array(MAX_CODES);
  let codeSize = minimumCodeSize + 1;
  let codes = end + 1;
  let bits = 0, bitCount = 0, at = 0, written = 0;
  let previousStart = 0, previousLength = 0;
  while (written < out.length) {
    while (bitCount < codeSize) {
      if (at >= data.length) return written;
      bits |= data[at++]! << bitCount;
      bitCount += 8;
    }
    const code = bits & ((1 << codeSize) - 1);
    bits >>>= codeSize;
    bitCount -= codeSize;
    if (code === clear) {
      codeSize = minimumCodeSize + 1;
      codes = end + 1;
      previousLength = 0;
      continue;
    }
    if (code === end) return written;
    if (code > codes || (code >= codes && previousLength === 0)) return written;
    const start = written;
    // The new string is the previous one and the first index of this: they lie side by side in `out`.
    if (previousLength > 0 && codes < MAX_CODES) {
      starts[codes] = previousStart;
      lengths[codes] = previousLength + 1;
      codes++;
      if (codes === 1 << codeSize && codeSize < 12) codeSize++;
    }
    if (code < clear) {
      out[written++] = code;
    } else {
      if (code >= codes) return written;
      let from = starts[code]!;
      const stop = Math.min(written + lengths[code]!, out.length);
      while (written < stop) out[written++] = out[from++]!;
    }
    previousStart = start;
    previousLength = written - start;
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
  const keys = new Int32Array(HASH_SIZE).fill(-1);
  const values = new Int16Array(HASH_SIZE);
  let codeSize = minimumCodeSize + 1;
  let codes = end + 1;
  let bits = clear, bitCount = codeSize, at = 0;
  let prefix = indices[0] ?? 0;
  for (let i = 1; i < indices.length; i++) {
    const index = indices[i]!;
    const key = (prefix << 8) | index;
    let slot = ((key * 0x9e3779b1) >>> 18) & HASH_MASK;
    while (keys[slot] !== key && keys[slot] !== -1) slot = (slot + 1) & HASH_MASK;
    if (keys[slot] === key) {
      prefix = values[slot]!;
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
      keys.fill(-1);
      codeSize = minimumCodeSize + 1;
      codes = end + 1;
      continue;
    }
    keys[slot] = key;
    values[slot] = codes;
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
