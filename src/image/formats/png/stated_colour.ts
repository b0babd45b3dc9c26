// What the chunks of a PNG say of its colours, in the order of their rank: cICP, iCCP, sRGB, then gAMA
// with cHRM (W3C PNG 3rd edition, section 4.3).
import { BT1886, colourOfCodePoints, UNSPECIFIED } from "../../colour/code_points.ts";
import { BT709, type Chromaticities, powerCurve, SRGB_CURVE } from "../../colour/icc_profile.ts";
import type { StatedColour } from "../../colour/stated_colour.ts";
import type { ByteReader } from "../reading/byte_reader.ts";

/** The chunks before the pixels, by name: where the first of each has its body. */
export type ColourChunks = ReadonlyMap<string, { start: number; end: number }>;

/** The names of the chunks that are looked at. */
export const COLOUR_CHUNKS: readonly string[] = ["cICP", "sRGB", "gAMA", "cHRM", "cLLI", "mDCV"];

/**
 * A gamma this near to 1/2.2, as a share of it, means sRGB, which has none: so ImageMagick and others write it.
 * (Chromium takes it at its word where primaries stand beside it, and darkens the shadows by a few levels.)
 */
const NEARLY = 0.05;

/** What counts of all that is said; undefined where that is the profile, or sRGB. */
export function readPngColour(reader: ByteReader, chunks: ColourChunks): StatedColour | undefined {
  const named = readCodePoints(reader, chunks);
  if (named) return { ...named, outranksProfile: true };
  return chunks.has("sRGB") ? undefined : readGamma(reader, chunks);
}

/** Section 11.3.2.6; a statement that makes no sense for RGB values is none. */
function readCodePoints(reader: ByteReader, chunks: ColourChunks): StatedColour | undefined {
  const chunk = chunks.get("cICP");
  if (!chunk || chunk.end - chunk.start !== 4) return undefined;
  const [primaries, transfer, matrix, range] = [0, 1, 2, 3].map((at) =>
    reader.u8(chunk.start + at)
  ) as [number, number, number, number];
  const colour = colourOfCodePoints({ primaries, transfer }, { video: BT1886 });
  const isWhole = primaries !== UNSPECIFIED && transfer !== UNSPECIFIED;
  if (!colour || !isWhole || matrix !== 0 || range > 1) return undefined;
  const peak = readPeak(reader, chunks);
  return { ...colour, ...(range === 0 && { isNarrow: true }), ...(peak && { peak }) };
}

/** The brightest light in cd/m²: of the content, or of the screen on which it was made. */
function readPeak(reader: ByteReader, chunks: ColourChunks): number | undefined {
  const content = chunks.get("cLLI"), screen = chunks.get("mDCV");
  const brightest = content && content.end - content.start >= 8 ? reader.u32(content.start) : 0;
  if (brightest > 0) return brightest / 10_000;
  const most = screen && screen.end - screen.start >= 24 ? reader.u32(screen.start + 16) : 0;
  return most > 0 ? most / 10_000 : undefined;
}

/** Primaries alone, without a gamma, are no statement. */
function readGamma(reader: ByteReader, chunks: ColourChunks): StatedColour | undefined {
  const chunk = chunks.get("gAMA");
  const gamma = chunk && chunk.end - chunk.start === 4 ? reader.u32(chunk.start) / 100_000 : 0;
  if (gamma <= 0) return undefined;
  const isUsual = Math.abs(gamma * 2.2 - 1) < NEARLY;
  return {
    primaries: readChromaticities(reader, chunks) ?? BT709,
    transfer: isUsual ? SRGB_CURVE : powerCurve(1 / gamma),
  };
}

function readChromaticities(
  reader: ByteReader,
  chunks: ColourChunks,
): Chromaticities | undefined {
  const chunk = chunks.get("cHRM");
  if (!chunk || chunk.end - chunk.start !== 32) return undefined;
  const [white, red, green, blue] = [0, 8, 16, 24].map((at) =>
    [0, 4].map((axis) => reader.u32(chunk.start + at + axis) / 100_000)
  ) as [Point, Point, Point, Point];
  const isColour = [white, red, green, blue].every(([x, y]) => x >= 0 && y >= 0 && x + y <= 1.001);
  const areas = [area(red, green, white), area(green, blue, white), area(blue, red, white)];
  const isInside = areas.every((area) => area > MOST_FLAT) ||
    areas.every((area) => area < -MOST_FLAT);
  return isColour && white[1] > 0 && isInside ? { white, red, green, blue } : undefined;
}

type Point = [number, number];

/** White lies at least so far inside the triangle of the primaries, or nothing can be computed. */
const MOST_FLAT = 1e-4;

/** Twice the area of a triangle; below 0 where its corners lie clockwise. */
function area(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}
