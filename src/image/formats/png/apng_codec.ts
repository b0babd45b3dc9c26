// Animated PNG by our own decoder and encoder of PNG.
import type { Engine } from "../../pixels/engine.ts";
import type { Codec } from "../coding/codec.ts";
import type { Decoding } from "../coding/decoding.ts";
import { type Profiles, profilesOf } from "../coding/metadata.ts";
import { useSeenFrames } from "../coding/seen_picture.ts";
import { readChunks } from "./chunks.ts";
import { createPngDecoder } from "./decode_png.ts";
import { deepColour } from "./deep_colour.ts";
import { createApngEncoder } from "./encode_apng.ts";
import { headOfPng } from "./head_of_png.ts";
import { readPngFile } from "./png_file.ts";
import { createReader } from "../reading/byte_reader.ts";
import { MAX_STEPS, readAnimation } from "./apng_frames.ts";
import { composeApng } from "./read_apng.ts";

const OF_FRAMES: readonly string[] = ["fcTL", "fdAT"];

export function createCodec(engine: Engine, decoding: Decoding): Codec {
  const decoder = createPngDecoder();
  const encoder = createApngEncoder();

  /** What the file says beside its pixels. A profile of greys means nothing to frames that have colours. */
  function profilesIn(bytes: Uint8Array, { isGrey }: { isGrey: boolean }): Profiles {
    const head = headOfPng(bytes, { channels: isGrey ? 2 : 4 });
    const settings = new engine.MagickReadSettings({ format: decoding.coder! });
    return engine.ImageMagick.read(head, settings, (image) => {
      const { icc, ...others } = profilesOf(image);
      return { ...others, ...(icc && !isGrey && { icc }) };
    });
  }

  return {
    async decode(bytes, plan, use) {
      const file = readPngFile(bytes);
      const reader = createReader(bytes, { name: "PNG", maxSteps: MAX_STEPS });
      const { frames, isBroken } = readAnimation(reader, file)!;
      const { curve, colour } = deepColour(plan.header);
      const seen = {
        frames: composeApng(frames, { file, curve, decoder }),
        isPartial: isBroken || !file.isSound || !areSound(bytes),
        profiles: profilesIn(bytes, { isGrey: plan.header.colorModel === "grey" }),
        colour,
      };
      return await useSeenFrames(seen, { plan, engine }, use);
    },
    encode: encoder.encode,
    writeShare: encoder.writeShare,
    memoryUsed: () => decoder.memoryUsed() + encoder.memoryUsed(),
  };
}

/** Whether all that makes up the frames is there under the right checksums. */
function areSound(bytes: Uint8Array): boolean {
  for (const { type, isSound } of readChunks(bytes)) {
    if (OF_FRAMES.includes(type) && !isSound()) return false;
  }
  return true;
}
