// Bytes to frames. The format is named to the engine, from the bytes' own signature, so that no other
// coder of ImageMagick can ever be reached; a JPEG is decoded at the m/8 of its size that suffices.
import type { IMagickImage, IMagickImageCollection, MagickFormat } from "@imagemagick/magick-wasm";
import { ProxyError } from "../../errors.ts";
import type { Engine } from "../../options/option.ts";
import type { Size } from "../pixels/geometry.ts";
import type { DecodePlan, LooseFrame, LooseFrames, UseFrames } from "./coding/decode_plan.ts";
import { readGifFrames } from "./gif/read_gif.ts";
import type { ImageFormat, ImageHeader } from "./reading/image_header.ts";
import { createJpegDecoder } from "./jpeg/decode_jpeg.ts";
import { headOfJpeg } from "./jpeg/head_of_jpeg.ts";
import { eighthsOf, wantedEighths } from "./jpeg/jpeg_size.ts";
import { createPngDecoder } from "./png/decode_png.ts";
import { headOfPng } from "./png/head_of_png.ts";
import { giveProfile, type Profiles } from "./coding/metadata.ts";
import { createPixel } from "../pixels/one_pixel.ts";
import type { PixelBuffer } from "../pixels/pixel_buffer.ts";
import { setTiming } from "../pixels/timing.ts";
import { decodeBmp } from "./bmp/decode_bmp.ts";
import { decodeIconBitmap, pngInIcon } from "./ico/decode_ico.ts";
import { composeWebp } from "./webp/read_webp.ts";
import { readWebpFrames } from "./webp/webp_frames.ts";

const READERS: Partial<Record<ImageFormat, MagickFormat>> = {
  jpeg: "JPEG",
  png: "PNG",
  webp: "WEBP",
  avif: "AVIF",
  heic: "HEIC",
  jxl: "JXL",
  tiff: "TIFF",
  bmp: "BMP",
  ico: "ICO",
};

/** Formats of which a frame or page other than the first can be asked for. */
const FRAMED: readonly ImageFormat[] = ["gif", "webp", "tiff"];
/** The engine's names of the formats that it may read. */
export const CODERS: readonly MagickFormat[] = Object.values(READERS);

export interface Decoder {
  /** Decodes the image and hands its frames to `use`; they live until what it returns has settled. */
  decode<T>(bytes: Uint8Array, plan: DecodePlan, use: UseFrames<T>): Promise<T>;
  /** Bytes of memory beside the engine's. */
  memoryUsed(): number;
}

/** Makes a decoder of everything around the engine. */
export function createDecoder(engine: Engine): Decoder {
  const jpegDecoder = createJpegDecoder();
  const pngDecoder = createPngDecoder();

  /** What we decode better than the engine; its head is a file of one pixel that tells all else. */
  async function decodeOurselves(bytes: Uint8Array, { header, wantedScale }: DecodePlan) {
    if (header.format === "png") {
      const { pixels, isPartial } = await pngDecoder.decode(bytes);
      return { pixels, isPartial, head: headOfPng(bytes, pixels) };
    }
    if (header.format !== "jpeg") return undefined;
    const pixels = jpegDecoder.decode(bytes, wantedEighths(wantedScale));
    return pixels && { pixels, head: headOfJpeg(bytes, pixels.channels, engine), isPartial: false };
  }

  const decoder: Decoder = {
    async decode(bytes, plan, use) {
      checkFrame(plan);
      if (plan.header.format === "ico") {
        const png = pngInIcon(bytes);
        const header = { ...plan.header, format: "png" as const };
        if (png) return await decoder.decode(png, { ...plan, header }, use);
      }
      const decoded = await decodeOurselves(bytes, plan);
      if (!decoded) return await decode(bytes, plan, engine, use);
      const { head, pixels, isPartial } = decoded;
      const format = READERS[plan.header.format]!;
      return await engine.ImageMagick.readCollection(
        head,
        new engine.MagickReadSettings({ format }),
        (frames) => use(frames, { ...loosely(pixels, [{ frame: frames[0]!, pixels }]), isPartial }),
      );
    },
    memoryUsed: () => jpegDecoder.memoryUsed() + pngDecoder.memoryUsed(),
  };
  return decoder;
}

