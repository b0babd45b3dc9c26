// Rasters written by hand, and what is in them.
import type { Colour, Raster } from "../../src/paint/raster.ts";

export function raster(rows: readonly (readonly Colour[])[]): Raster {
  return {
    data: new Uint8ClampedArray(rows.flat(2)),
    width: rows[0]!.length,
    height: rows.length,
  };
}

/** A raster of one colour. */
export function plain(colour: Colour, { width, height }: { width: number; height: number }) {
  return raster(Array.from({ length: height }, () => Array.from({ length: width }, () => colour)));
}

export function pixelAt({ data, width }: Raster, x: number, y: number): number[] {
  return [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)];
}

/** One channel, row by row. */
export function channelOf({ data, width, height }: Raster, channel: number): number[][] {
  return Array.from(
    { length: height },
    (_, y) => Array.from({ length: width }, (_, x) => data[(y * width + x) * 4 + channel]!),
  );
}
