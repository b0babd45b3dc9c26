// Reading bits out of codestreams that containers may have cut into several spans.

import type { ByteReader } from "./byte_reader.ts";
import { undecodable } from "./image_header.ts";

/** A run of bytes in the file, its end excluded. */
export interface Span {
  start: number;
  end: number;
}

export interface BitReader {
  /** The next `count` bits (up to 32) as an unsigned number. */
  bits(count: number): number;
  flag(): boolean;
  /** Drops the bits up to the next whole byte. */
  align(): void;
  /** Drops whole bytes, at the price of one. */
  skipBytes(count: number): void;
  /** How many bits lie behind it. */
  position(): number;
}

export interface BitReaderOptions {
  /** What the codestream is called in messages, e.g. `JPEG XL file`. */
  name: string;
  /** The lowest bit of a byte comes first (JPEG XL), not the highest (AV1, HEVC). */
  lowestFirst?: boolean;
  /** Leave out the third byte of each 0, 0, 3 (HEVC's emulation prevention). */
  unescape?: boolean;
}

/** A reader of the bits in `spans`; past their end it throws `undecodable`. */
export function createBitReader(
  reader: ByteReader,
  spans: readonly Span[],
  { name, lowestFirst = false, unescape = false }: BitReaderOptions,
): BitReader {
  let index = 0, at = spans[0]?.start ?? 0;
  let byte = 0, left = 0, zeros = 0, passed = 0;

  function rawByte(): number {
    for (;;) {
      const span = spans[index];
      if (!span) throw undecodable(`The ${name} ends in the middle of its header`);
      if (at < span.end) {
        passed++;
        return reader.u8(at++);
      }
      at = spans[++index]?.start ?? 0;
    }
  }
  function nextByte(): number {
    let value = rawByte();
    if (unescape && zeros >= 2 && value === 3) {
      zeros = 0;
      value = rawByte();
    }
    zeros = value === 0 ? zeros + 1 : 0;
    return value;
  }
  function bits(count: number): number {
    let value = 0;
    for (let have = 0; have < count;) {
      if (left === 0) {
        byte = nextByte();
        left = 8;
      }
      const taken = Math.min(left, count - have);
      const rest = left - taken;
      const part = byte >>> (lowestFirst ? 8 - left : rest) & (1 << taken) - 1;
      value = lowestFirst ? value + part * 2 ** have : value * 2 ** taken + part;
      left = rest;
      have += taken;
    }
    return value;
  }
  return {
    bits,
    flag: () => bits(1) === 1,
    align: () => {
      left = 0;
    },
    position: () => passed * 8 - left,
    skipBytes: (count) => {
      // The bits of the current byte that are left are those that the last byte skipped will keep.
      const kept = left;
      for (let rest = count; rest > 0;) {
        const span = spans[index];
        if (!span) throw undecodable(`The ${name} ends in the middle of a frame`);
        const taken = Math.min(rest, Math.max(0, span.end - at));
        at += taken;
        rest -= taken;
        passed += taken;
        if (rest === 0 && kept > 0) byte = reader.u8(at - 1);
        if (rest > 0) at = spans[++index]?.start ?? 0;
      }
    },
  };
}

/** A number in Exp-Golomb code (H.265 section 9.2), without its sign where it has one. */
export function exponential({ bits, flag }: BitReader): number {
  let zeros = 0;
  while (zeros < 32 && !flag()) zeros++;
  return 2 ** zeros - 1 + bits(zeros);
}
