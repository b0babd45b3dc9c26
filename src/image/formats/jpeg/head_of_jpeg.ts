// What a JPEG says beside its pixels, in a form that the engine reads in no time: profile and metadata
// then come to the frame in the engine's own way, whoever decoded the pixels.
import type { Engine } from "../../pixels/engine.ts";
import { createPixel } from "../../pixels/one_pixel.ts";
import { replacePixels } from "../../pixels/pixels.ts";

const SOS = 0xda, APP2 = 0xe2, APP13 = 0xed;

/** A JPEG of one pixel, grey or in colours, with the application segments of another one. */
export type HeadOfJpeg = (bytes: Uint8Array, channels: number) => Uint8Array;

/** Has the engine write each of the two pixels once: that takes it half a millisecond. */
export function createHeadOfJpeg(engine: Engine): HeadOfJpeg {
  const pixels = new Map<number, Uint8Array>();

  function pixelOf(channels: number): Uint8Array {
    let pixel = pixels.get(channels);
    if (pixel === undefined) pixels.set(channels, pixel = onePixel(channels, engine));
    return pixel;
  }

  return (bytes, channels) => withSegmentsOf(bytes, pixelOf(channels));
}

/** Whether the file has what profiles come in: application segments of their own, or those of Photoshop. */
export function mayHaveProfile(bytes: Uint8Array): boolean {
  return segmentsOf(bytes).some(({ marker }) => marker === APP2 || marker === APP13);
}

function withSegmentsOf(bytes: Uint8Array, pixel: Uint8Array): Uint8Array {
  const segments: Uint8Array[] = [];
  for (const { marker, segment } of segmentsOf(bytes)) {
    if (isSaying(marker)) segments.push(segment);
  }
  const parts = [pixel.subarray(0, 2), ...segments, withoutSaying(pixel)];
  const head = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    head.set(part, at);
    at += part.length;
  }
  return head;
}

/** APP0…15 and comments. */
function isSaying(marker: number): boolean {
  return (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;
}

function withoutSaying(pixel: Uint8Array): Uint8Array {
  const first = segmentsOf(pixel).find(({ marker }) => !isSaying(marker));
  return first ? pixel.subarray(first.segment.byteOffset - pixel.byteOffset) : pixel;
}

function* segmentsOf(bytes: Uint8Array): Generator<{ marker: number; segment: Uint8Array }> {
  for (let at = 2; at + 4 <= bytes.length && bytes[at + 1] !== SOS;) {
    const end = at + 2 + (bytes[at + 2]! << 8 | bytes[at + 3]!);
    yield { marker: bytes[at + 1]!, segment: bytes.subarray(at, end) };
    at = end;
  }
}

function onePixel(channels: number, engine: Engine): Uint8Array {
  const image = createPixel(engine);
  try {
    replacePixels(image, { data: Uint8Array.of(200, 100, 50), width: 1, height: 1 });
    if (channels === 1) image.colorSpace = engine.ColorSpace.Gray;
    return image.write("JPEG", (bytes) => bytes.slice());
  } finally {
    image.dispose();
  }
}