async function decode<T>(
  bytes: Uint8Array,
  plan: DecodePlan,
  engine: Engine,
  use: UseFrames<T>,
): Promise<T> {
  const { header } = plan;
  const seen = seenIn(bytes, header, engine);
  if (seen) return await decodeSeen(seen, plan, engine, use);
  const format = READERS[header.format];
  if (!format) {
    throw new ProxyError("undecodable", `Images of the format ${header.format} are not decoded`);
  }
  const settings = new engine.MagickReadSettings({ format });
  // Photoshop's layers inside a TIFF (tag 37724) would be frames that no header counts.
  settings.setDefine("tiff:ignore-layers", "true");
  if (plan.frames !== "all") {
    settings.frameIndex = plan.frames;
    settings.frameCount = 1;
  }
  const eighths = header.format === "jpeg" ? wantedEighths(plan.wantedScale) : 8;
  if (eighths < 8) {
    const { width, height } = eighthsOf(header, eighths);
    settings.setDefine(format, "size", `${width}x${height}`);
  }
  return await engine.ImageMagick.readCollection(bytes, settings, (frames) => {
    if (frames.length === 0) throw new ProxyError("undecodable", "The file holds no image");
    // Of a HEIF file the engine hands out more than it is asked for.
    keepOnly(frames, frames[0]!);
    return use(frames);
  });
}

function checkFrame({ header, frames }: DecodePlan): void {
  const count = FRAMED.includes(header.format) ? header.frames : 1;
  if (frames === "all" || frames < count) return;
  throw new ProxyError(
    "malformed",
    count === 1
      ? `Cannot take frame ${frames}: the image has only the frame 0`
      : `Cannot take frame ${frames}: the image has the frames 0 to ${count - 1}`,
  );
}

interface SeenFrame {
  /** Overwritten when the next frame is asked for. */
  pixels: PixelBuffer;
  /** Index of the frame in the file. */
  index: number;
}

/** A picture of which we work out ourselves what a viewer sees of each frame. */
interface Seen {
  frames: Iterable<SeenFrame>;
  isPartial?: boolean;
  profiles?: Profiles;
}

function seenIn(bytes: Uint8Array, header: ImageHeader, engine: Engine): Seen | undefined {
  const { format, width, height } = header;
  if (format === "bmp") {
    const { pixels, isPartial, profile } = decodeBmp(bytes);
    return {
      frames: [{ pixels, index: 0 }],
      isPartial,
      profiles: profile ? { icc: profile } : {},
    };
  }
  if (format === "ico") {
    const { pixels, isPartial } = decodeIconBitmap(bytes);
    return { frames: [{ pixels, index: 0 }], isPartial };
  }
  if (format === "gif") return { frames: gifFrames(bytes, { width, height }) };
  if (format !== "webp") return undefined;
  const { frames, profiles } = readWebpFrames(bytes);
  if (frames.length === 0) return undefined;
  return { frames: composeWebp(frames, { width, height, engine }), profiles };
}

function* gifFrames(bytes: Uint8Array, { width, height }: Size): Generator<SeenFrame> {
  for (const { rgba, hasAlpha, index } of readGifFrames(bytes, { width, height })) {
    yield { pixels: { data: rgba, width, height, channels: 4, hasAlpha }, index };
  }
}

async function decodeSeen<T>(
  seen: Seen,
  plan: DecodePlan,
  engine: Engine,
  use: UseFrames<T>,
): Promise<T> {
  const { header, range: { from, to } = { from: 0, to: Infinity } } = plan;
  const frames = engine.MagickImageCollection.create();
  function* decoded(): Generator<LooseFrame> {
    for (const { pixels, index } of seen.frames) {
      if (index >= to) return;
      if (index < from || (plan.frames !== "all" && plan.frames !== index)) continue;
      const frame = createPixel(engine);
      // The first one's hold for all.
      for (const [name, data] of Object.entries(frames.length === 0 ? seen.profiles ?? {} : {})) {
        giveProfile(frame, name, data);
      }
      frames.push(frame);
      frame.hasAlpha = pixels.hasAlpha;
      if (plan.frames === "all") setTiming(frame, header, index);
      yield { frame, pixels };
      if (plan.frames !== "all") return;
    }
    if (frames.length === 0 && from === 0) {
      throw new ProxyError("undecodable", "The file ends before its first frame");
    }
  }
  try {
    const { isPartial = false } = seen;
    return await use(frames, { ...loosely(header, decoded()), isPartial });
  } finally {
    frames.dispose();
  }
}

function loosely({ width, height }: Size, frames: Iterable<LooseFrame>): LooseFrames {
  return { size: { width, height }, [Symbol.iterator]: () => frames[Symbol.iterator]() };
}

function keepOnly(frames: IMagickImageCollection, kept: IMagickImage): void {
  for (const frame of frames) if (frame !== kept) frame.dispose();
  frames.splice(0, frames.length, kept);
}
