// Every frame leaves in sRGB: what a profile says is computed into the pixels, then the profile goes.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import type { Engine } from "../pixels/engine.ts";
import { readPixels, replacePixels } from "../pixels/pixels.ts";
import { cmykToSrgb } from "./cmyk.ts";
import { convertSimple } from "./convert_simple.ts";
import { BT1886, colourOfCodePoints } from "./code_points.ts";
import { convertStated } from "./convert_stated.ts";
import { rgbProfile, SRGB } from "./icc_profile.ts";
import {
  isSrgb,
  type ProfileSpace,
  readProfileCodePoints,
  readSimpleProfile,
  spaceOf,
} from "./known_profile.ts";
import type { StatedColour } from "./stated_colour.ts";

export interface ColourSettings {
  /** The colour models whose profile and values are to stay as they are. */
  kept: readonly ProfileSpace[];
  /** What the file states beside its profile, or instead of one. */
  stated?: StatedColour | undefined;
}

/** Brings frames to sRGB (or greys of the same curve) and takes their profiles away. */
export interface Colourist {
  /** Frames of one picture: what the first one's profile says holds for those without. */
  toSrgb(frames: Iterable<IMagickImage>, settings: ColourSettings): void;
  /** Whether the values of a frame would stay as they are, and nothing is to be said of them. */
  isSrgb(frame: IMagickImage, settings: ColourSettings): boolean;
}

/** What a profile says in code points, as those of HDR pictures do. */
function colourNamedIn(profile: Uint8Array): StatedColour | undefined {
  const points = readProfileCodePoints(profile);
  return points && colourOfCodePoints(points, { video: BT1886 });
}

export function createColourist(engine: Engine): Colourist {
  const srgb = new engine.ColorProfile(rgbProfile("sRGB", SRGB));

  function toSrgb(frames: Iterable<IMagickImage>, { kept, stated }: ColourSettings): void {
    let shared: Uint8Array | undefined;
    for (const frame of frames) {
      // A copy: the engine's own bytes are freed together with the profile.
      const own = frame.getColorProfile()?.data?.slice();
      shared ??= own;
      const profile = own ?? shared;
      const space = profile && spaceOf(profile);
      const explains = space !== undefined && space === modelOf(frame) && !stated?.outranksProfile;
      if (explains && kept.includes(space)) continue;
      const named = explains ? colourNamedIn(profile!) : undefined;
      if (named) {
        convertByStatement(frame, { ...named, ...(stated?.peak && { peak: stated.peak }) });
      } else if (explains) convert(frame, profile!);
      else if (stated) convertByStatement(frame, stated);
      for (const name of ["icc", "icm"]) frame.removeProfile(name);
      // The engine's AVIF writer would state of the result what was stated of the original.
      frame.removeAttribute("heic:cicp");
      withoutProfile(frame);
    }
  }

  function isSrgbAlready(frame: IMagickImage, { kept, stated }: ColourSettings): boolean {
    const { ColorSpace } = engine;
    if (stated || frame.colorSpace !== ColorSpace.sRGB) return false;
    const profile = frame.getColorProfile()?.data;
    if (!profile || spaceOf(profile) !== "rgb") return true;
    const simple = kept.includes("rgb") ? undefined : readSimpleProfile(profile.slice());
    return simple !== undefined && isSrgb(simple);
  }

  function convertByStatement(frame: IMagickImage, stated: StatedColour): void {
    const pixels = modelOf(frame) === "cmyk" ? undefined : readPixels(frame);
    const data = pixels && convertStated(pixels, stated);
    if (!data) return;
    const { width, height } = pixels;
    replacePixels(frame, { data, width, height });
    relabel(frame);
  }

  /** Computes a profile of the frame's own colour model into its pixels. */
  function convert(frame: IMagickImage, profile: Uint8Array): void {
    const simple = readSimpleProfile(profile);
    if (!simple) return convertByTables(frame, profile);
    if (isSrgb(simple)) return;
    const pixels = readPixels(frame);
    if (!pixels) return;
    const { width, height } = pixels;
    replacePixels(frame, { data: convertSimple(pixels, simple), width, height });
    relabel(frame);
  }

  function convertByTables(frame: IMagickImage, profile: Uint8Array): void {
    const { ClassType, ColorProfile, ColorTransformMode, RenderingIntent } = engine;
    try {
      frame.removeProfile("icc");
      // Otherwise the indices of a palette would be kept beside the colours.
      if (frame.classType === ClassType.Pseudo) frame.classType = ClassType.Direct;
      frame.blackPointCompensation = true;
      frame.renderingIntent = RenderingIntent.Relative;
      // Measured: whichever of the two takes half as long as the other.
      const mode = spaceOf(profile) === "cmyk"
        ? ColorTransformMode.HighRes
        : ColorTransformMode.Quantum;
      frame.transformColorSpace(new ColorProfile(profile), srgb, mode);
    } catch (error) {
      if (!(error instanceof engine.MagickError)) throw error;
    }
  }

  /** The values are sRGB's now: where the engine calls them linear it would convert them once more. */
  function relabel(frame: IMagickImage): void {
    const { ColorSpace } = engine;
    const { colorSpace } = frame;
    if (colorSpace !== ColorSpace.RGB && colorSpace !== ColorSpace.LinearGray) return;
    const pixels = readPixels(frame)!;
    const { width, height } = pixels;
    const data = pixels.data.slice();
    frame.crop(new engine.MagickGeometry(0, 0, 1, 1));
    frame.colorSpace = colorSpace === ColorSpace.RGB ? ColorSpace.sRGB : ColorSpace.Gray;
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

  function modelOf({ colorSpace }: IMagickImage): ProfileSpace {
    const { ColorSpace } = engine;
    if (colorSpace === ColorSpace.CMYK) return "cmyk";
    if (colorSpace === ColorSpace.Gray || colorSpace === ColorSpace.LinearGray) return "grey";
    return colorSpace === ColorSpace.sRGB || colorSpace === ColorSpace.RGB ? "rgb" : "other";
  }

  return { toSrgb, isSrgb: isSrgbAlready };
}
