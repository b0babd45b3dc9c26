// One transform as plain data that can be posted: what is asked for, and what comes of it.
import type { EncodingSettings } from "../formats/encoding.ts";
import type { OutputFormat } from "../formats/table.ts";
import type { Options } from "../../options/table.ts";

/** One picture to make. `options.format` is never "auto" here: `acceptedFormats` stands for that. */
export interface TransformJob {
  /** The original as fetched. */
  bytes: Uint8Array;
  /** What the overlays of the options show, as fetched and in their order; none unless told. */
  overlays?: readonly Uint8Array[];
  options: Options & { format?: OutputFormat };
  /** Formats that the client takes besides the original's own, best first. */
  acceptedFormats?: readonly OutputFormat[];
  /** `DEFAULT_ENCODING` unless told. */
  encoding?: EncodingSettings;
  /** Whether a side may become larger than that of the original, or of what a crop left of it. */
  scaleUp: boolean;
  limits: ImageLimits;
  /** Whether what is cut short or damaged is refused, and not shown as far as it goes. */
  strict?: boolean;
  /** What it may take by estimate; anything unless told. */
  grant?: Cost;
}

/** All bytes that a job comes with: the original, and what lies over it. */
export function picturesOf({ bytes, overlays = [] }: TransformJob): Uint8Array[] {
  return [bytes, ...overlays];
}

/** A job without its bytes, which go another way than what is said of them. */
export type BareJob = Omit<TransformJob, "bytes" | "overlays">;

/** What a job takes, by estimate. */
export interface Cost {
  /** Of memory. */
  bytes: number;
  /** On one core. */
  milliseconds: number;
}

/** What every job is granted: the memory of some six million pixels of a still, and a second. */
export const SMALL_JOB: Cost = { bytes: 60e6, milliseconds: 1000 };

/** What an image may cost, judged from its header before anything is decoded. */
export interface ImageLimits {
  /** Width × height of one frame. */
  maxPixels: number;
  maxFrames: number;
  /** Width × height × frames. */
  maxTotalPixels: number;
  /** Scans of a JPEG; no limit of its own unless told. */
  maxScans?: number;
  /** Milliseconds that it may take; no limit of its own unless told. */
  transformTimeout?: number;
  /** Width × height of the result. */
  maxOutputPixels: number;
  /** The longer side of the result; no limit of its own unless told. */
  maxOutputSide?: number;
}

/** The limits alone of an object that holds more, such as secrets that a worker need not know. */
export function limitsOf(limits: Required<ImageLimits>): Required<ImageLimits> {
  const { maxPixels, maxFrames, maxTotalPixels, maxScans, ...others } = limits;
  const { maxOutputPixels, maxOutputSide, transformTimeout } = others;
  return {
    ...{ maxPixels, maxFrames, maxTotalPixels, maxScans },
    ...{ maxOutputPixels, maxOutputSide, transformTimeout },
  };
}

export interface TransformedImage {
  bytes: Uint8Array<ArrayBuffer>;
  /** Undefined where the bytes tell something of the picture. */
  format?: OutputFormat;
  mediaType: string;
  width: number;
  height: number;
  frames: number;
  /** Whether the original is cut short or damaged, so that something is missing or may be wrong. */
  isPartial: boolean;
  /** Milliseconds spent. */
  timings: TransformTimings;
}

export interface TransformTimings {
  /** Waiting for a worker; filled in by the pool. */
  queue: number;
  decode: number;
  transform: number;
  encode: number;
}
