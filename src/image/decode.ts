// Bytes to frames. The format is named to the engine, from the bytes' own signature, so that no other
// coder of ImageMagick can ever be reached; a JPEG is decoded at the m/8 of its size that suffices.
import type { IMagickImageCollection, MagickFormat } from "@imagemagick/magick-wasm";
import { ProxyError } from "../errors.ts";
import type { Engine } from "../options/option.ts";
import type { Size } from "./geometry.ts";
import type { ImageFormat } from "./header/image_header.ts";

export interface DecodePlan {
  format: ImageFormat;
  /** Whether all frames are wanted, each as the whole canvas that a viewer sees. */
  animated: boolean;
  /** Size as stored, before it is made upright. */
  stored?: Size;
  /** Size of the result, where it is known before the pixels are. */
  result?: Size;
  /** The smallest scale, of the larger side, at which enough pixels remain; 1 or more decodes all. */
  wantedScale?: number;
}

const READERS: Partial<Record<ImageFormat, MagickFormat>> = {
  jpeg: "JPEG",
  png: "PNG",
  gif: "GIF",
  webp: "WEBP",
  avif: "AVIF",
  heic: "HEIC",
  jxl: "JXL",
  tiff: "TIFF",
  bmp: "BMP",
  ico: "ICO",
};

/** The engine's names of the formats that it may read. */
export const CODERS: readonly MagickFormat[] = Object.values(READERS);

/** Decodes the image and hands its frames to `use`; they live until what it returns has settled. */
export function decode<T>(
  bytes: Uint8Array,
  plan: DecodePlan,
  engine: Engine,
  use: (frames: IMagickImageCollection) => Promise<T>,
): Promise<T> {
  const format = READERS[plan.format];
  if (!format) {
    throw new ProxyError("undecodable", `Images of the format ${plan.format} are not decoded`);
  }
  const settings = new engine.MagickReadSettings({ format });
  settings.setDefine("profile:skip", "xmp,iptc,8bim");
  // Photoshop's layers inside a TIFF (tag 37724) would be frames that no header counts.
  settings.setDefine("tiff:ignore-layers", "true");
  if (!plan.animated) {
    settings.frameIndex = 0;
    settings.frameCount = 1;
  }
  const size = plan.format === "jpeg" ? jpegSize(plan) : undefined;
  if (size) settings.setDefine(format, "size", `${size.width}x${size.height}`);
  return engine.ImageMagick.readCollection(bytes, settings, async (frames) => {
    if (plan.animated) frames.coalesce();
    return await use(frames);
  });
}

/**
 * The smallest size of m/8 (m = 1…7) of the stored one at which the decoder can make the JPEG and the
 * wanted scale is still met; undefined where it takes the full size. The decoder rounds each side up.
 */
export function jpegSize(
  { stored, wantedScale }: Pick<DecodePlan, "stored" | "wantedScale">,
): Size | undefined {
  if (!stored || wantedScale === undefined) return undefined;
  const eighths = Math.max(1, Math.ceil(wantedScale * 8));
  if (eighths >= 8) return undefined;
  return {
    width: Math.ceil((stored.width * eighths) / 8),
    height: Math.ceil((stored.height * eighths) / 8),
  };
}
