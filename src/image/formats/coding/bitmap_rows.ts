// One row of a bitmap to RGB or RGBA, for every way of storing plain pixels.

import { SRGB_CURVE } from "../../colour/icc_profile.ts";
import type { BitmapInfo } from "../reading/bitmap_info.ts";

export interface RowReader {
  channels: 3 | 4;
  /** Reads the row that begins at `from` of the data and fills `to` with it. */
  read(data: Uint8Array, from: number, to: Uint8Array): void;
}

/** Samples wider than this are cut to it: no result has more than eight bits. */
const MOST_BITS = 12;
/** One, in the samples of 64-bit pixels: two's complement of 16 bits, of which 13 are a fraction. */
const ONE = 1 << 13;

/** What reads the rows of a bitmap; `palette` has RGB for 256 indices. */
export function rowReader(info: BitmapInfo, palette: Uint8Array): RowReader {
  const { bitsPerPixel, masks } = info;
  if (bitsPerPixel <= 8) return { channels: 3, read: indexed(bitsPerPixel, palette) };
  if (bitsPerPixel === 24) return { channels: 3, read: readBgr };
  if (bitsPerPixel === 64) return { channels: 4, read: readLinear };
  const channels = masks.alpha === 0 ? 3 : 4;
  const samples = [masks.red, masks.green, masks.blue, masks.alpha].slice(0, channels)
    .map(sampleOf);
  return { channels, read: masked(bitsPerPixel / 8, samples) };
}

/** Indices of 1, 2, 4 or 8 bits, the first in the highest bits. */
function indexed(bits: number, palette: Uint8Array): RowReader["read"] {
  const perByte = 8 / bits, mask = (1 << bits) - 1;
  return (data, from, to) => {
    for (let x = 0, at = 0; at < to.length; x++, at += 3) {
      const byte = data[from + Math.floor(x / perByte)]!;
      const index = byte >> (8 - bits * (1 + x % perByte)) & mask;
      to[at] = palette[index * 3]!;
      to[at + 1] = palette[index * 3 + 1]!;
      to[at + 2] = palette[index * 3 + 2]!;
    }
  };
}

function readBgr(data: Uint8Array, from: number, to: Uint8Array): void {
  for (let at = 0; at < to.length; at += 3, from += 3) {
    to[at] = data[from + 2]!;
    to[at + 1] = data[from + 1]!;
    to[at + 2] = data[from]!;
  }
}

interface Sample {
  mask: number;
  shift: number;
  /** The level of 0…255 for each value. */
  levels: Uint8Array;
}

/** A mask of any width, at any place. */
function sampleOf(mask: number): Sample {
  if (mask === 0) return { mask, shift: 0, levels: new Uint8Array(1) };
  const lowest = 31 - Math.clz32(mask & -mask);
  const width = 32 - Math.clz32(mask) - lowest;
  const kept = Math.min(width, MOST_BITS);
  const most = 2 ** kept - 1;
  return {
    mask,
    shift: lowest + width - kept,
    levels: Uint8Array.from({ length: most + 1 }, (_, value) => Math.round(value * 255 / most)),
  };
}

function masked(bytes: number, samples: readonly Sample[]): RowReader["read"] {
  const channels = samples.length;
  return (data, from, to) => {
    for (let at = 0; at < to.length; at += channels, from += bytes) {
      let pixel = data[from]! | data[from + 1]! << 8;
      if (bytes === 4) pixel |= data[from + 2]! << 16 | data[from + 3]! << 24;
      for (let channel = 0; channel < channels; channel++) {
        const { mask, shift, levels } = samples[channel]!;
        to[at + channel] = levels[(pixel & mask) >>> shift]!;
      }
    }
  };
}

/** Light, not levels: blue, green, red and alpha of 16 bits (GDI+'s PixelFormat64bppARGB). */
function readLinear(data: Uint8Array, from: number, to: Uint8Array): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const share = (field: number) =>
    Math.max(0, Math.min(1, view.getInt16(from + field * 2, true) / ONE));
  for (let at = 0; at < to.length; at += 4, from += 8) {
    for (let channel = 0; channel < 3; channel++) {
      to[at + channel] = Math.round(encoded(share(2 - channel)) * 255);
    }
    to[at + 3] = Math.round(share(3) * 255);
  }
}

/** The sRGB value of light, both 0…1. */
function encoded(light: number): number {
  const { gamma, scale, offset, slope, from } = SRGB_CURVE;
  return light < from * slope ? light / slope : (light ** (1 / gamma) - offset) / scale;
}
