// What a HEIC or AVIF file says of its colours without a profile: boxes of ISO 14496-12 section 12.1 and
// ISO 23008-12, or the AV1 stream itself.
import { type CodePoints, colourOfCodePoints, UNSPECIFIED } from "../../colour/code_points.ts";
import { BT709, SRGB_CURVE } from "../../colour/icc_profile.ts";
import type { StatedColour } from "../../colour/stated_colour.ts";
import type { Span } from "../reading/bit_reader.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import type { Box } from "../reading/isobmff.ts";

/** Code points, and whether the values have the narrow range of video. */
export interface StatedPoints extends CodePoints {
  isNarrow: boolean;
}

/** What has been read so far. */
export interface ColourNotes {
  points?: StatedPoints | undefined;
  /** The brightest light in cd/m². */
  peak?: number | undefined;
}

/** The code points of a `colr` box's content; undefined where it holds something else. */
export function readNclx(reader: ByteReader, { start, end }: Span): StatedPoints | undefined {
  if (!reader.has(start, "nclx") || start + 11 > end) return undefined;
  const [primaries, transfer, matrix] = [4, 6, 8].map((field) => reader.u16(start + field)) as [
    number,
    number,
    number,
  ];
  const isNarrow = (reader.u8(start + 10) & 0x80) === 0;
  return { ...asShown({ primaries, transfer }, matrix), isNarrow };
}

/** Matrices that are derived from the primaries, and that of constant intensity (H.273 table 4). */
const UNSHOWN_MATRICES = [12, 13, 14];

/** What is stated beside a matrix: with one that it does not know Chromium takes the picture for sRGB, as others do. */
export function asShown(points: CodePoints, matrix: number): CodePoints {
  if (!UNSHOWN_MATRICES.includes(matrix)) return points;
  return { primaries: UNSPECIFIED, transfer: UNSPECIFIED };
}

/** The brightest light of the content (`clli`), or of the screen on which it was made (`mdcv`). */
export function readPeak(reader: ByteReader, { type, start, end }: Box): number | undefined {
  if (type === "clli") return start + 2 <= end ? reader.u16(start) || undefined : undefined;
  return start + 20 <= end ? reader.u32(start + 16) / 10_000 || undefined : undefined;
}

/**
 * What a picture's values mean as the engine hands them out. Encoders name the transfer of video and mean the
 * picture as it was: so browsers show it.
 */
export function colourOfHeif(
  { points, peak }: ColourNotes,
  { isGrey }: { isGrey: boolean },
): StatedColour | undefined {
  if (!points) return undefined;
  const colour = colourOfCodePoints(points, { video: SRGB_CURVE });
  // The engine widens video's range together with the conversion from YCbCr, which greys do without.
  const isNarrow = isGrey && points.isNarrow;
  if (!colour && !isNarrow) return undefined;
  return { ...colour ?? SRGB, ...(peak && { peak }), ...(isNarrow && { isNarrow }) };
}

/** An AVIF or HEIC that states no colours is sRGB. */
const SRGB: StatedColour = { primaries: BT709, transfer: SRGB_CURVE };
