// HEIC and AVIF by the engine, once the file is such as it reads right; what is shown of the picture is cut out
// here, and it is turned as any other.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import type { Engine } from "../../pixels/engine.ts";
import { isWhole } from "../../pixels/geometry.ts";
import { readPixels, replacePixels } from "../../pixels/pixels.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { unpremultiplied } from "../../pixels/unpremultiplied.ts";
import { withWideAlpha } from "../../pixels/wide_alpha.ts";
import { framesByEngine, readByEngine } from "../coding/by_engine.ts";
import type { Codec } from "../coding/codec.ts";
import type { Decoding } from "../coding/decoding.ts";
import { type SeenFrame, useSeenFrames } from "../coding/seen_picture.ts";
import { createReader } from "../reading/byte_reader.ts";
import type { HeaderFacts } from "../reading/image_header.ts";
import { fileForEngine, MAX_STEPS } from "./for_engine.ts";
import { regionShown } from "./header.ts";

/** What the engine hands out with the alpha, and the colours beside it, that are meant. */
function straightened(
  pixels: PixelBuffer,
  { isAlphaNarrow, isPremultiplied }: HeaderFacts,
): PixelBuffer {
  if (!pixels.hasAlpha) return pixels;
  let seen = pixels;
  if (isAlphaNarrow) seen = { ...seen, data: withWideAlpha(seen) };
  if (isPremultiplied) seen = { ...seen, data: unpremultiplied(seen) };
  return seen;
}

function straightenFrame(frame: IMagickImage, header: HeaderFacts): void {
  if (!header.isAlphaNarrow && !header.isPremultiplied) return;
  const pixels = readPixels(frame);
  if (pixels?.hasAlpha) replacePixels(frame, straightened(pixels, header));
}

function* straightenedFrames(
  frames: Iterable<SeenFrame>,
  header: HeaderFacts,
): Generator<SeenFrame> {
  for (const frame of frames) yield { ...frame, pixels: straightened(frame.pixels, header) };
}

export function createCodec(engine: Engine, decoding: Decoding): Codec {
  return {
    async decode(bytes, plan, use) {
      if (plan.frames === "all") {
        const decoded = framesByEngine(fileForEngine(bytes), { plan, decoding, engine });
        const frames = straightenedFrames(decoded, plan.header);
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
        straightenFrame(frame, plan.header);
        return use(frames);
      });
    },
  };
}
