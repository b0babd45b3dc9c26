// What an animated WebP (RFC 9649 section 2.7.1.1) says of its frames: where each lies on the canvas, how it
// covers it, and which bytes are its own. The engine counts the offset of the first frame twice and loses the
// profile, so that it is handed every frame as a still picture of its own.

import type { Size } from "../../pixels/geometry.ts";
import type { Placement } from "../coding/canvas.ts";
import type { Profiles } from "../coding/metadata.ts";
import { startsWith } from "../reading/byte_reader.ts";

/** One stored rectangle and how it is laid onto the canvas. */
export interface WebpFrame extends Placement {
  /** The chunks of its picture. */
  chunks: Uint8Array;
}

const NO_BLENDING = 2, DISPOSE = 1, FRAME_FIELDS = 16;
/** Flags of what a file has beside a picture (section 2.7). */
export const HAS = { icc: 0x20, alpha: 0x10, exif: 0x08, xmp: 0x04 };
const PROFILES = { ICCP: "icc", EXIF: "exif", "XMP ": "xmp" } as const;

/** The frames of the file in order, of the last as much as there is, and its profiles. */
export function readWebpFrames(
  bytes: Uint8Array,
): { frames: WebpFrame[]; profiles: Profiles } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const frames: WebpFrame[] = [];
  const profiles: Profiles = {};
  for (const { name, start, end } of chunksOf(bytes, 12)) {
    if (name in PROFILES) {
      profiles[PROFILES[name as keyof typeof PROFILES]] ??= bytes.slice(start, end);
    }
    if (name !== "ANMF" || start + FRAME_FIELDS > end) continue;
    const flags = bytes[start + 15]!;
    frames.push({
      left: 2 * (view.getUint32(start, true) & 0xffffff),
      top: 2 * (view.getUint32(start + 3, true) & 0xffffff),
      blends: (flags & NO_BLENDING) === 0,
      clears: (flags & DISPOSE) !== 0,
      chunks: bytes.subarray(start + FRAME_FIELDS, end),
    });
  }
  return { frames, profiles };
}

/** A file of its own that holds the frame's picture; undefined where it has none. */
export function stillOf({ chunks }: WebpFrame): Uint8Array | undefined {
  const parts = [...chunksOf(chunks, 0)];
  const picture = parts.find(({ name }) => name === "VP8 " || name === "VP8L");
  if (!picture) return undefined;
  const alpha = picture.name === "VP8 " && parts.find(({ name }) => name === "ALPH");
  if (!alpha) return riffOf([chunkOf(chunks, picture)]);
  // Transparency beside a lossy picture is heeded only behind a header that promises it. RFC 9649 has the
  // size of the canvas less one there, RFC 6386 section 9.1 that of the picture at its tenth byte.
  const view = new DataView(chunks.buffer, chunks.byteOffset, chunks.byteLength);
  if (picture.start + 10 > chunks.length) return undefined;
  const [width, height] = [6, 8].map((from) =>
    view.getUint16(picture.start + from, true) & 0x3fff
  ) as [number, number];
  const promise = headerChunk({ width, height }, HAS.alpha);
  return riffOf([promise, chunkOf(chunks, alpha), chunkOf(chunks, picture)]);
}

/** The bitstream of a still that is a lossy picture and nothing else; undefined where the file is another one. */
export function lossyPictureOf(file: Uint8Array): Uint8Array | undefined {
  const end = new DataView(file.buffer, file.byteOffset, file.byteLength).getUint32(4, true) + 8;
  const chunks = [...chunksOf(file, 12)];
  const picture = chunks.find(({ name }) => name === "VP8 " || name === "VP8L");
  const isPlain = picture?.name === "VP8 " && picture.end <= end &&
    !chunks.some(({ name }) => name === "ALPH" || name === "ANMF");
  return isPlain ? file.subarray(picture.start, picture.end) : undefined;
}

interface Chunk {
  name: string;
  /** Of the content, which may be cut off. */
  start: number;
  end: number;
}

export function* chunksOf(bytes: Uint8Array, from: number): Generator<Chunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = from; at + 8 <= bytes.length;) {
    const size = view.getUint32(at + 4, true);
    const name = String.fromCharCode(...bytes.subarray(at, at + 4));
    yield { name, start: at + 8, end: Math.min(at + 8 + size, bytes.length) };
    at += 8 + size + (size & 1);
  }
}

/** The chunk that says what a file has beside a picture, and how large the canvas is (RFC 9649 section 2.7). */
export function headerChunk({ width, height }: Size, flags: number): Uint8Array {
  const content = new Uint8Array(10);
  const view = new DataView(content.buffer);
  view.setUint32(0, flags, true);
  [width, height].forEach((side, index) => {
    const at = 4 + index * 3;
    view.setUint16(at, side - 1, true);
    content[at + 2] = (side - 1) >> 16;
  });
  return newChunk("VP8X", content);
}

export function newChunk(name: string, content: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(8 + content.length);
  chunk.set(new TextEncoder().encode(name));
  new DataView(chunk.buffer).setUint32(4, content.length, true);
  chunk.set(content, 8);
  return chunk;
}

/** The chunk with its head, as it stands in the file. */
export function chunkOf(bytes: Uint8Array, { start, end }: Chunk): Uint8Array {
  return bytes.subarray(start - 8, end);
}

export function riffOf(chunks: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const sizes = chunks.map(({ length }) => length + (length & 1));
  const file = new Uint8Array(sizes.reduce((sum, size) => sum + size, 12));
  file.set(new TextEncoder().encode("RIFF"));
  file.set(new TextEncoder().encode("WEBP"), 8);
  new DataView(file.buffer).setUint32(4, file.length - 8, true);
  let at = 12;
  for (const [index, chunk] of chunks.entries()) {
    file.set(chunk, at);
    at += sizes[index]!;
  }
  return file;
}

/**
 * Says in the file's header that pictures in it are transparent (RFC 9649 section 2.7.1.1), in place: the
 * engine says so only where a frame holds alpha, not where frames leave the canvas uncovered.
 */
export function promiseAlpha(file: Uint8Array): void {
  if (startsWith(file, { at: 12, text: "VP8X" })) file[20]! |= HAS.alpha;
}
