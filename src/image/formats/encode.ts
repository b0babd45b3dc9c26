// Frames to bytes: what each format can hold, and the settings under which the engine writes it.
import type { IMagickImage, IMagickImageCollection, MagickFormat } from "@imagemagick/magick-wasm";
import type { Engine } from "../../options/option.ts";
import type { Options, OutputFormat } from "../../options/table.ts";
import type { ProfileSpace } from "../colour/known_profile.ts";
import type { EncodingSettings } from "./coding/encoding.ts";
import { fitBytes } from "./coding/fit_bytes.ts";
import { encodeGif, type WriteHelp } from "./gif/encode_gif.ts";
import { createJpegEncoder } from "./jpeg/encode_jpeg.ts";
import { filterMetadata } from "./coding/metadata.ts";
import { createPngEncoder } from "./png/encode_png.ts";
import { saidByFrame } from "./png/said_by_frame.ts";
import { readPixels } from "../pixels/pixels.ts";
import { keepsChroma, type LossyFormat, nativeQuality } from "./coding/quality.ts";
import { promiseAlpha } from "./webp/webp_frames.ts";

interface Writer {
  /** The engine's name of the format. */
  magick: MagickFormat;
  /** Whether several frames make a moving picture that browsers play. */
  animated?: true;
  opaque?: true;
  /** The colour models whose profiles it holds beside their values. */
  profiles: readonly ProfileSpace[];
  /** The setting with its quality; formats without loss have none. */
  quality?: `${LossyFormat}Quality`;
  /** The encoder's own quality that comes nearest to no loss; 100 unless told. */
  best?: number;
  /** Sets what the engine needs to know before it writes. */
  prepare?(image: IMagickImage, choice: Choice): void;
}

/** How to write, once everything is decided. */
interface Choice {
  /** On the scale of users. */
  quality: number;
  lossless: boolean;
  effort: EncodingSettings["effort"];
  engine: Engine;
}

const WRITERS = {
  jpeg: {
    magick: "JPEG",
    opaque: true,
    profiles: ["rgb", "grey", "cmyk"],
    quality: "jpegQuality",
    prepare(image, { quality }) {
      image.settings.setDefine("jpeg:sampling-factor", keepsChroma(quality) ? "4:4:4" : "4:2:0");
    },
  },
  png: {
    magick: "PNG",
    // The engine writes no profile into a grey PNG.
    profiles: ["rgb"],
    prepare(image, { effort }) {
      image.settings.setDefine("png:compression-level", `${[1, 4, 9][effort - 1]!}`);
    },
  },
  gif: { magick: "GIF", animated: true, profiles: [] },
  webp: {
    magick: "WEBP",
    animated: true,
    profiles: ["rgb"],
    quality: "webpQuality",
    prepare(image, { effort, lossless }) {
      image.settings.setDefine("webp:method", `${[0, 2, 4][effort - 1]!}`);
      image.settings.setDefine("webp:lossless", `${lossless}`);
    },
  },
  avif: {
    magick: "AVIF",
    profiles: ["rgb"],
    quality: "avifQuality",
    // This build of the encoder refuses to be lossless.
    best: 99,
    prepare(image, { effort, lossless, quality }) {
      image.settings.setDefine("heic:speed", `${[9, 8, 6][effort - 1]!}`);
      image.settings.setDefine("heic:chroma", lossless || keepsChroma(quality) ? "444" : "420");
    },
  },
  jxl: {
    magick: "JXL",
    profiles: ["rgb", "grey"],
    quality: "jxlQuality",
    // More effort took ten times as long for no fewer bytes.
    prepare: (image) => image.settings.setDefine("jxl:effort", "3"),
  },
  tiff: {
    magick: "TIFF",
    profiles: ["rgb", "grey", "cmyk"],
    prepare(image, { engine }) {
      image.settings.setDefine("tiff:predictor", "2");
      image.setCompression(engine.CompressionMethod.Zip);
    },
  },
} as const satisfies Record<OutputFormat, Writer>;

/** The engine's names of the formats that it may write. */
export const CODERS: readonly MagickFormat[] = Object.values(WRITERS).map(({ magick }) => magick);

/** Whether the format holds moving pictures. */
export function canAnimate(format: OutputFormat): boolean {
  return (WRITERS[format] as Writer).animated === true;
}

/** Whether nothing can be transparent in the format. */
export function isOpaqueFormat(format: OutputFormat): boolean {
  return (WRITERS[format] as Writer).opaque === true;
}

/** The colour models that the format holds as they are, with the profile that explains them. */
export function profilesIn(format: OutputFormat): readonly ProfileSpace[] {
  return WRITERS[format].profiles;
}

export interface EncodeOptions {
  format: OutputFormat;
  options: Options;
  settings: EncodingSettings;
  /** Workers that may write frames too. */
  help?: WriteHelp | undefined;
}

