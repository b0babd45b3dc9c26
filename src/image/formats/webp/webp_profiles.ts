// Profiles into the file of a still (RFC 9649 section 2.7): an encoder writes none.
import type { Size } from "../../pixels/geometry.ts";
import type { Profiles } from "../coding/metadata.ts";
import { chunkOf, chunksOf, HAS, headerChunk, newChunk, riffOf } from "./webp_frames.ts";

/** The file of a picture of this size with profiles; the same where there are none. */
export function withProfiles(
  still: Uint8Array<ArrayBuffer>,
  { icc, exif, xmp }: Profiles,
  size: Size,
): Uint8Array<ArrayBuffer> {
  if (!icc && !exif && !xmp) return still;
  const chunks = [...chunksOf(still, 12)];
  const flags = (icc ? HAS.icc : 0) | (exif ? HAS.exif : 0) | (xmp ? HAS.xmp : 0) |
    (chunks.some(({ name, start }) => promisesAlpha(name, still, start)) ? HAS.alpha : 0);
  return riffOf([
    headerChunk(size, flags),
    ...(icc ? [newChunk("ICCP", icc)] : []),
    ...chunks.filter(({ name }) => name !== "VP8X").map((chunk) => chunkOf(still, chunk)),
    ...(exif ? [newChunk("EXIF", exif)] : []),
    ...(xmp ? [newChunk("XMP ", xmp)] : []),
  ]);
}

/** Whether the chunk is one that says of the picture that it may be transparent. */
function promisesAlpha(name: string, file: Uint8Array, start: number): boolean {
  if (name === "VP8L") return (file[start + 4]! & 0x10) !== 0;
  return name === "ALPH";
}
