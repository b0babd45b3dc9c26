// JPEG XL by the engine, once its file is such as the engine reads.
import type { Engine } from "../../pixels/engine.ts";
import { framesByEngine, readByEngine } from "../coding/by_engine.ts";
import type { Codec } from "../coding/codec.ts";
import type { Decoding } from "../coding/decoding.ts";
import { useSeenFrames } from "../coding/seen_picture.ts";
import { blackAsAlpha, giveInks } from "./black_plate.ts";
import { withSizes } from "./sized_boxes.ts";
import { withoutProfile } from "./without_profile.ts";

export function createCodec(engine: Engine, decoding: Decoding): Codec {
  return {
    async decode(bytes, plan, use) {
      const file = withoutProfile(withSizes(bytes)), reading = { plan, decoding, engine };
      if (plan.frames !== "all") {
        const plates = plan.header.colorModel === "cmyk" ? blackAsAlpha(file) : undefined;
        return await readByEngine(file, reading, async (frames) => {
          if (plates) {
            await readByEngine(plates, reading, (decoded) => {
              giveInks(frames[0]!, decoded[0]!, engine);
              return Promise.resolve();
            });
          }
          return await use(frames);
        });
      }
      return await useSeenFrames({ frames: framesByEngine(file, reading) }, { plan, engine }, use);
    },
  };
}
