// Frames to bytes, by the format's own code or by the engine.
import type { IMagickImage, IMagickImageCollection } from "@imagemagick/magick-wasm";
import { ProxyError } from "../../errors.ts";
import type { Engine } from "../pixels/engine.ts";
import { isDrawing } from "../pixels/flatness.ts";
import { type Size, sizeOf } from "../pixels/geometry.ts";
import { readAnyPixels } from "../pixels/pixels.ts";
import type { YccPlanes } from "../pixels/ycc_planes.ts";
import type { Codecs } from "./codecs.ts";
import type { Share, WriteHelp, WrittenShare } from "./coding/codec.ts";
import { type AutoQuality, findQuality } from "./coding/auto_quality.ts";
import { fitBytes } from "./coding/fit_bytes.ts";
import type { WriteChoice } from "./coding/encoding.ts";
import { filterMetadata, type MetadataChoice } from "./coding/metadata.ts";
import { nativeQuality } from "./coding/quality.ts";
import type { EncodingSettings } from "./encoding.ts";
import { createJudge } from "./judge.ts";
import { encodingOf, formatOf, type LossyFormat, type OutputFormat } from "./table.ts";

/** What a URL may say of how its picture is written. */
export interface WriteOptions {
  quality?: number | AutoQuality;
  lossless?: boolean;
  progressive?: boolean;
  maxBytes?: number;
  profile?: "keep";
  metadata?: MetadataChoice;
}

export interface EncodeOptions {
  format: OutputFormat;
  options: WriteOptions;
  settings: EncodingSettings;
  /** When it has to be done, by performance.now(); any time unless told. */
  deadline?: number;
  /** Workers that may write shares too. */
  help?: WriteHelp | undefined;
}

