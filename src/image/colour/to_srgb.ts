// Every frame leaves in sRGB: what a profile says is computed into the pixels, then the profile goes.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import type { Engine } from "../../options/option.ts";
import { readPixels, replacePixels } from "../pixels/pixels.ts";
import { cmykToSrgb } from "./cmyk.ts";
import { convertSimple } from "./convert_simple.ts";
import { greyProfile, powerCurve, rgbProfile, SRGB } from "./icc_profile.ts";
import { isSrgb, type ProfileSpace, readSimpleProfile, spaceOf } from "./known_profile.ts";

export interface ColourSettings {
  /** The colour models whose profile and values are to stay as they are. */
  kept: readonly ProfileSpace[];
}

/** Brings frames to sRGB (or greys of the same curve) and takes their profiles away. */
export interface Colourist {
  /** Frames of one picture: what the first one's profile says holds for those without. */
  toSrgb(frames: Iterable<IMagickImage>, settings: ColourSettings): void;
}

export function createColourist(engine: Engine): Colourist {
  const srgb = new engine.ColorProfile(rgbProfile("sRGB", SRGB));

  function toSrgb(frames: Iterable<IMagickImage>, { kept }: ColourSettings): void {
    let shared: Uint8Array | undefined;
    for (const frame of frames) {
      // A copy: the engine's own bytes are freed together with the profile.
      const own = frame.getColorProfile()?.data?.slice();
      shared ??= own;
      const profile = own ?? shared ?? gammaProfile(frame);
      const space = profile && spaceOf(profile);
      if (space && kept.includes(space) && space === modelOf(frame)) continue;
      if (profile) convert(frame, profile);
      for (const name of ["icc", "icm"]) frame.removeProfile(name);
      withoutProfile(frame);
    }
  }

  /** Computes the profile into the pixels. One that explains nothing is as good as none. */
  function convert(frame: IMagickImage, profile: Uint8Array): void {
    const simple = readSimpleProfile(profile);
    if (!simple) return convertByTables(frame, profile);
    if (isSrgb(simple) || modelOf(frame) !== simple.space) return;
    const pixels = readPixels(frame);
    if (!pixels) return;
    const { width, height } = pixels;
    replacePixels(frame, { data: convertSimple(pixels, simple), width, height });
    // The values are sRGB's now, whatever the file said of their gamma.
    if (frame.colorSpace === engine.ColorSpace.RGB) relabel(frame);
  }

  function convertByTables(frame: IMagickImage, profile: Uint8Array): void {
    const { ClassType, ColorProfile, ColorTransformMode, RenderingIntent } = engine;
    const space = spaceOf(profile);
    if (space === undefined || space !== modelOf(frame)) return;
    try {
      frame.removeProfile("icc");
      // Otherwise the indices of a palette would be kept beside the colours.
      if (frame.classType === ClassType.Pseudo) frame.classType = ClassType.Direct;
      frame.blackPointCompensation = true;
      frame.renderingIntent = RenderingIntent.Relative;
      // Measured: whichever of the two takes half as long as the other.
      const mode = space === "cmyk" ? ColorTransformMode.HighRes : ColorTransformMode.Quantum;
      frame.transformColorSpace(new ColorProfile(profile), srgb, mode);
    } catch (error) {
      if (!(error instanceof engine.MagickError)) throw error;
    }
  }

  /** Calls linear values sRGB ones, where the engine would convert them. */
  function relabel(frame: IMagickImage): void {
    const pixels = readPixels(frame)!;
    const { width, height } = pixels;
    const data = pixels.data.slice();
    frame.crop(new engine.MagickGeometry(0, 0, 1, 1));
    frame.colorSpace = engine.ColorSpace.sRGB;
    replacePixels(frame, { data, width, height });
  }

  /** What is not yet sRGB has no profile, or a useless one. */
  function withoutProfile(frame: IMagickImage): void {
    const { ColorSpace } = engine;
    if (frame.colorSpace === ColorSpace.CMYK) {
      const pixels = readPixels(frame);
      if (pixels?.channels === 4) {
        const { width, height } = pixels;
        const data = cmykToSrgb(pixels.data);
        // The engine's own conversion of every pixel is slow, and not wanted.
        frame.crop(new engine.MagickGeometry(0, 0, 1, 1));
        frame.colorSpace = ColorSpace.sRGB;
        replacePixels(frame, { data, width, height });
      }
    }
    if (frame.colorSpace !== ColorSpace.sRGB && frame.colorSpace !== ColorSpace.Gray) {
      frame.colorSpace = ColorSpace.sRGB;
    }
  }

  /** A PNG may state its gamma instead of a profile, and browsers heed it. */
  function gammaProfile(frame: IMagickImage): Uint8Array | undefined {
    const stated = frame.getAttribute("png:gAMA") !== null &&
      frame.getAttribute("png:sRGB") === null;
    const { gamma } = frame;
    if (!stated || gamma <= 0 || Math.abs(gamma - 1 / 2.2) < 0.02) return undefined;
    const curve = powerCurve(1 / gamma);
    return modelOf(frame) === "grey"
      ? greyProfile("gamma", curve)
      : rgbProfile("gamma", { ...SRGB, curve });
  }

  function modelOf({ colorSpace }: IMagickImage): ProfileSpace {
    const { ColorSpace } = engine;
    if (colorSpace === ColorSpace.CMYK) return "cmyk";
    if (colorSpace === ColorSpace.Gray || colorSpace === ColorSpace.LinearGray) return "grey";
    return colorSpace === ColorSpace.sRGB || colorSpace === ColorSpace.RGB ? "rgb" : "other";
  }

  return { toSrgb };
}
