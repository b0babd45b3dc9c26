// TIFF by our own decoder where its samples are plain, else by the engine.
import type { Engine } from "../../pixels/engine.ts";
import { readByEngine } from "../coding/by_engine.ts";
import type { Codec } from "../coding/codec.ts";
import { loosely } from "../coding/decode_plan.ts";
import type { Decoding } from "../coding/decoding.ts";
import { createInflater } from "../coding/inflate.ts";
import { createReader } from "../reading/byte_reader.ts";
import { decodeTiff } from "./decode_tiff.ts";
import { findPage } from "./header.ts";
import { onlyPage } from "./write_directory.ts";

const TIFF = { name: "TIFF", maxSteps: 200_000 };

export function createCodec(engine: Engine, decoding: Decoding): Codec {
  const inflater = createInflater();
  return {
    async decode(bytes, plan, use) {
      const reader = createReader(bytes, TIFF);
      // A TIFF does not move: there is always one page that is wanted.
      const directory = findPage(reader, plan.frames === "all" ? 0 : plan.frames);
      const decoded = decodeTiff(bytes, { directory, engine, inflater });
      const only = { plan: { ...plan, frames: 0 }, decoding, engine };
      if (!decoded) return await readByEngine(onlyPage(reader, directory), only, use);
      const { head, pixels, isPartial } = decoded;
      return await readByEngine(
        head,
        only,
        (frames) => use(frames, { ...loosely(pixels, [{ frame: frames[0]!, pixels }]), isPartial }),
      );
    },
    memoryUsed: inflater.memoryUsed,
  };
}
