// PNG files as their chunks (PNG specification, section 5).
import { crc32 } from "node:zlib";

export interface Chunk {
  type: string;
  data: Uint8Array;
}

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** A chunk as a file has it. */
export interface FoundChunk extends Chunk {
  /** Whether all of it is there, under the right checksum; looks at each byte. */
  isSound(): boolean;
}

/** The chunks of a file up to IEND, or as many as there are; the data of the last may be cut short. */
export function* readChunks(bytes: Uint8Array): Generator<FoundChunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = SIGNATURE.length; at + 8 <= bytes.length;) {
    const end = at + 8 + view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const from = at + 4;
    const isSound = () =>
      end + 4 <= bytes.length && crc32(bytes.subarray(from, end)) === view.getUint32(end);
    yield { type, data: bytes.subarray(at + 8, end), isSound };
    if (type === "IEND") return;
    at = end + 4;
  }
}

/** A file of chunks, the last of them IEND. */
export function writeChunks(
  chunks: readonly Chunk[],
): Uint8Array<ArrayBuffer> {
  return joinChunks([...chunks, { type: "IEND", data: new Uint8Array() }], SIGNATURE);
}

/** Chunks one behind the other, as they stand in a file, behind these bytes. */
export function joinChunks(
  chunks: readonly Chunk[],
  before: Uint8Array = new Uint8Array(),
): Uint8Array<ArrayBuffer> {
  const size = chunks.reduce((sum, { data }) => sum + data.length + 12, before.length);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  bytes.set(before);
  let at = before.length;
  for (const { type, data } of chunks) {
    const end = at + data.length + 12;
    view.setUint32(at, data.length);
    for (let i = 0; i < 4; i++) bytes[at + 4 + i] = type.charCodeAt(i);
    bytes.set(data, at + 8);
    view.setUint32(end - 4, crc32(bytes.subarray(at + 4, end - 4)));
    at = end;
  }
  return bytes;
}

/** What the first chunk says. */
export function writeIhdr(
  { width, height, bitDepth = 8, colourType, isInterlaced = false }: {
    width: number;
    height: number;
    bitDepth?: number;
    colourType: number;
    isInterlaced?: boolean;
  },
): Chunk {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([bitDepth, colourType, 0, 0, isInterlaced ? 1 : 0], 8);
  return { type: "IHDR", data };
}
