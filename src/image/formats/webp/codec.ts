// WebP: lossy stills by our own decoder, what else there is by the engine; what a viewer sees of an animation we
// put together ourselves. Stills are written by libwebp in a WebAssembly of its own, animations by the engine.
import type { Engine } from "../../pixels/engine.ts";
import { sameSize, sizeOf } from "../../pixels/geometry.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { inTrueColours, type PixelSource } from "../../pixels/ycc_planes.ts";
import { readByEngine } from "../coding/by_engine.ts";
import type { Codec, Outside } from "../coding/codec.ts";
import type { DecodePlan } from "../coding/decode_plan.ts";
import type { Decoding } from "../coding/decoding.ts";
import { profilesOf } from "../coding/metadata.ts";
import { nativeQuality } from "../coding/quality.ts";
import { rgbOrGrey } from "../coding/rgb_or_grey.ts";
import { useSeenFrames } from "../coding/seen_picture.ts";
import { decodeCutWebp, isCutStill, withoutCutChunk } from "./cut_webp.ts";
import { createCanvas } from "../coding/canvas.ts";
import { createVp8Decoder } from "./decode_vp8.ts";
import { createWebpWriter, isWritable } from "./encode_webp.ts";
import { QUALITIES } from "./quality_tables.ts";
import { composeWebp } from "./read_webp.ts";
import { readVp8Frame } from "./vp8_header.ts";
import { lossyPictureOf, promiseAlpha, readWebpFrames } from "./webp_frames.ts";
import { withProfiles } from "./webp_profiles.ts";

export function createCodec(
  engine: Engine,
  decoding: Decoding,
  { webpWriter }: Outside,
): Codec {
  const decoder = createVp8Decoder();
  const writer = webpWriter && createWebpWriter(webpWriter);

  /** A lossy still without transparency; undefined where it is another one, or not as it should be. */
  function decodeLossy(file: Uint8Array, plan: DecodePlan): PixelSource | undefined {
    const picture = plan.header.hasAlpha ? undefined : lossyPictureOf(file);
    const frame = picture && readVp8Frame(picture);
    if (!frame || !sameSize(frame, plan.header)) return undefined;
    const { wantedScale = 1, keepsWhole } = plan;
    const decodeColours = () => decoder.decode(picture);
    return keepsWhole || wantedScale >= 1
      ? decodeColours()
      : inTrueColours(decoder.decodePlanes(picture, wantedScale), decodeColours);
  }

  /** What is there of a lossy still without transparency that is cut short; undefined where it is another one. */
  function decodeCutLossy(file: Uint8Array, { header }: DecodePlan): PixelBuffer | undefined {
    const picture = header.hasAlpha ? undefined : lossyPictureOf(file);
    const frame = picture && readVp8Frame(picture);
    return frame && sameSize(frame, header) ? decoder.decodeCut(picture) : undefined;
  }

  return {
    async decode(bytes, plan, use) {
      const { width, height } = plan.header;
      const { frames, profiles } = readWebpFrames(bytes);
      if (frames.length === 0 && isCutStill(bytes)) {
        const patch = decodeCutLossy(bytes, plan) ??
          decodeCutWebp(bytes, { width, height, engine });
        const place = { left: 0, top: 0, blends: false, clears: false };
        const data = createCanvas({ width, height }).lay(patch, place);
        const pixels = { data, width, height, channels: 4, hasAlpha: true } as const;
        const seen = { frames: [{ pixels, index: 0 }], isPartial: true, profiles };
        return await useSeenFrames(seen, { plan, engine }, use);
      }
      if (frames.length === 0) {
        const whole = plan.header.isCut ? withoutCutChunk(bytes) : bytes;
        const pixels = decodeLossy(whole, plan);
        if (!pixels) return await readByEngine(whole, { plan, decoding, engine }, use);
        const { profiles } = readWebpFrames(whole);
        const seen = { frames: [{ pixels, index: 0 }], size: sizeOf(pixels), profiles };
        return await useSeenFrames(seen, { plan, engine }, use);
      }
      const seen = { frames: composeWebp(frames, { width, height, engine }), profiles };
      return await useSeenFrames(seen, { plan, engine }, use);
    },
    async encode(frames, { quality, lossless, effort }) {
      const frame = frames[0]!;
      if (!writer || frames.length > 1 || !isWritable(frame)) return undefined;
      const encoder = await writer.ready();
      // Where they lie they stay only until the engine is asked for something else.
      const profiles = profilesOf(frame);
      const pixels = rgbOrGrey(frame, engine);
      if (!pixels) return undefined;
      const native = nativeQuality(quality, QUALITIES);
      const still = encoder.encode(pixels, { quality: native, lossless, effort });
      return withProfiles(still, profiles, frame);
    },
    mend(bytes, frames) {
      if (frames.some(({ hasAlpha }) => hasAlpha)) promiseAlpha(bytes);
    },
    memoryUsed: () => decoder.memoryUsed() + (writer?.memoryUsed() ?? 0),
  };
}
