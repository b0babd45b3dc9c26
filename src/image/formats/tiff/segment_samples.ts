// The bytes of a strip or tile to samples: differences are summed up, and samples of any width become levels
// of 0 to 255, or stay as they are where they are indices.

import { rowBytes, type Segment, type TiffLayout } from "./tiff_layout.ts";

/** Turns differences to the pixel on the left into samples, in place (TIFF 6.0 section 14). */
export function sumUp(data: Uint8Array, segment: Segment, layout: TiffLayout): void {
  const { bits, little, differences } = layout;
  const { width, height, samples } = segment;
  const bytes = rowBytes(segment, { bits });
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let y = 0; y < height && (y + 1) * bytes <= data.length; y++) {
    if (differences === "bytes") {
      sumUpFloats(data.subarray(y * bytes, (y + 1) * bytes), { samples, little });
      continue;
    }
    if (bits === 8) {
      for (let at = y * bytes + samples; at < (y + 1) * bytes; at++) {
        data[at]! += data[at - samples]!;
      }
      continue;
    }
    if (bits === 32) {
      for (let at = y * bytes + samples * 4; at < (y + 1) * bytes; at += 4) {
        const sum = view.getUint32(at, little) + view.getUint32(at - samples * 4, little);
        view.setUint32(at, sum >>> 0, little);
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

/**
 * A row of floats of 32 bits whose bytes lie apart, all highest ones first, each less the one of the pixel on
 * the left (Adobe's TIFF Technical Note 3).
 */
function sumUpFloats(
  row: Uint8Array,
  { samples, little }: { samples: number; little: boolean },
): void {
  for (let at = samples; at < row.length; at++) row[at]! += row[at - samples]!;
  const apart = row.slice();
  const count = row.length / 4;
  for (let index = 0; index < count; index++) {
    for (let byte = 0; byte < 4; byte++) {
      row[index * 4 + (little ? 3 - byte : byte)] = apart[byte * count + index]!;
    }
  }
}

/** Reads rows of a segment; `raw` samples are not made levels. */
export function rowUnpacker(
  segment: Segment,
  { bits, little, numbers }: TiffLayout,
  { raw }: { raw: boolean },
): (data: Uint8Array, row: number, to: Uint16Array) => void {
  const bytes = rowBytes(segment, { bits });
  if (bits === 32) return deepRowUnpacker(bytes, { little, numbers });
  const most = 2 ** bits - 1;
  // Of 16 bits: what is above is below 0.
  const top = numbers === "signed" ? most >> 1 : most;
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
        to[index] = raw ? value : value > top ? 0 : (value * 255 + 32767) / 65535 | 0;
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

/** The same for samples of 32 bits. */
function deepRowUnpacker(
  bytes: number,
  { little, numbers }: Pick<TiffLayout, "little" | "numbers">,
): (data: Uint8Array, row: number, to: Uint16Array) => void {
  return (data, row, to) => {
    const view = new DataView(data.buffer, data.byteOffset + row * bytes, bytes);
    for (let index = 0; index < to.length; index++) {
      const at = index * 4;
      const share = numbers === "floats"
        ? view.getFloat32(at, little)
        : view.getUint32(at, little) / (2 ** 32 - 1);
      // What is no number is black.
      to[index] = Math.round(Math.min(1, Math.max(0, share || 0)) * 255);
    }
  };
}
