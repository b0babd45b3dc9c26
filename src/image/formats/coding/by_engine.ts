// Decoding by the engine. The format is named to it, from the bytes' own signature, so that no other coder
// of ImageMagick can ever be reached.
import type {
  IMagickImage,
  IMagickImageCollection,
  MagickReadSettings,
} from "@imagemagick/magick-wasm";
import { ProxyError } from "../../../errors.ts";
import type { Engine } from "../../pixels/engine.ts";
import type { Size } from "../../pixels/geometry.ts";
import { readPixels } from "../../pixels/pixels.ts";
import type { DecodePlan } from "./decode_plan.ts";
import type { Decoding } from "./decoding.ts";
import { profilesOf } from "./metadata.ts";
import type { SeenFrame } from "./seen_picture.ts";

export interface EngineReading {
  plan: DecodePlan;
  decoding: Decoding;
  engine: Engine;
  /** What the engine is told beside what the format says. */
  defines?: Readonly<Record<string, string>> | undefined;
}

/** Decodes the one frame that is planned and hands it to `use`; it lives until what that returns has settled. */
export async function readByEngine<T>(
  bytes: Uint8Array,
  { plan, decoding, engine, defines }: EngineReading,
  use: (frames: IMagickImageCollection) => Promise<T>,
): Promise<T> {
  const settings = settingsFor({ decoding, engine, defines });
  const wanted = plan.frames === "all" ? 0 : plan.frames;
  // What is decoded whole anyway has its profile at the first frame alone.
  const isAmongAll = wanted > 0 && decoding.wholly === true;
  if (plan.frames !== "all" && !isAmongAll) {
    settings.frameIndex = wanted;
    settings.frameCount = 1;
  }
  return await engine.ImageMagick.readCollection(bytes, settings, (frames) => {
    const kept = frames[isAmongAll ? wanted : 0];
    if (!kept) throw new ProxyError("undecodable", "The file holds no image");
    const profile = frames[0]!.getColorProfile()?.data?.slice();
    if (profile && !kept.getColorProfile()) kept.setProfile(new engine.ColorProfile(profile));
    // Of some formats the engine hands out more than it is asked for.
    keepOnly(frames, kept);
    dropOtherChannels(kept);
    return use(frames);
  });
}

/** Decodes the first frame into a collection, which has no others then. */
export function readFirst(
  frames: IMagickImageCollection,
  bytes: Uint8Array,
  { decoding, engine }: Pick<EngineReading, "decoding" | "engine">,
): IMagickImage {
  const settings = settingsFor({ decoding, engine });
  settings.frameIndex = 0;
  settings.frameCount = 1;
  frames.read(bytes, settings);
  return frames[0]!;
}

/**
 * The frames of an animation, decoded by the engine, each as the whole canvas that a viewer sees: those of the plan's
 * range, one by one, though as many of them are decoded at once as the format says.
 */
export function* framesByEngine(
  bytes: Uint8Array,
  { plan, decoding, engine }: EngineReading,
): Generator<SeenFrame> {
  const { header, range } = plan;
  const from = range?.from ?? 0, to = Math.min(range?.to ?? Infinity, header.frames);
  const { atOnce = Infinity } = decoding;
  const most = Math.max(1, Math.floor(atOnce / (header.width * header.height)));
  for (let first = from; first < to; first += most) {
    const count = Math.min(most, to - first);
    const settings = settingsFor({ decoding, engine });
    settings.frameIndex = first;
    settings.frameCount = count;
    const frames = engine.MagickImageCollection.create();
    try {
      frames.read(bytes, settings);
      // Of some formats the engine hands out one more than it is asked for.
      for (const [at, frame] of frames.slice(0, count).entries()) {
        yield { ...seenFrame(frame, { header, engine }), index: first + at };
      }
      if (frames.length < count) return;
    } finally {
      frames.dispose();
    }
  }
}

/** What a file has beside colours and alpha, such as depths or masks, is no part of what is seen, and no format holds it. */
function dropOtherChannels(frame: IMagickImage): void {
  if (frame.metaChannelCount > 0) frame.metaChannelCount = 0;
}

/** A copy of the frame, in colours: greys have no profile that would explain those. */
function seenFrame(
  frame: IMagickImage,
  { header: { width, height }, engine }: { header: Size; engine: Engine },
): Omit<SeenFrame, "index"> {
  // Of all sizes that a file names the header tells the largest, which need not be that of its frames.
  if (frame.width !== width || frame.height !== height) {
    const size = new engine.MagickGeometry(width, height);
    size.ignoreAspectRatio = true;
    frame.resize(size);
  }
  dropOtherChannels(frame);
  const { icc, ...profiles } = profilesOf(frame);
  const pixels = readPixels(frame);
  if (pixels && pixels.channels > 2) {
    const data = pixels.data.slice();
    return { pixels: { ...pixels, data }, profiles: { ...profiles, ...(icc && { icc }) } };
  }
  const data = frame.getPixels((area) => area.toByteArray(0, 0, width, height, "RGBA"))!;
  return { pixels: { data, width, height, channels: 4, hasAlpha: frame.hasAlpha }, profiles };
}

function settingsFor(
  { decoding, engine, defines }: Omit<EngineReading, "plan">,
): MagickReadSettings {
  const settings = new engine.MagickReadSettings({ format: decoding.coder! });
  for (const [name, value] of Object.entries({ ...decoding.defines, ...defines })) {
    settings.setDefine(name, value);
  }
  return settings;
}

function keepOnly(frames: IMagickImageCollection, kept: IMagickImage): void {
  for (const frame of frames) if (frame !== kept) frame.dispose();
  frames.splice(0, frames.length, kept);
}
