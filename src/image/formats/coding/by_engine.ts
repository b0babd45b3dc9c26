// Decoding by the engine. The format is named to it, from the bytes' own signature, so that no other coder
// of ImageMagick can ever be reached.
import type { IMagickImage, IMagickImageCollection } from "@imagemagick/magick-wasm";
import { ProxyError } from "../../../errors.ts";
import type { Engine } from "../../pixels/engine.ts";
import type { DecodePlan } from "./decode_plan.ts";
import type { Decoding } from "./decoding.ts";

export interface EngineReading {
  plan: DecodePlan;
  decoding: Decoding;
  engine: Engine;
  /** What the engine is told beside what the format says. */
  defines?: Readonly<Record<string, string>>;
}

/** Decodes the one frame that is planned and hands it to `use`; it lives until what that returns has settled. */
export async function readByEngine<T>(
  bytes: Uint8Array,
  { plan, decoding, engine, defines }: EngineReading,
  use: (frames: IMagickImageCollection) => Promise<T>,
): Promise<T> {
  const settings = new engine.MagickReadSettings({ format: decoding.coder! });
  for (const [name, value] of Object.entries({ ...decoding.defines, ...defines })) {
    settings.setDefine(name, value);
  }
  if (plan.frames !== "all") {
    settings.frameIndex = plan.frames;
    settings.frameCount = 1;
  }
  return await engine.ImageMagick.readCollection(bytes, settings, (frames) => {
    const [first] = frames;
    if (!first) throw new ProxyError("undecodable", "The file holds no image");
    // Of some formats the engine hands out more than it is asked for.
    keepOnly(frames, first);
    return use(frames);
  });
}

function keepOnly(frames: IMagickImageCollection, kept: IMagickImage): void {
  for (const frame of frames) if (frame !== kept) frame.dispose();
  frames.splice(0, frames.length, kept);
}
