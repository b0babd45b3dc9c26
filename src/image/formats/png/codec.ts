// PNG by our own decoder and encoder.
import type { Engine } from "../../pixels/engine.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import type { PixelRows } from "../../pixels/pixel_rows.ts";
import { readByEngine } from "../coding/by_engine.ts";
import type { Codec } from "../coding/codec.ts";
import { loosely } from "../coding/decode_plan.ts";
import type { Decoding } from "../coding/decoding.ts";
import { rgbOrGrey } from "../coding/rgb_or_grey.ts";
import { createPngDecoder } from "./decode_png.ts";
import { levelOf } from "./compress_rows.ts";
import { createPngEncoder } from "./encode_png.ts";
import { deepColour } from "./deep_colour.ts";
import { headOfPng } from "./head_of_png.ts";
import { readPngFile } from "./png_file.ts";
import { saidByFrame } from "./said_by_frame.ts";

/** A picture that is there, or comes row by row. */
interface Shown {
  pixels: PixelBuffer | PixelRows;
  isPartial: boolean;
}

export function createCodec(engine: Engine, decoding: Decoding): Codec {
  const decoder = createPngDecoder();
  const encoder = createPngEncoder();
  return {
    async decode(bytes, plan, use) {
      const { curve, colour } = deepColour(plan.header);
      const file = readPngFile(bytes);
      const show = async ({ pixels, isPartial }: Shown) => {
        // A file of one pixel tells all that the picture's file says beside its pixels.
        const head = headOfPng(bytes, pixels);
        return await readByEngine(
          head,
          { plan, decoding, engine },
          (frames) =>
            use(frames, {
              ...loosely(pixels, [{ frame: frames[0]!, pixels }]),
              isPartial,
              ...(colour && { colour }),
            }),
        );
      };
      if (!file.isInterlaced) {
        const { pixels, areMissing } = decoder.openRows(file, { curve });
        try {
          return await show({ pixels, isPartial: !file.isSound });
        } catch (error) {
          if (!areMissing()) throw error;
        }
      }
      return await show(decoder.decodeFile(file, { curve }));
    },
    encode([frame], { effort, progressive }) {
      // Before the pixels, which lie in the engine's memory only until it is asked for something else.
      const said = saidByFrame(frame!);
      const pixels = rgbOrGrey(frame!, engine);
      if (!pixels) throw new TypeError("A frame that is to be a PNG holds neither sRGB nor greys");
      return encoder.encode(pixels, {
        level: levelOf(effort),
        isInterlaced: progressive,
        said,
      });
    },
    memoryUsed: () => decoder.memoryUsed() + encoder.memoryUsed(),
  };
}
