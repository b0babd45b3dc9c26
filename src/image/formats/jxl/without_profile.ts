// A lossy JPEG XL is stored in colours of its own (XYB), and its ICC profile says no more than what it was made
// of. With one the engine hands out 8 bits of light, too few for shadows; without one, sRGB. So it goes.

import { type ByteReader, createReader } from "../reading/byte_reader.ts";
import { partsOf, withPlainColours } from "./plain_colours.ts";

const STEPS = { name: "JPEG XL file", maxSteps: 50_000 };

/** Whether `withoutProfile` takes a profile out of the file. */
export function isProfileCut(reader: ByteReader): boolean {
  return partsOf(reader)?.metadata.isXyb === true;
}

/** The file without its profile where it is lossy and has one; else the same bytes. */
export function withoutProfile(bytes: Uint8Array): Uint8Array {
  const parts = partsOf(createReader(bytes, STEPS));
  return parts?.metadata.isXyb ? withPlainColours(parts) : bytes;
}
