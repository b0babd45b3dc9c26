// Frames to bytes: what each format can hold, and the settings under which the engine writes it.
import type { Engine } from "../options/option.ts";
import type { OutputFormat } from "../options/table.ts";
import type { IMagickImage, IMagickImageCollection, MagickFormat } from "@imagemagick/magick-wasm";

interface Writer {
  /** The engine's name of the format. */
  magick: MagickFormat;
  /** Whether several frames make a moving picture that browsers play. */
  animated: boolean;
  alpha: boolean;
  /** 1…100 where nobody asks for another; undefined for formats without loss. */
  quality?: number;
  /** Sets what the engine needs to know before it writes. */
  prepare?(image: IMagickImage, quality: number): void;
}

const WRITERS = {
  jpeg: {
    magick: "JPEG",
    animated: false,
    alpha: false,
    quality: 95,
    prepare(image, quality) {
      image.settings.setDefine("jpeg:sampling-factor", quality >= 90 ? "4:4:4" : "4:2:0");
    },
  },
  png: { magick: "PNG", animated: false, alpha: true },
  gif: { magick: "GIF", animated: true, alpha: true },
  webp: {
    magick: "WEBP",
    animated: true,
    alpha: true,
    quality: 80,
    prepare: (image) => image.settings.setDefine("webp:method", "2"),
  },
  avif: {
    magick: "AVIF",
    animated: false,
    alpha: true,
    quality: 60,
    prepare: (image) => image.settings.setDefine("heic:speed", "9"),
  },
  jxl: {
    magick: "JXL",
    animated: false,
    alpha: true,
    quality: 80,
    prepare: (image) => image.settings.setDefine("jxl:effort", "3"),
  },
  tiff: {
    magick: "TIFF",
    animated: false,
    alpha: true,
    prepare: (image) => image.settings.setDefine("tiff:predictor", "2"),
  },
} as const satisfies Record<OutputFormat, Writer>;

/** The engine's names of the formats that it may write. */
export const CODERS: readonly MagickFormat[] = Object.values(WRITERS).map(({ magick }) => magick);

/** Whether the format holds moving pictures. */
export function canAnimate(format: OutputFormat): boolean {
  return WRITERS[format].animated;
}

/** Writes the frames; all but the first are ignored where the format holds one. The bytes are a copy of their own. */
export function encode(
  frames: IMagickImageCollection,
  options: { format: OutputFormat; quality?: number | undefined },
  engine: Engine,
): Uint8Array<ArrayBuffer> {
  const writer: Writer = WRITERS[options.format];
  for (const frame of frames) {
    frame.strip();
    if (!writer.alpha && frame.hasAlpha) flatten(frame, engine);
    const quality = options.quality ?? writer.quality;
    if (quality !== undefined && writer.quality !== undefined) {
      frame.quality = quality;
      writer.prepare?.(frame, quality);
    } else {
      writer.prepare?.(frame, 100);
    }
    if (options.format === "tiff") frame.setCompression(engine.CompressionMethod.Zip);
  }
  if (options.format === "gif" && frames.length > 1) frames.optimize();
  return writer.animated && frames.length > 1
    ? frames.write(writer.magick, (bytes) => bytes.slice())
    : frames[0]!.write(writer.magick, (bytes) => bytes.slice());
}

function flatten(frame: IMagickImage, engine: Engine): void {
  frame.backgroundColor = engine.MagickColors.White;
  frame.alpha(engine.AlphaAction.Remove);
}
