// One picture, from bytes to bytes: read the header, plan the shape, decode no more than that needs,
// then reshape, turn and paint every frame, and encode. Runs inside a worker only.
import { ProxyError } from "../errors.ts";
import type { Engine } from "../options/option.ts";
import type { Options, OutputFormat } from "../options/table.ts";
import type { ProfileSpace } from "./colour/known_profile.ts";
import { createColourist } from "./colour/to_srgb.ts";
import { costOf, NeedsMemory } from "./cost.ts";
import { createDecoder, type DecodePlan } from "./decode.ts";
import { canAnimate, createEncoder, isOpaqueFormat, profilesIn } from "./encode.ts";
import { DEFAULT_ENCODING } from "./encoding.ts";
import { finishFrames, paints } from "./finish.ts";
import { createReshaper } from "./frames.ts";
import { type Size, sizeOf } from "./geometry.ts";
import { checkHeader } from "./header/limits.ts";
import { readHeader } from "./header/read_header.ts";
import type { TransformedImage, TransformJob } from "./job.ts";
import { createPixel } from "./one_pixel.ts";
import { replacePixels } from "./pixels.ts";
import { planDecode, planFrames } from "./plan_frames.ts";
import { createStopwatch } from "./stopwatch.ts";

export interface Transformer {
  /** Throws a ProxyError "undecodable", "too_large" or "malformed", or NeedsMemory. */
  transform(job: TransformJob): Promise<TransformedImage>;
  /** Bytes of memory that the engine has taken so far; it never gives any back. */
  memory(): number;
}

/** Makes the transformer of one worker around its engine. */
export function createTransformer(engine: Engine): Transformer {
  const decoder = createDecoder(engine);
  const encoder = createEncoder(engine);
  const reshaper = createReshaper(engine);
  const colourist = createColourist(engine);
  // One pixel that stays: where it lies says how large the engine's memory is, whatever became of a job.
  const canary = createPixel(engine);

  async function transform(job: TransformJob): Promise<TransformedImage> {
    const watch = createStopwatch();
    const header = readHeader(job.bytes);
    if (!header || header.format === "svg") {
      throw new ProxyError("undecodable", "The bytes are not an image that can be decoded");
    }
    checkHeader(header, job.limits);
    const { plan, format, result } = planDecode(job, header);
    checkGrant(job, { plan, result });
    return await decoder.decode(job.bytes, plan, async (frames, loose) => {
      const { trim, smartCrop } = job.options;
      // What looks at pixels before they have their size finds them in the frames.
      if (trim || smartCrop) {
        for (const { frame, pixels } of loose ?? []) replacePixels(frame, pixels);
      }
      const unshaped = trim || smartCrop ? undefined : loose;
      watch.lap("decode");
      const size = unshaped?.size ?? sizeOf(frames[0]!);
      const { shape, finish } = await planFrames(job, { header, frames, size, reshaper });
      if (!unshaped) { for (const frame of frames) reshaper.reshape(frame, shape); }
      // Each before the next is decoded: only one has its full size.
      for (const { frame, pixels } of unshaped ?? []) {
        watch.lap("decode");
        reshaper.reshape(frame, shape, pixels);
        watch.lap("transform");
      }
      colourist.toSrgb(frames, { kept: keptProfiles(job.options, format) });
      finishFrames(frames, { ...finish, opaque: isOpaqueFormat(format) }, engine);
      watch.lap("transform");
      const { options, encoding: settings = DEFAULT_ENCODING } = job;
      const bytes = encoder.encode(frames, { format, options, settings });
      watch.lap("encode");
      return {
        bytes,
        format,
        mediaType: `image/${format}`,
        width: frames[0]!.width,
        height: frames[0]!.height,
        frames: canAnimate(format) ? frames.length : 1,
        timings: { queue: 0, ...watch.spent },
      };
    });
  }

  return {
    transform,
    memory: () =>
      canary.getPixels((pixels) => pixels.getReadOnlyArea(0, 0, 1, 1).buffer.byteLength) +
      decoder.memoryUsed() + encoder.memoryUsed(),
  };
}

/** Throws NeedsMemory where the job was not granted what it needs. */
function checkGrant(
  { grant = Infinity }: TransformJob,
  { plan, result }: { plan: DecodePlan; result: Size },
): void {
  const cost = costOf(plan, result);
  if (cost > grant) throw new NeedsMemory(cost);
}

/** Effects compute in sRGB: where there are any, only colours of three channels may stay as they are. */
function keptProfiles(options: Options, format: OutputFormat): readonly ProfileSpace[] {
  if (options.profile !== "keep") return [];
  const profiles = profilesIn(format);
  return paints(options) ? profiles.filter((space) => space === "rgb") : profiles;
}