export interface Encoder {
  /**
   * Writes the frames; all but the first are ignored where the format holds one. The bytes are a copy of
   * their own. Rejects with a ProxyError "too_large" where `maxBytes` cannot be met, or the picture not written.
   */
  encode(frames: IMagickImageCollection, options: EncodeOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** The way from planes of this size to bytes; undefined where it leads through a frame. */
  straight(options: EncodeOptions, size: Size): Promise<StraightWay | undefined>;
  /** Writes what another worker asked help with. */
  writeShare(share: Share, format: OutputFormat): Promise<WrittenShare>;
}

/** Writing without a frame: nothing but pixels of this picture may be in the file. */
export interface StraightWay {
  /** How many pixels a sample of chroma has to span. */
  span: 1 | 2;
  encode(planes: YccPlanes): Uint8Array<ArrayBuffer>;
}

/** Makes an encoder of everything around the engine. */
export function createEncoder(engine: Engine, codecs: Pick<Codecs, "of">): Encoder {
  async function encode(
    frames: IMagickImageCollection,
    { format, options, settings, help, deadline }: EncodeOptions,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const encoding = encodingOf(format);
    const moving = encoding.moves === true && frames.length > 1;
    const written = moving ? [...frames] : [frames[0]!];
    for (const frame of written) prepare(frame, { format, options });
    const { lossless = false, progressive = false } = options;
    const codec = await codecs.of(format);
    const size = sizeOf(written[0]!);
    const tryAt = async (quality: number, which: readonly IMagickImage[]) => {
      const choice: WriteChoice = { quality, lossless, effort: settings.effort };
      const ours = await codec.encode?.(which, { ...choice, progressive, help });
      if (ours) return ours;
      for (const frame of which) tellEngine(frame, format, choice);
      const bytes = (which.length > 1 ? frames : which[0]!)
        .write(encoding.coder!, (file) => file.slice());
      codec.mend?.(bytes, which);
      return bytes;
    };
    const write = (quality: number, which: readonly IMagickImage[] = written) =>
      tryAt(quality, which).catch((error) => {
        throw unwritten(error, { format, size });
      });
    const isLossy = encoding.quality !== undefined && !lossless;
    const { quality, maxBytes } = options;
    const time = { ...(deadline !== undefined && { deadline }), now: () => performance.now() };
    let best = bestQuality({ format, options, settings });
    if (isLossy && typeof quality === "object") {
      const shown = written[Math.floor(written.length / 2)]!;
      const judge = createJudge(shown, { format, engine });
      const found = await findQuality(async (quality) => {
        const file = await write(quality, [shown]);
        return { similarity: judge(file), written: file };
      }, { ...quality, ...time });
      const { length } = found.written;
      if (!moving && length <= (maxBytes ?? Infinity)) return found.written;
      best = moving ? found.quality : Math.max(1, found.quality - 1);
    }
    if (maxBytes === undefined) return await write(best);
    return await fitBytes(write, { best, lowest: isLossy ? 1 : best, maxBytes, ...time });
  }

  /** What holds for a frame at any quality. */
  function prepare(
    frame: IMagickImage,
    { format, options }: Pick<EncodeOptions, "format" | "options">,
  ): void {
    const { opaque, progressive } = encodingOf(format);
    // A picture that came with one bit per sample would be written with one again.
    frame.depth = 8;
    const kept = options.profile === "keep" && frame.getColorProfile() !== null;
    // Otherwise a picture without colours would be written as greys, which an RGB profile does not explain.
    if (kept && frame.colorSpace === engine.ColorSpace.sRGB) {
      frame.settings.colorType = frame.hasAlpha
        ? engine.ColorType.TrueColorAlpha
        : engine.ColorType.TrueColor;
    }
    filterMetadata(frame, { choice: options.metadata, keepProfile: kept });
    if (opaque && frame.hasAlpha) flatten(frame, engine);
    if (options.progressive && progressive) {
      frame.settings.interlace = engine.Interlace[progressive];
    }
  }

  function tellEngine(frame: IMagickImage, format: OutputFormat, choice: WriteChoice): void {
    const { quality, settings } = encodingOf(format);
    if (quality) {
      frame.quality = choice.lossless
        ? quality.best ?? 100
        : nativeQuality(choice.quality, quality.native);
    }
    const looked = { ...choice, isDrawing: () => isDrawing(readAnyPixels(frame)) };
    const { defines = {}, compression } = settings?.(looked) ?? {};
    for (const [name, value] of Object.entries(defines)) frame.settings.setDefine(name, value);
    if (compression) frame.setCompression(engine.CompressionMethod[compression]);
  }

  async function straight(
    { format, options, settings }: EncodeOptions,
    size: Size,
  ): Promise<StraightWay | undefined> {
    const { lossless = false, progressive = false, maxBytes, profile, metadata } = options;
    if ([maxBytes, profile, metadata].some((option) => option !== undefined)) return undefined;
    if (typeof options.quality === "object") return undefined;
    const { planar } = await codecs.of(format);
    const quality = bestQuality({ format, options, settings });
    const job = { quality, lossless, progressive, effort: settings.effort };
    const span = planar?.spanFor(job, size);
    return span && {
      span,
      encode(planes) {
        try {
          return planar!.encode(planes, job);
        } catch (error) {
          throw unwritten(error, { format, size });
        }
      },
    };
  }

  return {
    encode,
    straight,
    writeShare: async (share, format) => (await codecs.of(format)).writeShare!(share),
  };
}

/** What to say of a failure: the pixels were there, so that it is nearly always memory which did not suffice. */
function unwritten(
  cause: unknown,
  { format, size: { width, height } }: { format: OutputFormat; size: Size },
): ProxyError {
  if (cause instanceof ProxyError) return cause;
  return new ProxyError(
    "too_large",
    `The picture of ${width}×${height} pixels cannot be written as ${formatOf(format).name}. ` +
      "Ask for a smaller size or another format",
    { cause },
  );
}

/** The quality to write with where there are no fewer bytes to be had, and none is looked for. */
function bestQuality(
  { format, options, settings }: Pick<EncodeOptions, "format" | "options" | "settings">,
): number {
  if (options.lossless) return 100;
  if (typeof options.quality === "number") return options.quality;
  return (encodingOf(format).quality ? settings[`${format as LossyFormat}Quality`] : 100);
}

/** What shows through: `bg` has been laid under the picture before, where it was asked for. */
function flatten(frame: IMagickImage, engine: Engine): void {
  frame.backgroundColor = engine.MagickColors.White;
  frame.alpha(engine.AlphaAction.Remove);
}
