// Bounds-checked reading, so that a truncated file gives a sentence instead of a RangeError, and a
// budget of steps, so that no file can make a walk over its parts long.

import { undecodable } from "./image_header.ts";

/** The bytes of one file. Every read outside them throws `undecodable`. */
export interface ByteReader {
  readonly bytes: Uint8Array;
  readonly length: number;
  u8(at: number): number;
  /** Big-endian unless `little`. */
  u16(at: number, little?: boolean): number;
  u24(at: number, little?: boolean): number;
  u32(at: number, little?: boolean): number;
  i32(at: number, little?: boolean): number;
  /** Exact up to 2^53, which is beyond any file. */
  u64(at: number, little?: boolean): number;
  /** The four characters at `at`. */
  fourCC(at: number): string;
  /** Whether `text` (Latin-1) stands at `at`; false, not an error, past the end. */
  has(at: number, text: string): boolean;
  /** Throws `The … file ends before its {part}` unless `end` lies within the file. */
  need(end: number, part: string): void;
  /** Counts one step of a walk and throws when the file takes too many. */
  step(): void;
}

export interface ReaderOptions {
  /** The format as messages name it, e.g. `JPEG`. */
  name: string;
  /** How many parts may be walked before the file is refused. */
  maxSteps: number;
}

/** A reader over `bytes`, which are not copied. */
export function createReader(bytes: Uint8Array, { name, maxSteps }: ReaderOptions): ByteReader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.length;
  let steps = 0;

  function need(end: number, part: string): void {
    if (!(end <= length)) throw undecodable(`The ${name} file ends before its ${part}`);
  }
  function check(at: number, size: number): number {
    if (!(at >= 0 && at + size <= length)) {
      throw undecodable(`The ${name} file ends in the middle of its header`);
    }
    return at;
  }
  function u32(at: number, little = false): number {
    return view.getUint32(check(at, 4), little);
  }
  return {
    bytes,
    length,
    u8: (at) => view.getUint8(check(at, 1)),
    u16: (at, little = false) => view.getUint16(check(at, 2), little),
    u24: (at, little = false) =>
      little
        ? view.getUint16(check(at, 3), true) + view.getUint8(at + 2) * 0x10000
        : view.getUint16(check(at, 3)) * 0x100 + view.getUint8(at + 2),
    u32,
    i32: (at, little = false) => view.getInt32(check(at, 4), little),
    u64: (at, little = false) =>
      little ? u32(at, true) + u32(at + 4, true) * 2 ** 32 : u32(at) * 2 ** 32 + u32(at + 4),
    fourCC: (at) => {
      const code = u32(at);
      // Not by spreading a subarray: this is what walks over chunks and boxes spend their time on.
      return String.fromCharCode(code >>> 24, code >>> 16 & 255, code >>> 8 & 255, code & 255);
    },
    has: (at, text) => startsWith(bytes, { at, text }),
    need,
    step: () => {
      if (++steps > maxSteps) {
        throw undecodable(`The ${name} file is made of more than ${maxSteps} parts`);
      }
    },
  };
}

/** Whether `text` (Latin-1) stands at `at` of `bytes`. */
export function startsWith(
  bytes: Uint8Array,
  { at = 0, text }: { at?: number; text: string },
): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}
