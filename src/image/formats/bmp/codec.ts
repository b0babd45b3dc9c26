// BMP by our own decoder.
import type { Engine } from "../../pixels/engine.ts";
import type { Codec } from "../coding/codec.ts";
import { useSeenFrames } from "../coding/seen_picture.ts";
import { decodeBmp } from "./decode_bmp.ts";

export function createCodec(engine: Engine): Codec {
  return {
    async decode(bytes, plan, use) {
      const { pixels, isPartial, profile } = decodeBmp(bytes);
      const frames = [{ pixels, index: 0 }];
      const profiles = profile ? { icc: profile } : {};
      return await useSeenFrames({ frames, isPartial, profiles }, { plan, engine }, use);
    },
  };
}
