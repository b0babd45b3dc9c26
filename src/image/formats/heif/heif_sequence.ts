// The `moov` box of a HEIF file: an image sequence, i.e. an animated AVIF or HEIC.

import type { ByteReader } from "../reading/byte_reader.ts";
import { type CodedSize, largest, readAv1Size, readHevcSize } from "./coded_size.ts";
import { readAv1Colour } from "./av1_sequence.ts";
import type { Span } from "../reading/bit_reader.ts";
import { isAlphaUrn, readConfig } from "./heif_meta.ts";
import { undecodable } from "../reading/image_header.ts";
import { type Box, findBox, readBoxes, readFullBox } from "../reading/isobmff.ts";
import { readTiming, type SequenceTiming } from "./sequence_timing.ts";
import { type ColourNotes, readNclx, readPeak } from "./stated_colour.ts";

const VISUAL_HANDLERS = ["pict", "vide", "auxv"];
/** Where a visual sample entry's own boxes begin (ISO 14496-12 section 12.1.3). */
const SAMPLE_ENTRY_FIELDS = 78;
/** Bytes of an entry of the tables that begin with how many they have (ISO 14496-12 sections 8.6 and 8.7). */
const ENTRY_BYTES: Readonly<Record<string, number>> = {
  ...{ stts: 8, ctts: 8, stsc: 12, stco: 4, co64: 8, stss: 4 },
};

interface Track {
  handler: string;
  size: CodedSize | undefined;
  frames: number;
  bitDepth: number;
  hasProfile: boolean;
  colour: ColourNotes;
  timing: SequenceTiming | undefined;
  isAlpha: boolean;
  isPremultiplied: boolean;
  /** What the stream of its first picture says of its range. */
  isNarrow: boolean;
}

/** The largest size and the longest track of an image sequence, or undefined if it has no frames. */
export function readSequence(reader: ByteReader, moov: Box) {
  let size: CodedSize | undefined;
  let frames = 0, bitDepth = 8, hasAlpha = false, hasProfile = false;
  let isAlphaNarrow = false, isPremultiplied = false;
  let colour: ColourNotes = {};
  let timing: SequenceTiming | undefined;
  for (const box of readBoxes(reader, moov)) {
    const track = box.type === "trak" ? readTrack(reader, box) : undefined;
    if (!track) continue;
    size = largest(size, track.size);
    frames = Math.max(frames, track.frames);
    hasAlpha ||= track.isAlpha;
    hasProfile ||= track.hasProfile;
    isPremultiplied ||= track.isPremultiplied;
    isAlphaNarrow ||= track.isAlpha && track.isNarrow;
    if (track.handler === "auxv") continue;
    bitDepth = track.bitDepth;
    colour = track.colour;
    timing = track.timing;
  }
  if (!size || frames === 0 || size.width === 0 || size.height === 0) return undefined;
  return {
    ...size,
    frames,
    bitDepth,
    hasAlpha,
    hasProfile,
    colour,
    timing,
    ...(isPremultiplied && { isPremultiplied }),
    ...(isAlphaNarrow && { isAlphaNarrow }),
  };
}

function readTrack(reader: ByteReader, trak: Box): Track | undefined {
  const mdia = findBox(reader, { span: trak, type: "mdia" });
  const hdlr = mdia && findBox(reader, { span: mdia, type: "hdlr" });
  const minf = mdia && findBox(reader, { span: mdia, type: "minf" });
  const stbl = minf && findBox(reader, { span: minf, type: "stbl" });
  if (!hdlr || !stbl) return undefined;
  const handler = reader.fourCC(hdlr.start + 8);
  if (!VISUAL_HANDLERS.includes(handler)) return undefined;
  const track: Track = {
    handler,
    size: undefined,
    frames: 0,
    bitDepth: 8,
    hasProfile: false,
    colour: {},
    timing: undefined,
    isAlpha: false,
    isPremultiplied: false,
    isNarrow: false,
  };
  const tkhd = findBox(reader, { span: trak, type: "tkhd" });
  if (tkhd) {
    const { version, at } = readFullBox(reader, tkhd);
    const sides = at + (version === 1 ? 84 : 72);
    track.size = { width: reader.u16(sides), height: reader.u16(sides + 4) };
  }
  const tref = findBox(reader, { span: trak, type: "tref" });
  track.isPremultiplied = tref !== undefined &&
    findBox(reader, { span: tref, type: "prem" }) !== undefined;
  const first = { start: 0, end: 0 };
  let codec = "";
  for (const box of readBoxes(reader, stbl)) {
    const { at } = readFullBox(reader, box);
    const entryBytes = ENTRY_BYTES[box.type];
    // The engine takes memory for as many as are announced before it looks for them.
    if (entryBytes && reader.u32(at) * entryBytes > Math.min(box.end, reader.length) - at - 4) {
      throw undecodable(`The ${box.type} box of the HEIF file announces more than it holds`);
    }
    if (box.type === "stsz") {
      track.frames = Math.max(track.frames, reader.u32(at + 4));
    } else if (box.type === "stz2") {
      track.frames = Math.max(track.frames, reader.u32(at + 4));
    } else if (box.type === "stco" && reader.u32(at) > 0) {
      first.start = reader.u32(at + 4);
    } else if (box.type === "co64" && reader.u32(at) > 0) {
      first.start = reader.u64(at + 4);
    } else if (box.type === "stsd") {
      for (const entry of readBoxes(reader, { start: at + 4, end: box.end })) {
        codec = entry.type;
        readSampleEntry(reader, { track, entry });
      }
    }
  }
  track.timing = readTiming(reader, { trak, mdia, stbl }, track.frames);
  first.end = reader.length;
  if (first.start > 0) {
    if (codec === "av01") {
      track.size = largest(track.size, readAv1Size(reader, first));
      track.isNarrow = isNarrow(reader, first);
    } else if (codec === "hvc1") track.size = largest(track.size, readHevcSize(reader, first));
  }
  return track;
}

/** A stream that is cut short says nothing. */
function isNarrow(reader: ByteReader, span: Span): boolean {
  try {
    return readAv1Colour(reader, span)?.isNarrow === true;
  } catch {
    return false;
  }
}

function readSampleEntry(reader: ByteReader, { track, entry }: { track: Track; entry: Box }): void {
  track.size = largest(track.size, {
    width: reader.u16(entry.start + 24),
    height: reader.u16(entry.start + 26),
  });
  const start = entry.start + SAMPLE_ENTRY_FIELDS;
  for (const box of readBoxes(reader, { start, end: entry.end })) {
    if (box.type === "av1C" || box.type === "hvcC") {
      const config = readConfig(reader, box);
      track.bitDepth = config.bitDepth;
      track.size = largest(track.size, config.size);
    } else if (box.type === "colr") {
      track.colour.points ??= readNclx(reader, box);
      track.hasProfile ||= reader.has(box.start, "prof") || reader.has(box.start, "rICC");
    } else if (box.type === "clli" || box.type === "mdcv") {
      track.colour.peak ??= readPeak(reader, box);
    } else if (box.type === "auxi") {
      track.isAlpha ||= isAlphaUrn(reader, box.start + 4);
    }
  }
}
