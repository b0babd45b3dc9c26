// What a strip or tile of a TIFF holds, unpacked: the codes that need no picture, only bytes.

/** PackBits (TIFF 6.0 section 9), as far as it goes. */
export function unpackBits(data: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  let to = 0;
  for (let at = 0; at < data.length && to < length;) {
    const code = data[at++]!;
    if (code < 128) {
      const piece = data.subarray(at, at + Math.min(code + 1, length - to));
      out.set(piece, to);
      to += piece.length;
      at += code + 1;
    } else if (code > 128) {
      const count = Math.min(257 - code, length - to);
      out.fill(data[at++] ?? 0, to, to + count);
      to += count;
    }
  }
  return out.subarray(0, to);
}

const CLEAR = 256, END = 257, FIRST = 258, MOST_BITS = 12, CODES = 1 << MOST_BITS;

/** Whether the data are the codes of the oldest files, with their lowest bit first. */
export function isOldLzw(data: Uint8Array): boolean {
  return data[0] === 0 && (data[1]! & 1) === 1;
}

/** LZW (TIFF 6.0 section 13), whose codes grow one early, as far as it goes. */
export function unpackLzw(data: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  // Each code is a piece of what is already there.
  const starts = new Int32Array(CODES), lengths = new Int32Array(CODES);
  let next = FIRST, bits = 9, window = 0, held = 0, to = 0, previous = -1;
  for (let at = 0; to < length;) {
    while (held < bits && at < data.length) {
      window = (window << 8 | data[at++]!) & 0xffffff;
      held += 8;
    }
    if (held < bits) break;
    held -= bits;
    const code = window >> held & (1 << bits) - 1;
    if (code === END) break;
    if (code === CLEAR) {
      next = FIRST;
      bits = 9;
      previous = -1;
      continue;
    }
    // A new code: what the last one stood for, and the first byte of this one's, which lies behind it.
    if (previous >= 0 && next < CODES) {
      starts[next] = previous;
      lengths[next] = to - previous + 1;
      next++;
    }
    previous = to;
    if (code < CLEAR) {
      out[to++] = code;
    } else if (code < next) {
      const from = starts[code]!, end = Math.min(from + lengths[code]!, from + length - to);
      for (let index = from; index < end; index++) out[to++] = out[index]!;
    } else {
      break;
    }
    if (next >= (1 << bits) - 1 && bits < MOST_BITS) bits++;
  }
  return out.subarray(0, to);
}
