// PNG by our own decoder, and by our own encoder where a picture is for it.
import type { Engine } from "../../pixels/engine.ts";
import { readByEngine } from "../coding/by_engine.ts";
import type { Codec } from "../coding/codec.ts";
import { loosely } from "../coding/decode_plan.ts";
import type { Decoding } from "../coding/decoding.ts";
import { rgbOrGrey } from "../coding/rgb_or_grey.ts";
import { createPngDecoder } from "./decode_png.ts";
import { createPngEncoder } from "./encode_png.ts";
import { headOfPng } from "./head_of_png.ts";
import { saidByFrame } from "./said_by_frame.ts";

export function createCodec(engine: Engine, decoding: Decoding): Codec {
  const decoder = createPngDecoder();
  const encoder = createPngEncoder();
  return {
    async decode(bytes, plan, use) {
      const { pixels, isPartial } = await decoder.decode(bytes);
      // A file of one pixel tells all that the picture's file says beside its pixels.
      const head = headOfPng(bytes, pixels);
      return await readByEngine(
        head,
        { plan, decoding, engine },
        (frames) => use(frames, { ...loosely(pixels, [{ frame: frames[0]!, pixels }]), isPartial }),
      );
    },
    encode([frame], { effort, progressive }) {
      // Before the pixels, which lie in the engine's memory only until it is asked for something else.
      const said = saidByFrame(frame!);
      const pixels = rgbOrGrey(frame!, engine);
      return pixels && encoder.encode(pixels, {
        // zlib's where it is the runtime's, whose 6 takes less time than the engine's 1.
        level: [3, 6, 9][effort - 1]!,
        isInterlaced: progressive,
        said,
      });
    },
    memoryUsed: () => decoder.memoryUsed() + encoder.memoryUsed(),
  };
}
