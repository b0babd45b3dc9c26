// JPEG XL by the engine, once its file is such as the engine reads.
import type { Engine } from "../../pixels/engine.ts";
import { readByEngine } from "../coding/by_engine.ts";
import type { Codec } from "../coding/codec.ts";
import type { Decoding } from "../coding/decoding.ts";
import { withSizes } from "./sized_boxes.ts";

export function createCodec(engine: Engine, decoding: Decoding): Codec {
  return {
    decode: (bytes, plan, use) =>
      readByEngine(withSizes(bytes), { plan, decoding, engine }, (frames) => use(frames)),
  };
}
