// What a HEIC or AVIF file says of its colours without a profile: boxes of ISO 14496-12 section 12.1 and
// ISO 23008-12, or the AV1 stream itself.
import { type CodePoints, colourOfCodePoints } from "../../colour/code_points.ts";
import { SRGB_CURVE } from "../../colour/icc_profile.ts";
import type { StatedColour } from "../../colour/stated_colour.ts";
import type { Span } from "../reading/bit_reader.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import type { Box } from "../reading/isobmff.ts";

/** What has been read so far. */
export interface ColourNotes {
  points?: CodePoints | undefined;
  /** The brightest light in cd/m². */
  peak?: number | undefined;
}

/** The code points of a `colr` box's content; undefined where it holds something else. */
export function readNclx(reader: ByteReader, { start, end }: Span): CodePoints | undefined {
  if (!reader.has(start, "nclx") || start + 8 > end) return undefined;
  return { primaries: reader.u16(start + 4), transfer: reader.u16(start + 6) };
}

/** The brightest light of the content (`clli`), or of the screen on which it was made (`mdcv`). */
export function readPeak(reader: ByteReader, { type, start, end }: Box): number | undefined {
  if (type === "clli") return start + 2 <= end ? reader.u16(start) || undefined : undefined;
  return start + 20 <= end ? reader.u32(start + 16) / 10_000 || undefined : undefined;
}

/** Encoders name the transfer of video and mean the picture as it was: so browsers show it. */
export function colourOfHeif({ points, peak }: ColourNotes): StatedColour | undefined {
  const colour = points && colourOfCodePoints(points, { video: SRGB_CURVE });
  return colour && { ...colour, ...(peak && { peak }) };
}
