// PNG files as their chunks (PNG specification, section 5).
import { crc32 } from "node:zlib";

export interface Chunk {
  type: string;
  data: Uint8Array;
  /** With length, type and checksum. */
  whole: Uint8Array;
}

export const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** The chunks up to IEND, or up to one that is cut off. */
export function* chunksOf(bytes: Uint8Array): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE.length; at + 12 <= bytes.length;) {
    const start = at + 8, end = start + view.getUint32(at);
    if (end + 4 > bytes.length) return;
    const type = String.fromCharCode(...bytes.subarray(at + 4, start));
    if (type === "IEND") return;
    yield { type, data: bytes.subarray(start, end), whole: bytes.subarray(at, end + 4) };
    at = end + 4;
  }
}

/** A file of chunks, the last of them IEND. */
export function writeChunks(
  chunks: readonly (Uint8Array | Pick<Chunk, "type" | "data">)[],
): Uint8Array<ArrayBuffer> {
  const parts = [...chunks, { type: "IEND", data: new Uint8Array() }];
  const size = (part: typeof parts[number]) =>
    part instanceof Uint8Array ? part.length : part.data.length + 12;
  const file = new Uint8Array(parts.reduce((sum, part) => sum + size(part), SIGNATURE.length));
  const view = new DataView(file.buffer);
  file.set(SIGNATURE);
  let at = SIGNATURE.length;
  for (const part of parts) {
    const end = at + size(part);
    if (part instanceof Uint8Array) {
      file.set(part, at);
    } else {
      view.setUint32(at, part.data.length);
      for (let i = 0; i < 4; i++) file[at + 4 + i] = part.type.charCodeAt(i);
      file.set(part.data, at + 8);
      view.setUint32(end - 4, crc32(file.subarray(at + 4, end - 4)));
    }
    at = end;
  }
  return file;
}

/** What an IHDR says of pictures that are not interlaced. */
export function writeIhdr(
  { width, height, colourType }: { width: number; height: number; colourType: number },
): Pick<Chunk, "type" | "data"> {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([8, colourType], 8);
  return { type: "IHDR", data };
}

/** The colour type of so many channels. */
export const COLOUR_TYPES: Readonly<Record<number, number>> = { 1: 0, 2: 4, 3: 2, 4: 6 };
