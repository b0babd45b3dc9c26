// HEIC and AVIF by the engine, once the file is such as it reads right; what is shown of the picture is cut out
// here, and it is turned as any other.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import type { Engine } from "../../pixels/engine.ts";
import { isWhole } from "../../pixels/geometry.ts";
import { readPixels, replacePixels } from "../../pixels/pixels.ts";
import { unpremultiplied } from "../../pixels/unpremultiplied.ts";
import { framesByEngine, readByEngine } from "../coding/by_engine.ts";
import type { Codec } from "../coding/codec.ts";
import type { Decoding } from "../coding/decoding.ts";
import { useSeenFrames } from "../coding/seen_picture.ts";
import { createReader } from "../reading/byte_reader.ts";
import { fileForEngine, MAX_STEPS } from "./for_engine.ts";
import { regionShown } from "./header.ts";

function unpremultiplyFrame(frame: IMagickImage): void {
  const pixels = readPixels(frame);
  if (pixels?.hasAlpha) replacePixels(frame, { ...pixels, data: unpremultiplied(pixels) });
}

export function createCodec(engine: Engine, decoding: Decoding): Codec {
  return {
    async decode(bytes, plan, use) {
      if (plan.frames === "all") {
        const frames = framesByEngine(fileForEngine(bytes), { plan, decoding, engine });
        return await useSeenFrames({ frames }, { plan, engine }, use);
      }
      const region = regionShown(createReader(bytes, { name: "HEIF", maxSteps: MAX_STEPS }));
      const file = fileForEngine(bytes);
      return await readByEngine(file, { plan, decoding, engine }, (frames) => {
        const frame = frames[0]!;
        if (region && !isWhole(region, frame)) {
          const { x, y, width, height } = region;
          frame.crop(new engine.MagickGeometry(x, y, width, height));
          frame.resetPage();
        }
        if (plan.header.isPremultiplied) unpremultiplyFrame(frame);
        return use(frames);
      });
    },
  };
}
