// The sequence header of an AV1 stream (AV1 section 5.5): what its pictures are, in the stream's own words.
import { type BitReader, createBitReader, type Span } from "../reading/bit_reader.ts";
import type { ByteReader } from "../reading/byte_reader.ts";
import { UNSPECIFIED } from "../../colour/code_points.ts";
import { asShown, type StatedPoints } from "./stated_colour.ts";

export interface Av1Sequence {
  size: { width: number; height: number };
  /** Reads on; throws where the header ends too early. */
  readColour(): StatedPoints;
}

/** How many units are looked at for the one that holds the header. */
const MAX_UNITS = 16;
const SEQUENCE_HEADER = 1;

/** The colour that the stream states. */
export function readAv1Colour(reader: ByteReader, span: Span): StatedPoints | undefined {
  return openAv1Sequence(reader, span)?.readColour();
}

/** The first sequence header of `span`, if there is one. */
export function openAv1Sequence(reader: ByteReader, span: Span): Av1Sequence | undefined {
  const end = Math.min(span.end, reader.length);
  for (let at = span.start, units = 0; at < end && units < MAX_UNITS; units++) {
    const header = reader.u8(at++);
    if ((header & 4) !== 0) at++;
    let size = end - at;
    if ((header & 2) !== 0) {
      size = 0;
      for (let i = 0; i < 5 && at < end; i++) {
        const byte = reader.u8(at++);
        size += (byte & 0x7f) * 2 ** (7 * i);
        if (byte < 0x80) break;
      }
    }
    if ((header >>> 3 & 15) === SEQUENCE_HEADER) {
      return readSequence(reader, { start: at, end: Math.min(at + size, end) });
    }
    at += size;
  }
  return undefined;
}

function readSequence(reader: ByteReader, span: Span): Av1Sequence {
  const stream = createBitReader(reader, [span], { name: "AVIF picture" });
  const { bits, flag } = stream;
  const profile = bits(3);
  bits(1); // still picture
  const isReduced = flag();
  if (isReduced) bits(5); // level
  else skipOperatingPoints(stream);
  const widthBits = bits(4) + 1, heightBits = bits(4) + 1;
  const size = { width: bits(widthBits) + 1, height: bits(heightBits) + 1 };
  return {
    size,
    readColour() {
      skipTools(stream, isReduced);
      return readColourConfig(stream, profile);
    },
  };
}

function skipOperatingPoints({ bits, flag }: BitReader): void {
  let delayBits = 0;
  if (flag()) { // timing info
    bits(32);
    bits(32);
    if (flag()) unsignedVariable();
    if (flag()) { // decoder model
      delayBits = bits(5) + 1;
      bits(32);
      bits(10);
    }
  }
  const hasInitialDelay = flag();
  const points = bits(5) + 1;
  for (let i = 0; i < points; i++) {
    bits(12);
    if (bits(5) > 7) bits(1);
    if (delayBits > 0 && flag()) {
      bits(delayBits);
      bits(delayBits);
      bits(1);
    }
    if (hasInitialDelay && flag()) bits(4);
  }

  function unsignedVariable(): void {
    let zeros = 0;
    while (zeros < 32 && !flag()) zeros++;
    if (zeros < 32) bits(zeros);
  }
}

/** What stands between the size and the colour: frame numbers and coding tools. */
function skipTools({ bits, flag }: BitReader, isReduced: boolean): void {
  if (!isReduced && flag()) bits(7); // frame numbers
  bits(3); // superblocks, filters
  if (!isReduced) {
    bits(4);
    const hasOrderHint = flag();
    if (hasOrderHint) bits(2);
    const screenContent = flag() ? 2 : bits(1);
    if (screenContent > 0 && !flag()) bits(1);
    if (hasOrderHint) bits(3);
  }
  bits(3); // resolution, directional and restoration filters
}

/** AV1 section 5.5.2. Of RGB as it is (matrix 0) no range is stated: it is the full one. */
function readColourConfig({ bits, flag }: BitReader, profile: number): StatedPoints {
  const isDeep = flag();
  if (profile === 2 && isDeep) flag();
  const isGrey = profile !== 1 && flag();
  const [primaries, transfer, matrix] = flag()
    ? [bits(8), bits(8), bits(8)] as const
    : [UNSPECIFIED, UNSPECIFIED, UNSPECIFIED] as const;
  const isRgb = !isGrey && primaries === 1 && transfer === 13 && matrix === 0;
  return { ...asShown({ primaries, transfer }, matrix), isNarrow: !isRgb && !flag() };
}
