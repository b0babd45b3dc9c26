// GIF by our own reader and writer.
import type { Engine } from "../../pixels/engine.ts";
import type { Size } from "../../pixels/geometry.ts";
import type { Codec } from "../coding/codec.ts";
import { type SeenFrame, useSeenFrames } from "../coding/seen_picture.ts";
import { encodeGif, writeShare } from "./encode_gif.ts";
import { readGifFrames } from "./read_gif.ts";

export function createCodec(engine: Engine): Codec {
  return {
    decode: (bytes, plan, use) =>
      useSeenFrames({ frames: seenFrames(bytes, plan.header) }, { plan, engine }, use),
    encode: (frames, { help }) => encodeGif(frames, help),
    writeShare,
  };
}

function* seenFrames(bytes: Uint8Array, { width, height }: Size): Generator<SeenFrame> {
  for (const { rgba, hasAlpha, index } of readGifFrames(bytes, { width, height })) {
    yield { pixels: { data: rgba, width, height, channels: 4, hasAlpha }, index };
  }
}
