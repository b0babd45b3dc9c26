// What the head of a VP8 key frame says (RFC 6386 section 9), as far as a decoder of stills needs it.
import {
  FIRST_PROBABILITIES,
  FIRST_QUANTISERS,
  KEPT_PROBABILITIES,
  OTHER_QUANTISERS,
} from "./vp8_tables.ts";

/** The first bytes, which are not in arithmetic code. */
export interface Vp8Frame {
  width: number;
  height: number;
  /** Where the first partition starts, and its bytes. */
  start: number;
  length: number;
}

const FRAME_HEAD = 10;

/** What a bitstream starts with; undefined where it is no key frame that is shown, or too short. */
export function readVp8Frame(bytes: Uint8Array): Vp8Frame | undefined {
  if (bytes.length < FRAME_HEAD) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tag = view.getUint16(0, true) | bytes[2]! << 16;
  const isKey = (tag & 1) === 0, version = tag >> 1 & 7, isShown = (tag >> 4 & 1) === 1;
  const startCode = bytes[3] === 0x9d && bytes[4] === 0x01 && bytes[5] === 0x2a;
  if (!isKey || version > 3 || !isShown || !startCode) return undefined;
  const width = view.getUint16(6, true) & 0x3fff, height = view.getUint16(8, true) & 0x3fff;
  const length = tag >> 5;
  if (width === 0 || height === 0 || FRAME_HEAD + length > bytes.length) return undefined;
  return { width, height, start: FRAME_HEAD, length };
}

/** Reads a boolean that is false in `probability` of 256 cases. */
export type ReadBit = (probability: number) => number;

export interface Vp8Header {
  /** How likely each of the three branches to segments is false; undefined where blocks tell of none. */
  segmentProbabilities: readonly number[] | undefined;
  /** For each of four segments the quantisers of luma, of its first coefficients and of chroma, two of each. */
  quantisers: readonly (readonly number[])[];
  filter: "none" | "simple" | "normal";
  /** For each of four segments, whole blocks and split ones: the limit, the limit within, and what is busy. */
  filters: readonly (readonly (readonly [number, number, number])[])[];
  partitions: number;
  /** How likely it is that a macroblock has coefficients; less than 0 where all may have some. */
  skipProbability: number;
  /** In the order of FIRST_PROBABILITIES. */
  probabilities: Uint8Array;
}

interface Segments {
  areUsed: boolean;
  areTold: boolean;
  areAbsolute: boolean;
  quantisers: number[];
  levels: number[];
  probabilities: number[];
}

const FOUR = [0, 1, 2, 3];

export function readVp8Header(readBit: ReadBit): Vp8Header {
  const flag = () => readBit(128) === 1;
  const unsigned = (bits: number) => {
    let value = 0;
    for (let bit = 0; bit < bits; bit++) value = value << 1 | readBit(128);
    return value;
  };
  const signed = (bits: number) => {
    const value = unsigned(bits);
    return flag() ? -value : value;
  };
  const optional = (bits: number) => flag() ? signed(bits) : 0;

  // The colour space, and whether samples may be out of range, which they are kept from all the same.
  unsigned(2);
  const segments = readSegments();
  const isSimple = flag();
  const level = unsigned(6), sharpness = unsigned(3);
  const changes = readFilterChanges();
  const partitions = 1 << unsigned(2);
  const quantisers = readQuantisers(segments);
  // Whether probabilities hold for the next frame, of which there is none.
  flag();
  const probabilities = Uint8Array.from(
    FIRST_PROBABILITIES,
    (first, index) => readBit(KEPT_PROBABILITIES[index]!) === 1 ? unsigned(8) : first,
  );
  const skipProbability = flag() ? unsigned(8) : -1;
  return {
    segmentProbabilities: segments.areTold ? segments.probabilities : undefined,
    quantisers,
    filter: level === 0 ? "none" : isSimple ? "simple" : "normal",
    filters: FOUR.map((segment) =>
      [0, changes.split].map((change) => {
        const own = segments.levels[segment]! + (segments.areAbsolute ? 0 : level);
        const base = segments.areUsed ? own : level;
        return filterOf(base + changes.whole + change, sharpness);
      })
    ),
    partitions,
    skipProbability,
    probabilities,
  };

  function readSegments(): Segments {
    const none = [0, 0, 0, 0];
    const segments = {
      areUsed: flag(),
      areTold: false,
      areAbsolute: true,
      quantisers: none,
      levels: none,
      probabilities: [255, 255, 255],
    };
    if (!segments.areUsed) return segments;
    segments.areTold = flag();
    if (flag()) {
      segments.areAbsolute = flag();
      segments.quantisers = FOUR.map(() => optional(7));
      segments.levels = FOUR.map(() => optional(6));
    }
    if (segments.areTold) {
      segments.probabilities = [0, 1, 2].map(() => flag() ? unsigned(8) : 255);
    }
    return segments;
  }

  /** By how much the filter's level changes for blocks of a key frame, and further for those that are split. */
  function readFilterChanges(): { whole: number; split: number } {
    const areUsed = flag();
    if (!areUsed || !flag()) return { whole: 0, split: 0 };
    const [whole] = FOUR.map(() => optional(6));
    const [split] = FOUR.map(() => optional(6));
    return { whole: whole!, split: split! };
  }

  function readQuantisers({ areUsed, areAbsolute, quantisers }: Segments): number[][] {
    const base = unsigned(7);
    const [lumaFirst, first, others, chromaFirst, chroma] = [0, 1, 2, 3, 4].map(() => optional(4));
    return FOUR.map((segment) => {
      const index = !areUsed ? base : quantisers[segment]! + (areAbsolute ? 0 : base);
      const at = (table: readonly number[], change: number, most = 127) =>
        table[Math.min(Math.max(index + change, 0), most)]!;
      return [
        at(FIRST_QUANTISERS, lumaFirst!),
        at(OTHER_QUANTISERS, 0),
        at(FIRST_QUANTISERS, first!) * 2,
        Math.max(8, Math.floor(at(OTHER_QUANTISERS, others!) * 155 / 100)),
        at(FIRST_QUANTISERS, chromaFirst!, 117),
        at(OTHER_QUANTISERS, chroma!),
      ];
    });
  }
}

/** The filter of a level (section 15.2 and 15.3); one with limit 0 changes nothing. */
function filterOf(wanted: number, sharpness: number): readonly [number, number, number] {
  const level = Math.min(Math.max(wanted, 0), 63);
  if (level === 0) return [0, 0, 0];
  const eased = sharpness > 4 ? level >> 2 : sharpness > 0 ? level >> 1 : level;
  const inner = Math.max(1, sharpness > 0 ? Math.min(eased, 9 - sharpness) : eased);
  return [2 * level + inner, inner, level >= 40 ? 2 : level >= 15 ? 1 : 0];
}
