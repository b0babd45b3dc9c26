// A PNG that moves to whole frames, one by one: each stored rectangle is a PNG of its own to our decoder, and what a
// viewer sees of the canvas is worked out here.
import { ProxyError } from "../../../errors.ts";
import type { Curve } from "../../colour/icc_profile.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { createCanvas, isOpaque } from "../coding/canvas.ts";
import type { SeenFrame } from "../coding/seen_picture.ts";
import type { DecodedPng, PngDecoder } from "./decode_png.ts";
import type { PngFile } from "./png_file.ts";
import type { ApngFrame } from "./apng_frames.ts";

/**
 * The frames in order, up to the first that cannot be decoded whole; the very first is shown as far as it goes.
 * Throws "undecodable" where that is not a single row.
 */
export function* composeApng(
  frames: readonly ApngFrame[],
  { file, curve, decoder }: {
    /** All that holds for each of them, and the size of the canvas. */
    file: PngFile;
    curve?: Curve | undefined;
    decoder: PngDecoder;
  },
): Generator<SeenFrame> {
  const canvas = createCanvas(file);
  for (const [index, frame] of frames.entries()) {
    const { width, height, data } = frame;
    // Whether the checksums agree has been asked before.
    const part = { ...file, width, height, data, isSound: true };
    const decoded = decode(part, { index, curve, decoder });
    if (!decoded) return;
    const rgba = canvas.lay({ data: asRgba(decoded.pixels), width, height }, frame);
    const whole = { data: rgba, width: file.width, height: file.height, channels: 4 } as const;
    yield { pixels: { ...whole, hasAlpha: !isOpaque(rgba) }, index };
  }
}

function decode(
  file: PngFile,
  { index, curve, decoder }: { index: number; curve: Curve | undefined; decoder: PngDecoder },
): DecodedPng | undefined {
  try {
    const decoded = decoder.decodeFile(file, { curve, withAlpha: true });
    return index > 0 && decoded.isPartial ? undefined : decoded;
  } catch (error) {
    if (index === 0 || !(error instanceof ProxyError)) throw error;
    return undefined;
  }
}

/** RGBA of that, or of grey with alpha. */
function asRgba({ data, channels }: PixelBuffer): Uint8Array {
  if (channels === 4) return data;
  const rgba = new Uint8Array(data.length * 2);
  for (let from = 0, to = 0; from < data.length; from += 2, to += 4) {
    rgba[to] = rgba[to + 1] = rgba[to + 2] = data[from]!;
    rgba[to + 3] = data[from + 1]!;
  }
  return rgba;
}
