// The code of our own that a format may bring along: what it leaves out, the engine does.
import type { IMagickImage } from "@imagemagick/magick-wasm";
import type { Font, FontSet } from "../../fonts/font_set.ts";
import type { Engine } from "../../pixels/engine.ts";
import type { Size } from "../../pixels/geometry.ts";
import type { YccPlanes } from "../../pixels/ycc_planes.ts";
import type { DecodePlan, UseFrames } from "./decode_plan.ts";
import type { Decoding } from "./decoding.ts";
import type { WriteChoice } from "./encoding.ts";
import type { HeaderFacts } from "../reading/image_header.ts";
import type { HelpWith } from "./help.ts";

export interface Codec {
  /** The file of another format that the bytes are a wrapping of; its key in the table. */
  unwrap?(bytes: Uint8Array): { format: string; bytes: Uint8Array } | undefined;
  /** Decodes the image and hands its frames to `use`; they live until what it returns has settled. */
  decode?<T>(bytes: Uint8Array, plan: DecodePlan, use: UseFrames<T>): Promise<T>;
  /** Writes frames that are ready for it; undefined where the engine is to do it. */
  encode?(
    frames: readonly IMagickImage[],
    job: EncodeJob,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> | Uint8Array<ArrayBuffer> | undefined;
  /** The way past the engine, for a format that is made of planes itself. */
  planar?: PlanarWriter;
  /** Mends, in place, what the engine wrote of these frames. */
  mend?(bytes: Uint8Array, frames: readonly IMagickImage[]): void;
  /** Writes a share that another worker's `encode` asked for help with. */
  writeShare?(share: Share): WrittenShare;
  /** Bytes of memory beside the engine's, which never shrinks. */
  memoryUsed?(): number;
}

/** Writes a picture that never was a frame. */
export interface PlanarWriter {
  /** How many pixels a sample of its chroma has to span; undefined where the job, or a size, needs a frame. */
  spanFor(job: EncodeJob, size: Size): 1 | 2 | undefined;
  encode(planes: YccPlanes, job: EncodeJob): Uint8Array<ArrayBuffer>;
}

/** Makes the codec of one worker around its engine. */
export type CreateCodec = (engine: Engine, decoding: Decoding, outside: Outside) => Codec;

/** What makes WebAssembly of others ready, when it is first needed. */
export interface Loaders {
  /** What draws; left out where nothing is to be drawn. */
  drawing?: LoadDrawing;
  /** What writes WebPs; left out where the engine is to do that. */
  webpWriter?: LoadModule;
}

/** What a codec needs that is not of its format. */
export interface Outside {
  drawer: Drawer;
  /** What writes WebPs. */
  webpWriter: LoadModule | undefined;
  /** The header of a picture within another one, as `readHeader` reads it. */
  readHeader(bytes: Uint8Array): (HeaderFacts & { format: string }) | undefined;
}

/** What draws. Its fonts are there, and it can draw, once it is ready. */
export interface Drawer {
  /** Rejects with a ProxyError where nothing is to be drawn. */
  ready(): Promise<FontSet>;
  /** RGBA of an SVG that says this size. Throws `undecodable` where the text is no drawing. */
  draw(svg: string, size: Size, fonts: readonly Font[]): Uint8Array<ArrayBuffer>;
  /** The SVG with its text as paths. Throws the same. */
  asPaths(svg: string, fonts: readonly Font[]): string;
  /** Bytes of memory by estimate; it never gives any back. */
  memoryUsed(): number;
}

export type LoadDrawing = () => Promise<Drawing>;
export type LoadModule = () => Promise<WebAssembly.Module>;

/** What drawing takes. */
export interface Drawing {
  module: WebAssembly.Module;
  fonts: FontSet;
}

export interface EncodeJob extends WriteChoice {
  progressive: boolean;
  help?: WriteHelp | undefined;
}

/** Part of a file that another worker may write. */
export interface Share {
  /** Plain data that the format's codec understands. */
  work: unknown;
  /** The buffers in it that need not be copied on their way. */
  buffers: readonly ArrayBuffer[];
}

/** Pieces of a file in their order, each with a buffer of its own. */
export type WrittenShare = Uint8Array<ArrayBuffer>[];

export type WriteHelp = HelpWith<Share, WrittenShare>;
