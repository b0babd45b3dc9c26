// The engine's JPEG XL reader loses a codestream whose box has no size because it lies last in its file
// (ISO 14496-12 section 4.2.2), as in files by libjxl's own earlier encoders.

/** The same file with the size of its last box in its place; the same bytes where they need no change. */
export function withSizes(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // A naked codestream has no boxes.
  if (bytes.length < 12 || view.getUint32(0) !== 12) return bytes;
  for (let at = 0; at + 8 <= bytes.length;) {
    const size = view.getUint32(at);
    if (size === 0) {
      const sized = bytes.slice();
      new DataView(sized.buffer).setUint32(at, bytes.length - at);
      return sized;
    }
    const long = size === 1 && at + 16 <= bytes.length;
    at += Math.max(8, long ? Number(view.getBigUint64(at + 8)) : size);
  }
  return bytes;
}
