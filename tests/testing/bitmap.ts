// Pictures that are as large as their pixels, for what depends on the size of a body.

/** A BMP of 24 bits a pixel, with something in each of them. */
export function bitmap(
  { width, height }: { width: number; height: number },
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(54 + 3 * width * height);
  const view = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let at = 54; at < bytes.length; at++) bytes[at] = (at * at) >> 8;
  return bytes;
}
