// JPEG by our own decoders and encoder where a picture is for them, otherwise by the engine.
import type { IMagickImage, IMagickImageCollection } from "@imagemagick/magick-wasm";
import type { Engine } from "../../pixels/engine.ts";
import { readByEngine, readFirst } from "../coding/by_engine.ts";
import type { Codec } from "../coding/codec.ts";
import {
  type DecodePlan,
  type LooseFrame,
  loosely,
  type UseFrames,
} from "../coding/decode_plan.ts";
import type { Decoding } from "../coding/decoding.ts";
import { rgbOrGrey } from "../coding/rgb_or_grey.ts";
import { keepsChroma } from "../coding/quality.ts";
import type { HeaderFacts } from "../reading/image_header.ts";
import { inTrueColours, isPlanar, type PixelSource } from "../../pixels/ycc_planes.ts";
import { createJpegDecoder } from "./decode_jpeg.ts";
import { createJpegEncoder, isWritable } from "./encode_jpeg.ts";
import { createHeadOfJpeg, mayHaveProfile } from "./head_of_jpeg.ts";
import { eighthsOf, scanEighths, wantedEighths } from "./jpeg_size.ts";
import { createScanDecoder } from "./scan_decoder.ts";

export function createCodec(engine: Engine, decoding: Decoding): Codec {
  const decoder = createJpegDecoder();
  const scanDecoder = createScanDecoder();
  const encoder = createJpegEncoder();
  const headOfJpeg = createHeadOfJpeg(engine);

  function decodeSound(bytes: Uint8Array, plan: DecodePlan): PixelSource | undefined {
    const { wantedScale = 1, keepsWhole } = plan;
    const eighths = wantedEighths(plan.wantedScale);
    const decodeColours = () => decoder.decode(bytes, eighths);
    return keepsWhole || wantedScale >= 1
      ? decodeColours()
      : inTrueColours(decoder.decodePlanes(bytes, eighths, wantedScale), decodeColours);
  }

  /** A frame with all that a picture's file says beside its pixels, which a file of one pixel tells. */
  function frameOf(
    bytes: Uint8Array,
    { frames, channels }: { frames: IMagickImageCollection; channels: number },
  ): IMagickImage {
    const read = (file: Uint8Array) =>
      readFirst(frames, headOfJpeg(file, channels), { decoding, engine });
    try {
      return read(bytes);
    } catch {
      // Metadata that the engine cannot read costs the metadata, not the picture.
      return read(new Uint8Array());
    }
  }

  async function useOwn<T>(
    bytes: Uint8Array,
    { pixels, isDamaged }: { pixels: PixelSource; isDamaged: boolean },
    use: UseFrames<T>,
  ): Promise<T> {
    const frames = engine.MagickImageCollection.create();
    const decoded: LooseFrame = {
      pixels,
      isPlain: isPlanar(pixels) && !mayHaveProfile(bytes),
      get frame() {
        return frames[0] ??
          frameOf(bytes, { frames, channels: isPlanar(pixels) ? 3 : pixels.channels });
      },
    };
    try {
      return await use(frames, { ...loosely(pixels, [decoded]), isPartial: isDamaged });
    } finally {
      frames.dispose();
    }
  }

  return {
    async decode(bytes, plan, use) {
      const { header, wantedScale } = plan;
      const pixels = decodeSound(bytes, plan);
      if (pixels) return await useOwn(bytes, { pixels, isDamaged: false }, use);
      const decodeScans = () =>
        scanDecoder.decode(bytes, {
          eighths: scanEighths(wantedScale),
          maxScans: header.scans ?? 1,
        });
      const scans = keepsInks(header) ? undefined : decodeScans();
      if (scans) return await useOwn(bytes, scans, use);
      const eighths = wantedEighths(wantedScale);
      const { width, height } = eighthsOf(header, eighths);
      const defines = eighths < 8 ? { "jpeg:size": `${width}x${height}` } : {};
      let isRead = false;
      try {
        return await readByEngine(bytes, { plan, decoding, engine, defines }, (frames) => {
          isRead = true;
          return use(frames);
        });
      } catch (error) {
        const shown = isRead || !keepsInks(header) ? undefined : decodeScans();
        if (!shown) throw error;
        return await useOwn(bytes, { ...shown, isDamaged: true }, use);
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
    memoryUsed: () => decoder.memoryUsed() + scanDecoder.memoryUsed() + encoder.memoryUsed(),
  };
}

/** Whether the values are inks that a profile explains, as the engine hands them on. */
function keepsInks({ colorModel, hasProfile }: HeaderFacts): boolean {
  return hasProfile && (colorModel === "cmyk" || colorModel === "ycck");
}
