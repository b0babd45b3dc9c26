// The format of a result where nobody names one: what browsers show is kept, all else becomes what
// they can show.
import type { OutputFormat } from "../options/table.ts";
import type { ImageFormat, ImageHeader } from "./header/image_header.ts";

const KEPT: Partial<Record<ImageFormat, OutputFormat>> = {
  jpeg: "jpeg",
  png: "png",
  gif: "gif",
  webp: "webp",
  avif: "avif",
};

/** The named format, or the original's own where browsers show it, or JPEG, or PNG for transparency. */
export function outputFormat(named: OutputFormat | undefined, header: ImageHeader): OutputFormat {
  return named ?? KEPT[header.format] ?? (header.hasAlpha ? "png" : "jpeg");
}
