// One transform as plain data that can be posted: what is asked for, and what comes of it.
import type { EncodingSettings } from "../formats/encoding.ts";
import type { OutputFormat } from "../formats/table.ts";
import type { Options } from "../../options/table.ts";

/** One picture to make. `options.format` is never "auto" here: `acceptedFormats` stands for that. */
export interface TransformJob {
  /** The original as fetched. */
  bytes: Uint8Array;
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
  /** Bytes of memory that it may take by estimate; any unless told. */
  grant?: number;
}

/** Bytes that every job is granted: enough for some six million pixels of a still. */
export const SMALL_JOB_BYTES = 60e6;

/** What an image may cost, judged from its header before anything is decoded. */
export interface ImageLimits {
  /** Width × height of one frame. */
  maxPixels: number;
  maxFrames: number;
  /** Width × height × frames. */
  maxTotalPixels: number;
  /** Scans of a JPEG; no limit of its own unless told. */
  maxScans?: number;
  /** Width × height of the result. */
  maxOutputPixels: number;
  /** The longer side of the result; no limit of its own unless told. */
  maxOutputSide?: number;
}

/** The limits alone of an object that holds more, such as secrets that a worker need not know. */
export function limitsOf(
  limits: Required<ImageLimits>,
): Required<ImageLimits> {
  const { maxPixels, maxFrames, maxTotalPixels, maxScans, maxOutputPixels, maxOutputSide } = limits;
  return { maxPixels, maxFrames, maxTotalPixels, maxScans, maxOutputPixels, maxOutputSide };
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
