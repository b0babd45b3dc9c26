// WebP by the engine; what a viewer sees of an animation we put together ourselves.
import type { Engine } from "../../pixels/engine.ts";
import { readByEngine } from "../coding/by_engine.ts";
import type { Codec } from "../coding/codec.ts";
import type { Decoding } from "../coding/decoding.ts";
import { useSeenFrames } from "../coding/seen_picture.ts";
import { decodeCutWebp, isCutStill, withoutCutChunk } from "./cut_webp.ts";
import { createCanvas } from "../coding/canvas.ts";
import { composeWebp } from "./read_webp.ts";
import { promiseAlpha, readWebpFrames } from "./webp_frames.ts";

export function createCodec(engine: Engine, decoding: Decoding): Codec {
  return {
    async decode(bytes, plan, use) {
      const { width, height } = plan.header;
      const { frames, profiles } = readWebpFrames(bytes);
      if (frames.length === 0 && isCutStill(bytes)) {
        const patch = decodeCutWebp(bytes, { width, height, engine });
        const place = { left: 0, top: 0, blends: false, clears: false };
        const data = createCanvas({ width, height }).lay(patch, place);
        const pixels = { data, width, height, channels: 4, hasAlpha: true } as const;
        const seen = { frames: [{ pixels, index: 0 }], isPartial: true, profiles };
        return await useSeenFrames(seen, { plan, engine }, use);
      }
      if (frames.length === 0) {
        const whole = plan.header.isCut ? withoutCutChunk(bytes) : bytes;
        return await readByEngine(whole, { plan, decoding, engine }, use);
      }
      const seen = { frames: composeWebp(frames, { width, height, engine }), profiles };
      return await useSeenFrames(seen, { plan, engine }, use);
    },
    mend(bytes, frames) {
      if (frames.some(({ hasAlpha }) => hasAlpha)) promiseAlpha(bytes);
    },
  };
}
