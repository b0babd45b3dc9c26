// What a JPEG says beside its pixels, in a form that the engine reads in no time: profile and metadata
// then come to the frame in the engine's own way, whoever decoded the pixels.
import type { Engine } from "../../pixels/engine.ts";
import { createPixel } from "../../pixels/one_pixel.ts";
import { replacePixels } from "../../pixels/pixels.ts";
import { concatenate } from "../coding/concatenate.ts";
import { nextSegment, type Segment, SOS } from "./jpeg_segments.ts";

const APP2 = 0xe2, APP13 = 0xed;

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
  const saying = segmentsOf(bytes).filter(({ marker }) => isSaying(marker))
    .map(({ marker, at, body, end }) => {
      const length = end - at;
      const start = [0xff, marker, length >> 8, length & 0xff];
      return [Uint8Array.from(start), bytes.subarray(body, end)];
    });
  return concatenate([pixel.subarray(0, 2), ...saying.flat(), withoutSaying(pixel)]);
}

/** APP0…15 and comments. */
function isSaying(marker: number): boolean {
  return (marker >= 0xe0 && marker <= 0xef) || marker === 0xfe;
}

function withoutSaying(pixel: Uint8Array): Uint8Array {
  const first = segmentsOf(pixel).find(({ marker }) => !isSaying(marker))!;
  return pixel.subarray(first.at - 2);
}

/** Those before the first scan, as far as they are whole. */
function segmentsOf(bytes: Uint8Array): Segment[] {
  const segments: Segment[] = [];
  for (let at = 2;;) {
    const segment = nextSegment(bytes, at);
    if (!segment || segment.end > bytes.length || segment.marker === SOS) return segments;
    segments.push(segment);
    at = segment.end;
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
