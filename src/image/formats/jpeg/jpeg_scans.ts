// How often a JPEG goes over its picture. A scan of a few bytes may have the decoder visit every block, so
// that each costs as much as the picture is large, whatever the file's size.

const SOS = 0xda, EOI = 0xd9, RESTART_0 = 0xd0, RESTART_7 = 0xd7;

/** The scans from the one whose header begins at `at` (behind its marker) to the end of the file. */
export function countScans(bytes: Uint8Array, at: number): number {
  let scans = 1;
  // Byte by byte: to search for the next marker costs more where a file is full of what looks like one.
  for (let i = segmentEnd(bytes, at); i + 1 < bytes.length;) {
    if (bytes[i] !== 0xff) {
      i++;
      continue;
    }
    const marker = bytes[i + 1]!;
    if (marker === EOI) break;
    if (marker === SOS) scans++;
    if (marker === 0xff) i++;
    else if (isBare(marker)) i += 2;
    else i = segmentEnd(bytes, i + 2);
  }
  return scans;
}

/** Where the segment ends whose length stands at `at`. */
function segmentEnd(bytes: Uint8Array, at: number): number {
  const length = (bytes[at] ?? 0) << 8 | (bytes[at + 1] ?? 0);
  return at + Math.max(2, length);
}

/** Whether nothing belongs to the marker: stuffed zeros, TEM, RSTn. */
function isBare(marker: number): boolean {
  return marker <= 0x01 || (marker >= RESTART_0 && marker <= RESTART_7);
}
