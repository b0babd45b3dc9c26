// How a format is written, as its entry in the table says it.
import type { CompressionMethod, Interlace, MagickFormat } from "@imagemagick/magick-wasm";
import type { ProfileSpace } from "../../colour/known_profile.ts";

/** What the format holds, and how it is written. */
export interface Encoding {
  /** The engine's encoder; left out where all is written by our own. */
  coder?: MagickFormat;
  /** Whether several frames make a moving picture that browsers play. */
  moves?: true;
  /** The format that a picture gets in its place which does not move; its key in the table. */
  still?: string;
  /** Whether nothing in it can be transparent. */
  opaque?: true;
  /** The colour models whose profiles it holds beside their values. */
  profiles: readonly ProfileSpace[];
  /** Whether it holds them only where nothing is lost. */
  dropsProfileIfLossy?: true;
  /** The longest side that it holds, where that is less than what is decoded may have. */
  maxSide?: number;
  /** Left out where nothing is ever lost. */
  quality?: Quality;
  /** Whether browsers show it, so that originals in it stay what they are. */
  shown?: true;
  /** Set where clients get it unasked, if their Accept header names it. */
  negotiated?: {
    /** The share that it takes of the bytes of a JPEG that looks alike: the smallest is the first choice. */
    bytes: number;
    /** Whether that is only where the original moves in a format in which nothing that moves is written. */
    isRescue?: true;
    /** Most pixels of such a result, where writing takes long; the server's settings may name others. */
    maxPixels?: number;
  };
  /** How the engine is told to write a file that shows a coarse picture early; left out where there is no such file. */
  progressive?: keyof typeof Interlace;
  /** Milliseconds that writing a million pixels takes on one core, at the worst, where it is far from the usual. */
  pace?(choice: WriteChoice & { progressive: boolean; moves: boolean }): number;
  /** Bytes of memory for each pixel of each frame of the result, where it is far from the usual. */
  frameBytes?: number;
  /** What the engine is told before it writes; whether the picture is drawn takes a look at it. */
  settings?(choice: WriteChoice & { isDrawing(): boolean }): WriteSettings;
}

/** How a lossy encoder's own qualities relate to the one scale of users. */
export interface Quality {
  /** Where neither the URL nor the server's settings name one. */
  default: number;
  /** Those at the steps of SCALE; the scale is its own unless told. */
  native?: readonly number[];
  /** The one that comes nearest to no loss; 100 unless told. */
  best?: number;
}

/** One step trades time for bytes: 1 is the fastest, 3 the smallest. */
export type Effort = 1 | 2 | 3;

/** How to write, once everything is decided. */
export interface WriteChoice {
  /** On the scale of users. */
  quality: number;
  lossless: boolean;
  effort: Effort;
}

export interface WriteSettings {
  defines?: Readonly<Record<string, string>>;
  compression?: keyof typeof CompressionMethod;
}
