// The format of a result where nobody names one: the best of those that the client takes, or what the
// original is where browsers show that, or what they can show instead.
import type { OutputFormat } from "../../options/table.ts";
import type { ImageFormat, ImageHeader } from "../formats/reading/image_header.ts";

const KEPT: Partial<Record<ImageFormat, OutputFormat>> = {
  jpeg: "jpeg",
  png: "png",
  gif: "gif",
  webp: "webp",
  avif: "avif",
};

export interface FormatWishes {
  /** The format that the URL names. */
  named?: OutputFormat | undefined;
  /** What the client takes besides the original's own format, best first. */
  accepted?: readonly OutputFormat[] | undefined;
  /** Whether the picture moves and shall go on doing so. */
  moving: boolean;
  /** Pixels of the result. */
  pixels: number;
  /** The most that AVIF is worth its time for. */
  avifMaxPixels: number;
}

export function outputFormat(header: ImageHeader, wishes: FormatWishes): OutputFormat {
  const { named, accepted = [], moving, pixels, avifMaxPixels } = wishes;
  if (named) return named;
  const negotiated = accepted.find((format) =>
    format !== "avif" || (!moving && pixels <= avifMaxPixels)
  );
  return negotiated ?? KEPT[header.format] ?? (header.hasAlpha ? "png" : "jpeg");
}
