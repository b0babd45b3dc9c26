// AVIF sequences as the engine writes them, which say nothing of how often they play: that is put in.
import { box, u32Big } from "./heif_boxes.ts";
import { findType } from "./heif_files.ts";
import type { Frame } from "./pictures.ts";
import { written } from "./written_pictures.ts";

/** A sequence that plays as often; 0 is forever, and undefined leaves it open. */
export function avifSequence(
  frames: readonly Frame[],
  { plays }: { plays?: number } = {},
): Uint8Array<ArrayBuffer> {
  const bytes = Uint8Array.from(written("AVIF", frames));
  if (plays === undefined) return bytes;
  const view = new DataView(bytes.buffer);
  const [moov, trak] = [findType(bytes, "moov"), findType(bytes, "trak")];
  const duration = findType(bytes, "tkhd") + 28;
  const once = view.getUint32(duration);
  // One edit of all that there is, repeated for as long as the track lasts.
  const fields = [plays === 1 ? 0 : 1, 1, once, 0, 0x10000].map(u32Big);
  const edits = box("edts", box("elst", ...fields));
  view.setUint32(duration, plays === 0 ? 0xffffffff : once * plays);
  for (const at of [findType(bytes, "stco") + 16, findType(bytes, "iloc") + 20]) {
    view.setUint32(at, view.getUint32(at) + edits.length);
  }
  const end = trak + view.getUint32(trak);
  for (const at of [moov, trak]) view.setUint32(at, view.getUint32(at) + edits.length);
  return Uint8Array.from([...bytes.subarray(0, end), ...edits, ...bytes.subarray(end)]);
}
