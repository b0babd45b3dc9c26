// JPEG files taken apart, for tests that put them together wrong.
import { createJpegEncoder } from "../../src/image/formats/jpeg/encode_jpeg.ts";
import { nextSegment, SOS } from "../../src/image/formats/jpeg/jpeg_segments.ts";
import { photo } from "./photo.ts";

export interface JpegParts {
  /** The segments before the first scan, each with its marker. */
  head: { marker: number; bytes: number[] }[];
  /** Each scan with its header and the segments before it, but for those in the head. */
  scans: number[][];
}

/** A file's parts, in order; EOI follows the last. */
export function partsOf(jpeg: Uint8Array): JpegParts {
  const head: JpegParts["head"] = [];
  const scans: number[][] = [];
  let from = 2;
  for (let at = 2; at < jpeg.length - 2;) {
    const { marker, end } = nextSegment(jpeg, at)!;
    at = end;
    if (marker !== SOS) {
      if (scans.length === 0) {
        head.push({ marker, bytes: [...jpeg.subarray(from, end)] });
        from = end;
      }
      continue;
    }
    while (jpeg[at] !== 0xff || jpeg[at + 1] === 0) at++;
    scans.push([...jpeg.subarray(from, at)]);
    from = at;
  }
  return { head, scans };
}

/** The file of parts; `between` comes in front of each scan but the first. */
export function joined({ head, scans }: JpegParts, between: readonly number[] = []): Uint8Array {
  const [first = [], ...others] = scans;
  const parts = [...head.map(({ bytes }) => bytes), first];
  const body = [...parts, ...others.flatMap((scan) => [between, scan])].flat();
  return Uint8Array.from([0xff, 0xd8, ...body, 0xff, 0xd9]);
}

/** Blocks of 8 × 8 in a row, flat and of this grey, with a restart marker behind each but the last. */
export function blocksWithRestarts(grey: number, restarts: readonly number[]): Uint8Array {
  const flat = { ...photo(8, 8, { channels: 1 }), data: new Uint8Array(64).fill(grey) };
  const { head, scans: [scan] } = partsOf(
    createJpegEncoder().encode(flat, { quality: 90, fullChroma: true })!,
  );
  const headerLength = 10;
  const data = scan!.slice(headerLength);
  const frame = head.find(({ marker }) => marker === 0xc0)!.bytes;
  frame[8] = 8 * (restarts.length + 1);
  const interval = [0xff, 0xdd, 0, 4, 0, 1];
  const blocks = restarts.flatMap((marker) => [...data, 0xff, marker]);
  return joined({
    head: [...head, { marker: 0xdd, bytes: interval }],
    scans: [[...scan!.slice(0, headerLength), ...blocks, ...data]],
  });
}
