// The bytes of a strip or tile to samples: differences are summed up, and samples of any width become levels
// of 0 to 255, or stay as they are where they are indices.

import type { Segment, TiffLayout } from "./tiff_layout.ts";

/** Bytes of one row of a segment. */
export function rowBytes({ width, samples }: Segment, { bits }: Pick<TiffLayout, "bits">): number {
  return Math.ceil(width * samples * bits / 8);
}

/** Turns differences to the pixel on the left into samples, in place (TIFF 6.0 section 14). */
export function sumUp(data: Uint8Array, segment: Segment, { bits, little }: TiffLayout): void {
  const { width, height, samples } = segment;
  const bytes = rowBytes(segment, { bits });
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let y = 0; y < height && (y + 1) * bytes <= data.length; y++) {
    if (bits === 8) {
      for (let at = y * bytes + samples; at < (y + 1) * bytes; at++) {
        data[at]! += data[at - samples]!;
      }
      continue;
    }
    for (let index = samples; index < width * samples; index++) {
      const at = y * bytes + index * 2;
      const sum = view.getUint16(at, little) + view.getUint16(at - samples * 2, little);
      view.setUint16(at, sum & 0xffff, little);
    }
  }
}

/** Reads rows of a segment; `raw` samples are not made levels. */
export function rowUnpacker(
  segment: Segment,
  { bits, little }: TiffLayout,
  { raw }: { raw: boolean },
): (data: Uint8Array, row: number, to: Uint16Array) => void {
  const bytes = rowBytes(segment, { bits });
  const most = 2 ** bits - 1;
  // Of 16 bits the table would be long: those are divided.
  const levels = Uint16Array.from(
    { length: bits === 16 ? 0 : most + 1 },
    (_, value) => raw ? value : Math.round(value * 255 / most),
  );
  return (data, row, to) => {
    const from = row * bytes;
    if (bits === 16) {
      for (let index = 0; index < to.length; index++) {
        const at = from + index * 2;
        const value = little ? data[at]! | data[at + 1]! << 8 : data[at]! << 8 | data[at + 1]!;
        to[index] = raw ? value : (value * 255 + 32767) / 65535 | 0;
      }
      return;
    }
    const perByte = 8 / bits;
    for (let index = 0; index < to.length; index++) {
      const byte = data[from + Math.floor(index / perByte)]!;
      const place = index % perByte;
      to[index] = levels[byte >> (8 - bits * (1 + place)) & most]!;
    }
  };
}
