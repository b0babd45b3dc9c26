// Stills by libwebp in a WebAssembly of its own, which has SIMD: the engine's takes as long for its fastest methods
// as this one for those that find the smallest files. It is made ready when the first picture comes.
import createLibwebp from "@jsquash/webp/codec/enc/webp_enc_simd.js";
import type { Size } from "../../pixels/geometry.ts";
import type { PixelBuffer } from "../../pixels/pixel_buffer.ts";
import { rgbaOf } from "../../pixels/rgba.ts";
import type { LoadModule } from "../coding/codec.ts";
import type { Effort } from "../coding/encoding.ts";
import { MOST_SIDE } from "./header.ts";

export interface WebpEncoder {
  /**
   * A file of these pixels and nothing else, valid until the next call. `quality` is libwebp's own, 0…100, and of
   * no account where nothing is to be lost. Throws where there is not enough memory.
   */
  encode(
    pixels: PixelBuffer,
    options: { quality: number; lossless: boolean; effort: Effort },
  ): Uint8Array<ArrayBuffer>;
}

export interface WebpWriter {
  /** Resolves to the encoder, when that is ready. */
  ready(): Promise<WebpEncoder>;
  /** Bytes of memory in use. */
  memoryUsed(): number;
}

/** Whether a picture is within what the format holds. */
export function isWritable({ width, height }: Size): boolean {
  return Math.max(width, height) <= MOST_SIDE;
}

/** Bytes of memory beyond which it is let go of with the picture that took it, as WebAssembly's never shrinks. */
const KEPT = 64 << 20;

/** libwebp's method at each effort: below 2 files are much larger, above 4 it takes twice the time for a sixteenth. */
const METHODS = [2, 4, 6];
/** The highest where there is alpha, which method 6 tries everything on: twenty times as long for a 25th of the bytes. */
const MOST_WITH_ALPHA = 4;
/**
 * Where nothing is lost: method, and how hard it is tried, which libwebp calls quality. Method 6 at 100 takes some
 * twenty times as long as what is tried at most here, for a 500th of the bytes of photos and a 100th of drawings'.
 */
const LOSSLESS = [{ method: 0, quality: 20 }, { method: 4, quality: 75 }, {
  method: 4,
  quality: 90,
}];

/** The defaults of libwebp's WebPConfig (src/webp/encode.h), all of which have to be named. */
const DEFAULTS = {
  ...{ quality: 75, method: 4, lossless: 0, exact: 0, near_lossless: 100, use_delta_palette: 0 },
  ...{ target_size: 0, target_PSNR: 0, image_hint: 0, emulate_jpeg_size: 0 },
  ...{ segments: 4, sns_strength: 50, partitions: 0, partition_limit: 0, pass: 1 },
  ...{ filter_strength: 60, filter_sharpness: 0, filter_type: 1, autofilter: 0 },
  ...{ alpha_compression: 1, alpha_filtering: 1, alpha_quality: 100 },
  ...{ preprocessing: 0, use_sharp_yuv: 0, show_compressed: 0, thread_level: 0, low_memory: 0 },
};

/** What Emscripten makes of the WebAssembly. */
interface Libwebp {
  encode(
    rgba: Uint8Array,
    width: number,
    height: number,
    config: typeof DEFAULTS,
  ): Uint8Array<ArrayBuffer> | null;
}

interface Opened {
  libwebp: Libwebp;
  memory: WebAssembly.Memory;
}

/** A writer with memory of its own, made of the module that is loaded for the first picture. */
export function createWebpWriter(load: LoadModule): WebpWriter {
  let module: Promise<WebAssembly.Module> | undefined;
  let opened: Opened | undefined;

  function encode(
    { libwebp, memory }: Opened,
    pixels: PixelBuffer,
    { quality, lossless, effort }: { quality: number; lossless: boolean; effort: Effort },
  ): Uint8Array<ArrayBuffer> {
    const most = pixels.hasAlpha ? MOST_WITH_ALPHA : Infinity;
    const method = Math.min(METHODS[effort - 1]!, most);
    const config = {
      ...DEFAULTS,
      ...(lossless ? LOSSLESS[effort - 1]! : { method, quality }),
      lossless: Number(lossless),
    };
    // Whatever becomes of it: after a failure the WebAssembly is in a state that nobody knows.
    opened = undefined;
    const file = libwebp.encode(rgbaOf(pixels), pixels.width, pixels.height, config);
    if (!file) throw new RangeError("libwebp could not write the picture");
    if (memory.buffer.byteLength <= KEPT) opened = { libwebp, memory };
    return file;
  }

  return {
    async ready() {
      const now = opened ??= await open(await (module ??= load()));
      return { encode: (pixels, options) => encode(now, pixels, options) };
    },
    memoryUsed: () => opened?.memory.buffer.byteLength ?? 0,
  };
}

async function open(module: WebAssembly.Module): Promise<Opened> {
  let memory: WebAssembly.Memory | undefined;
  const libwebp: Libwebp = await createLibwebp({
    instantiateWasm(imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance) => void) {
      const instance = new WebAssembly.Instance(module, imports);
      memory = Object.values(instance.exports).find((it) => it instanceof WebAssembly.Memory);
      done(instance);
      return instance.exports;
    },
    // Nothing of what it says of itself is for anybody here.
    ...{ print: () => {}, printErr: () => {} },
  });
  return { libwebp, memory: memory! };
}
