// The segments of a JPEG file, found exactly as libjpeg finds them, so that no file is one picture to us and another
// one to those who show it: what is between segments is passed over, whatever a damaged length has left there.

export const SOI = 0xd8, EOI = 0xd9, SOS = 0xda;
/** Bytes that are passed over at once; libjpeg would pass over any number. */
const MAX_GARBAGE = 16 * 2 ** 20;

export interface Segment {
  marker: number;
  /** Where its marker ends. */
  at: number;
  /** What belongs to it, nothing of the two markers that stand alone; it may end behind the file. */
  body: number;
  end: number;
}

/**
 * The first segment from `at` on; undefined where the file ends before it says how long that is. `step` is called for
 * each byte that has to be looked at, and may throw.
 */
export function nextSegment(
  bytes: Uint8Array,
  at: number,
  step?: () => void,
): Segment | undefined {
  while (true) {
    step?.();
    const garbage = bytes.subarray(at, at + MAX_GARBAGE).indexOf(0xff);
    if (garbage === -1) return undefined;
    at += garbage;
    while (bytes[at] === 0xff) {
      step?.();
      at++;
    }
    const marker = bytes[at++];
    if (marker === undefined) return undefined;
    // Stuffed zeros, TEM and RSTn carry nothing.
    if (marker <= 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue;
    if (marker === SOI || marker === EOI) return { marker, at, body: at, end: at };
    if (at + 2 > bytes.length) return undefined;
    const length = bytes[at]! << 8 | bytes[at + 1]!;
    // A length counts its own two bytes; of one that does not, what follows is looked through.
    return { marker, at, body: at + 2, end: at + Math.max(2, length) };
  }
}
