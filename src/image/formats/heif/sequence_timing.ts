// When the frames of an image sequence are shown, and how often (ISO 14496-12 sections 8.3.2, 8.4.2, 8.6.1.2 and
// 8.6.6).

import type { ByteReader } from "../reading/byte_reader.ts";
import { inMilliseconds } from "../reading/durations.ts";
import { MAX_FRAMES } from "../reading/image_header.ts";
import { type Box, findBox, readFullBox } from "../reading/isobmff.ts";

export interface SequenceTiming {
  /** Milliseconds per frame. */
  delays: number[];
  /** How often it plays; 0 is forever. */
  loopCount: number;
}

/** Undefined where the durations of so many frames are not told. */
export function readTiming(
  reader: ByteReader,
  { trak, mdia, stbl }: { trak: Box; mdia: Box; stbl: Box },
  frames: number,
): SequenceTiming | undefined {
  const mdhd = findBox(reader, { span: mdia, type: "mdhd" });
  const stts = findBox(reader, { span: stbl, type: "stts" });
  if (!mdhd || !stts || frames > MAX_FRAMES) return undefined;
  const header = readFullBox(reader, mdhd);
  const perSecond = reader.u32(header.at + (header.version === 1 ? 16 : 8));
  if (perSecond === 0) return undefined;
  const durations: number[] = [];
  const { at } = readFullBox(reader, stts);
  for (let entry = 0; entry < reader.u32(at) && durations.length < frames; entry++) {
    reader.step();
    const count = Math.min(reader.u32(at + 4 + 8 * entry), frames - durations.length);
    const duration = reader.u32(at + 8 + 8 * entry);
    for (let i = 0; i < count; i++) durations.push(duration);
  }
  return {
    delays: inMilliseconds(durations, perSecond),
    loopCount: readLoopCount(reader, trak),
  };
}

/**
 * As often as the list of edits fits into the duration of the track, where it says that it is repeated; once where
 * it does not, and forever where there is none, as browsers have it.
 */
function readLoopCount(reader: ByteReader, trak: Box): number {
  const edts = findBox(reader, { span: trak, type: "edts" });
  const elst = edts && findBox(reader, { span: edts, type: "elst" });
  const tkhd = findBox(reader, { span: trak, type: "tkhd" });
  if (!elst || !tkhd) return 0;
  const edits = readFullBox(reader, elst);
  if ((edits.flags & 1) === 0) return 1;
  const once = durationAt(reader, edits.at + 4, edits.version);
  const track = readFullBox(reader, tkhd);
  const whole = durationAt(reader, track.at + (track.version === 1 ? 24 : 16), track.version);
  return once === 0 || whole === Infinity ? 0 : Math.max(1, Math.ceil(whole / once));
}

/** A duration of 64 bits in version 1, of 32 before; that of all ones has no end. */
function durationAt(reader: ByteReader, at: number, version: number): number {
  const duration = version === 1 ? reader.u64(at) : reader.u32(at);
  return duration >= (version === 1 ? 2 ** 64 : 2 ** 32 - 1) ? Infinity : duration;
}
