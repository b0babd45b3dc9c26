// A WebP still whose file ends before its picture does. libwebp decodes all of a bitstream or nothing, so
// that what is missing is made up, in two ways: the rows that come out the same are the file's own.
import type { Engine } from "../../pixels/engine.ts";
import type { Patch } from "../coding/canvas.ts";
import { chunksOf, riffOf } from "./webp_frames.ts";

/** Bytes to make up what is missing of. Some run into codes that make no sense, for which there are others. */
const FILLS = [0x00, 0xff, 0x55, 0x2d, 0xb6];

/** Whether the chunk of pixels says that it is longer than the file. */
export function isCutStill(bytes: Uint8Array): boolean {
  const last = [...chunksOf(bytes, 12)].at(-1);
  if (!last || (last.name !== "VP8 " && last.name !== "VP8L")) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(last.start - 4, true) > last.end - last.start;
}

/**
 * The picture with nothing, transparent, from the first row on that cannot be told. Throws the engine's error
 * where the file ends before all that any row needs.
 */
export function decodeCutWebp(
  bytes: Uint8Array,
  { width, height, engine }: { width: number; height: number; engine: Engine },
): Patch {
  // What is made up may take more than what is missing took.
  const missing = width * height * 2 + 65_536;
  const made: Patch[] = [];
  let failure: unknown;
  for (const fill of FILLS) {
    try {
      made.push(decodePatch(completed(bytes, { missing, fill }), engine));
    } catch (error) {
      if (!(error instanceof engine.MagickError)) throw error;
      failure = error;
    }
    if (made.length === 2) break;
  }
  const [first, second] = made;
  if (!first) throw failure;
  if (second) first.data.fill(0, sameRows(first, second) * first.width * 4);
  return first;
}

/** The file up to where its last chunk is cut off: what lies behind the pixels is not needed for them. */
export function withoutCutChunk(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = [...chunksOf(bytes, 12)]
    .filter(({ start, end }) => view.getUint32(start - 4, true) === end - start);
  return riffOf(whole.map(({ start, end }) => bytes.subarray(start - 8, end)));
}

/** Has the engine decode a still to RGBA. */
export function decodePatch(file: Uint8Array, engine: Engine): Patch {
  const settings = new engine.MagickReadSettings({ format: "WEBP" });
  return engine.ImageMagick.read(file, settings, (image) => {
    const { width, height } = image;
    const data = image.getPixels((area) => area.toByteArray(0, 0, width, height, "RGBA"))!;
    return { data, width, height };
  });
}

/** How many rows from the top two pictures have in common. */
function sameRows(a: Patch, b: Patch): number {
  const at = a.data.findIndex((value, index) => value !== b.data[index]);
  return at < 0 ? a.height : Math.floor(at / (a.width * 4));
}

/** The file with so many bytes more in its last chunk. */
function completed(
  bytes: Uint8Array,
  { missing, fill }: { missing: number; fill: number },
): Uint8Array {
  const chunks = [...chunksOf(bytes, 12)].map(({ start, end }) => bytes.subarray(start - 8, end));
  const last = chunks.at(-1)!;
  const whole = new Uint8Array(last.length + missing).fill(fill);
  whole.set(last);
  new DataView(whole.buffer).setUint32(4, whole.length - 8, true);
  return riffOf([...chunks.slice(0, -1), whole]);
}
