// JPEGs of as many scans as are wanted.
import { readHeader } from "../../src/image/formats/read_header.ts";

/** The picture with its last scan again and again, as files do that are made to cost. */
export function withScans(jpeg: Uint8Array, scans: number): Uint8Array {
  const last = lastScan(jpeg);
  const scan = jpeg.subarray(last, jpeg.length - 2);
  const repeats = scans - (readHeader(jpeg)!.scans ?? 1);
  const parts = [jpeg.subarray(0, -2), ...Array(repeats).fill(scan), jpeg.subarray(-2)];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function lastScan(jpeg: Uint8Array): number {
  for (let at = jpeg.length - 2; at > 0; at--) {
    if (jpeg[at] === 0xff && jpeg[at + 1] === 0xda) return at;
  }
  throw new Error("There is no scan");
}
