// PNG by our own decoder and encoder.
import { type Curve, SRGB_CURVE } from "../../colour/icc_profile.ts";
import type { Engine } from "../../pixels/engine.ts";
import { readByEngine } from "../coding/by_engine.ts";
import type { Codec } from "../coding/codec.ts";
import { loosely } from "../coding/decode_plan.ts";
import type { Decoding } from "../coding/decoding.ts";
import type { HeaderFacts } from "../reading/image_header.ts";
import { rgbOrGrey } from "../coding/rgb_or_grey.ts";
import { createPngDecoder } from "./decode_png.ts";
import { createPngEncoder } from "./encode_png.ts";
import { headOfPng } from "./head_of_png.ts";
import { saidByFrame } from "./said_by_frame.ts";

/** The curve that is better undone while the samples have 16 bits; undefined where a profile says more. */
function curveOf16Bits({ bitDepth, colour, hasProfile }: HeaderFacts): Curve | undefined {
  if (bitDepth !== 16 || !colour || colour.isNarrow) return undefined;
  const counts = colour.outranksProfile || !hasProfile;
  return counts && typeof colour.transfer === "object" ? colour.transfer : undefined;
}

export function createCodec(engine: Engine, decoding: Decoding): Codec {
  const decoder = createPngDecoder();
  const encoder = createPngEncoder();
  return {
    async decode(bytes, plan, use) {
      const curve = curveOf16Bits(plan.header);
      const { pixels, isPartial } = decoder.decode(bytes, { curve });
      const colour = curve && { ...plan.header.colour!, transfer: SRGB_CURVE };
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
    },
    encode([frame], { effort, progressive }) {
      // Before the pixels, which lie in the engine's memory only until it is asked for something else.
      const said = saidByFrame(frame!);
      const pixels = rgbOrGrey(frame!, engine);
      if (!pixels) throw new TypeError("A frame that is to be a PNG holds neither sRGB nor greys");
      return encoder.encode(pixels, {
        // zlib's where it is the runtime's, whose 6 takes less time than the engine's 1.
        level: [3, 6, 9][effort - 1]!,
        isInterlaced: progressive,
        said,
      });
    },
    memoryUsed: () => decoder.memoryUsed() + encoder.memoryUsed(),
  };
}
