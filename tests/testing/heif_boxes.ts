// Boxes of ISO media files, for HEIF files that no encoder at hand would write.

import { ascii } from "./sample_images.ts";

/** A box of that type around `content`. */
export function box(type: string, ...content: number[][]): number[] {
  const body = content.flat();
  return [...u32Big(8 + body.length), ...ascii(type), ...body];
}

export function u16Big(value: number): number[] {
  return [value >>> 8 & 255, value & 255];
}

export function u32Big(value: number): number[] {
  return [...u16Big(value >>> 16), ...u16Big(value)];
}
