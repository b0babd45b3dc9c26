// What passes between the server and its workers, as plain data that can be posted.
import type { ErrorCode } from "../../errors.ts";
import type { EncodingSettings } from "../formats/encoding.ts";
import type { Options, OutputFormat } from "../../options/table.ts";
import type { Errand, ErrandResult, PricedErrand } from "./errands.ts";

/** One picture to make. `options.format` is never "auto" here: `acceptedFormats` stands for that. */
export interface TransformJob {
  /** The original as fetched. */
  bytes: Uint8Array;
  options: Options & { format?: OutputFormat };
  /** Formats that the client takes besides the original's own, best first. */
  acceptedFormats?: readonly OutputFormat[];
  /** `DEFAULT_ENCODING` unless told. */
  encoding?: EncodingSettings;
  /** Whether a side may become larger than the original's. */
  scaleUp: boolean;
  limits: ImageLimits;
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
  /** Width × height of the result. */
  maxOutputPixels: number;
  /** The longer side of the result; no limit of its own unless told. */
  maxOutputSide?: number;
}

/** The limits alone of an object that holds more, such as secrets that a worker need not know. */
export function limitsOf(
  { maxPixels, maxFrames, maxTotalPixels, maxOutputPixels, maxOutputSide }: Required<ImageLimits>,
): ImageLimits {
  return { maxPixels, maxFrames, maxTotalPixels, maxOutputPixels, maxOutputSide };
}

export interface TransformedImage {
  bytes: Uint8Array<ArrayBuffer>;
  format: OutputFormat;
  mediaType: string;
  width: number;
  height: number;
  frames: number;
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

/**
 * What a worker exercises before its first job: the way of most pictures, or every way. Compiled WebAssembly is
 * the whole process's, so one worker in the background does for all.
 */
export type WarmUp = "usual" | "all";

/** An errand under a number that its worker gives no other. */
export type KeyedErrand = PricedErrand & { key: number };

export type WorkerRequest =
  | { kind: "start"; engine: WebAssembly.Module; limits: ImageLimits; warmUp: WarmUp }
  | { kind: "transform"; id: number; job: TransformJob; helpers: number }
  /** Does something for another worker's job, which is there where the errand is about its original. */
  | { kind: "errand"; id: number; errand: Errand; job: TransformJob | undefined }
  /** What became of an errand that was asked for. */
  | { kind: "helped"; key: number; result: ErrandResult | undefined };

export type WorkerReply =
  | { kind: "started"; engineVersion: string }
  | { kind: "unstartable"; cause: string }
  | { kind: "done"; id: number; image: TransformedImage; memory: number }
  /** Asks for workers that do these meanwhile. */
  | { kind: "help"; errands: readonly KeyedErrand[] }
  | { kind: "errand done"; id: number; result: ErrandResult; memory: number }
  | { kind: "deferred"; id: number; cost: number; memory: number }
  | {
    kind: "failed";
    id: number;
    code: ErrorCode;
    message: string;
    cause?: string;
    /** Whether the worker can no longer be trusted: its engine trapped. */
    broken: boolean;
    memory: number;
  };