export interface Encoder {
  /**
   * Writes the frames; all but the first are ignored where the format holds one. The bytes are a copy of
   * their own. Rejects with a ProxyError "too_large" where `maxBytes` cannot be met.
   */
  encode(frames: IMagickImageCollection, options: EncodeOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Bytes of memory beside the engine's. */
  memoryUsed(): number;
}

/** Makes an encoder of everything around the engine. */
export function createEncoder(engine: Engine): Encoder {
  const jpegEncoder = createJpegEncoder();

  const pngEncoder = createPngEncoder();

  /** What we write faster than the engine; undefined for all else. */
  function writeOurselves(
    frame: IMagickImage,
    { format, options, quality, settings }: EncodeOptions & { quality: number },
  ): Uint8Array<ArrayBuffer> | undefined {
    if (format !== "jpeg" && format !== "png") return undefined;
    const isPlain = !options.progressive && frame.profileNames.length === 0;
    if (format === "jpeg" && !isPlain) return undefined;
    const { sRGB, Gray } = engine.ColorSpace;
    if (frame.colorSpace !== sRGB && frame.colorSpace !== Gray) return undefined;
    // Before the pixels, which lie in the engine's memory only until it is asked for something else.
    const said = format === "png" ? saidByFrame(frame) : [];
    const pixels = readPixels(frame);
    if (!pixels) return undefined;
    return format === "jpeg"
      ? jpegEncoder.encode(pixels, { quality, fullChroma: keepsChroma(quality) })
      : pngEncoder.encode(pixels, {
        level: pngLevel(settings.effort),
        isInterlaced: options.progressive === true,
        said,
      });
  }

  return {
    encode: (frames, options) => encode(frames, options, { engine, writeOurselves }),
    memoryUsed: () => jpegEncoder.memoryUsed() + pngEncoder.memoryUsed(),
  };
}

type WriteOurselves = (
  frame: IMagickImage,
  options: EncodeOptions & { quality: number },
) => Uint8Array<ArrayBuffer> | undefined;

async function encode(
  frames: IMagickImageCollection,
  { format, options, settings, help }: EncodeOptions,
  { engine, writeOurselves }: { engine: Engine; writeOurselves: WriteOurselves },
): Promise<Uint8Array<ArrayBuffer>> {
  const writer: Writer = WRITERS[format];
  const moving = writer.animated === true && frames.length > 1;
  const written = moving ? [...frames] : [frames[0]!];
  for (const frame of written) {
    // A picture that came with one bit per sample would be written with one again.
    frame.depth = 8;
    const kept = options.profile === "keep" && frame.getColorProfile() !== null;
    // Otherwise a picture without colours would be written as greys, which an RGB profile does not explain.
    if (kept && frame.colorSpace === engine.ColorSpace.sRGB) {
      frame.settings.colorType = frame.hasAlpha
        ? engine.ColorType.TrueColorAlpha
        : engine.ColorType.TrueColor;
      frame.settings.setDefine("png:color-type", frame.hasAlpha ? "6" : "2");
    }
    filterMetadata(frame, { choice: options.metadata, keepProfile: kept });
    if (writer.opaque && frame.hasAlpha) flatten(frame, engine);
    if (options.progressive) {
      frame.settings.interlace = format === "png" ? engine.Interlace.Png : engine.Interlace.Plane;
    }
  }
  const write = (quality: number) => {
    if (format === "gif") return encodeGif(written, help);
    const ours = writeOurselves(written[0]!, { format, options, quality, settings });
    if (ours) return ours;
    for (const frame of written) prepare(frame, quality);
    return (moving ? frames : written[0]!).write(writer.magick, (file) => {
      const bytes = file.slice();
      if (format === "webp" && written.some(({ hasAlpha }) => hasAlpha)) promiseAlpha(bytes);
      return bytes;
    });
  };
  const lossless = options.lossless === true;
  const prepare = (frame: IMagickImage, quality: number) => {
    if (writer.quality) {
      frame.quality = lossless ? writer.best ?? 100 : nativeQuality(format as LossyFormat, quality);
    }
    writer.prepare?.(frame, { quality, lossless, effort: settings.effort, engine });
  };
  const best = lossless
    ? 100
    : options.quality ?? (writer.quality ? settings[writer.quality] : 100);
  if (options.maxBytes === undefined) return await write(best);
  const isLossy = writer.quality !== undefined && !lossless;
  return await fitBytes(write, { best, lowest: isLossy ? 1 : best, maxBytes: options.maxBytes });
}

/** zlib's level where it is the runtime's, whose 6 takes less time than the engine's 1. */
function pngLevel(effort: EncodingSettings["effort"]): number {
  return [3, 6, 9][effort - 1]!;
}

/** What shows through: `bg` has been laid under the picture before, where it was asked for. */
function flatten(frame: IMagickImage, engine: Engine): void {
  frame.backgroundColor = engine.MagickColors.White;
  frame.alpha(engine.AlphaAction.Remove);
}
