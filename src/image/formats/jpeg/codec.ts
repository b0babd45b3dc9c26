// JPEG by our own decoder and encoder where a picture is for them, otherwise by the engine.
import type { Engine } from "../../pixels/engine.ts";
import { readByEngine, readFirst } from "../coding/by_engine.ts";
import type { Codec } from "../coding/codec.ts";
import { type LooseFrame, loosely } from "../coding/decode_plan.ts";
import type { Decoding } from "../coding/decoding.ts";
import { rgbOrGrey } from "../coding/rgb_or_grey.ts";
import { keepsChroma } from "../coding/quality.ts";
import { inTrueColours, isPlanar } from "../../pixels/ycc_planes.ts";
import { createJpegDecoder } from "./decode_jpeg.ts";
import { createJpegEncoder, isWritable } from "./encode_jpeg.ts";
import { createHeadOfJpeg, mayHaveProfile } from "./head_of_jpeg.ts";
import { eighthsOf, wantedEighths } from "./jpeg_size.ts";

export function createCodec(engine: Engine, decoding: Decoding): Codec {
  const decoder = createJpegDecoder();
  const encoder = createJpegEncoder();
  const headOfJpeg = createHeadOfJpeg(engine);
  return {
    async decode(bytes, plan, use) {
      const { wantedScale = 1, keepsWhole } = plan;
      const eighths = wantedEighths(plan.wantedScale);
      const decodeColours = () => decoder.decode(bytes, eighths);
      const pixels = keepsWhole || wantedScale >= 1
        ? decodeColours()
        : inTrueColours(decoder.decodePlanes(bytes, eighths, wantedScale), decodeColours);
      if (!pixels) {
        const { width, height } = eighthsOf(plan.header, eighths);
        const defines = eighths < 8 ? { "jpeg:size": `${width}x${height}` } : {};
        return await readByEngine(bytes, { plan, decoding, engine, defines }, use);
      }
      const frames = engine.MagickImageCollection.create();
      const decoded: LooseFrame = {
        pixels,
        isPlain: isPlanar(pixels) && !mayHaveProfile(bytes),
        // A file of one pixel tells all that the picture's file says beside its pixels.
        get frame() {
          if (frames[0]) return frames[0];
          const head = headOfJpeg(bytes, isPlanar(pixels) ? 3 : pixels.channels);
          return readFirst(frames, head, { decoding, engine });
        },
      };
      try {
        return await use(frames, loosely(pixels, [decoded]));
      } finally {
        frames.dispose();
      }
    },
    encode([frame], { quality, progressive }) {
      const hasMore = progressive || frame!.profileNames.length > 0;
      const pixels = hasMore ? undefined : rgbOrGrey(frame!, engine);
      return pixels && encoder.encode(pixels, { quality, fullChroma: keepsChroma(quality) });
    },
    planar: {
      spanFor: ({ quality, progressive }, size) =>
        progressive || !isWritable(size) ? undefined : keepsChroma(quality) ? 1 : 2,
      encode: (planes, { quality }) => encoder.encodePlanes(planes, { quality }),
    },
    memoryUsed: () => decoder.memoryUsed() + encoder.memoryUsed(),
  };
}
