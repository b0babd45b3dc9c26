// Frames of which we work out ourselves what a viewer sees, on their way into the engine.
import { ProxyError } from "../../../errors.ts";
import type { StatedColour } from "../../colour/stated_colour.ts";
import type { Engine } from "../../pixels/engine.ts";
import type { Size } from "../../pixels/geometry.ts";
import { createPixel } from "../../pixels/one_pixel.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { setTiming } from "../../pixels/timing.ts";
import { isPlanar, type PixelSource } from "../../pixels/ycc_planes.ts";
import { type DecodePlan, type LooseFrame, loosely, type UseFrames } from "./decode_plan.ts";
import { giveProfile, type Profiles } from "./metadata.ts";

export interface SeenFrame<Pixels extends PixelSource = PixelBuffer> {
  /** Overwritten when the next frame is asked for. */
  pixels: Pixels;
  /** Index of the frame in the file. */
  index: number;
  /** What the file says beside its pixels, if that is known with them. */
  profiles?: Profiles;
}

export interface SeenPicture {
  frames: Iterable<SeenFrame<PixelSource>>;
  /** Of the frames as they are decoded, where that is not what the header says. */
  size?: Size;
  /** Whether pixels are missing, or may be wrong. */
  isPartial?: boolean;
  /** What the file says beside them. */
  profiles?: Profiles;
  /** What the values mean, where that is not what the header says of those in the file. */
  colour?: StatedColour | undefined;
}

/** Hands the planned frames to `use`, each decoded when it is asked for; they live until what that returns has settled. */
export async function useSeenFrames<T>(
  { frames: seen, size, isPartial = false, profiles = {}, colour }: SeenPicture,
  { plan, engine }: { plan: DecodePlan; engine: Engine },
  use: UseFrames<T>,
): Promise<T> {
  const { header, range: { from, to } = { from: 0, to: Infinity } } = plan;
  const frames = engine.MagickImageCollection.create();
  function* decoded(): Generator<LooseFrame> {
    for (const { pixels, index, profiles: told } of seen) {
      if (index >= to) return;
      if (index < from || (plan.frames !== "all" && plan.frames !== index)) continue;
      const frame = createPixel(engine);
      // The first one's hold for all.
      for (const [name, data] of Object.entries(frames.length === 0 ? told ?? profiles : {})) {
        giveProfile(frame, name, data);
      }
      frames.push(frame);
      frame.hasAlpha = !isPlanar(pixels) && pixels.hasAlpha;
      if (plan.frames === "all") setTiming(frame, header, index);
      yield { frame, pixels };
      if (plan.frames !== "all") return;
    }
    if (frames.length === 0 && from === 0) {
      throw new ProxyError("undecodable", "The file ends before its first frame");
    }
  }
  try {
    return await use(frames, {
      ...loosely(size ?? header, decoded()),
      isPartial,
      ...(colour && { colour }),
    });
  } finally {
    frames.dispose();
  }
}
